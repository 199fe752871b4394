"""Deposits, requests and refused batches, against the real verifier contracts."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.chain.venue import (
    GENESIS_ROOT,
    MINTED,
    START_MS,
    Batch,
    chain_of,
    deposit_words,
    fund,
    shape,
    venue,
)
from tests.contracts.chain import ROOT
from tests.contracts.program_verifier import program_digest
from tests.contracts.stark_verifier import Vector
from zkperp._generated.constants import AMOUNT_MAX, P
from zkperp._generated.output import Output
from zkperp.chain import (
    AccountOpened,
    Devnet,
    Genesis,
    RequestQueued,
    Reverted,
    Rollup,
    deploy_stark_verifier,
    read_batches,
    read_events,
)

VECTOR = Vector.load(ROOT / "tests/vectors/proof/fibonacci.json")


@pytest.fixture(scope="module")
def devnet() -> Iterator[Devnet]:
    with Devnet() as running:
        yield running


@pytest.fixture(scope="module")
def deployed(devnet: Devnet) -> Rollup:
    deployment = venue(devnet, VECTOR)
    rollup = Rollup(devnet.chain, deployment.rollup)
    assert len(list(read_events(rollup, first_block=deployment.block))) == 1
    fund(devnet, rollup, 1, 2)
    return rollup


@pytest.fixture
def rollup(devnet: Devnet, deployed: Rollup) -> Iterator[Rollup]:
    """The venue as it was deployed; what a test does is undone."""
    before = devnet.chain.rpc("evm_snapshot")
    yield deployed
    assert devnet.chain.rpc("evm_revert", before) is True


def test_deployment(devnet: Devnet, rollup: Rollup) -> None:
    state = rollup.state()
    assert (state.root, state.log_chain) == (GENESIS_ROOT, bytes(32))
    assert (state.batch_number, state.requests_done, state.requests_queued) == (0, 0, 0)
    assert (state.last_time_ms, state.accounts, state.escrow) == (START_MS, 0, 0)
    assert rollup.operator() == devnet.account(0).address
    assert rollup.program_digest() == program_digest(VECTOR)
    assert rollup.root_of(0) == GENESIS_ROOT
    assert rollup.root_of(1) == bytes(32)
    (genesis,) = read_events(rollup)
    assert isinstance(genesis, Genesis)
    assert (genesis.root, genesis.time_ms) == (GENESIS_ROOT, START_MS)


def test_a_wrong_shape_is_refused_at_deployment(devnet: Devnet) -> None:
    wrong = replace(shape(VECTOR), digest=bytes(32))
    with pytest.raises(Reverted) as refused:
        deploy_stark_verifier(devnet.chain, devnet.account(0), wrong)
    assert refused.value.name == "WrongShapeData"


def test_deposits_queue_up(devnet: Devnet, rollup: Rollup) -> None:
    alice, bob = devnet.account(1), devnet.account(2)
    rollup.deposit(alice, 100, key=3, public_key=(1, 2, 3, 4, P - 1))
    rollup.deposit(bob, 200)
    receipt = rollup.request_withdrawal(alice, 0)
    state = rollup.state()
    assert (state.requests_queued, state.accounts, state.escrow) == (3, 2, 300)
    assert (rollup.account_of(alice.address), rollup.account_of(bob.address)) == (1, 2)
    assert rollup.token().balance(rollup.address) == 300
    assert rollup.token().balance(bob.address) == MINTED - 200

    with_key = (*deposit_words(1, alice.address, 100)[:6], 3, 1, 2, 3, 4, P - 1)
    forced = (2, *deposit_words(1, alice.address, 0)[1:])
    words = [with_key, deposit_words(2, bob.address, 200), forced]
    events = list(read_events(rollup))
    queued = [event for event in events if isinstance(event, RequestQueued)]
    assert [event.number for event in queued] == [0, 1, 2]
    assert [event.words for event in queued] == words
    assert [event.chain for event in queued] == [chain_of(*words[: i + 1]) for i in range(3)]
    assert [event.account for event in queued] == [1, 2, 1]
    assert [rollup.request_of(i)[0] for i in range(3)] == [event.chain for event in queued]
    last = queued[-1]
    assert rollup.request_of(2)[1] == last.time_s == devnet.chain.block_time_s(receipt.block)
    assert (last.place.block, last.place.transaction) == (receipt.block, receipt.transaction)
    opened = [event for event in events if isinstance(event, AccountOpened)]
    assert [(event.account, event.owner) for event in opened] == [
        (1, alice.address),
        (2, bob.address),
    ]
    assert not list(read_batches(rollup))


def test_requests_that_are_not_admitted(devnet: Devnet, rollup: Rollup) -> None:
    alice = devnet.account(1)
    with pytest.raises(Reverted) as refused:
        rollup.deposit(alice, 0)
    assert refused.value.arguments == {"amount": 0, "least": 1, "greatest": AMOUNT_MAX}
    with pytest.raises(Reverted, match="AmountOutOfRange"):
        rollup.deposit(alice, AMOUNT_MAX + 1)
    with pytest.raises(Reverted, match="TransferFailed"):
        rollup.deposit(alice, MINTED + 1)
    with pytest.raises(Reverted, match="KeyNotCanonical"):
        rollup.deposit(alice, 1, public_key=(0, 0, P, 0, 0))
    with pytest.raises(Reverted, match="NoAccount"):
        rollup.request_withdrawal(alice, 1)
    with pytest.raises(Reverted, match="NothingToClaim"):
        rollup.claim(alice)
    with pytest.raises(Reverted, match="RequestsNotQueued"):
        rollup.request_of(0)
    assert rollup.state().requests_queued == 0


def test_a_reorganised_deposit_leaves_nothing(devnet: Devnet, rollup: Rollup) -> None:
    alice, bob = devnet.account(1), devnet.account(2)
    rollup.deposit(alice, 100)
    before, events = rollup.state(), list(read_events(rollup))
    devnet.mine()
    receipt = rollup.deposit(bob, 200)
    undone = [event for event in read_events(rollup) if event.place.block == receipt.block]
    assert len(undone) == 2
    devnet.reorganise(1)
    after = rollup.state()
    assert replace(after, block=before.block) == before
    assert list(read_events(rollup)) == events
    assert rollup.account_of(bob.address) == 0
    assert rollup.token().balance(bob.address) == MINTED
    # Another request takes the number: a batch with the undone one does not fit the queue.
    rollup.deposit(alice, 7)
    batch = next_batch(devnet, rollup)
    done = (deposit_words(1, alice.address, 100), deposit_words(2, bob.address, 200))
    with pytest.raises(Reverted) as refused:
        check(devnet, rollup, replace(batch, requests=done))
    assert refused.value.name == "WrongRequests"
    assert refused.value.arguments["got"] == "0x" + chain_of(*done).hex()


def next_batch(devnet: Devnet, rollup: Rollup) -> Batch:
    time_ms = 1000 * devnet.chain.block_time_s()
    return Batch.next(rollup, rollup.state(), time_ms)


def check(devnet: Devnet, rollup: Rollup, batch: Batch) -> None:
    rollup.check_batch(devnet.account(0).address, batch.submission())


def test_a_batch_without_a_proof_is_refused_by_the_verifier(devnet: Devnet, rollup: Rollup) -> None:
    batch = next_batch(devnet, rollup)
    state = rollup.state()
    with pytest.raises(Reverted) as refused:
        check(devnet, rollup, batch)
    assert refused.value.name == "WrongLength"
    # A proof of something else: its transcript differs from the first challenge on.
    with pytest.raises(Reverted) as refused:
        rollup.submit_batch(devnet.account(0), batch.submission(VECTOR.proof))
    assert refused.value.name in {"ProofOfWork", "FractionLayer"}
    with pytest.raises(Reverted, match="TooManyInstances"):
        rollup.check_batch(devnet.account(0).address, replace(batch.submission(), used=(5, 9)))
    with pytest.raises(Reverted) as refused:
        rollup.submit_batch(devnet.account(0), batch.submission(), gas=2**24)
    assert refused.value.name == "WrongLength"
    assert rollup.state() == replace(state, block=state.block + 1)


def test_only_the_operator_submits(devnet: Devnet, rollup: Rollup) -> None:
    with pytest.raises(Reverted, match="NotOperator"):
        rollup.submit_batch(devnet.account(1), next_batch(devnet, rollup).submission())


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"COMMAND_WORDS": 2}, "WrongDataLength"),
        ({"REQUESTS_COUNT": 1}, "WrongDataLength"),
        ({"FORMAT_VERSION": 2}, "WrongConstant"),
        ({"CHAIN_ID": 1}, "WrongConstant"),
        ({"ROLLUP": 0}, "WrongConstant"),
        ({"TREE_DEPTH": 39}, "WrongConstant"),
        ({"BATCH_NUMBER": 2}, "BatchOutOfOrder"),
        ({"LOG_BEFORE": 1}, "WrongLogBefore"),
        ({"REQUESTS_BEFORE": 1}, "WrongRequestsBefore"),
        ({"FIRST_TIME_MS": START_MS + 1}, "WrongFirstTime"),
        ({"COMMANDS_COUNT": 0}, "EmptyBatch"),
        ({"LAST_TIME_MS": 2**44 - 1}, "TimeAhead"),
    ],
)
def test_a_wrong_batch_is_refused_by_name(
    devnet: Devnet, rollup: Rollup, changed: dict[str, int], name: str
) -> None:
    with pytest.raises(Reverted) as refused:
        check(devnet, rollup, next_batch(devnet, rollup).changing(**changed))
    assert refused.value.name == name
    if name == "WrongConstant":
        (word,) = changed
        assert refused.value.arguments["index"] == Output[word].value


def test_a_batch_of_another_state_is_refused(devnet: Devnet, rollup: Rollup) -> None:
    with pytest.raises(Reverted, match="WrongOldRoot"):
        check(devnet, rollup, replace(next_batch(devnet, rollup), old_root=bytes(32)))


def test_requests_and_withdrawals_must_be_there(devnet: Devnet, rollup: Rollup) -> None:
    alice = devnet.account(1)
    rollup.deposit(alice, 100)
    batch = next_batch(devnet, rollup)
    first = deposit_words(1, alice.address, 100)
    for requests, name in (
        ((first, first), "RequestsNotQueued"),
        ((deposit_words(1, alice.address, 101),), "WrongRequests"),
    ):
        with pytest.raises(Reverted, match=name):
            check(devnet, rollup, replace(batch, requests=requests))
    early = replace(batch, requests=(first,)).changing(LAST_TIME_MS=START_MS)
    with pytest.raises(Reverted, match="RequestFromFuture"):
        check(devnet, rollup, early)
    for amount, name in ((0, "WrongWithdrawal"), (101, "EscrowExceeded")):
        with pytest.raises(Reverted, match=name):
            check(devnet, rollup, replace(batch, withdrawals=((alice.address, amount),)))
