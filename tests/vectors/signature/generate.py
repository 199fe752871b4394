"""Writes this folder's vectors from the Python model: `python -m tests.vectors.signature.generate`.

Deterministic. pornin.json is not written here: those are the known answers of the curve's author.
"""

import json
import random
from pathlib import Path
from typing import Any

from tests.model import schnorr
from tests.model.ecgfp5 import (
    GENERATOR,
    ORDER,
    ZERO,
    Gfp5,
    N,
    P,
    Point,
    encode,
    group_add,
    group_mul,
)
from tests.model.schnorr import RefusedError
from tests.vectors.signature.signatures import signatures

FOLDER = Path(__file__).parent
Json = dict[str, Any]


def listed(value: Gfp5) -> list[str]:
    return [str(c) for c in value.coefficients]


def _random_element(source: random.Random) -> Gfp5:
    return Gfp5.of(*(source.randrange(P) for _ in range(5)))


def field() -> Json:
    source = random.Random(1)
    largest = Gfp5.of(*[P - 1] * 5)
    pairs = [(largest, largest), (Gfp5.of(1), largest), (Gfp5.of(0, 0, 0, 0, 1),) * 2]
    pairs += [(_random_element(source), _random_element(source)) for _ in range(8)]
    values = [_random_element(source) for _ in range(8)]
    values += [Gfp5.of(4), Gfp5.of(7), Gfp5.of(0, 1), largest]
    good = [b"\1\0\0\0\0\0\0\0"] * 5
    bad = [n.to_bytes(8, "little") for n in (P, P + 1, 2**64 - 1)]
    return {
        "operations": [
            {
                "a": listed(a),
                "b": listed(b),
                "sum": listed(a + b),
                "difference": listed(a - b),
                "product": listed(a * b),
                "quotient": listed(a / b),
            }
            for a, b in pairs
        ],
        "squares": [{"value": listed(v), "is_square": v.legendre() == 1} for v in values],
        "encodings": [
            {"value": listed(v), "bytes": v.encode().hex()} for v in (values[0], largest, ZERO)
        ],
        "not_canonical": [
            b"".join([*good[:i], word, *good[i + 1 :]]).hex() for i in range(5) for word in bad
        ],
    }


def curve() -> Json:
    source = random.Random(2)
    p, q = (group_mul(source.randrange(ORDER), GENERATOR) for _ in range(2))
    pairs = [(p, q), (p, p), (p, -p), (p, N), (N, p), (N, N), (-p, q)]
    scalars = [0, 1, 2, 3, 16, 31, 32, 2**128, 2**256, ORDER - 1]
    scalars += [source.randrange(ORDER) for _ in range(4)]
    multiples = [(GENERATOR, s) for s in scalars]
    multiples += [(q, 0), (q, ORDER - 1), (q, source.randrange(ORDER)), (N, 5)]
    return {
        "sums": [
            {"left": listed(encode(a)), "right": listed(encode(b)), "sum": _w(group_add(a, b))}
            for a, b in pairs
        ],
        "multiples": [
            {"base": _w(base), "scalar": str(s), "multiple": _w(group_mul(s, base))}
            for base, s in multiples
        ],
        "affine": [{"w": _w(e), "x": listed(e.x), "y": listed(e.y)} for e in (GENERATOR, p, q, N)],
    }


def scalar() -> Json:
    source = random.Random(3)
    wides = [0, ORDER, 2 * ORDER - 1, 2**320 - 1, 2**320, 2**512 - 1, source.randrange(2**512)]
    pairs = [(ORDER - 1, ORDER - 1), (ORDER - 1, 1), (0, ORDER - 1)]
    pairs += [(source.randrange(ORDER), source.randrange(ORDER)) for _ in range(5)]
    return {
        "order": str(ORDER),
        "reductions": [
            {"bytes": w.to_bytes(64, "little").hex(), "scalar": str(w % ORDER)} for w in wides
        ],
        "operations": [
            {
                "a": str(a),
                "b": str(b),
                "sum": str((a + b) % ORDER),
                "difference": str((a - b) % ORDER),
                "product": str(a * b % ORDER),
            }
            for a, b in pairs
        ],
        "not_canonical": [
            s.to_bytes(40, "little").hex() for s in (ORDER, ORDER + 1, 2**319, 2**320 - 1)
        ],
    }


