import json
from pathlib import Path
from typing import Any

import pytest

from tests.model.ecgfp5 import (
    GENERATOR,
    ORDER,
    EncodingError,
    Gfp5,
    N,
    Point,
    curve_add,
    decode,
    encode,
    group_add,
    group_mul,
    on_curve,
    plus_n,
)

FOLDER = Path(__file__).parents[2] / "vectors/signature"
PORNIN, FIELD, CURVE = (
    json.loads((FOLDER / f"{name}.json").read_text()) for name in ("pornin", "field", "curve")
)

Case = dict[str, Any]


def element(words: list[str]) -> Gfp5:
    return Gfp5.of(*(int(word) for word in words))


def point(words: list[str]) -> Point:
    found = decode(element(words))
    assert found is not None
    return found


@pytest.mark.parametrize("case", [PORNIN["field"], *FIELD["operations"]])
def test_field_operations(case: Case) -> None:
    a, b = element(case["a"]), element(case["b"])
    assert a + b == element(case["sum"])
    assert a - b == element(case["difference"])
    assert a * b == element(case["product"])
    assert a / b == element(case["quotient"])


@pytest.mark.parametrize("case", FIELD["squares"])
def test_squares_and_roots(case: Case) -> None:
    value = element(case["value"])
    root = value.sqrt()
    assert value.legendre() == (1 if case["is_square"] else -1)
    assert (root is not None) == case["is_square"]
    assert root is None or root.square() == value


def test_field_encodings() -> None:
    for case in FIELD["encodings"]:
        data = bytes.fromhex(case["bytes"])
        assert element(case["value"]).encode() == data
        assert Gfp5.decode(data) == element(case["value"])
    for text in FIELD["not_canonical"]:
        with pytest.raises(EncodingError):
            Gfp5.decode(bytes.fromhex(text))
    with pytest.raises(EncodingError):
        Gfp5.decode(bytes(39))


def test_the_authors_points() -> None:
    named = {name: point(w) for name, w in PORNIN["points"].items()}
    p1, p2 = named["p1"], named["p2"]
    assert group_add(p1, p2) == named["p1 + p2"]
    assert group_add(p1, p1) == named["2 p1"]
    assert group_add(p2, p2) == named["2 p2"]
    assert group_add(named["2 p1"], p2) == named["2 p1 + p2"]
    assert group_add(p1, named["2 p2"]) == named["p1 + 2 p2"]
    assert all(encode(named[name]) == element(w) for name, w in PORNIN["points"].items())
    assert all(decode(element(w)) is None for w in PORNIN["not_in_group"])


def test_the_authors_multiple() -> None:
    case = PORNIN["multiple"]
    scalar = int.from_bytes(bytes.fromhex(case["scalar"]), "little")
    assert group_mul(scalar, point(case["base"])) == point(case["multiple"])
    case = PORNIN["reduction"]
    wide = int.from_bytes(bytes.fromhex(case["bytes"]), "little")
    assert (wide % ORDER).to_bytes(40, "little").hex() == case["scalar"]


def test_sums_and_affine_points() -> None:
    for case in CURVE["sums"]:
        assert encode(group_add(point(case["left"]), point(case["right"]))) == element(case["sum"])
    for case in CURVE["affine"]:
        found = point(case["w"])
        assert (found.x, found.y) == (element(case["x"]), element(case["y"]))
        assert on_curve(found)


@pytest.mark.parametrize("case", CURVE["multiples"])
def test_multiples(case: Case) -> None:
    multiple = group_mul(int(case["scalar"]), point(case["base"]))
    assert encode(multiple) == element(case["multiple"])


def test_the_group_has_order_n_and_the_torsion_is_its_other_half() -> None:
    shifted = plus_n(GENERATOR)
    assert shifted is not None
    assert GENERATOR.x.legendre() == -1
    assert shifted.x.legendre() == 1
    assert group_add(group_mul(ORDER - 1, GENERATOR), GENERATOR) == N
    # (n - 1) (G + N) = -(G + N): multiples of the shifted point are shifted multiples.
    assert curve_add(plus_n(group_mul(ORDER - 1, GENERATOR)), shifted) is None
