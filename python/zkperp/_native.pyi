"""The Rust side (rust/py). Calls that may take long release the interpreter lock."""

from collections.abc import Sequence
from typing import Final

__all__ = [
    "FIELD_MODULUS",
    "poseidon2_compress",
    "poseidon2_permute",
    "poseidon2_sponge",
    "version",
]

FIELD_MODULUS: Final[int]
"""p = 2^64 - 2^32 + 1 (Goldilocks). A felt is an int in 0 .. p - 1."""

def version() -> str:
    """Return the version of the project, that of the Cargo workspace."""

def poseidon2_permute(state: Sequence[int]) -> list[int]:
    """Apply Poseidon2 of width 8 over Goldilocks, the constants of p3-goldilocks.

    Args:
        state: 8 felts.

    Returns:
        8 felts.

    Raises:
        InvalidLength: not 8 elements.
        NonCanonicalFelt: an element is not in 0 .. p - 1.
    """

def poseidon2_compress(state: Sequence[int]) -> list[int]:
    """Hash a leaf's 8 felts, or a node's two children, to a digest.

    Args:
        state: 8 felts; for a node its left digest, then its right one.

    Returns:
        The first 4 lanes of P(x) + x. The sum is what makes it one-way (soundness § 1).

    Raises:
        InvalidLength: not 8 elements.
        NonCanonicalFelt: an element is not in 0 .. p - 1.
    """

def poseidon2_sponge(domain: int, message: Sequence[int]) -> list[int]:
    """Hash a message of any length to a digest.

    Args:
        domain: what kind of message this is, a felt.
        message: felts.

    Returns:
        4 felts: the rate of a sponge whose capacity starts at (domain, length, 0, 0).

    Raises:
        NonCanonicalFelt: the domain or an element is not in 0 .. p - 1.
    """
