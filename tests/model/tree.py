"""The state tree, by the text of docs/spec/tree.md: a sparse binary Merkle tree of 8-felt leaves.

Levels count upwards from 0 at the leaves; node i of a level has the children 2 i and 2 i + 1 one
level below; the root is node 0 of level `depth`. A node that is not stored has only empty leaves
below it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tests.model import poseidon2

DEPTH_MAX = 48
EMPTY_LEAF = (0,) * 8

Leaf = tuple[int, ...]
Digest = tuple[int, ...]
Compress = Callable[[Sequence[int]], list[int]]


class Refusal(StrEnum):
    """Why a batch or an opening is refused, in the order of the checks."""

    NON_CANONICAL = "non_canonical"
    DEPTH = "depth"
    ADDRESS_OUT_OF_RANGE = "address_out_of_range"
    DUPLICATE = "duplicate"
    UNSORTED = "unsorted"
    SIBLING_COUNT = "sibling_count"
    ROOT_MISMATCH = "root_mismatch"


class RefusedError(Exception):
    """A batch or an opening is refused."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


def require(reason: Refusal, *, holds: bool) -> None:
    """Refuse for `reason` unless the condition holds."""
    if not holds:
        raise RefusedError(reason)


def check_words(rows: Iterable[Sequence[int]]) -> None:
    """Refuse words that are not the canonical name of a field element."""
    require(Refusal.NON_CANONICAL, holds=all(0 <= w < poseidon2.P for row in rows for w in row))


def check_addresses(depth: int, addrs: Sequence[int]) -> None:
    """Refuse a depth that no tree has, and addresses out of range or not strictly ascending."""
    require(Refusal.DEPTH, holds=1 <= depth <= DEPTH_MAX)
    for before, addr in zip([None, *addrs], addrs, strict=False):
        require(Refusal.ADDRESS_OUT_OF_RANGE, holds=0 <= addr < 2**depth)
        require(Refusal.DUPLICATE, holds=before != addr)
        require(Refusal.UNSORTED, holds=before is None or before < addr)


