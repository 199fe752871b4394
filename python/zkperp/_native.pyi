"""The Rust side (rust/py). Calls that may take long release the interpreter lock."""

from collections.abc import Callable, Sequence
from os import PathLike
from typing import Any, Final, final

__all__ = [
    "FIELD_MODULUS",
    "Desk",
    "Rebuild",
    "RuleBook",
    "batch_account",
    "bench_commands",
    "bench_engine",
    "bench_liquidations",
    "bench_match",
    "bench_tree",
    "deposit_requests",
    "devnet_genesis",
    "genesis_root",
    "inspect_batch",
    "poseidon2_compress",
    "poseidon2_permute",
    "poseidon2_sponge",
    "program_identity",
    "prove_batch",
    "prove_program",
    "read_batch",
    "read_proof",
    "replay_flow",
    "run_program",
    "simulate",
    "venue_shape",
    "verify_proof",
    "version",
]

FIELD_MODULUS: Final[int]
"""p = 2^64 - 2^32 + 1 (Goldilocks). A felt is an int in 0 .. p - 1."""

@final
class Desk:
    """A venue that is driven command by command, with the development keys of a seed."""

    def __new__(cls, genesis_text: str, chain_id: int, rollup: bytes, seed: int) -> Desk:
        """Make a venue at its genesis (JSON of devnet_genesis), its contract's address 20 bytes.

        Raises:
            InvalidVenue: parameters that no venue can have.
        """

    def time_ms(self) -> int:
        """Return program time."""

    def nonce(self, account: int, key: int) -> int:
        """Return the highest nonce that a key has used; 0 where there is no such key."""

    def account(self, number: int) -> str | None:
        """Return an open account as JSON, as batch_account does."""

    def deposit_words(self, account: int, owner: bytes, amount_micro: int) -> list[int]:
        """Return the request with which an account deposits and sets its key of the seed.

        Args:
            account: its number, as the contract would give it.
            owner: its L1 address, 20 bytes.
            amount_micro: micro-USDC.

        Raises:
            InvalidInput: account 0.
        """

    def reach(self, time_ms: int) -> str:
        """Apply what has to come before any other command may have this time.

        These are liquidations' steps and `trigger` while any is due, `fund`, `time`.

        Returns:
            JSON list of results, as apply returns them; the last one may be refused.
        """

    def apply(self, step: str, signer: int | None = None, *, signed: bool = True) -> str:
        """Sign a command, apply it, its signature verified.

        Args:
            step: JSON with `time_ms` and `command`, as RuleBook.apply takes it.
            signer: account whose key signs a user's command; None: its sender, or the sender's
                master. A report is signed by the oracle key that it names.
            signed: False: with no signature.

        Returns:
            JSON object: the command's fields as inspect_batch has them, `refusal` (its code, or
            null); where it was accepted its outcome, events and record.

        Raises:
            InvalidInput: not of that form.
        """

    def seal(self, out: str | PathLike[str] | None = None) -> str:
        """Seal the open batch, and write its directory.

        Args:
            out: folder that the batch directory goes to; None: nothing is written.

        Returns:
            JSON: `batch`, as batch.json has it, and `directory`.

        Raises:
            InvalidBatch: no command was accepted since the last seal, or it can't be written.
        """

@final
class Rebuild:
    """A venue's state that follows its chain: genesis, then each accepted batch's output words."""

    def __new__(cls, genesis_text: str, chain_id: int, rollup: bytes) -> Rebuild:
        """Make a venue at its genesis (JSON of devnet_genesis), its contract's address 20 bytes.

        Raises:
            InvalidVenue: parameters that no venue can have.
        """

    def root(self) -> bytes:
        """Return the root at the last batch, 4 felts as 32 bytes."""

    def apply(self, old_root: bytes, new_root: bytes, output: bytes) -> None:
        """Apply an accepted batch: its roots, 32 bytes each, and its output words, 8 bytes each.

        Raises:
            BatchMismatch: the words do not lead from one root to the other; nothing has changed.
        """

    def summary(self) -> str:
        """Return the state's counts as JSON."""

    def account(self, number: int) -> str | None:
        """Return an open account as JSON.

        Its owner, mode, master; cash, value, initial, maintenance and close-out margin, free,
        health; chosen leverage, positions, orders, conditional ones, sub-accounts.
        """

    def accounts(self) -> str:
        """Return every open account as a JSON list."""

    def write_snapshot(self, path: str | PathLike[str]) -> None:
        """Write the state tree.

        Raises:
            InvalidInput: the file can't be written.
        """

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
    """Apply Poseidon2 of width 8 over Goldilocks, the constants of p3-goldilocks, to 8 felts.

    Raises:
        InvalidLength: not 8 elements.
        NonCanonicalFelt: an element is not in 0 .. p - 1.
    """

