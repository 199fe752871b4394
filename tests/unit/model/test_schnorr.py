import json
from pathlib import Path
from typing import Any

import pytest

from tests.model import schnorr
from tests.model.ecgfp5 import ORDER, A, B, Gfp5, Point, decode, encode
from tests.model.schnorr import Refusal, RefusedError

FOLDER = Path(__file__).parents[2] / "vectors/signature"
EQUATION, SIGNATURES = (
    json.loads((FOLDER / f"{name}.json").read_text()) for name in ("equation", "signatures")
)

Case = dict[str, Any]


def element(words: list[str]) -> Gfp5:
    return Gfp5.of(*(int(word) for word in words))


def point(words: list[str]) -> Point:
    found = decode(element(words))
    assert found is not None
    return found


def message(case: Case) -> list[int]:
    return [int(felt) for felt in case["message"]]


def name(case: Case) -> str:
    return str(case["name"])


def test_constants_of_the_sum() -> None:
    assert encode(schnorr.start_point()) == element(EQUATION["start"])
    assert encode(schnorr.offset_point()) == element(EQUATION["offset"])
    for table, wanted in zip(schnorr.fixed_tables(), EQUATION["tables"], strict=True):
        # The entries are shifted by N, which negates w.
        assert [-encode(entry) for entry in table] == [element(w) for w in wanted]


@pytest.mark.parametrize("case", EQUATION["sums"], ids=name)
def test_sums_end_at_their_points_or_are_excluded(case: Case) -> None:
    inputs = point(case["key"]), int(case["s"]), int(case["c"])
    if "refusal" in case:
        with pytest.raises(RefusedError) as caught:
            schnorr.commitment_of(*inputs)
        assert caught.value.refusal == case["refusal"] == Refusal.EXCLUDED
    else:
        assert encode(schnorr.commitment_of(*inputs)) == element(case["sum"])


def test_slopes_of_the_steps() -> None:
    case = EQUATION["steps"]
    steps = schnorr.steps(point(case["key"]), int(case["s"]), int(case["c"]))
    assert [step.slope for step in steps] == [element(slope) for slope in case["slopes"]]


@pytest.mark.parametrize("case", SIGNATURES["keys"])
def test_keys_of_seeds(case: Case) -> None:
    secret = schnorr.secret_of_seed(bytes.fromhex(case["seed"]))
    assert secret.to_bytes(40, "little").hex() == case["secret"]
    assert schnorr.public_key(secret).hex() == case["public"]


@pytest.mark.parametrize("case", SIGNATURES["accepted"], ids=name)
def test_accepted_signatures(case: Case) -> None:
    key, signature = bytes.fromhex(case["key"]), bytes.fromhex(case["signature"])
    secret = int.from_bytes(bytes.fromhex(case["secret"]), "little")
    schnorr.verify(key, message(case), signature)
    assert schnorr.public_key(secret) == key
    if case["deterministic"]:
        assert schnorr.sign(secret, message(case)) == signature


@pytest.mark.parametrize("case", SIGNATURES["refused"], ids=name)
def test_refused_signatures(case: Case) -> None:
    key, signature = bytes.fromhex(case["key"]), bytes.fromhex(case["signature"])
    with pytest.raises(RefusedError) as caught:
        schnorr.verify(key, message(case), signature)
    assert caught.value.refusal == case["refusal"]


@pytest.mark.parametrize("case", SIGNATURES["validity"])
def test_every_element_is_proven_a_key_or_none(case: Case) -> None:
    data = bytes.fromhex(case["key"])
    is_key, root = schnorr.key_validity(Gfp5.decode(data))
    discriminant = (Gfp5.decode(data).square() - A).square() - B.scale(4)
    assert root.square().scale(1 if is_key else 7) == discriminant
    assert is_key == case["is_key"]
    if is_key:
        assert encode(schnorr.decode_key(data)).encode() == data
    else:
        with pytest.raises(RefusedError):
            schnorr.decode_key(data)


@pytest.mark.parametrize("length", [0, 39, 41])
def test_keys_have_forty_bytes(length: int) -> None:
    with pytest.raises(RefusedError) as caught:
        schnorr.decode_key(bytes(length))
    assert caught.value.refusal == Refusal.KEY_ENCODING


def test_the_start_vanishes_from_the_sum() -> None:
    top = 1 << schnorr.CHALLENGE_BITS
    offsets = 3 * sum(16**i for i in range(schnorr.WINDOWS))
    assert (top + offsets * -5 * top * pow(top - 1, -1, ORDER)) % ORDER == 0
