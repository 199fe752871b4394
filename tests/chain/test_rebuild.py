"""The state from the chain alone, and proofs compared with what was accepted."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.chain.flow_venue import DEPOSIT_MICRO, PROGRAM_DIGEST, SEED, FlowVenue
from zkperp import _native
from zkperp._generated.output import Output
from zkperp.chain import Devnet, Rollup
from zkperp.demo.tamper import with_changed_command
from zkperp.errors import BatchMismatch, InvalidInput
from zkperp.settlement.batches import BatchDirectory, ProvenStatement, batch_directories
from zkperp.settlement.compare import compare_with_chain, compare_with_file
from zkperp.settlement.errors import GenesisMismatch, NotOnChain, ProofMismatch
from zkperp.settlement.rebuild import rebuild
from zkperp.settlement.settle import settle


@pytest.fixture(scope="module")
def devnet() -> Iterator[Devnet]:
    with Devnet() as running:
        yield running


@pytest.fixture(scope="module")
def flow_venue(devnet: Devnet) -> FlowVenue:
    return FlowVenue(devnet)


@pytest.fixture(scope="module")
def sealed(flow_venue: FlowVenue, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("batches")
    flow_venue.replay(out, orders=40)
    return out


@pytest.fixture
def venue(devnet: Devnet, flow_venue: FlowVenue) -> Iterator[FlowVenue]:
    """The venue before its first batch; what a test does is undone."""
    before = devnet.chain.rpc("evm_snapshot")
    yield flow_venue
    assert devnet.chain.rpc("evm_revert", before) is True


@pytest.fixture
def batches(venue: FlowVenue, sealed: Path, tmp_path: Path) -> list[BatchDirectory]:
    """Three batches, what stands for their proofs beside them."""
    found = batch_directories(Path(shutil.copytree(sealed, tmp_path / "batches")))
    venue.prove(*found)
    return found


def test_the_state_is_that_of_the_last_batch(
    venue: FlowVenue, batches: list[BatchDirectory], tmp_path: Path
) -> None:
    nothing = rebuild(venue.rollup, venue.genesis)
    assert (nothing.batches, nothing.root) == (0, venue.venue.genesis_root)

    settle(venue.rollup, venue.operator, batches)
    heard: list[int] = []
    rebuilt = rebuild(venue.rollup, venue.genesis, progress=heard.append)
    assert heard == [1, 2, 3]
    assert rebuilt.root == batches[-1].new_root() == venue.rollup.state().root
    assert rebuilt.summary["batch_number"] == 3
    accounts = rebuilt.accounts()
    # One each, and the fund.
    assert len(accounts) == len(venue.venue.requests) + 1 == rebuilt.summary["accounts"]
    for account in accounts:
        shown = _native.batch_account(batches[-1].path, account["account"])
        assert shown is not None
        assert json.loads(shown) == account
    cash = sum(account["cash"] for account in accounts)
    assert cash + rebuilt.summary["fees"] == rebuilt.summary["custody"]
    assert rebuilt.summary["custody"] == len(venue.venue.requests) * DEPOSIT_MICRO - 1_500_000
    orders = sum(len(account["orders"]) for account in accounts)
    assert orders == rebuilt.summary["open_orders"] > 0
    assert _native.batch_account(batches[-1].path, 99) is None

    out = tmp_path / "state"
    rebuilt.save(out)
    saved = json.loads((out / "state.json").read_text())
    assert (saved["root"], saved["account_list"]) == ("0x" + rebuilt.root.hex(), accounts)
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput):
        rebuilt.save(tmp_path / "file")


def test_an_undone_batch_is_not_in_the_state(
    devnet: Devnet, venue: FlowVenue, batches: list[BatchDirectory], tmp_path: Path
) -> None:
    settle(venue.rollup, venue.operator, batches)
    devnet.reorganise(1)
    rebuilt = rebuild(venue.rollup, venue.genesis)
    assert (rebuilt.batches, rebuilt.root) == (2, batches[1].new_root())
    # The tree is, byte for byte, what the third batch starts from.
    rebuilt.save(tmp_path / "state")
    tree = (batches[2].path / "tree.snapshot").read_bytes()
    assert (tmp_path / "state" / "tree.snapshot").read_bytes() == tree


def test_another_genesis_is_refused(venue: FlowVenue) -> None:
    start_ms = venue.venue.genesis_time_ms
    for seed, time_ms in ((SEED + 1, start_ms), (SEED, start_ms + 1)):
        with pytest.raises(GenesisMismatch, match="began from root"):
            rebuild(venue.rollup, _native.devnet_genesis(seed, time_ms))


def test_data_that_do_not_lead_to_the_root_are_named(
    venue: FlowVenue, batches: list[BatchDirectory]
) -> None:
    settle(venue.rollup, venue.operator, batches[:1])
    # A verifier that takes what no proof shows: the double.
    forged, _ = with_changed_command(batches[1].submission())
    venue.accepting.allow(forged)
    venue.rollup.submit_batch(venue.operator, forged)
    with pytest.raises(BatchMismatch, match="batch 2: "):
        rebuild(venue.rollup, venue.genesis)


def test_an_engine_refuses_and_keeps_its_state(batches: list[BatchDirectory]) -> None:
    submission = batches[0].submission()
    read = _native.read_batch(batches[0].path)
    venue = _native.devnet_genesis(SEED, 0)
    engine = _native.Rebuild(venue, 31_337, bytes(20))
    before = engine.root()
    for output in (submission.output, submission.output[:-3], b""):
        with pytest.raises(BatchMismatch):
            engine.apply(read["old_root"], read["new_root"], output)
    assert engine.root() == before


@pytest.fixture
def rollup(venue: FlowVenue, monkeypatch: pytest.MonkeyPatch) -> Rollup:
    """The contract; the double has no program, so its digest is the stand-in's."""
    monkeypatch.setattr(Rollup, "program_digest", lambda _: PROGRAM_DIGEST)
    return venue.rollup


