"""The vectors of whole signatures, accepted and refused."""

import random
from collections.abc import Sequence
from typing import Any

from tests.model import schnorr
from tests.model.ecgfp5 import GENERATOR, ORDER, Gfp5, P, decode, encode, group_add
from tests.model.schnorr import RefusedError

Json = dict[str, Any]
MESSAGE = [1, 2, 3, P - 1]


def signatures() -> Json:
    return {
        "keys": [_key(seed) for seed in (bytes(32), bytes(range(32)), b"\xff" * 32)],
        "validity": [_validity(Gfp5.of(i, 0, 1)) for i in range(12)] + [_validity(Gfp5.of(0))],
        "accepted": _accepted(),
        "refused": _refused(),
    }


def _key(seed: bytes) -> Json:
    secret = schnorr.secret_of_seed(seed)
    return {
        "seed": seed.hex(),
        "secret": secret.to_bytes(40, "little").hex(),
        "public": schnorr.public_key(secret).hex(),
    }


def _validity(w: Gfp5) -> Json:
    return {"key": w.encode().hex(), "is_key": schnorr.key_validity(w)[0]}


def _accepted() -> list[Json]:
    source = random.Random(5)
    secret = schnorr.secret_of_seed(bytes(range(32)))
    messages: dict[str, list[int]] = {
        "a digest": [source.randrange(P) for _ in range(4)],
        "the empty message": [],
        "one zero": [0],
        "two zeros": [0, 0],
        "the largest felts": [P - 1] * 14,
    }
    rows = [_signed(name, secret, message) for name, message in messages.items()]
    rows.append(_signed("A = G", 1, MESSAGE))
    rows.append(_signed("A = -G", ORDER - 1, MESSAGE))
    rows.append(_signed("R = A", secret, MESSAGE, secret))
    rows.append(_signed("R = -A", secret, MESSAGE, ORDER - secret))
    rows.append(_signed("R = G", secret, MESSAGE, 1))
    return rows


def _signed(name: str, secret: int, message: Sequence[int], nonce: int | None = None) -> Json:
    """Sign, by the deterministic nonce where none is given, and check with the model's verifier."""
    if nonce is None:
        signature = schnorr.sign(secret, message)
    else:
        signature = schnorr.sign_with_nonce(secret, message, nonce)
    key = schnorr.public_key(secret)
    schnorr.verify(key, message, signature)
    row = _row(name, key, message, signature)
    row["secret"] = secret.to_bytes(40, "little").hex()
    row["deterministic"] = nonce is None
    return row


def _row(name: str, key: bytes, message: Sequence[int], signature: bytes) -> Json:
    return {
        "name": name,
        "key": key.hex(),
        "message": [str(felt) for felt in message],
        "signature": signature.hex(),
    }


def _refused() -> list[Json]:
    cases = _scalar_cases() + _commitment_cases() + _key_cases() + _message_cases()
    rows = []
    for name, key, message, signature in cases:
        try:
            schnorr.verify(key, message, signature)
        except RefusedError as error:
            rows.append(_row(name, key, message, signature) | {"refusal": error.refusal.value})
        else:
            problem = f"accepted: {name}"
            raise AssertionError(problem)
    return rows


Case = tuple[str, bytes, Sequence[int], bytes]


def _good() -> tuple[int, bytes, bytes]:
    secret = schnorr.secret_of_seed(bytes(range(32)))
    return secret, schnorr.public_key(secret), schnorr.sign(secret, MESSAGE)


def _flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def _scalar_cases() -> list[Case]:
    _, key, good = _good()
    commitment, s = good[:40], int.from_bytes(good[40:], "little")
    scalars = {
        "s = n": ORDER,
        "s = n + 1": ORDER + 1,
        "s = 2^320 - 1": 2**320 - 1,
        "s + n, the same number": s + ORDER,
        "s = 0": 0,
        "s = n - 1": ORDER - 1,
        "-s": ORDER - s,
        "s + 1": (s + 1) % ORDER,
    }
    cases: list[Case] = [
        (name, key, MESSAGE, commitment + value.to_bytes(40, "little"))
        for name, value in scalars.items()
    ]
    # Bit 319 takes s beyond n, the others do not.
    for bit in (0, 63, 64, 128, 255, 256, 317, 319):
        cases.append((f"bit {bit} of s flipped", key, MESSAGE, _flip(good, 320 + bit)))
    return cases


def _commitment_cases() -> list[Case]:
    secret, key, good = _good()
    commitment, s = Gfp5.decode(good[:40]), good[40:]
    cases: list[Case] = [
        (f"bit {bit} of R flipped", key, MESSAGE, _flip(good, bit))
        for bit in (0, 63, 64, 200, 256, 319)
    ]
    outside = next(w for i in range(1, 99) if decode(w := Gfp5.of(i)) is None)
    # R = N and s = -e a: the equation holds, the commitment is refused all the same.
    e = schnorr.challenge_scalar(schnorr.challenge(Gfp5.of(0), Gfp5.decode(key), MESSAGE))
    closing = (-e * secret % ORDER).to_bytes(40, "little")
    words = [P.to_bytes(8, "little"), (2**64 - 1).to_bytes(8, "little")]
    return [
        *cases,
        ("-R", key, MESSAGE, (-commitment).encode() + s),
        ("R encodes no element", key, MESSAGE, outside.encode() + s),
        ("R is the neutral", key, MESSAGE, bytes(40) + closing),
        ("R has a coefficient p", key, MESSAGE, words[0] + good[8:]),
        ("R has a coefficient 2^64 - 1", key, MESSAGE, good[:32] + words[1] + s),
        ("R and s exchanged", key, MESSAGE, good[40:] + good[:40]),
    ]


def _key_cases() -> list[Case]:
    _, key, good = _good()
    other = schnorr.public_key(schnorr.secret_of_seed(bytes(32)))
    outside = next(w for i in range(1, 99) if decode(w := Gfp5.of(i)) is None)
    # w = 4 is G; 4 + p names it again.
    of_generator = schnorr.sign(1, MESSAGE)
    alias = (4 + P).to_bytes(8, "little") + bytes(32)
    # With A = N, R = s G is a signature of anything.
    forged = encode(GENERATOR).encode() + (1).to_bytes(40, "little")
    start = schnorr.start_point()
    cases: list[Case] = [
        ("another's key", other, MESSAGE, good),
        ("-A", (-Gfp5.decode(key)).encode(), MESSAGE, good),
        ("the key is the neutral", bytes(40), MESSAGE, forged),
        ("the key encodes no element", outside.encode(), MESSAGE, good),
        ("the key is p + 4 for 4", alias, MESSAGE, of_generator),
        ("the key has a coefficient 2^64 - 1", b"\xff" * 8 + key[8:], MESSAGE, good),
        ("R and A exchanged", good[:40], MESSAGE, key + good[40:]),
        ("A = 2S", encode(group_add(start, start)).encode(), MESSAGE, good),
        ("A = -2S", encode(-group_add(start, start)).encode(), MESSAGE, good),
    ]
    return cases + [
        (f"bit {bit} of A flipped", _flip(key, bit), MESSAGE, good) for bit in (0, 100, 256)
    ]


def _message_cases() -> list[Case]:
    _, key, good = _good()
    messages = {
        "a felt changed": [1, 2, 3, P - 2],
        "two felts exchanged": [2, 1, 3, P - 1],
        "a zero appended": [*MESSAGE, 0],
        "the last felt cut off": MESSAGE[:-1],
        "no message": [],
    }
    return [(name, key, message, good) for name, message in messages.items()]
