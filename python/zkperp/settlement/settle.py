"""Proven batches go to the contract, one after the other, each checked before it is sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from eth_account.signers.local import LocalAccount

from zkperp._generated.constants import L1_CLOCK_SLACK_MS
from zkperp._generated.output import Output
from zkperp.chain import BatchSubmission, Reverted, Rollup
from zkperp.settlement.batches import BatchDirectory, output_word
from zkperp.settlement.errors import (
    BatchRefused,
    ChainBehind,
    NotOperator,
    NotProven,
    OtherRoot,
    Undone,
    WrongRollup,
)


@dataclass(frozen=True)
class SettledBatch:
    """A batch that was accepted.

    Attributes:
        number: its number.
        new_root: the accepted root, 4 felts as 32 bytes.
        transaction: hash of its transaction.
        block: the block.
        gas_used: gas of the whole transaction.
        calldata_bytes: bytes of its input, data and proof.
        data_bytes: bytes of the output words.
        proof_bytes: bytes of the proof.
    """

    number: int
    new_root: bytes
    transaction: str
    block: int
    gas_used: int
    calldata_bytes: int
    data_bytes: int
    proof_bytes: int


@dataclass
class Settlement:
    """What one run of `settle` found and did.

    Attributes:
        before: batches that the contract had accepted before.
        settled: those that this run submitted.
        unproven: numbers of the batches that wait for a proof.
    """

    before: int
    settled: list[SettledBatch] = field(default_factory=list)
    unproven: list[int] = field(default_factory=list)


def settle(
    rollup: Rollup,
    operator: LocalAccount,
    batches: Sequence[BatchDirectory],
    *,
    move_clock: bool = False,
    submitting: Callable[[int], object] = lambda _: None,
) -> Settlement:
    """Submit every proven batch that the contract has not accepted yet, in order.

    Args:
        rollup: the venue's contract.
        operator: signs and pays.
        batches: by number, without gaps.
        move_clock: move a local chain's clock forward to a batch that ends later.
        submitting: hears the number of the batch whose turn it is.

    Raises:
        NotOperator: another address submits here.
        OtherRoot: the contract accepted other batches than these.
        NotProven: the first batch has no proof.
        BatchRefused: the contract refuses a batch; the ones before it are settled.
        ChainBehind: a batch ends later than the chain's clock.
        Undone: a reorganisation took back what was accepted.
        ChainError: the node; what was settled stays settled, and a rerun carries on.
    """
    named = rollup.operator()
    if named != operator.address:
        raise NotOperator(named, operator.address)
    state = rollup.state()
    result = Settlement(state.batch_number)
    _check_history(rollup, state.batch_number, batches)
    pending = [batch for batch in batches if batch.number > state.batch_number]
    for index, batch in enumerate(pending):
        if not batch.is_proven:
            result.unproven = [later.number for later in pending[index:]]
            break
        submitting(batch.number)
        result.settled.append(_submit(rollup, operator, batch, move_clock=move_clock))
    if result.unproven and not result.settled and result.before == 0:
        check_proven(pending[0])
    return result


def check_proven(batch: BatchDirectory) -> None:
    """Refuse a batch without a proof, saying how it gets one.

    Raises:
        NotProven: there is no proof file.
    """
    if not batch.is_proven:
        message = f"{batch.path} has no proof: zkperp prove-batch {batch.path}"
        raise NotProven(message)


def _check_history(rollup: Rollup, accepted: int, batches: Sequence[BatchDirectory]) -> None:
    """Refuse batches that do not continue what was accepted."""
    if batches[0].number > accepted + 1:
        message = f"the contract's next batch is {accepted + 1}, the first one here is later"
        raise OtherRoot(message)
    for batch in batches:
        if batch.number > accepted:
            break
        found, here = rollup.root_of(batch.number), batch.new_root()
        if found != here:
            message = (
                f"{rollup.address} accepted another batch {batch.number}: its root is "
                f"0x{found.hex()}, that of {batch.path} is 0x{here.hex()}"
            )
            raise OtherRoot(message)


def _submit(
    rollup: Rollup, operator: LocalAccount, batch: BatchDirectory, *, move_clock: bool
) -> SettledBatch:
    submission = batch.submission()
    _check_venue(rollup, batch, submission)
    state = rollup.state()
    if state.batch_number != batch.number - 1:
        message = f"the contract went back to batch {state.batch_number}: run settle again"
        raise Undone(message)
    if state.root != submission.old_root:
        message = (
            f"batch {batch.number} starts from root 0x{submission.old_root.hex()}, "
            f"{rollup.address} is at 0x{state.root.hex()}"
        )
        raise OtherRoot(message)
    _await_clock(rollup, batch.number, submission, move_clock=move_clock)
    try:
        rollup.check_batch(operator.address, submission)
        receipt = rollup.submit_batch(operator, submission)
    except Reverted as error:
        raise BatchRefused(batch.number, error) from error
    if rollup.root_of(batch.number) != submission.new_root:
        message = f"batch {batch.number} was accepted and is gone: run settle again"
        raise Undone(message)
    return SettledBatch(
        batch.number,
        submission.new_root,
        receipt.transaction,
        receipt.block,
        receipt.gas_used,
        receipt.calldata_bytes,
        len(submission.output),
        len(submission.proof),
    )


def _check_venue(rollup: Rollup, batch: BatchDirectory, submission: BatchSubmission) -> None:
    """Refuse a batch that was made for another chain or contract."""
    address = bytes.fromhex(rollup.address[2:])
    parts = (address[:7], address[7:14], address[14:])
    expected = [rollup.chain.chain_id, *(int.from_bytes(part, "big") for part in parts)]
    words = range(Output.CHAIN_ID, Output.ROLLUP + 3)
    if [output_word(submission.output, word) for word in words] != expected:
        message = f"{batch.path} was made for another chain or contract than {rollup.address}"
        raise WrongRollup(message)


def _await_clock(
    rollup: Rollup, number: int, submission: BatchSubmission, *, move_clock: bool
) -> None:
    """See to it that the chain's clock has come to the batch's end."""
    end_ms = output_word(submission.output, Output.LAST_TIME_MS)
    behind_ms = end_ms - L1_CLOCK_SLACK_MS - 1000 * rollup.chain.block_time_s()
    if behind_ms <= 0:
        return
    if not move_clock:
        raise ChainBehind(number, -(-behind_ms // 1000))
    rollup.chain.rpc("evm_setNextBlockTimestamp", -(-end_ms // 1000))
    rollup.chain.rpc("evm_mine")