class Tree:
    """A tree with all its non-empty nodes, in one dict per level."""

    def __init__(self, depth: int, compress: Compress = poseidon2.compress) -> None:
        require(Refusal.DEPTH, holds=1 <= depth <= DEPTH_MAX)
        self.depth = depth
        self.hash: Callable[[Sequence[int]], Digest] = lambda values: tuple(compress(values))
        self.leaves: dict[int, Leaf] = {}
        self.nodes: list[dict[int, Digest]] = [{} for _ in range(depth + 1)]
        self.empty = [self.hash(EMPTY_LEAF)]
        for _ in range(depth):
            self.empty.append(self.hash(self.empty[-1] * 2))

    def copy(self) -> "Tree":
        """Return a tree with the same leaves, independent of this one."""
        twin = Tree(self.depth)
        twin.hash = self.hash
        twin.leaves = dict(self.leaves)
        twin.nodes = [dict(level) for level in self.nodes]
        return twin

    def digest(self, level: int, index: int) -> Digest:
        """Return the digest of one node."""
        return self.nodes[level].get(index, self.empty[level])

    @property
    def root(self) -> Digest:
        """The digest that commits to every leaf."""
        return self.digest(self.depth, 0)

    def get(self, addr: int) -> Leaf:
        """Return what `addr` holds: eight zeros where nothing was written."""
        check_addresses(self.depth, [addr])
        return self.leaves.get(addr, EMPTY_LEAF)

    def update(self, batch: Mapping[int, Leaf]) -> None:
        """Write leaves; eight zeros remove one. Each touched node is hashed once."""
        addrs = sorted(batch)
        check_words(batch.values())
        check_addresses(self.depth, addrs)
        for addr in addrs:
            self.leaves[addr] = batch[addr]
            self.nodes[0][addr] = self.hash(batch[addr])
            if batch[addr] == EMPTY_LEAF:
                del self.leaves[addr], self.nodes[0][addr]
        touched = addrs
        for level in range(1, self.depth + 1):
            touched = sorted({index // 2 for index in touched})
            for index in touched:
                left, right = (self.digest(level - 1, 2 * index + side) for side in (0, 1))
                if left == right == self.empty[level - 1]:
                    self.nodes[level].pop(index, None)
                else:
                    self.nodes[level][index] = self.hash(left + right)

    def prove(self, addr: int) -> list[Digest]:
        """Return the siblings on the path of `addr`, from the leaf's own upwards."""
        check_addresses(self.depth, [addr])
        return [self.digest(level, (addr >> level) ^ 1) for level in range(self.depth)]

    def prove_many(self, addrs: Sequence[int]) -> list[Digest]:
        """Return the untouched siblings of touched nodes: level by level upwards, by index."""
        check_addresses(self.depth, addrs)
        return [self.digest(level, index) for level, index in frontier(self.depth, addrs)]


def frontier(depth: int, addrs: Iterable[int]) -> list[tuple[int, int]]:
    """Return (level, index) of the untouched siblings of the nodes above `addrs`.

    No address at all leaves the root itself.
    """
    touched = set(addrs)
    if not touched:
        return [(depth, 0)]
    found = []
    for level in range(depth):
        found += [(level, index ^ 1) for index in sorted(touched) if index ^ 1 not in touched]
        touched = {index // 2 for index in touched}
    return found


def root_of(depth: int, leaves: Sequence[tuple[int, Leaf]], siblings: Sequence[Digest]) -> Digest:
    """Return the root that leaves and siblings hash to."""
    check_words([*(leaf for _, leaf in leaves), *siblings])
    addrs = [addr for addr, _ in leaves]
    check_addresses(depth, addrs)
    places = frontier(depth, addrs)
    require(Refusal.SIBLING_COUNT, holds=len(siblings) == len(places))
    known = dict(zip(places, siblings, strict=True))
    known |= {(0, addr): tuple(poseidon2.compress(leaf)) for addr, leaf in leaves}
    for level in range(depth):
        for index in {index // 2 for at, index in list(known) if at == level}:
            children = known[level, 2 * index] + known[level, 2 * index + 1]
            known[level + 1, index] = tuple(poseidon2.compress(children))
    return known[depth, 0]


def verify(
    root: Digest, depth: int, leaves: Sequence[tuple[int, Leaf]], siblings: Sequence[Digest]
) -> None:
    """Accept exactly if all of `leaves` are what their addresses hold under `root`.

    With one leaf, `siblings` is the path of its address.

    Raises:
        RefusedError: with the first check that fails.
    """
    check_words([root])
    require(Refusal.ROOT_MISMATCH, holds=root_of(depth, leaves, siblings) == root)


@dataclass(frozen=True)
class Row:
    """One row of the proof's merkle table: a message (level, index, old, new) and what it shows."""

    kind: str
    level: int
    index: int
    old: Digest
    new: Digest
    # A node's children, or a leaf: the inputs of its two compressions.
    old_input: tuple[int, ...] = ()
    new_input: tuple[int, ...] = ()


def witness(before: Tree, after: Tree, addrs: Iterable[int]) -> list[Row]:
    """Return the rows that lead from one root to the other, level by level from the root down."""
    touched = [set(addrs)]
    for _ in range(before.depth):
        touched.append({index // 2 for index in touched[-1]})
    rows = []
    indices = [0]
    for level in range(before.depth, -1, -1):
        children = []
        for index in indices:
            digests = before.digest(level, index), after.digest(level, index)
            if index not in touched[level]:
                rows.append(Row("frontier", level, index, *digests))
            elif level == 0:
                leaves = before.get(index), after.get(index)
                rows.append(Row("leaf", level, index, *digests, *leaves))
            else:
                below = [2 * index, 2 * index + 1]
                inputs = (
                    tree.digest(level - 1, below[0]) + tree.digest(level - 1, below[1])
                    for tree in (before, after)
                )
                rows.append(Row("node", level, index, *digests, *inputs))
                children += below
        indices = children
    return rows
