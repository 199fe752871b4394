"""The Rust side (rust/py). Calls that may take long release the interpreter lock."""

from collections.abc import Callable, Sequence
from os import PathLike
from typing import Any, Final, final

__all__ = [
    "FIELD_MODULUS",
    "RuleBook",
    "poseidon2_compress",
    "poseidon2_permute",
    "poseidon2_sponge",
    "program_identity",
    "prove_batch",
    "prove_program",
    "replay_flow",
    "run_program",
    "verify_proof",
    "version",
]

FIELD_MODULUS: Final[int]
"""p = 2^64 - 2^32 + 1 (Goldilocks). A felt is an int in 0 .. p - 1."""

@final
class RuleBook:
    """The Rust engine as a writer of the rule book, in the JSON of tests/vectors/rules."""

    def __new__(cls, venue: str) -> RuleBook:
        """Make a venue in its first state.

        Args:
            venue: JSON, as `pre.venue`.

        Raises:
            InvalidInput: not of that form, or parameters out of their bounds.
        """

    def apply(self, step: str) -> str:
        """Apply a command.

        Args:
            step: JSON with `time_ms` and `command`; `signature_valid` may stand for a signature.

        Returns:
            JSON: `code` of a refusal, which changed nothing, or `post`.

        Raises:
            InvalidInput: not of that form.
        """

    def seal(self) -> str:
        """Seal the open batch; return JSON: `old_root`, `new_root`, `output`.

        Raises:
            InvalidInput: no command was accepted since the last seal.
        """

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

def program_identity(compiled: str) -> dict[str, Any]:
    """Return what identifies a program: zkperp.proofs.ProgramIdentity's fields.

    Args:
        compiled: the compiler's JSON.

    Raises:
        InvalidProgram: the text is not such a program.
    """

def replay_flow(
    out: str | PathLike[str],
    *,
    flow: str | PathLike[str] | None,
    traders: int,
    batch_orders: int,
    batches: int,
    deposit_micro: int,
    seed: int,
    start_time_ms: int,
    rollup: bytes,
    progress: Callable[[int], object] | None = None,
) -> str:
    """Replay order flow on the built-in devnet and write its sealed batches.

    Args:
        out: folder that the batch directories go to.
        flow: a feed (csv or csv.gz); None for the seeded generator.
        traders: accounts that own the orders.
        batch_orders: accepted user commands a batch.
        batches: how many batches.
        deposit_micro: deposit of each account, micro-USDC.
        seed: of keys and generated flow.
        start_time_ms: program time of the first row.
        rollup: the contract's address, 20 bytes.
        progress: called now and then with the number of accepted user commands.

    Returns:
        JSON: rows, accepted, refused by code, trades, batches, directories.

    Raises:
        InvalidInput: the feed can't be read, or gives no batch.
    """

def prove_batch(
    directory: str | PathLike[str], on_chain: bool, security_bits: int
) -> tuple[bytes, dict[str, Any]]:
    """Read a batch directory, run the batch program on it and prove the run.

    Args:
        directory: a batch directory, as replay_flow writes them.
        on_chain: few bytes (rate 1/8) rather than a short proving time (rate 1/2).
        security_bits: 100 or 120, proven.

    Returns:
        The proof file, and what it says.

    Raises:
        InvalidBatch: the directory is damaged or was changed.
        ProvingFailed: no such parameters, or the batch has no run.
    """

def run_program(compiled: str, values: str) -> dict[str, Any]:
    """Run a program without proving it.

    Args:
        compiled: the compiler's JSON.
        values: JSON object of named felts, and "advice", a list of felts.

    Returns:
        steps, memory_cells, run_seconds, output.

    Raises:
        InvalidProgram: not a compiled program.
        RunFailed: the program doesn't run to its end on this input.
    """

def prove_program(
    compiled: str, values: str, on_chain: bool, security_bits: int
) -> tuple[bytes, dict[str, Any]]:
    """Run a program and prove the run.

    Args:
        compiled: the compiler's JSON.
        values: JSON object of named felts, and "advice", a list of felts.
        on_chain: few bytes (rate 1/8) rather than a short proving time (rate 1/2).
        security_bits: 100 or 120, proven.

    Returns:
        The proof file, and what it says: the fields of zkperp.proofs.Statement and more.

    Raises:
        InvalidProgram: not a compiled program.
        RunFailed: the program doesn't run to its end on this input.
        ProvingFailed: no such parameters, or the run fits no statement.
    """

def verify_proof(file: bytes, expected: str | None = None) -> dict[str, Any]:
    """Verify a proof file, its program and its parameters.

    Args:
        file: what prove_program returned.
        expected: the compiled program that it must be about; None for one of the built-in ones.

    Returns:
        What is proven, and the security report of this very statement.

    Raises:
        InvalidProgram: `expected` is not a compiled program.
        InvalidProof: the proof is refused; the message says why.
    """
