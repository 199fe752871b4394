"""Batches go to the contract in order; whatever breaks off is carried on, and loses nothing."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount

from tests.chain.flow_venue import DEPOSIT_MICRO, FlowVenue
from zkperp import _native
from zkperp.chain import (
    BatchSubmission,
    ChainUnreachable,
    Devnet,
    Receipt,
    Rollup,
    TransactionRefused,
)
from zkperp.errors import InvalidBatch, InvalidProof
from zkperp.settlement.batches import BatchDirectory, batch_directories
from zkperp.settlement.deposits import queue_deposits
from zkperp.settlement.errors import (
    BatchRefused,
    ChainBehind,
    NotOperator,
    NotProven,
    OtherRoot,
    ProofMismatch,
    RequestsDiffer,
    WrongRollup,
)
from zkperp.settlement.keys import trader_account
from zkperp.settlement.settle import settle


@pytest.fixture(scope="module")
def devnet() -> Iterator[Devnet]:
    with Devnet() as running:
        yield running


@pytest.fixture(scope="module")
def flow_venue(devnet: Devnet) -> FlowVenue:
    return FlowVenue(devnet)


@pytest.fixture
def venue(devnet: Devnet, flow_venue: FlowVenue) -> Iterator[FlowVenue]:
    """The venue before its first batch; what a test does is undone."""
    before = devnet.chain.rpc("evm_snapshot")
    yield flow_venue
    assert devnet.chain.rpc("evm_revert", before) is True


@pytest.fixture(scope="module")
def sealed(flow_venue: FlowVenue, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("batches")
    flow_venue.replay(out)
    return out


@pytest.fixture
def batches(sealed: Path, tmp_path: Path) -> list[BatchDirectory]:
    """Three batches, none proven."""
    return batch_directories(Path(shutil.copytree(sealed, tmp_path / "batches")))


def test_proven_batches_are_settled_in_order_and_once(
    venue: FlowVenue, batches: list[BatchDirectory]
) -> None:
    venue.prove(*batches[:2])
    heard: list[int] = []
    first = settle(venue.rollup, venue.operator, batches, submitting=heard.append)
    assert (first.before, first.unproven, heard) == (0, [3], [1, 2])
    assert [batch.number for batch in first.settled] == [1, 2]
    for done, directory in zip(first.settled, batches, strict=False):
        assert done.new_root == directory.new_root() == venue.rollup.root_of(done.number)
        assert done.calldata_bytes > done.data_bytes + done.proof_bytes
        assert 21_000 < done.gas_used < 2**24

    venue.prove(batches[2])
    second = settle(venue.rollup, venue.operator, batches)
    assert (second.before, second.unproven) == (2, [])
    assert [batch.number for batch in second.settled] == [3]
    third = settle(venue.rollup, venue.operator, batches)
    assert (third.before, third.settled) == (3, [])

    # The withdrawal at the end of the last batch is the owner's to claim.
    owner = trader_account(venue.venue.seed, 2)
    venue.rollup.claim(owner)
    assert venue.rollup.token().balance(owner.address) == 1_500_000
    accounts = len(venue.venue.requests)
    assert venue.rollup.state().escrow == accounts * DEPOSIT_MICRO - 1_500_000


def test_a_lost_answer_loses_nothing(
    venue: FlowVenue, batches: list[BatchDirectory], monkeypatch: pytest.MonkeyPatch
) -> None:
    venue.prove(*batches)
    submit = Rollup.submit_batch

    def lost(rollup: Rollup, operator: LocalAccount, batch: BatchSubmission) -> Receipt:
        submit(rollup, operator, batch)
        message = "no answer"
        raise ChainUnreachable(message)

    monkeypatch.setattr(Rollup, "submit_batch", lost)
    with pytest.raises(ChainUnreachable):
        settle(venue.rollup, venue.operator, batches)
    monkeypatch.undo()
    again = settle(venue.rollup, venue.operator, batches)
    assert (again.before, [batch.number for batch in again.settled]) == (1, [2, 3])


def test_an_undone_batch_is_submitted_again(
    devnet: Devnet, venue: FlowVenue, batches: list[BatchDirectory]
) -> None:
    venue.prove(*batches)
    settle(venue.rollup, venue.operator, batches)
    devnet.reorganise(2)
    assert venue.rollup.state().batch_number == 1
    again = settle(venue.rollup, venue.operator, batches)
    assert (again.before, [batch.number for batch in again.settled]) == (1, [2, 3])
    assert venue.rollup.state().root == batches[-1].new_root()


def test_nothing_proven_is_named(venue: FlowVenue, batches: list[BatchDirectory]) -> None:
    with pytest.raises(NotProven, match="prove-batch"):
        settle(venue.rollup, venue.operator, batches)
    # A proof behind a gap does not help.
    venue.prove(batches[1])
    with pytest.raises(NotProven, match="batch-000001"):
        settle(venue.rollup, venue.operator, batches)
    assert venue.rollup.state().batch_number == 0


def test_only_the_operator_settles(venue: FlowVenue, batches: list[BatchDirectory]) -> None:
    venue.prove(*batches)
    with pytest.raises(NotOperator, match=r"operator is 0xf39F.*0x7099"):
        settle(venue.rollup, venue.accepting.devnet.account(1), batches)


def test_a_refused_proof_stops_before_it_is_sent(
    venue: FlowVenue, batches: list[BatchDirectory]
) -> None:
    venue.prove(*batches)
    content = batches[1].proof_path.read_bytes()
    batches[1].proof_path.write_bytes(content + b"!")
    sent = venue.rollup.chain.transactions(venue.operator.address)
    with pytest.raises(BatchRefused) as refused:
        settle(venue.rollup, venue.operator, batches)
    assert (refused.value.number, refused.value.error_code) == (2, "batch-refused")
    assert venue.rollup.chain.transactions(venue.operator.address) == sent + 1
    batches[1].proof_path.write_bytes(content)
    assert settle(venue.rollup, venue.operator, batches).before == 1


def test_a_proof_of_something_else_is_not_sent(
    venue: FlowVenue, batches: list[BatchDirectory]
) -> None:
    venue.prove(*batches)
    own = batches[0].proof_path.read_bytes()
    batches[0].proof_path.write_bytes(batches[1].proof_path.read_bytes())
    with pytest.raises(ProofMismatch, match="another batch"):
        settle(venue.rollup, venue.operator, batches)
    root = batches[0].new_root()
    batches[0].proof_path.write_bytes(own.replace(root, bytes(32), 1))
    with pytest.raises(ProofMismatch, match="other roots"):
        settle(venue.rollup, venue.operator, batches)
    batches[0].proof_path.write_bytes(own[:40])
    with pytest.raises(InvalidProof, match=r"batch\.proof: .*ends early"):
        settle(venue.rollup, venue.operator, batches)


def test_a_changed_directory_is_not_sent(venue: FlowVenue, batches: list[BatchDirectory]) -> None:
    venue.prove(*batches)
    log = batches[0].path / "commands.log"
    log.write_bytes(log.read_bytes()[:-1])
    with pytest.raises(InvalidBatch, match=r"commands\.log"):
        settle(venue.rollup, venue.operator, batches)
    (batches[0].path / "batch.json").write_text("{}")
    with pytest.raises(InvalidBatch, match=r"batch\.json"):
        batches[0].summary()


def test_another_history_is_not_continued(
    venue: FlowVenue, batches: list[BatchDirectory], tmp_path: Path
) -> None:
    venue.prove(*batches)
    settle(venue.rollup, venue.operator, batches[:1])
    other = venue.replay(tmp_path / "other", orders=5)
    with pytest.raises(OtherRoot, match="accepted another batch 1"):
        settle(venue.rollup, venue.operator, other)
    with pytest.raises(OtherRoot, match="next batch is 2"):
        settle(venue.rollup, venue.operator, batches[2:])
    venue.prove(other[1])
    with pytest.raises(OtherRoot, match="starts from root"):
        settle(venue.rollup, venue.operator, [other[1]])


def test_batches_of_another_contract_are_not_sent(
    devnet: Devnet, venue: FlowVenue, batches: list[BatchDirectory]
) -> None:
    venue.prove(*batches)
    other = FlowVenue(devnet)
    with pytest.raises(WrongRollup, match="another chain or contract"):
        settle(other.rollup, other.operator, batches)


def test_a_chain_behind_is_waited_for_or_moved(venue: FlowVenue, tmp_path: Path) -> None:
    batches = venue.replay(tmp_path / "later", batches=1, later_ms=600_000)
    venue.prove(*batches)
    with pytest.raises(ChainBehind) as behind:
        settle(venue.rollup, venue.operator, batches)
    assert 500 < behind.value.seconds <= 541
    moved = settle(venue.rollup, venue.operator, batches, move_clock=True)
    assert [batch.number for batch in moved.settled] == [1]


def test_an_operator_without_ether_is_told_so(devnet: Devnet, tmp_path: Path) -> None:
    poor = FlowVenue(devnet, Account.from_key(bytes(31) + b"\x07"))
    batches = poor.replay(tmp_path, batches=1)
    poor.prove(*batches)
    with pytest.raises(TransactionRefused, match="has 0 wei"):
        settle(poor.rollup, poor.operator, batches)


def test_a_chain_that_went_down_is_named(tmp_path: Path) -> None:
    with Devnet() as gone:
        venue = FlowVenue(gone)
        batches = venue.replay(tmp_path, batches=1)
        venue.prove(*batches)
    with pytest.raises(ChainUnreachable, match=r"http://127\.0\.0\.1:\d+: no answer"):
        settle(venue.rollup, venue.operator, batches)


def test_broken_off_deposits_are_carried_on(devnet: Devnet) -> None:
    venue = FlowVenue(devnet)
    requests = venue.venue.requests
    # Nothing is queued twice, and the times are found again.
    times = queue_deposits(venue.rollup, devnet.account(0), venue.venue.seed, requests)
    assert tuple(times) == venue.venue.request_times_s
    assert venue.rollup.state().requests_queued == len(requests)
    other = [(*words[:5], words[5] + 1, *words[6:]) for words in requests]
    with pytest.raises(RequestsDiffer, match="first 6 requests"):
        queue_deposits(venue.rollup, devnet.account(0), venue.venue.seed, other)


def test_directories_are_found_by_number(batches: list[BatchDirectory], tmp_path: Path) -> None:
    with pytest.raises(InvalidBatch, match="no such folder"):
        batch_directories(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidBatch, match="no batch directory"):
        batch_directories(tmp_path / "empty")
    shutil.rmtree(batches[1].path)
    with pytest.raises(InvalidBatch, match="batch 2 is missing"):
        batch_directories(batches[0].path.parent)
    renamed = replace(batches[0], number=7)
    with pytest.raises(InvalidBatch, match="batch 1 in the directory of another"):
        renamed.summary()
    assert _native.read_batch(batches[0].path)["new_root"] == batches[0].new_root()
