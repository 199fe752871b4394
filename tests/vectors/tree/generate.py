"""Writes the vectors of this folder from the Python model; see README.md.

python -m tests.vectors.tree.generate
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.model import poseidon2
from tests.model.tree import (
    DEPTH_MAX,
    EMPTY_LEAF,
    Digest,
    Leaf,
    RefusedError,
    Row,
    Tree,
    verify,
    witness,
)
from tests.vectors.tree.flow import Flow, splitmix64
from zkperp import _native

HERE = Path(__file__).parent
P = poseidon2.P
# More than p, below 2^64: a second name for a small felt.
ALIAS = P + 5

FLOWS = {
    # Three of eight writes anywhere in 2^48 addresses, the others crowded in four regions.
    "mixed": Flow(1, 48, 2, 10, 3, 2, 100, 1000),
    # The shape of a busy venue: one dense region, many leaves a batch.
    "dense": Flow(2, 20, 0, 17, 0, 1, 10, 10_000),
    # Small enough for pure Python.
    "small": Flow(3, 48, 2, 4, 1, 3, 8, 8),
}


def leaf(tag: int) -> Leaf:
    """Return a leaf that differs in every word from that of another tag."""
    words = splitmix64(tag)
    return tuple(next(words) % P for _ in range(8))


def word(value: int) -> str:
    """Return an integer the way the vectors hold it."""
    return str(value)


def words(values: Iterable[int]) -> list[str]:
    """Return integers the way the vectors hold them."""
    return [word(value) for value in values]


def entries(leaves: Iterable[tuple[int, Leaf]]) -> list[dict[str, Any]]:
    """Return addressed leaves the way the vectors hold them."""
    return [{"addr": word(addr), "leaf": words(value)} for addr, value in leaves]


def built(depth: int, leaves: Mapping[int, Leaf]) -> Tree:
    """Return a tree with these leaves."""
    tree = Tree(depth)
    tree.update(leaves)
    return tree


def empty_digests() -> object:
    """Return the digest of an empty subtree of each height."""
    return {"digests": [words(digest) for digest in Tree(DEPTH_MAX).empty]}


def updates() -> object:
    """Return writes, batch by batch, with the root after each."""
    low, high = leaf(1), leaf(2)
    top = 2**48 - 1
    extreme = (P - 1,) * 8
    cases: dict[str, tuple[int, list[dict[int, Leaf]]]] = {
        "nothing": (48, [{}]),
        "smallest tree, left leaf": (1, [{0: low}]),
        "smallest tree, right leaf": (1, [{1: low}]),
        "smallest tree, both leaves": (1, [{0: low, 1: high}]),
        "first address": (48, [{0: low}]),
        "last address": (48, [{top: low}]),
        "largest felts": (48, [{1: extreme}]),
        "a leaf that differs from an empty one in one lane": (3, [{5: (0,) * 7 + (1,)}]),
        "zeros where nothing was": (4, [{3: EMPTY_LEAF}]),
        "same values in another order of batches": (5, [{1: low}, {30: high}]),
        "same values in one batch": (5, [{1: low, 30: high}]),
        "overwrite": (5, [{1: low}, {1: high}]),
        "write and remove": (48, [{7: low, top: high}, {7: EMPTY_LEAF}, {top: EMPTY_LEAF}]),
        "a neighbour splits a long chain": (48, [{2**40: low}, {2**40 + 1: high}]),
        "every leaf": (3, [{addr: leaf(10 + addr) for addr in range(8)}]),
        "a batch that writes, overwrites and removes": (
            10,
            [
                {addr: leaf(addr) for addr in range(0, 1024, 37)},
                {addr: EMPTY_LEAF if addr % 2 else leaf(2 * addr) for addr in range(0, 600, 37)},
                {addr: leaf(3 * addr) for addr in range(500, 520)},
            ],
        ),
    }
    return {"cases": [update_case(name, *case) for name, case in cases.items()]}


def update_case(name: str, depth: int, batches: Sequence[Mapping[int, Leaf]]) -> object:
    """Return one case of `updates`."""
    tree = Tree(depth)
    steps = []
    for batch in batches:
        tree.update(batch)
        steps.append({"batch": entries(sorted(batch.items())), "root": words(tree.root)})
    return {"name": name, "depth": depth, "steps": steps}


def opening(
    name: str, root: Digest, depth: int, leaves: Sequence[tuple[int, Leaf]], path: Sequence[Digest]
) -> dict[str, Any]:
    """Return one opening with the model's verdict."""
    verdict = "accepted"
    try:
        verify(root, depth, leaves, path)
    except RefusedError as refused:
        verdict = refused.reason.value
    return {
        "name": name,
        "depth": depth,
        "root": words(root),
        "leaves": entries(leaves),
        "siblings": [words(digest) for digest in path],
        "verdict": verdict,
    }


