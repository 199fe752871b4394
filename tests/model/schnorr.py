"""Schnorr signatures over EcGFp5, by the textbook: docs/spec/signature.md is the text of it.

A signature of a message under the key A is (R, s) with R = s G + e A, where e is made from
H(R, A, message). The sum is taken by the same steps that the proof constrains, affine steps that
have one excluded case, so that this model accepts what is provable and nothing else.
"""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from tests.model.ecgfp5 import (
    GENERATOR,
    ORDER,
    ZERO,
    A,
    B,
    EncodingError,
    Gfp5,
    N,
    Point,
    chord,
    decode,
    encode,
    group_add,
    group_mul,
    plus_n,
    tangent,
    third,
)
from tests.model.poseidon2 import sponge

DOMAIN_CHALLENGE = int.from_bytes(b"schnorr", "big")
DOMAIN_START = int.from_bytes(b"start", "big")
START_NAME = b"zkperp: the point at which sums of Schnorr verification start"
NONCE_NAME = b"zkperp/schnorr/nonce/v1"
KEY_NAME = b"zkperp/schnorr/key/v1"

WINDOWS = 32
WINDOW_BITS = 4
CHALLENGE_BITS = WINDOWS * WINDOW_BITS
FIXED_TABLES = 3


class Refusal(StrEnum):
    """Why a signature is not accepted, in the order of the checks."""

    KEY_ENCODING = "key_encoding"
    KEY_NEUTRAL = "key_neutral"
    KEY_NOT_IN_GROUP = "key_not_in_group"
    COMMITMENT_ENCODING = "commitment_encoding"
    COMMITMENT_NEUTRAL = "commitment_neutral"
    SCALAR_RANGE = "scalar_range"
    EXCLUDED = "excluded"
    EQUATION = "equation"


class RefusedError(Exception):
    """A signature is not accepted."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True)
class Step:
    """One affine step of the sum: the slope of its line, and the point that it leads to."""

    slope: Gfp5
    point: Point


@cache
def start_point() -> Point:
    """Return S, whose logarithm nobody knows: the first counter whose hash encodes an element."""
    counter = 0
    while True:
        digest = sponge(DOMAIN_START, [*START_NAME, counter])
        point = decode(Gfp5.of(*digest, counter))
        if point is not None and point != N:
            return point
        counter += 1


@cache
def offset_point() -> Point:
    """Return C, which makes the start vanish from the sum.

    Of the start, 2^128 S is left at the end; of the offsets, 3 (2^128 - 1) / 15 C.
    """
    top = 1 << CHALLENGE_BITS
    return group_mul(-5 * top * pow(top - 1, -1, ORDER), start_point())


@cache
def fixed_tables() -> list[list[Point]]:
    """Return the three tables of v 2^(128 j) G + C, v < 16, mapped into the n-torsion."""
    tables = []
    for j in range(FIXED_TABLES):
        base = group_mul(1 << (CHALLENGE_BITS * j), GENERATOR)
        element, table = offset_point(), []
        for _ in range(1 << WINDOW_BITS):
            shifted = plus_n(element)
            assert shifted is not None, "no entry is the neutral, else log S were known"
            table.append(shifted)
            element = group_add(element, base)
        tables.append(table)
    return tables


def challenge(commitment: Gfp5, key: Gfp5, message: Sequence[int]) -> int:
    """Return c < 2^128, the first two felts of the digest of (R, A, message)."""
    digest = sponge(DOMAIN_CHALLENGE, [*commitment.coefficients, *key.coefficients, *message])
    return digest[0] + (digest[1] << 64)


def challenge_scalar(c: int) -> int:
    """Return e, the number whose 128 digits are +1 where c has a one, -1 where it has a zero."""
    return (2 * c + 1 - (1 << CHALLENGE_BITS)) % ORDER


def steps(key: Point, s: int, c: int) -> Iterator[Step]:
    """Yield the 352 affine steps of s G + e A.

    After a doubling the sum is in the n-torsion, after everything else outside of it, in the
    group. The key is in the group, the tables are not: so an addition never meets equal x. A
    doubling fails just where the sum is the neutral N, the one excluded case.

    Raises:
        RefusedError: EXCLUDED, at that step.
    """
    total = start_point()
    for window in reversed(range(WINDOWS)):
        for bit in reversed(range(window * WINDOW_BITS, (window + 1) * WINDOW_BITS)):
            if total == N:
                raise RefusedError(Refusal.EXCLUDED)
            slope = tangent(total)
            total = third(total, total, slope)
            yield Step(slope, total)

            addend = key if c >> bit & 1 else -key
            slope = chord(total, addend)
            total = third(total, addend, slope)
            yield Step(slope, total)
        for j, table in enumerate(fixed_tables()):
            digit = s >> (CHALLENGE_BITS * j + window * WINDOW_BITS) & 15
            slope = chord(total, table[digit])
            total = third(total, table[digit], slope)
            yield Step(slope, total)


def commitment_of(key: Point, s: int, c: int) -> Point:
    """Return s G + e A by those steps. Raises RefusedError in the excluded case."""
    *_, last = steps(key, s, c)
    return last.point


def decode_key(data: bytes) -> Point:
    """Return the key's point. Raises RefusedError unless it is an element and not the neutral."""
    try:
        w = Gfp5.decode(data)
    except EncodingError as error:
        raise RefusedError(Refusal.KEY_ENCODING) from error
    if w == ZERO:
        raise RefusedError(Refusal.KEY_NEUTRAL)
    point = decode(w)
    if point is None:
        raise RefusedError(Refusal.KEY_NOT_IN_GROUP)
    return point


