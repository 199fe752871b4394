"""The seeded flow of leaf updates that README.md describes."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.model.poseidon2 import P
from tests.model.tree import EMPTY_LEAF, Leaf

_WORD = 2**64


def splitmix64(seed: int) -> Iterator[int]:
    """Yield the words of SplitMix64 (Steele, Lea, Flood 2014)."""
    state = seed
    while True:
        state = (state + 0x9E3779B97F4A7C15) % _WORD
        z = state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % _WORD
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % _WORD
        yield z ^ (z >> 31)


@dataclass(frozen=True)
class Flow:
    """Parameters of one flow."""

    seed: int
    depth: int
    region_bits: int
    slot_bits: int
    scattered_per_8: int
    empty_per_8: int
    batches: int
    batch_size: int

    def generate(self) -> Iterator[dict[int, Leaf]]:
        """Yield the batches; the last write to an address within a batch counts."""
        words = splitmix64(self.seed)
        for _ in range(self.batches):
            yield dict(self._update(words) for _ in range(self.batch_size))

    def _update(self, words: Iterator[int]) -> tuple[int, Leaf]:
        w = next(words)
        if w % 8 < self.scattered_per_8:
            addr = next(words) >> (64 - self.depth)
        else:
            region = (w >> 8) % 2**self.region_bits
            slot = (w >> 16) % 2**self.slot_bits
            addr = (region << (self.depth - self.region_bits)) | slot
        if (w >> 3) % 8 < self.empty_per_8:
            return addr, EMPTY_LEAF
        return addr, tuple(next(words) % P for _ in range(8))