def swapped(path: Sequence[Digest], at: int) -> list[Digest]:
    """Return the path with the digests at `at` and `at` + 1 exchanged."""
    return [*path[:at], path[at + 1], path[at], *path[at + 2 :]]


def raised(value: Sequence[int], at: int, by: int) -> tuple[int, ...]:
    """Return the words with one of them changed."""
    return (*value[:at], value[at] + by, *value[at + 1 :])


def single_openings() -> object:
    """Return openings of one address, good and bad."""
    depth, addr, absent = 6, 0b101101, 0b101100
    tree = built(depth, {addr: leaf(1), 3: leaf(2), 0b101000: leaf(3), 63: leaf(4)})
    root, path, value = tree.root, tree.prove(addr), tree.get(addr)
    parent = tree.digest(0, absent) + tree.digest(0, addr)
    lone = built(48, {2**47 + 9: leaf(5)})
    small = built(depth, {7: (1, 2, 3, 4, 5, 6, 7, 8), 6: (0, 0, 0, 1, 0, 0, 0, 0)})
    bare = Tree(depth, lambda x: poseidon2.permute(x)[:4])
    bare.update({addr: value})
    cases: list[tuple[str, Digest, int, list[tuple[int, Leaf]], Sequence[Digest]]] = [
        ("present", root, depth, [(addr, value)], path),
        ("absent beside a present one", root, depth, [(absent, EMPTY_LEAF)], tree.prove(absent)),
        ("absent far away", root, depth, [(20, EMPTY_LEAF)], tree.prove(20)),
        ("deepest tree", lone.root, 48, [(2**47 + 9, leaf(5))], lone.prove(2**47 + 9)),
        ("deepest tree, absent", lone.root, 48, [(0, EMPTY_LEAF)], lone.prove(0)),
        ("present, claimed absent", root, depth, [(addr, EMPTY_LEAF)], path),
        ("absent, claimed present", root, depth, [(absent, value)], tree.prove(absent)),
        ("another value", root, depth, [(addr, raised(value, 7, -1))], path),
        ("another root", raised(root, 3, -1), depth, [(addr, value)], path),
        ("wrong side at the leaf", root, depth, [(addr ^ 1, value)], path),
        ("wrong side at the root", root, depth, [(addr ^ 32, value)], path),
        ("two siblings exchanged", root, depth, [(addr, value)], swapped(path, 2)),
        ("sibling changed", root, depth, [(addr, value)], [raised(path[0], 0, -1), *path[1:]]),
        ("one sibling short", root, depth, [(addr, value)], path[:-1]),
        ("one sibling more", root, depth, [(addr, value)], [*path, path[-1]]),
        ("no siblings", root, depth, [(addr, value)], []),
        ("the leaf's parent passed off as a leaf", root, depth, [(addr >> 1, parent)], path[1:]),
        ("address beyond the tree", root, depth, [(addr + 64, value)], path),
        ("depth 0", root, 0, [(0, value)], []),
        ("deeper than any tree", root, 49, [(addr, value)], [*path, *path]),
        ("leaf word not below p", small.root, depth, [(7, (P + 1, *range(2, 9)))], small.prove(7)),
        ("sibling word not below p", root, depth, [(addr, value)], [(ALIAS, 0, 0, 0), *path[1:]]),
        ("root word not below p", (ALIAS, *root[1:]), depth, [(addr, value)], path),
        ("hashed without feed-forward", bare.root, depth, [(addr, value)], bare.prove(addr)),
    ]
    return {"cases": [opening(*case) for case in cases]}


def many_openings() -> object:
    """Return openings of several addresses, good and bad."""
    depth = 7
    leaves = {addr: leaf(addr) for addr in (0, 1, 9, 64, 65, 100, 127)}
    tree = built(depth, leaves)
    root = tree.root

    def at(*addrs: int) -> list[tuple[int, Leaf]]:
        return [(addr, tree.get(addr)) for addr in addrs]

    some = at(0, 9, 10, 64, 65)
    path = tree.prove_many([addr for addr, _ in some])
    everything = at(*range(2**depth))
    cases: list[tuple[str, Digest, int, list[tuple[int, Leaf]], Sequence[Digest]]] = [
        ("some, one of them absent", root, depth, some, path),
        ("all, no sibling needed", root, depth, everything, []),
        ("none, the root opens to itself", root, depth, [], [root]),
        ("none, another root", root, depth, [], [raised(root, 0, -1)]),
        ("a neighbour left out", root, depth, some[:-1], path),
        ("one sibling short", root, depth, some, path[:-1]),
        ("one sibling more", root, depth, some, [*path, root]),
        ("two siblings exchanged", root, depth, some, swapped(path, 0)),
        ("one leaf twice", root, depth, [some[0], *some], path),
        ("descending", root, depth, [some[1], some[0], *some[2:]], path),
        ("one value changed", root, depth, [*some[:4], (65, raised(some[4][1], 0, -1))], path),
        ("address beyond the tree", root, depth, [*some[:4], (128, some[4][1])], path),
    ]
    return {"cases": [opening(*case) for case in cases]}


