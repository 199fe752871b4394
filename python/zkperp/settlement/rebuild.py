"""A venue's state from its chain alone: genesis, and the data of every accepted batch."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zkperp import _native
from zkperp._generated.output import Output
from zkperp.chain import RequestQueued, Rollup, RollupState, read_batches, read_events
from zkperp.errors import BatchMismatch, InvalidInput
from zkperp.files import why
from zkperp.settlement.batches import batch_number
from zkperp.settlement.connect import check_genesis
from zkperp.settlement.errors import Undone

SNAPSHOT_NAME = "tree.snapshot"
STATE_NAME = "state.json"


@dataclass(frozen=True)
class Rebuilt:
    """A state that was rebuilt, and found to have the contract's root.

    Attributes:
        root: the root, 4 felts as 32 bytes.
        block: the block at which the contract says the same.
        batches: batches that were replayed.
        summary: the state's counts.
        engine: the state itself.
    """

    root: bytes
    block: int
    batches: int
    summary: Mapping[str, Any]
    engine: _native.Rebuild

    def accounts(self) -> list[Mapping[str, Any]]:
        """Return every open account: cash, positions, orders, margin."""
        found: list[Mapping[str, Any]] = json.loads(self.engine.accounts())
        return found

    def save(self, folder: Path) -> None:
        """Write the state tree and the accounts to a folder.

        Raises:
            InvalidInput: the folder can't be written.
        """
        content = {
            "root": "0x" + self.root.hex(),
            "block": self.block,
            **self.summary,
            "account_list": self.accounts(),
        }
        try:
            folder.mkdir(parents=True, exist_ok=True)
            drafts = {name: folder / f".{name}.draft" for name in (SNAPSHOT_NAME, STATE_NAME)}
            self.engine.write_snapshot(drafts[SNAPSHOT_NAME])
            drafts[STATE_NAME].write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
            for name, draft in drafts.items():
                draft.replace(folder / name)
        except OSError as error:
            message = f"{folder}: {why(error)}"
            raise InvalidInput(message) from error


@dataclass(frozen=True)
class WaitingRequests:
    """Requests that wait for a batch.

    Attributes:
        words: 12 words each, in the queue's order.
        time_ms: the latest one's block: no batch with all of them may end before.
    """

    words: tuple[tuple[int, ...], ...]
    time_ms: int


def rebuild(
    rollup: Rollup,
    genesis: str,
    *,
    first_block: int = 0,
    progress: Callable[[int], object] = lambda _: None,
) -> Rebuilt:
    """Replay every accepted batch from the transactions' input, comparing all roots.

    Signatures are not on the chain: that they were good is what the contract's verifier accepted a
    proof of. Everything else is computed anew.

    Args:
        rollup: the venue's contract.
        genesis: what its first state is made of, as JSON.
        first_block: where its history begins.
        progress: hears how many batches are replayed.

    Raises:
        GenesisMismatch: the contract began from another state.
        BatchMismatch: a batch does not lead to the root that was accepted.
        Undone: the chain was reorganised meanwhile; run it again.
        ChainError: the node.
    """
    check_genesis(rollup, _native.genesis_root(genesis))
    state = rollup.state()
    address = bytes.fromhex(rollup.address[2:])
    engine = _native.Rebuild(genesis, rollup.chain.chain_id, address)
    batches = 0
    for batch in read_batches(rollup, first_block=first_block, last_block=state.block):
        batches += 1
        output = batch.submission.output
        if batch.event.batch_number != batches or batch_number(output) != batches:
            message = f"the chain's batch {batches} is not where it should be"
            raise BatchMismatch(message)
        try:
            engine.apply(batch.event.old_root, batch.event.new_root, output)
        except BatchMismatch as error:
            message = f"batch {batches}: {error}"
            raise BatchMismatch(message) from error
        log = output[8 * Output.LOG_AFTER : 8 * Output.LOG_AFTER + 32]
        if log != batch.event.log_chain:
            message = f"batch {batches}: the contract stored another log chain than its data name"
            raise BatchMismatch(message)
        progress(batches)
    _compare(state, engine, batches)
    return Rebuilt(state.root, state.block, batches, json.loads(engine.summary()), engine)


def waiting_requests(rollup: Rollup, rebuilt: Rebuilt, *, first_block: int = 0) -> WaitingRequests:
    """Return the requests that no batch has executed yet.

    Args:
        rollup: the venue's contract.
        rebuilt: the state at the last batch.
        first_block: where its history begins.

    Raises:
        Undone: the chain was reorganised meanwhile; run it again.
    """
    done = rebuilt.summary["requests_done"]
    events = read_events(rollup, first_block=first_block, last_block=rebuilt.block)
    queued = [event for event in events if isinstance(event, RequestQueued)]
    if [event.number for event in queued] != list(range(len(queued))) or len(queued) < done:
        message = "requests are missing among the chain's events: run it again"
        raise Undone(message)
    waiting = queued[done:]
    times_s = [event.time_s for event in waiting]
    return WaitingRequests(tuple(event.words for event in waiting), 1000 * max(times_s, default=0))


def _compare(state: RollupState, engine: _native.Rebuild, batches: int) -> None:
    """Compare the state at the end with what the contract says of it."""
    summary = json.loads(engine.summary())
    chain = b"".join(int(felt).to_bytes(8, "big") for felt in summary["log_chain"])
    here = (batches, engine.root(), chain, summary["requests_done"], summary["time_ms"])
    there = (
        state.batch_number,
        state.root,
        state.log_chain,
        state.requests_done,
        state.last_time_ms,
    )
    if here != there:
        message = (
            f"the chain's events make batch {batches}, the contract is at batch "
            f"{state.batch_number}: the chain was reorganised meanwhile, run it again"
        )
        raise Undone(message)