def equation() -> Json:
    source = random.Random(4)
    c, s = source.randrange(2**128), source.randrange(ORDER)
    key = group_mul(source.randrange(ORDER), GENERATOR)
    tables = [
        [_w(_table_entry(table, digit)) for digit in range(16)]
        for table in range(schnorr.FIXED_TABLES)
    ]
    steps = list(schnorr.steps(key, s, c))
    return {
        "start": _w(schnorr.start_point()),
        "offset": _w(schnorr.offset_point()),
        "tables": tables,
        "sums": [_sum_case(*case) for case in _sum_cases(key, s, c)],
        "steps": {
            "key": _w(key),
            "s": str(s),
            "c": str(c),
            "slopes": [listed(step.slope) for step in steps],
        },
    }


def _sum_cases(key: Point, s: int, c: int) -> list[tuple[str, Point, int, int]]:
    ones = 2**128 - 1
    plus, minus = c | 1 << 127, c & ones >> 1
    start = schnorr.start_point()
    double = group_add(start, start)
    minus_e = -schnorr.challenge_scalar(c) % ORDER
    return [
        ("random", key, s, c),
        ("s = 0", key, 0, c),
        ("s = 1", key, 1, c),
        ("s = n - 1", key, ORDER - 1, c),
        ("all digits of e are -1", key, s, 0),
        ("all digits of e are +1", key, s, ones),
        ("A = G", GENERATOR, s, c),
        ("A = -G", -GENERATOR, s, c),
        ("A = G, s = 0", GENERATOR, 0, ones),
        ("A = -G, s = n - 1", -GENERATOR, ORDER - 1, c),
        ("the sum is the neutral", GENERATOR, minus_e, c),
        ("A = S", start, s, c),
        ("A = -S", -start, s, c),
        ("A = 2S, first digit +1", double, s, plus),
        ("A = 2S, first digit -1: N before the second doubling", double, s, minus),
        ("A = -2S, first digit +1: N before the second doubling", -double, s, plus),
        ("A = -2S, first digit -1", -double, s, minus),
        ("N between the additions of window 31", _cancelling_key(0, s, c), s, c),
        ("N after window 31", _cancelling_key(1, s, c), s, c),
        ("N after window 16", _cancelling_key(16, s, c), s, c),
        ("N after window 1", _cancelling_key(31, s, c), s, c),
        ("N after window 0, which is the end", _cancelling_key(32, s, c), s, c),
    ]


def _cancelling_key(windows: int, s: int, c: int) -> Point:
    """Return the key with which the sum is N after `windows` windows.

    With which, for 0, it is N after the first window's additions of the key.
    """
    rest = schnorr.start_point()
    for window in range(31, 31 - windows, -1):
        rest = group_mul(16, rest)
        for table in range(schnorr.FIXED_TABLES):
            rest = group_add(rest, _table_entry(table, s >> (128 * table + 4 * window) & 15))
    if windows == 0:
        rest = group_mul(16, rest)
    bits = 4 * max(windows, 1)
    digits = 2 * (c >> (128 - bits)) + 1 - (1 << bits)
    return group_mul(-pow(digits, -1, ORDER), rest)


def _table_entry(table: int, digit: int) -> Point:
    return group_add(schnorr.offset_point(), group_mul(digit << (128 * table), GENERATOR))


def _sum_case(name: str, key: Point, s: int, c: int) -> Json:
    case: Json = {"name": name, "key": _w(key), "s": str(s), "c": str(c)}
    try:
        total = schnorr.commitment_of(key, s, c)
    except RefusedError as error:
        return case | {"refusal": error.refusal.value}
    by_the_law = group_add(group_mul(s, GENERATOR), group_mul(schnorr.challenge_scalar(c), key))
    assert total == by_the_law, name
    return case | {"sum": _w(total)}


def _w(element: Point) -> list[str]:
    return listed(encode(element))


def main() -> None:
    writers = (field, curve, scalar, equation, signatures)
    for writer in writers:
        text = json.dumps(writer(), indent=1) + "\n"
        (FOLDER / f"{writer.__name__}.json").write_text(text)


if __name__ == "__main__":
    main()
