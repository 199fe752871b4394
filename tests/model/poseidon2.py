"""Poseidon2 over Goldilocks, width 8: the permutation and its two uses.

Source: Grassi, Khovratovich, Schofnegger, "Poseidon2", eprint 2023/323: § 5.1 (external layer),
§ 5.2 (internal layer), S-box x^7, 4 + 22 + 4 rounds. The round constants and the diagonal of the
internal matrix are those that p3-goldilocks publishes, read from
tests/vectors/poseidon2/constants.json.
"""

import json
from collections.abc import Sequence
from pathlib import Path

P = 2**64 - 2**32 + 1
WIDTH = 8
DIGEST = 4

_CONSTANTS = json.loads(
    (Path(__file__).parents[1] / "vectors/poseidon2/constants.json").read_text()
)
_EXTERNAL_INITIAL = [[int(c) for c in row] for row in _CONSTANTS["external_initial"]]
_EXTERNAL_FINAL = [[int(c) for c in row] for row in _CONSTANTS["external_final"]]
_INTERNAL = [int(c) for c in _CONSTANTS["internal"]]
_DIAGONAL = [int(c) for c in _CONSTANTS["internal_diagonal"]]

# The 4 x 4 MDS matrix; the external layer is the circulant of blocks (2M, M).
_M4 = ((2, 3, 1, 1), (1, 2, 3, 1), (1, 1, 2, 3), (3, 1, 1, 2))


def _external_layer(state: Sequence[int]) -> list[int]:
    blocks = [
        [sum(m * x for m, x in zip(row, state[at : at + 4], strict=True)) for row in _M4]
        for at in range(0, WIDTH, 4)
    ]
    columns = [sum(column) for column in zip(*blocks, strict=True)]
    return [(block[i] + columns[i]) % P for block in blocks for i in range(4)]


def _internal_layer(state: Sequence[int]) -> list[int]:
    total = sum(state)
    return [(d * x + total) % P for d, x in zip(_DIAGONAL, state, strict=True)]


def _full_round(state: Sequence[int], constants: Sequence[int]) -> list[int]:
    return _external_layer(
        [pow(x + c, 7, P) for x, c in zip(state, constants, strict=True)],
    )


def permute(state: Sequence[int]) -> list[int]:
    """Return P(state), 8 felts to 8 felts."""
    state = _external_layer(state)
    for constants in _EXTERNAL_INITIAL:
        state = _full_round(state, constants)
    for constant in _INTERNAL:
        state = _internal_layer([pow(state[0] + constant, 7, P), *state[1:]])
    for constants in _EXTERNAL_FINAL:
        state = _full_round(state, constants)
    return list(state)


def compress(values: Sequence[int]) -> list[int]:
    """Return the first four lanes of P(x) + x: a leaf, or two children, to one digest."""
    return [(y + x) % P for y, x in zip(permute(values), values, strict=True)][:DIGEST]


def sponge(domain: int, message: Sequence[int]) -> list[int]:
    """Return the digest of a message of felts, of any length.

    The capacity starts at (domain, length, 0, 0); blocks of four felts are added to the rate
    lanes, the last one zero-filled; an empty message is one block of zeros.
    """
    state = [0, 0, 0, 0, domain, len(message), 0, 0]
    for at in range(0, max(len(message), 1), DIGEST):
        block = message[at : at + DIGEST]
        for lane, word in enumerate(block):
            state[lane] = (state[lane] + word) % P
        state = permute(state)
    return state[:DIGEST]