def key_validity(w: Gfp5) -> tuple[bool, Gfp5]:
    """Return whether w is a key, and the root that proves either answer.

    d = (w^2 - a)^2 - 4b is never zero, as b is not a square: root^2 = d for a key, 7 root^2 = d
    for what is none.
    """
    discriminant = (w.square() - A).square() - B.scale(4)
    root = discriminant.sqrt()
    if root is not None:
        return True, root
    root = (discriminant / Gfp5.of(7)).sqrt()
    assert root is not None, "7 is not a square"
    return False, root


def decode_signature(data: bytes) -> tuple[Gfp5, int]:
    """Return (R's encoding, s) of 80 bytes. Raises RefusedError."""
    try:
        commitment = Gfp5.decode(data[:40])
    except EncodingError as error:
        raise RefusedError(Refusal.COMMITMENT_ENCODING) from error
    if commitment == ZERO:
        raise RefusedError(Refusal.COMMITMENT_NEUTRAL)
    s = int.from_bytes(data[40:], "little")
    if len(data) != 80 or s >= ORDER:
        raise RefusedError(Refusal.SCALAR_RANGE)
    return commitment, s


def verify(key: bytes, message: Sequence[int], signature: bytes) -> None:
    """Accept a signature. Raises RefusedError otherwise."""
    point = decode_key(key)
    commitment, s = decode_signature(signature)
    total = commitment_of(point, s, challenge(commitment, encode(point), message))
    if total == N or encode(total) != commitment:
        raise RefusedError(Refusal.EQUATION)


def _hash_to_scalar(key: bytes, data: bytes) -> int:
    return int.from_bytes(hmac.digest(key, data, hashlib.sha512), "little") % ORDER


def secret_of_seed(seed: bytes) -> int:
    """Return the secret key of a seed of 32 bytes, the first nonzero of its candidates."""
    candidates = (_hash_to_scalar(KEY_NAME, bytes([i]) + seed) for i in range(256))
    return next(a for a in candidates if a != 0)


def public_key(secret: int) -> bytes:
    return encode(group_mul(secret, GENERATOR)).encode()


def sign(secret: int, message: Sequence[int]) -> bytes:
    """Sign a message of felts; the nonce is an HMAC-SHA-512 of the message under the secret."""
    key = public_key(secret)
    words = b"".join(word.to_bytes(8, "little") for word in message)
    data = key + len(message).to_bytes(8, "little") + words
    candidates = (
        _hash_to_scalar(secret.to_bytes(40, "little"), NONCE_NAME + bytes([i]) + data)
        for i in range(256)
    )
    return sign_with_nonce(secret, message, next(k for k in candidates if k != 0))


def sign_with_nonce(secret: int, message: Sequence[int], nonce: int) -> bytes:
    """Sign with a given nonce, which must never serve twice."""
    commitment = encode(group_mul(nonce, GENERATOR))
    c = challenge(commitment, encode(group_mul(secret, GENERATOR)), message)
    s = (nonce - challenge_scalar(c) * secret) % ORDER
    return commitment.encode() + s.to_bytes(40, "little")