def test_a_proof_is_found_on_the_chain(
    venue: FlowVenue, rollup: Rollup, batches: list[BatchDirectory]
) -> None:
    statements = [ProvenStatement.read(batch.proof_path) for batch in batches]
    settle(rollup, venue.operator, batches[:2])
    for number, statement in enumerate(statements[:2], 1):
        accepted = compare_with_chain(statement, rollup)
        assert (accepted.batch_number, accepted.same_proof) == (number, True)
    other = compare_with_chain(replace(statements[0], proof=b"another"), rollup)
    assert not other.same_proof
    with pytest.raises(NotOnChain, match="batch 3"):
        compare_with_chain(statements[2], rollup)


def test_a_proof_of_something_else_is_not(
    venue: FlowVenue, rollup: Rollup, batches: list[BatchDirectory]
) -> None:
    statement = ProvenStatement.read(batches[0].proof_path)
    settle(rollup, venue.operator, batches[:1])
    roots = statement.roots
    assert roots is not None
    at = 8 * Output.LOG_AFTER
    log = statement.output[:at] + bytes(8) + statement.output[at + 8 :]
    for changed, what in (
        (replace(statement, shape=0), "no contract"),
        (replace(statement, program_digest=bytes(32)), "program digest"),
        (replace(statement, roots=None), "no roots"),
        (replace(statement, roots=(bytes(32), roots[1])), "old root"),
        (replace(statement, roots=(roots[0], bytes(32))), "new root"),
        (replace(statement, output=log), "log chain"),
        (replace(statement, output=statement.output + bytes(8)), "public words"),
        (replace(statement, output=b""), "too short"),
    ):
        with pytest.raises(ProofMismatch, match=what):
            compare_with_chain(changed, rollup)


def test_public_values_of_a_file_are_compared() -> None:
    said = {"program_digest": [1, 2, 3, 4], "roots": [[5] * 4, [6] * 4], "output": [7, 8]}
    path = Path("public.json")
    compare_with_file(said, path, said)
    compare_with_file(said, path, {"output": ["7", "8"]})
    for public, what in (
        ({"output": [7, 9]}, "output"),
        ({"output": [7, 8], "roots": [["5"] * 4, ["5"] * 4]}, "roots"),
        ({"output": [7, 8], "program_digest": None}, "program_digest"),
        ({"roots": [[5] * 4, [6] * 4]}, "no output"),
    ):
        with pytest.raises(ProofMismatch, match=what):
            compare_with_file(said, path, public)
