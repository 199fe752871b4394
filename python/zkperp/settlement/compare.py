"""A proof against what a contract accepted: the same program, roots and words, or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zkperp._generated.output import Output
from zkperp.chain import Rollup, SubmittedBatch, read_batches
from zkperp.settlement.batches import ProvenStatement, batch_number
from zkperp.settlement.errors import NotOnChain, ProofMismatch


@dataclass(frozen=True)
class Accepted:
    """Where a contract accepted what a proof says.

    Attributes:
        batch_number: the batch.
        transaction: hash of the transaction.
        block: its block.
        same_proof: whether the transaction holds this very proof, and not another of the same.
    """

    batch_number: int
    transaction: str
    block: int
    same_proof: bool


def compare_with_chain(
    statement: ProvenStatement, rollup: Rollup, *, first_block: int = 0
) -> Accepted:
    """Find the batch of a proof's number on the chain and compare all that the proof says.

    Args:
        statement: what a proof file says, found valid by the caller.
        rollup: the contract.
        first_block: where its history begins.

    Raises:
        NotOnChain: the contract has not accepted a batch of this number.
        ProofMismatch: it accepted something else; the message says what differs.
    """
    if statement.shape == 0:
        message = "a proof for files: no contract verifies its shape"
        raise ProofMismatch(message)
    digest = rollup.program_digest()
    _same("program digest", statement.program_digest, digest)
    number = batch_number(statement.output)
    found = _accepted(rollup, number, first_block)
    event, submission = found.event, found.submission
    if statement.roots is None:
        message = "the proof names no roots"
        raise ProofMismatch(message)
    _same("old root", statement.roots[0], rollup.root_of(number - 1))
    _same("new root", statement.roots[1], rollup.root_of(number))
    at = 8 * Output.LOG_AFTER
    _same("log chain", statement.output[at : at + 32], event.log_chain)
    _same("public words", statement.output, submission.output)
    return Accepted(
        number,
        event.place.transaction,
        event.place.block,
        same_proof=submission.proof == statement.proof,
    )


def _accepted(rollup: Rollup, number: int, first_block: int) -> SubmittedBatch:
    for batch in read_batches(rollup, first_block=first_block):
        if batch.event.batch_number == number:
            return batch
    message = f"{rollup.address} has not accepted a batch {number}"
    raise NotOnChain(message)


def _same(what: str, here: bytes, there: bytes) -> None:
    if here != there:
        shown = "" if len(here) > 32 else f": 0x{here.hex()} in the proof, 0x{there.hex()} on chain"
        message = f"the {what} differs from the accepted one{shown}"
        raise ProofMismatch(message)


def compare_with_file(statement: Mapping[str, Any], path: Path, public: Mapping[str, Any]) -> None:
    """Compare what a proof says with public values of a file: JSON, as `verify --json` prints them.

    Args:
        statement: `program_digest`, `roots` and `output` of the proof, as integers.
        path: the file, for the message.
        public: its content; of the three, at least `output` must be there.

    Raises:
        ProofMismatch: something differs, or there is nothing to compare.
    """
    names = [name for name in ("program_digest", "roots", "output") if name in public]
    if "output" not in names:
        message = f"{path}: no output to compare with"
        raise ProofMismatch(message)
    for name in names:
        if _integers(public[name]) != _integers(statement[name]):
            message = f"the proof's {name} is not that of {path}"
            raise ProofMismatch(message)


def _integers(value: object) -> object:
    """Bring nested lists of integers or decimal strings to integers."""
    if isinstance(value, list | tuple):
        return [_integers(item) for item in value]
    return int(value) if isinstance(value, str) and value.isdecimal() else value
