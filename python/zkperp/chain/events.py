"""The history of a venue's contract: its events, and every batch's calldata.

What a batch did is in the input of the transaction that submitted it. The contract takes batches
from its operator's own transactions only, so that input is found without traces.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.address import to_checksum_address
from hexbytes import HexBytes
from web3.types import FilterParams, LogReceipt

from zkperp.chain.client import Contract
from zkperp.chain.errors import NotOurContract
from zkperp.chain.rollup import BatchSubmission, Rollup

BLOCKS_PER_QUERY: Final = 10_000
"""Nodes limit how many blocks one query for events may span."""


@dataclass(frozen=True)
class Place:
    """Where an event stands.

    Attributes:
        block: the block's number.
        block_hash: its hash: another one at the same number is a reorganisation.
        transaction: the transaction's hash.
        index: the event's number in the block.
    """

    block: int
    block_hash: str
    transaction: str
    index: int


@dataclass(frozen=True)
class Genesis:
    """The venue starts with this root and program time."""

    place: Place
    root: bytes
    time_ms: int


@dataclass(frozen=True)
class AccountOpened:
    """An L1 address has its account from now on."""

    place: Place
    account: int
    owner: str


@dataclass(frozen=True)
class RequestQueued:
    """A request is in the queue: number, its 12 words, the chain behind it, its block's time."""

    place: Place
    number: int
    account: int
    owner: str
    words: tuple[int, ...]
    chain: bytes
    time_s: int


@dataclass(frozen=True)
class BatchAccepted:
    """A batch is proven, and its state is the venue's."""

    place: Place
    batch_number: int
    old_root: bytes
    new_root: bytes
    log_chain: bytes
    requests_done: int
    withdrawals: int
    commands: int
    time_ms: int


@dataclass(frozen=True)
class WithdrawalCredited:
    """An owner may claim an amount that a batch pays."""

    place: Place
    batch_number: int
    owner: str
    amount: int


@dataclass(frozen=True)
class Claimed:
    """An owner took its credit."""

    place: Place
    owner: str
    amount: int


Event = Genesis | AccountOpened | RequestQueued | BatchAccepted | WithdrawalCredited | Claimed


@dataclass(frozen=True)
class SubmittedBatch:
    """An accepted batch with all that its transaction said."""

    event: BatchAccepted
    submission: BatchSubmission


def read_events(
    rollup: Rollup, *, first_block: int = 0, last_block: int | None = None
) -> Iterator[Event]:
    """Yield the contract's events in order.

    Args:
        rollup: the contract.
        first_block: where to begin, at best the contract's own block.
        last_block: where to end, the latest block if None. A reorganisation undoes late blocks: who
            acts on an event leaves out as many as it deems unsafe.
    """
    last = rollup.chain.block_number() if last_block is None else last_block
    for start in range(first_block, last + 1, BLOCKS_PER_QUERY):
        query: FilterParams = {
            "address": rollup.address,
            "fromBlock": start,
            "toBlock": min(start + BLOCKS_PER_QUERY - 1, last),
        }
        with rollup.chain.failures():
            logs = rollup.chain.web3.eth.get_logs(query)
        for log in logs:
            yield _event(rollup, log)


def read_batches(
    rollup: Rollup, *, first_block: int = 0, last_block: int | None = None
) -> Iterator[SubmittedBatch]:
    """Yield the accepted batches in order, each with its transaction's input.

    Raises:
        NotOurContract: a transaction's input is not the batch that its event tells of.
    """
    for event in read_events(rollup, first_block=first_block, last_block=last_block):
        if isinstance(event, BatchAccepted):
            yield SubmittedBatch(event, _submission(rollup, event))


def _submission(rollup: Contract, event: BatchAccepted) -> BatchSubmission:
    """Read a batch out of its transaction and compare it with its event."""
    with rollup.chain.failures():
        transaction = rollup.chain.web3.eth.get_transaction(HexBytes(event.place.transaction))
    data = bytes(transaction["input"])
    if transaction.get("to") != rollup.address or data[:4] != rollup.artifact.selector(
        "submitBatch"
    ):
        message = f"{event.place.transaction} is no submitBatch to {rollup.address}"
        raise NotOurContract(message)
    # Not strict: like the contract, whatever fills the space between the arguments.
    try:
        values = decode(rollup.artifact.types("submitBatch"), data[4:], strict=False)
    except DecodingError as error:
        message = f"{event.place.transaction}: {error}"
        raise NotOurContract(message) from error
    submission = BatchSubmission(*values)
    if (submission.old_root, submission.new_root) != (event.old_root, event.new_root):
        message = f"{event.place.transaction} is not the batch {event.batch_number}"
        raise NotOurContract(message)
    return submission


def _event(rollup: Rollup, log: LogReceipt) -> Event:
    """Decode one event of the contract."""
    topics = [bytes(topic) for topic in log["topics"]]
    entry = rollup.artifact.events.get(topics[0]) if topics else None
    if entry is None:
        message = f"an event of {rollup.address} that no {rollup.name} emits"
        raise NotOurContract(message)
    place = Place(
        log["blockNumber"],
        log["blockHash"].to_0x_hex(),
        log["transactionHash"].to_0x_hex(),
        log["logIndex"],
    )
    return _typed(entry["name"], place, _arguments(entry, topics[1:], bytes(log["data"])))


def _arguments(entry: Mapping[str, Any], topics: Sequence[bytes], data: bytes) -> dict[str, Any]:
    """Decode an event's arguments: the indexed ones are topics, the others data."""
    indexed = [argument for argument in entry["inputs"] if argument["indexed"]]
    others = [argument for argument in entry["inputs"] if not argument["indexed"]]
    values = [
        decode([argument["type"]], topic)[0]
        for argument, topic in zip(indexed, topics, strict=True)
    ]
    values += decode([argument["type"] for argument in others], data)
    names = [argument["name"] for argument in indexed + others]
    return dict(zip(names, values, strict=True))


def _typed(name: str, place: Place, a: Mapping[str, Any]) -> Event:
    match name:
        case "Genesis":
            return Genesis(place, a["root"], a["timeMs"])
        case "AccountOpened":
            return AccountOpened(place, a["account"], to_checksum_address(a["owner"]))
        case "RequestQueued":
            return RequestQueued(
                place,
                a["number"],
                a["account"],
                to_checksum_address(a["owner"]),
                _felts(a["words"]),
                a["chain"],
                a["timeS"],
            )
        case "BatchAccepted":
            return BatchAccepted(
                place,
                a["batchNumber"],
                a["oldRoot"],
                a["newRoot"],
                a["logChain"],
                a["requestsDone"],
                a["withdrawals"],
                a["commands"],
                a["timeMs"],
            )
        case "WithdrawalCredited":
            owner = to_checksum_address(a["owner"])
            return WithdrawalCredited(place, a["batchNumber"], owner, a["amount"])
        case "Claimed":
            return Claimed(place, to_checksum_address(a["owner"]), a["amount"])
        case _:
            message = f"an event {name} that this package does not know"
            raise NotOurContract(message)


def _felts(words: bytes) -> tuple[int, ...]:
    return tuple(int.from_bytes(words[i : i + 8], "big") for i in range(0, len(words), 8))