def poseidon2_compress(state: Sequence[int]) -> list[int]:
    """Hash a leaf's 8 felts, or a node's left and right digest, to a digest of 4 felts.

    It is the first 4 lanes of P(x) + x. The sum is what makes it one-way (soundness § 1).

    Raises:
        InvalidLength: not 8 elements.
        NonCanonicalFelt: an element is not in 0 .. p - 1.
    """

def poseidon2_sponge(domain: int, message: Sequence[int]) -> list[int]:
    """Hash felts to a digest of 4 felts: a sponge whose capacity starts at (domain, length, 0, 0).

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

def devnet_genesis(seed: int, start_time_ms: int) -> str:
    """Return what a development venue's first state is made of, as JSON.

    Args:
        seed: of the oracles' keys.
        start_time_ms: program time of the first state.

    Returns:
        docs/settlement.md lists the fields.
    """

def venue_shape() -> dict[str, Any]:
    """Return what the contracts of a venue are made of, the batch program in its on-chain shape.

    Returns:
        id (the shape's number), data, programs, digest (32 bytes): the proof system's verifier;
        program_digest (32 bytes), capacities, output_capacity, has_state: the program's.

    Raises:
        ProvingFailed: the shape has no contracts: a mistake of ours.
    """

def genesis_root(text: str) -> bytes:
    """Return the root of a first state (JSON of devnet_genesis), 4 felts as 32 bytes.

    Raises:
        InvalidVenue: not of that form, or parameters that no venue can have.
    """

def deposit_requests(seed: int, owners: Sequence[bytes], amount_micro: int) -> list[list[int]]:
    """Return the 12 words with which each account 1, 2, … deposits and sets its key.

    Args:
        seed: of the keys.
        owners: L1 address of each account, 20 bytes.
        amount_micro: micro-USDC.
    """

def replay_flow(
    out: str | PathLike[str],
    *,
    venue: str,
    chain_id: int,
    rollup: bytes,
    requests: Sequence[Sequence[int]],
    flow: str | PathLike[str] | None,
    market: str,
    traders: int,
    batch_orders: int,
    batches: int,
    seed: int,
    start_time_ms: int,
    withdrawals: Sequence[tuple[int, int]],
    price_interval_ms: int = ...,
    varied_per_mille: int = 0,
    resume: Rebuild | None = None,
    progress: Callable[[int], object] | None = None,
) -> str:
    """Replay order flow on a venue and write its sealed batches, all of them or none.

    Args:
        out: folder that the batch directories go to.
        venue: JSON, as devnet_genesis lays it out.
        chain_id: the venue's chain.
        rollup: its contract's address, 20 bytes.
        requests: 12 words each: the next ones of the contract's queue, executed before the flow.
        flow: a feed (csv or csv.gz); None for the seeded generator.
        market: name of the feed's market.
        traders: accounts that own the orders.
        batch_orders: accepted user commands a batch.
        batches: how many batches.
        seed: of keys and generated flow.
        start_time_ms: program time of the first row.
        withdrawals: account and micro-USDC of each, signed, at the end of the last batch.
        price_interval_ms: program time between two rounds of oracle reports and ticks.
        varied_per_mille: rows in a thousand that become other commands than a feed's.
        resume: the venue as it is on its chain; None: at its genesis.
        progress: called now and then with the number of accepted user commands.

    Returns:
        JSON: rows, malformed rows by name (text, fields, op, side, order_id, price, size,
        price_too_large, size_too_large), rounds_to_zero, first_lines of each of these names,
        commands, accepted, orders, ticks, fundings, refused by code, trades, collateral_before and
        _after, fees, clearing, withdrawn, batches, signatures in each, directories.

    Raises:
        InvalidInput: the feed can't be read, has no usable row or gives no batch, or a withdrawal
            is refused or of no account.
        InvalidVenue: the venue's parameters, or no market of that name.
    """

def read_batch(directory: str | PathLike[str]) -> dict[str, Any]:
    """Read a batch directory back: apply its commands, every signature verified.

    Returns:
        summary (JSON, batch.json's), old_root and new_root (32 bytes), output (bytes).

    Raises:
        InvalidBatch: the directory is damaged or was changed.
    """

def batch_account(directory: str | PathLike[str], account: int) -> str | None:
    """Return an account as it stands after the batch of a directory, as Rebuild.account does.

    Raises:
        InvalidBatch: the directory is damaged or was changed.
    """

def inspect_batch(directory: str | PathLike[str]) -> str:
    """Read a batch directory, its commands applied again and its events compared.

    Returns:
        JSON: number, venue, roots, public words, each command with its fields, outcome, events and
        record, withdrawals, and how the bytes of the batch data divide.

    Raises:
        InvalidBatch: the directory is damaged, changed, or none; the message names the file.
    """

def bench_match(profile: str, commands: int, runs: int) -> tuple[list[float], str]:
    """Run the matching workload through the book alone.

    Args:
        profile: moves or places.
        commands: timed ones; at 3,000,000 the workload's and the trades' hashes are checked.
        runs: how often.

    Returns:
        Commands a second of each run, and JSON about the workload.

    Raises:
        InvalidInput: no such profile, or a hash that is not the defined one.
    """

def bench_liquidations(seed: int) -> str:
    """Run sweeps, liquidations and deleveragings on a venue of their own; return as bench_commands.

    Raises:
        InvalidInput: the venue refuses one of the commands: our mistake.
        ProvingFailed: the batch has no run.
    """

def bench_commands(directory: str | PathLike[str], extras_of_seed: int | None = None) -> str:
    """Run a batch and find what each of its commands needs of the proof.

    Args:
        directory: of the batch.
        extras_of_seed: seed of the accounts' keys: not the batch, but one behind it of the commands
            that order flow has seldom or never.

    Returns:
        JSON: number, shape, tables, the units of each table that each command needs and that are
        the batch's own, those of a signature, and steps by kind and function.

    Raises:
        InvalidBatch: the directory is damaged or was changed.
        InvalidInput: the venue takes none of the rare commands.
        ProvingFailed: the batch has no run.
    """

def bench_engine(rows: int, runs: int) -> tuple[list[float], int]:
    """Run generated flow through the whole engine, both logs' bytes included.

    Returns:
        Commands a second of each run, and how many commands the rows make.

    Raises:
        InvalidInput: too few rows for a book.
    """

def simulate(
    scenario: str,
    accounts: int,
    seed: int,
    depth_ppm: int | None,
    fund_ppm: int | None,
    progress: Callable[[int, int], object] | None,
) -> str:
    """Run a scenario with 10 to 50,000 accounts; its report as JSON (zkperp.simulation).

    The same arguments give the same text; None for depth or fund: the scenario's own. progress is
    called after each step with the steps done and all; what it raises ends the run.

    Raises:
        InvalidInput: no such scenario, or a number outside its range.
    """

def bench_tree(leaves: int, runs: int) -> tuple[list[float], int]:
    """Write leaves at random places of a full region of the state tree.

    Returns:
        Leaves a second of each run, and how many leaves the tree holds.
    """

def prove_batch(
    directory: str | PathLike[str], on_chain: bool, security_bits: int
) -> tuple[bytes, dict[str, Any]]:
    """Read a batch directory, run the batch program on it and prove the run.

    Args:
        directory: a batch directory, as replay_flow writes them.
        on_chain: in the shape that the venue's contract accepts, rather than in the least heights
            with parameters for a short proving time.
        security_bits: 100 or 120, proven.

    Returns:
        The proof file, and what it says, with steps, cells and the seconds of each phase.

    Raises:
        InvalidBatch: the directory is damaged or was changed.
        ProvingFailed: no such parameters, or the batch has no run.
    """

def read_proof(file: bytes) -> dict[str, Any]:
    """Take a proof file apart, verifying nothing.

    Args:
        file: a proof file.

    Returns:
        program_digest (32 bytes), shape, final_ap, used, roots (two of 32 bytes, or None), output
        and proof (bytes).

    Raises:
        InvalidProof: not a proof file.
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
