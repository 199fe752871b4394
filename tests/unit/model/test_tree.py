"""The tree model against the shared vectors, and against the native hash on long flows."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.model.poseidon2 import P
from tests.model.tree import (
    EMPTY_LEAF,
    Digest,
    Leaf,
    Refusal,
    RefusedError,
    Tree,
    frontier,
    root_of,
    verify,
    witness,
)
from tests.vectors.tree.flow import Flow
from zkperp import _native

# One case of a vector file.
Case = dict[str, Any]

VECTORS = Path(__file__).parents[2] / "vectors/tree"


def read(name: str) -> Case:
    content: Case = json.loads((VECTORS / f"{name}.json").read_text())
    return content


def words(values: list[str]) -> tuple[int, ...]:
    return tuple(int(value) for value in values)


def entries(values: list[dict[str, Any]]) -> list[tuple[int, Leaf]]:
    return [(int(value["addr"]), words(value["leaf"])) for value in values]


def cases(name: str) -> list[Any]:
    return [pytest.param(case, id=f"{name}: {case['name']}") for case in read(name)["cases"]]


def test_empty_digests() -> None:
    assert Tree(48).empty == [words(digest) for digest in read("empty_digests")["digests"]]


@pytest.mark.parametrize("case", cases("updates"))
def test_updates(case: Case) -> None:
    tree = Tree(case["depth"])
    for step in case["steps"]:
        tree.update(dict(entries(step["batch"])))
        assert tree.root == words(step["root"])


@pytest.mark.parametrize("case", cases("openings_single") + cases("openings_many"))
def test_openings(case: Case) -> None:
    siblings = [words(digest) for digest in case["siblings"]]
    opening = words(case["root"]), case["depth"], entries(case["leaves"]), siblings
    if case["verdict"] == "accepted":
        verify(*opening)
    else:
        with pytest.raises(RefusedError) as refused:
            verify(*opening)
        assert refused.value.reason == case["verdict"]


@pytest.mark.parametrize("case", cases("witnesses"))
def test_witnesses(case: Case) -> None:
    touched = {int(entry["addr"]): entry for entry in case["touched"]}
    siblings = [words(digest) for digest in case["siblings"]]
    roots = [
        root_of(case["depth"], [(a, words(e[side])) for a, e in sorted(touched.items())], siblings)
        for side in ("old", "new")
    ]
    top = case["rows"][0]
    assert [words(top["old"]), words(top["new"])] == roots
    rows = [(row["kind"], row["level"], int(row["index"])) for row in case["rows"]]
    assert {row[1:] for row in rows if row[0] == "frontier"} == set(
        frontier(case["depth"], touched)
    )
    assert sorted(index for kind, _, index in rows if kind == "leaf") == sorted(touched)
    for row in case["rows"]:
        for side in ("old", "new"):
            if row["kind"] != "frontier":
                digest = _native.poseidon2_compress(words(row[f"{side}_input"]))
                assert tuple(digest) == words(row[side])


def flow_roots(case: Case, tree: Tree) -> list[Digest]:
    flow = Flow(**{key: case[key] for key in Flow.__dataclass_fields__})
    roots = []
    for batch in flow.generate():
        tree.update(batch)
        roots.append(tree.root)
    assert len(tree.leaves) == case["leaves"]
    return roots


@pytest.mark.parametrize("case", [pytest.param(f, id=f["name"]) for f in read("flows")["flows"]])
def test_flows(case: Case) -> None:
    tree = Tree(case["depth"], _native.poseidon2_compress)
    assert flow_roots(case, tree) == [words(root) for root in case["roots"]]


def test_a_small_flow_without_any_native_code() -> None:
    case = next(flow for flow in read("flows")["flows"] if flow["name"] == "small")
    assert flow_roots(case, Tree(case["depth"])) == [words(root) for root in case["roots"]]


leaves = st.just(EMPTY_LEAF) | st.tuples(*[st.integers(0, P - 1)] * 8)
batches = st.lists(st.dictionaries(st.integers(0, 63), leaves, max_size=6), min_size=1, max_size=4)


@settings(max_examples=40, deadline=None)
@given(batches)
def test_grouping_leaves_no_trace_and_openings_verify(case: list[dict[int, Leaf]]) -> None:
    tree, at_once = (Tree(6, _native.poseidon2_compress) for _ in range(2))
    for batch in case:
        tree.update(batch)
    at_once.update({addr: leaf for batch in case for addr, leaf in batch.items()})
    assert tree.root == at_once.root
    assert tree.nodes == at_once.nodes
    addr = max(case[0], default=0)
    verify(tree.root, 6, [(addr, tree.get(addr))], tree.prove(addr))


@settings(max_examples=20, deadline=None)
@given(batches, st.sets(st.integers(0, 63), max_size=4))
def test_every_message_of_the_rows_is_sent_once(
    case: list[dict[int, Leaf]], read_only: set[int]
) -> None:
    before = Tree(6, _native.poseidon2_compress)
    for batch in case[:-1]:
        before.update(batch)
    after = before.copy()
    after.update(case[-1])
    rows = witness(before, after, case[-1].keys() | read_only)
    received = [(row.level, row.index, row.old, row.new) for row in rows]
    sent = [(6, 0, before.root, after.root)]
    for row in rows:
        if row.kind == "node":
            old, new = row.old_input, row.new_input
            sent += [
                (row.level - 1, 2 * row.index, old[:4], new[:4]),
                (row.level - 1, 2 * row.index + 1, old[4:], new[4:]),
            ]
        if row.kind == "frontier":
            assert row.old == row.new
    assert sorted(received) == sorted(sent)
    assert len({message[:2] for message in received}) == len(received)


@pytest.mark.parametrize(
    ("depth", "batch", "reason"),
    [
        (0, {}, Refusal.DEPTH),
        (49, {}, Refusal.DEPTH),
        (4, {16: EMPTY_LEAF}, Refusal.ADDRESS_OUT_OF_RANGE),
        (4, {0: (P, *EMPTY_LEAF[1:])}, Refusal.NON_CANONICAL),
        (4, {0: (-1, *EMPTY_LEAF[1:])}, Refusal.NON_CANONICAL),
    ],
)
def test_updates_out_of_bounds(depth: int, batch: dict[int, Leaf], reason: Refusal) -> None:
    with pytest.raises(RefusedError) as refused:
        Tree(depth, _native.poseidon2_compress).update(batch)
    assert refused.value.reason == reason
