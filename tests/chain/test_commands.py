"""The commands that need a chain, on a venue whose verifier is the double."""

import json
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.chain.flow_venue import SEED, FlowVenue
from zkperp.chain import Devnet
from zkperp.cli.main import main
from zkperp.settlement.batches import batch_directories
from zkperp.settlement.keys import TRADER_VARIABLE, trader_account
from zkperp.settlement.settle import settle
from zkperp.settlement.venue import FILE_NAME


@pytest.fixture(scope="module")
def devnet() -> Iterator[Devnet]:
    with Devnet() as running:
        yield running


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def run(*arguments: object, **environment: str) -> Done:
    """Run a command in this process."""
    stdout, stderr, code = StringIO(), StringIO(), 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(stdout), redirect_stderr(stderr):
        patch.setattr(sys, "argv", ["zkperp", *map(str, arguments)])
        for name, value in environment.items():
            patch.setenv(name, value)
        try:
            main()
        except SystemExit as stopped:
            code = int(stopped.code or 0)
    return Done(code, stdout.getvalue(), stderr.getvalue())


def result(*arguments: object, **environment: str) -> dict[str, Any]:
    done = run(*arguments, "--json", **environment)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def refusal(*arguments: object, **environment: str) -> str:
    """The code of the error; nothing else is on stdout."""
    done = run(*arguments, "--json", **environment)
    assert done.returncode == 1, done.stdout
    error = json.loads(done.stdout)["error"]
    assert done.stderr == f"zkperp: {error['message']}\n"
    return str(error["code"])


def test_money_goes_in_and_out_by_requests(devnet: Devnet, tmp_path: Path) -> None:
    venue = FlowVenue(devnet)
    file = tmp_path / "venue.json"
    venue.venue.save(file)
    where = ("--rpc", devnet.url, "--venue", file)

    # A first batch from the file alone; it is settled.
    first = tmp_path / "first"
    replayed = result(
        "replay", "--venue", file, "--out", first, "--batches", 1, "--batch-orders", 6
    )
    assert replayed["accepted"] == 6
    assert json.loads((first / FILE_NAME).read_text()) == json.loads(file.read_text())
    batches = batch_directories(first)
    venue.prove(*batches)
    settle(venue.rollup, venue.operator, batches)

    # A trader adds to its account, another one asks for everything; a stranger can't.
    deposited = result("deposit", "12.5", *where, "--trader", 1, "--mint")
    assert (deposited["account"], deposited["requests_queued"]) == (1, 7)
    key = trader_account(SEED, 6).key.hex()
    asked = result("withdraw", "250000", *where, **{TRADER_VARIABLE: key})
    assert (asked["account"], asked["requests_queued"], asked["requests_done"]) == (6, 8, 6)
    both = ("--trader", 1, "--key-file", tmp_path)
    assert refusal("withdraw", "1", *where, *both) == "invalid-input"
    assert refusal("withdraw", "1", *where, "--key-file", tmp_path) == "invalid-key"
    assert refusal("withdraw", "1", *where, "--seed", 1) == "invalid-key"
    assert refusal("deposit", "1", *where, "--trader", 2) == "tokens-missing"
    assert "has 0.000000 USDC" in run("deposit", "1", *where, "--trader", 2).stderr
    assert refusal("deposit", "0.0000001", *where, "--trader", 2) == "invalid-input"
    assert refusal("claim", *where, "--trader", 6) == "reverted"

    # The next batch goes on from the chain and executes both.
    second = tmp_path / "second"
    again = ("replay", *where, "--out", second, "--batches", 1, "--batch-orders", 6)
    assert refusal(*again, "--start-time-ms", 5) == "invalid-input"
    replayed = result(*again)
    (summary,) = replayed["batches"]
    assert (summary["batch_number"], summary["requests"], summary["withdrawals"]) == (2, 2, 1)
    batches = batch_directories(second)
    venue.prove(*batches)
    assert [batch.number for batch in settle(venue.rollup, venue.operator, batches).settled] == [2]

    before = result("account", *where, "--trader", 6)
    assert (before["account"], before["credit"], before["token_balance"]) == (6, 250_000 * 10**6, 0)
    claimed = result("claim", *where, "--trader", 6)
    assert claimed["claimed"] == claimed["token_balance"] == 250_000 * 10**6
    shown = result("account", batches[0].path, "--account", 6)
    assert shown["cash"] == 10**12 - 250_000 * 10**6
    assert "margin" in run("account", batches[0].path, "--account", 6).stdout
    assert refusal("account", batches[0].path, "--account", 60) == "invalid-input"
    assert refusal("account", batches[0].path) == "invalid-input"
    assert refusal("account") == "invalid-input"

    rebuilt = result("rebuild", *where, "--out", tmp_path / "state")
    assert (rebuilt["batches"], rebuilt["equal_root"]) == (2, True)
    assert rebuilt["root"] == "0x" + venue.rollup.state().root.hex()
    by_seed = result(
        "rebuild", "--rpc", devnet.url, "--rollup", venue.rollup.address, "--seed", SEED
    )
    assert by_seed["root"] == rebuilt["root"]
    other = ("rebuild", "--rpc", devnet.url, "--rollup", venue.rollup.address)
    assert refusal(*other) == "genesis-mismatch"


def test_a_venue_is_deployed_and_its_deposits_queued(devnet: Devnet, tmp_path: Path) -> None:
    file = tmp_path / "venue.json"
    options = ("--rpc", devnet.url, "--out", file, "--traders", 1, "--deposit", 500, "--seed", 4)
    deployed = result("deploy", *options)
    assert deployed["accounts"] == 2
    again = result("deploy", *options)
    assert again == deployed
    account = result("account", "--rpc", devnet.url, "--venue", file, "--trader", 2)
    assert account["account"] == 2
    # The double is not the batch program's verifier; this one is.
    out = tmp_path / "batches"
    result("replay", "--venue", file, "--out", out, "--batches", 1, "--batch-orders", 1)
    assert refusal("settle", out, "--rpc", devnet.url) == "not-proven"
    rebuilt = result("rebuild", "--rpc", devnet.url, "--venue", file)
    assert rebuilt["batches"] == 0


def test_nothing_is_deployed_that_leads_nowhere(tmp_path: Path) -> None:
    result("replay", "--out", tmp_path, "--batches", 1, "--batch-orders", 1, "--traders", 1)
    nowhere = tmp_path / "nowhere" / "venue.json"
    with Devnet() as fresh:
        assert refusal("settle", tmp_path, "--rpc", fresh.url) == "not-proven"
        assert refusal("deploy", "--out", nowhere, "--rpc", fresh.url) == "invalid-input"
        assert fresh.chain.block_number() == 0


def test_a_chain_that_is_down_is_named() -> None:
    assert refusal("rebuild", "--rpc", "http://127.0.0.1:9") == "chain-unreachable"
    assert refusal("claim", "--rpc", "http://127.0.0.1:9", "--trader", 1) == "chain-unreachable"
