"""The venue's contract and its token: what they say, and transactions to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

from eth_account.signers.local import LocalAccount

from zkperp.chain.client import Block, Chain, Contract, Receipt
from zkperp.chain.deploy import ProgramShape

NO_KEY: Final = (0, 0, 0, 0, 0)
"""Limbs of a deposit that sets no key."""


@dataclass(frozen=True)
class RollupState:
    """What the contract knows, all of it at one block.

    Attributes:
        block: the block.
        batch_number: batches accepted.
        root: the state's root, 4 felts as 32 bytes.
        log_chain: the command-log chain, likewise.
        requests_done: requests executed.
        requests_queued: requests made.
        last_time_ms: program time.
        accounts: accounts opened.
        escrow: µUSDC that the contract holds and owes to no one yet.
    """

    block: int
    batch_number: int
    root: bytes
    log_chain: bytes
    requests_done: int
    requests_queued: int
    last_time_ms: int
    accounts: int
    escrow: int


@dataclass(frozen=True)
class BatchSubmission:
    """What one `submitBatch` says.

    Attributes:
        final_ap: the machine's last allocation pointer.
        used: instances used of each builtin but output.
        old_root: 4 felts as 32 bytes.
        new_root: 4 felts as 32 bytes.
        output: the output words, 8 bytes big-endian each: 22 fixed ones, then the batch data.
        proof: the proof.
    """

    final_ap: int
    used: Sequence[int]
    old_root: bytes
    new_root: bytes
    output: bytes
    proof: bytes

    def arguments(self) -> tuple[object, ...]:
        """Return the arguments of `submitBatch`."""
        used = list(self.used)
        return (self.final_ap, used, self.old_root, self.new_root, self.output, self.proof)


class Token(Contract):
    """The collateral, as far as we use it."""

    def __init__(self, chain: Chain, address: str) -> None:
        super().__init__(chain, address, "DevToken")

    def balance(self, owner: str, *, block: Block = None) -> int:
        """Return an owner's tokens."""
        return cast(int, self.call("balanceOf", owner, block=block)[0])

    def allowance(self, owner: str, spender: str) -> int:
        """Return what the spender may take of the owner's tokens."""
        return cast(int, self.call("allowance", owner, spender)[0])

    def mint(self, sender: LocalAccount, to: str, amount: int) -> Receipt:
        """Make tokens; the development token lets anyone."""
        return self.transact(sender, "mint", to, amount)

    def approve(self, owner: LocalAccount, spender: str, amount: int) -> Receipt:
        """Let the spender take up to an amount of the owner's tokens."""
        return self.transact(owner, "approve", spender, amount)


class Rollup(Contract):
    """The venue's contract. Refusals are `Reverted` with the names of IRollup.sol."""

    def __init__(self, chain: Chain, address: str) -> None:
        super().__init__(chain, address, "Rollup")

    def state(self, *, block: Block = None) -> RollupState:
        """Return all that the contract knows, at one block."""
        block = self.chain.block_number() if block is None else block
        names = (
            "batchNumber",
            "root",
            "logChain",
            "requestsDone",
            "requestsQueued",
            "lastTimeMs",
            "accounts",
            "escrow",
        )
        return RollupState(block, *(self.call(name, block=block)[0] for name in names))

    def token(self) -> Token:
        """Return the collateral."""
        return Token(self.chain, self.call("TOKEN")[0])

    def operator(self) -> str:
        """Return who submits batches."""
        return cast(str, self.call("OPERATOR")[0])

    def verifier(self) -> str:
        """Return the address of the batch program's verifier."""
        return cast(str, self.call("VERIFIER")[0])

    def program(self) -> ProgramShape:
        """Return what ties the batch program to the verifier's shape."""
        verifier = Contract(self.chain, self.verifier(), "ProgramVerifier")
        packed, builtins = verifier.call("CAPACITIES")[0], verifier.call("BUILTINS")[0]
        return ProgramShape(
            verifier.call("PROGRAM_DIGEST")[0],
            [packed >> (32 * builtin) & 0xFFFF_FFFF for builtin in range(builtins)],
            verifier.call("OUTPUT_CAPACITY")[0],
            has_state=verifier.call("HAS_STATE")[0],
        )

    def program_digest(self) -> bytes:
        """Return the digest of the batch program, 4 felts as 32 bytes."""
        verifier = Contract(self.chain, self.verifier(), "ProgramVerifier")
        return cast(bytes, verifier.call("PROGRAM_DIGEST")[0])

    def root_of(self, batch: int, *, block: Block = None) -> bytes:
        """Return the root after a batch, 0: the first state's; zeros if there is none yet."""
        return cast(bytes, self.call("rootOf", batch, block=block)[0])

    def request_of(self, number: int, *, block: Block = None) -> tuple[bytes, int]:
        """Return the queue's chain behind a request, and its block's time in seconds."""
        chain, time_s = self.call("requestOf", number, block=block)
        return chain, time_s

    def account_of(self, owner: str, *, block: Block = None) -> int:
        """Return an address's account, 0: none."""
        return cast(int, self.call("accountOf", owner, block=block)[0])

    def credit_of(self, owner: str, *, block: Block = None) -> int:
        """Return what an owner may claim."""
        return cast(int, self.call("creditOf", owner, block=block)[0])

    def deposit(
        self,
        owner: LocalAccount,
        amount: int,
        *,
        key: int = 0,
        public_key: Sequence[int] = NO_KEY,
    ) -> Receipt:
        """Take the amount, which the owner has approved, and queue its credit.

        Args:
            owner: who pays, and whose account it is.
            amount: µUSDC, 1 .. 2^58 - 1.
            key: index of the key to set.
            public_key: its five limbs; all zero: no key is set.
        """
        return self.transact(owner, "deposit", amount, key, list(public_key))

    def request_withdrawal(self, owner: LocalAccount, amount: int) -> Receipt:
        """Queue a withdrawal that a batch must pay or prove impossible; 0: all that is free."""
        return self.transact(owner, "requestWithdrawal", amount)

    def claim(self, owner: LocalAccount) -> Receipt:
        """Pay an owner all that batches credited to it."""
        return self.transact(owner, "claim")

    def check_batch(self, sender: str, batch: BatchSubmission, *, block: Block = None) -> None:
        """Do all that `submit_batch` does but send: raises what it would raise after a block."""
        self.call("submitBatch", *batch.arguments(), sender=sender, block=block)

    def submit_batch(
        self, operator: LocalAccount, batch: BatchSubmission, *, gas: int | None = None
    ) -> Receipt:
        """Submit a proven batch, data and proof in one transaction."""
        return self.transact(operator, "submitBatch", *batch.arguments(), gas=gas)
