"""`zkperp inspect`: a batch in readable form, and a changed directory that is refused by name."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.test_proofs import command

SIZE = 40


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("inspected")
    flow = ("--traders", "4", "--batch-orders", str(SIZE), "--batches", "1")
    result = command("replay", "--out", out, *flow, "--withdraw", "1:25000000")
    assert result.returncode == 0, result.stderr
    return out / "batch-000001"


def test_the_object_has_commands_events_roots_and_bytes(batch: Path) -> None:
    result = command("inspect", batch, "--json")
    assert result.returncode == 0, result.stderr
    shown = json.loads(result.stdout)
    summary = json.loads((batch / "batch.json").read_text())
    for name in ("batch_number", "chain_id", "old_root", "new_root", "last_time_ms"):
        assert shown[name] == summary[name]
    assert len(shown["commands"]) == summary["commands"]
    assert shown["public_words"]["commands_count"] == str(summary["commands"])
    data = shown["data_bytes"]
    parts = [data[name] for name in ("fixed", "requests", "withdrawals", "commands")]
    assert sum(parts) == data["all"] == summary["data_bytes"]
    assert 0 < shown["bytes_per_command"] <= 32
    words = sum(len(shown_command["record"]) for shown_command in shown["commands"])
    assert data["commands"] == 8 * words
    kinds = {shown_command["kind"] for shown_command in shown["commands"]}
    assert {"request", "oracle_report", "tick", "place", "withdraw"} <= kinds
    (paid,) = shown["withdrawals"]
    assert paid["amount"] == 25 * 10**6
    events = {event["type"] for entry in shown["commands"] for event in entry["events"]}
    assert {
        "deposit",
        "key_set",
        "oracle_report",
        "mark",
        "order_rested",
        "withdrawal",
    } <= events


def test_the_lines_name_roots_commands_and_events(batch: Path) -> None:
    result = command("inspect", batch)
    assert result.returncode == 0, result.stderr
    parts = (
        "old root",
        "new root",
        "bytes a command",
        "order_rested: order 1 of account",
        "oracle_report: key 2, market 0 at ",
        "tick: market 1: index ",
        "mark: market 0 at ",
    )
    for part in parts:
        assert part in result.stdout
    short = command("inspect", batch, "--first", "3").stdout
    assert "commands more" in short
    assert len(short.splitlines()) < len(result.stdout.splitlines())


def cut(content: bytes) -> bytes:
    return content[:-9]


def flip(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize("spoil", [cut, flip])
@pytest.mark.parametrize("name", ["tree.snapshot", "commands.log", "events.log", "batch.json"])
def test_a_changed_file_is_named(
    batch: Path, tmp_path: Path, name: str, spoil: Callable[[bytes], bytes]
) -> None:
    changed = tmp_path / "batch-000001"
    shutil.copytree(batch, changed)
    (changed / name).write_bytes(spoil((batch / name).read_bytes()))
    result = command("inspect", changed)
    assert result.returncode == 1
    assert result.stdout == ""
    assert name in result.stderr


@pytest.mark.parametrize("name", ["tree.snapshot", "commands.log", "events.log", "batch.json"])
def test_a_missing_file_is_named(batch: Path, tmp_path: Path, name: str) -> None:
    changed = tmp_path / "batch-000001"
    shutil.copytree(batch, changed)
    (changed / name).unlink()
    result = command("inspect", changed, "--json")
    assert result.returncode == 1
    assert json.loads(result.stdout)["error"]["code"] == "invalid-batch"
    assert name in result.stderr


def test_what_is_no_batch_is_refused(tmp_path: Path) -> None:
    result = command("inspect", tmp_path / "nothing")
    assert result.returncode == 1
    assert "nothing" in result.stderr


def test_events_of_another_batch_are_refused(batch: Path, tmp_path: Path) -> None:
    changed = tmp_path / "batch-000001"
    shutil.copytree(batch, changed)
    log = (batch / "events.log").read_bytes()
    # The last frame goes: what is left is a whole log.
    at, end = 40, 0
    while at < len(log):
        end, at = at, at + 8 + int.from_bytes(log[at : at + 4], "big")
    (changed / "events.log").write_bytes(log[:end])
    result = command("inspect", changed)
    assert result.returncode == 1
    assert "events.log, entry" in result.stderr
