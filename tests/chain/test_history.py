"""Accepted batches read back from the chain, and the money that they pay."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.chain.venue import AcceptingVenue, deposit_words, fund
from zkperp.chain import (
    BatchAccepted,
    Claimed,
    Devnet,
    Reverted,
    WithdrawalCredited,
    events,
    read_batches,
    read_events,
)


@pytest.fixture(scope="module")
def devnet() -> Iterator[Devnet]:
    with Devnet() as running:
        yield running


def test_the_calldata_of_every_batch_is_on_the_chain(
    devnet: Devnet, monkeypatch: pytest.MonkeyPatch
) -> None:
    venue = AcceptingVenue(devnet)
    rollup, owner = venue.rollup, devnet.account(1)
    fund(devnet, rollup, 1)
    rollup.deposit(owner, 1_000)
    submitted = []
    request = deposit_words(1, owner.address, 1_000)
    for parts in ({"requests": (request,)}, {"withdrawals": ((owner.address, 300),) * 2}, {}):
        batch = replace(venue.next_batch(), **parts).submission(b"\x5a" * 1000)
        venue.allow(batch)
        rollup.check_batch(venue.operator.address, batch)
        receipt = rollup.submit_batch(venue.operator, batch)
        assert receipt.calldata_bytes > 1000 + len(batch.output)
        submitted.append(batch)
    state = rollup.state()
    assert (state.batch_number, state.requests_done, state.escrow) == (3, 1, 400)
    assert state.root == submitted[-1].new_root
    assert [rollup.root_of(i + 1) for i in range(3)] == [batch.new_root for batch in submitted]

    # Queries of few blocks give the same.
    for blocks in (10_000, 3):
        monkeypatch.setattr(events, "BLOCKS_PER_QUERY", blocks)
        found = list(read_batches(rollup))
        assert [batch.submission for batch in found] == submitted
        assert [batch.event.batch_number for batch in found] == [1, 2, 3]
        assert [batch.event.withdrawals for batch in found] == [0, 2, 0]
    last = found[-1].event
    assert (last.new_root, last.log_chain) == (state.root, state.log_chain)
    assert (last.time_ms, last.requests_done) == (state.last_time_ms, 1)
    only = list(read_batches(rollup, first_block=last.place.block))
    assert [batch.event for batch in only] == [last]
    assert not list(read_batches(rollup, last_block=found[0].event.place.block - 1))


def test_a_withdrawal_is_claimed_once(devnet: Devnet) -> None:
    venue = AcceptingVenue(devnet)
    rollup, owner, payee = venue.rollup, devnet.account(1), devnet.account(3)
    fund(devnet, rollup, 1)
    rollup.deposit(owner, 1_000)
    records = ((payee.address, 250), (payee.address, 50))
    batch = replace(venue.next_batch(), withdrawals=records).submission()
    venue.allow(batch)
    rollup.submit_batch(venue.operator, batch)
    assert rollup.credit_of(payee.address) == 300
    rollup.claim(payee)
    assert rollup.token().balance(payee.address) == 300
    assert rollup.token().balance(rollup.address) == rollup.state().escrow == 700
    with pytest.raises(Reverted, match="NothingToClaim"):
        rollup.claim(payee)
    history = list(read_events(rollup))
    paid = [event for event in history if isinstance(event, WithdrawalCredited)]
    assert [(event.batch_number, event.owner, event.amount) for event in paid] == [
        (1, payee.address, 250),
        (1, payee.address, 50),
    ]
    assert isinstance(history[-2], BatchAccepted)
    assert isinstance(history[-1], Claimed)
    assert (history[-1].owner, history[-1].amount) == (payee.address, 300)


def test_an_odd_layout_of_the_calldata_is_read_as_the_contract_reads_it(devnet: Devnet) -> None:
    venue = AcceptingVenue(devnet)
    rollup = venue.rollup
    batch = venue.next_batch().submission()
    venue.allow(batch)
    # Proof first, output last, padding that is not zero, bytes behind the end.
    tails, heads, offset = b"", {}, 6 * 32
    for name, content in (("proof", batch.proof), ("output", batch.output)):
        heads[name] = offset + len(tails)
        tails += word(len(content)) + content + b"\xee" * (-len(content) % 32)
    heads["used"] = offset + len(tails)
    tails += word(2) + word(batch.used[0]) + word(batch.used[1]) + b"\xdd" * 7
    data = rollup.artifact.selector("submitBatch") + word(batch.final_ap) + word(heads["used"])
    data += batch.old_root + batch.new_root + word(heads["output"]) + word(heads["proof"]) + tails
    devnet.chain.send(venue.operator, data, to=rollup.address)
    (found,) = read_batches(rollup)
    assert found.submission == batch


def word(value: int) -> bytes:
    return value.to_bytes(32, "big")


def test_a_batch_is_accepted_once_and_by_one_contract(devnet: Devnet) -> None:
    venue = AcceptingVenue(devnet)
    batch = venue.next_batch().submission()
    venue.allow(batch)
    venue.rollup.submit_batch(venue.operator, batch)
    with pytest.raises(Reverted, match="BatchOutOfOrder"):
        venue.rollup.submit_batch(venue.operator, batch)
    other = AcceptingVenue(devnet)
    other.allow(batch)
    with pytest.raises(Reverted, match="WrongConstant"):
        other.rollup.submit_batch(venue.operator, batch)


def test_an_undone_batch_is_not_in_the_history(devnet: Devnet) -> None:
    venue = AcceptingVenue(devnet)
    batch = venue.next_batch().submission()
    venue.allow(batch)
    before = venue.rollup.state()
    venue.rollup.submit_batch(venue.operator, batch)
    devnet.reorganise(1)
    assert not list(read_batches(venue.rollup))
    assert replace(venue.rollup.state(), block=before.block) == before
    venue.rollup.submit_batch(venue.operator, batch)
    assert len(list(read_batches(venue.rollup))) == 1