def row(row: Row) -> object:
    """Return one row of the merkle table the way the vectors hold it."""
    return {
        "kind": row.kind,
        "level": row.level,
        "index": word(row.index),
        **{
            name: words(getattr(row, name))
            for name in ("old", "new", "old_input", "new_input")
            if getattr(row, name)
        },
    }


def witnesses() -> object:
    """Return the rows of the merkle table for a few batches."""
    before: dict[int, Leaf] = {0: leaf(1), 2: leaf(2), 13: leaf(3)}
    cases: dict[str, tuple[int, dict[int, Leaf], dict[int, Leaf]]] = {
        "nothing touched": (4, before, {}),
        "one leaf written": (4, before, {2: leaf(4)}),
        "one leaf only read": (4, before, {13: leaf(3)}),
        "an absent leaf only read": (4, before, {5: EMPTY_LEAF}),
        "written, added, removed": (4, before, {0: leaf(5), 1: leaf(6), 13: EMPTY_LEAF}),
        "every leaf of the smallest tree": (1, {}, {0: leaf(7), 1: leaf(8)}),
        "deepest tree": (48, {2**33: leaf(9)}, {2**33: leaf(1), 2**33 + 2: leaf(2)}),
    }
    return {"cases": [witness_case(name, *case) for name, case in cases.items()]}


def witness_case(
    name: str, depth: int, leaves: Mapping[int, Leaf], batch: Mapping[int, Leaf]
) -> object:
    """Return one case of `witnesses`."""
    before = built(depth, leaves)
    after = before.copy()
    after.update(batch)
    return {
        "name": name,
        "depth": depth,
        "touched": [
            {"addr": word(addr), "old": words(before.get(addr)), "new": words(value)}
            for addr, value in sorted(batch.items())
        ],
        "siblings": [words(digest) for digest in before.prove_many(sorted(batch))],
        "rows": [row(each) for each in witness(before, after, batch)],
    }


def flows() -> object:
    """Return the roots of the seeded flows, hashed natively: pure Python would take an hour."""
    return {"flows": [flow_case(name, flow) for name, flow in FLOWS.items()]}


def flow_case(name: str, flow: Flow) -> object:
    """Return one flow with the root after each batch."""
    tree = Tree(flow.depth, _native.poseidon2_compress)
    roots = []
    for batch in flow.generate():
        tree.update(batch)
        roots.append(words(tree.root))
    return {"name": name, **asdict(flow), "leaves": len(tree.leaves), "roots": roots}


def crc32c(data: bytes) -> int:
    """Return the CRC-32C (Castagnoli) of `data`, bit by bit."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def snapshot() -> object:
    """Return a state and its snapshot, version 1."""
    depth = 48
    leaves = {addr: leaf(addr) for addr in (0, 7, 8, 2**20, 2**48 - 1)}
    tree = built(depth, leaves)
    data = b"zkp-tree"
    for value, size in ((1, 4), (depth, 4), (len(leaves), 8)):
        data += value.to_bytes(size, "little")
    numbers = [*tree.root, *(n for addr in sorted(leaves) for n in (addr, *leaves[addr]))]
    data += b"".join(number.to_bytes(8, "little") for number in numbers)
    data += crc32c(data).to_bytes(4, "little")
    return {
        "version": 1,
        "depth": depth,
        "leaves": entries(sorted(leaves.items())),
        "root": words(tree.root),
        "bytes": data.hex(),
    }


FILES: dict[str, Callable[[], object]] = {
    "empty_digests": empty_digests,
    "updates": updates,
    "openings_single": single_openings,
    "openings_many": many_openings,
    "witnesses": witnesses,
    "flows": flows,
    "snapshot_v1": snapshot,
}


def main() -> None:
    """Write all files."""
    for name, content in FILES.items():
        (HERE / f"{name}.json").write_text(json.dumps(content(), indent=1) + "\n")


if __name__ == "__main__":
    main()
