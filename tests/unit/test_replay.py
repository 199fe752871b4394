"""`zkperp replay`: unusable rows, options out of bounds, output that is whole or not there."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.unit.test_proofs import command
from zkperp.cli.main import app
from zkperp.cli.replay_report import lines, shape_warnings
from zkperp.errors import InvalidInput
from zkperp.settlement.devnet import built_in_shape

HEADER = "seq,op,order_id,side,price,size"
ORDERS = [
    f"{n},place,{n},buy,{60_000 - n},0.5" if n % 2 else f"{n},place,{n},sell,{60_000 + n},0.5"
    for n in range(1, 31)
]
FEW = ("--traders", "2", "--batch-orders", "10", "--batches", "2")


def names(folder: Path) -> list[str]:
    """Everything in a folder, hidden or not."""
    return sorted(path.name for path in folder.iterdir())


def feed(folder: Path, *rows: str | bytes) -> Path:
    path = folder / "feed.csv"
    encoded = [row if isinstance(row, bytes) else row.encode() for row in (HEADER, *rows)]
    path.write_bytes(b"\n".join(encoded) + b"\n")
    return path


def replayed(*arguments: str | Path) -> dict[str, Any]:
    result = CliRunner().invoke(app, ["replay", *map(str, arguments), "--json"])
    assert result.exit_code == 0, result.output
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def refusal(*arguments: str | Path) -> str:
    """Return what a replay is refused with: a typed error, or click's usage error."""
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["replay", *map(str, arguments)])
    if result.exit_code == 2:
        return result.stderr
    assert isinstance(result.exception, InvalidInput), result.exception
    return str(result.exception)


def test_unusable_rows_are_counted_and_change_nothing(tmp_path: Path) -> None:
    clean = replayed(feed(tmp_path, *ORDERS), "--out", tmp_path / "clean", *FEW)
    assert (clean["malformed"], clean["rounds_to_zero"], clean["first_lines"]) == ({}, 0, {})
    bad: list[str | bytes] = [
        "1,place,9,buy",
        "",
        "1,move,9,buy,1,1",
        "1,place,x,buy,1,1",
        "1,place,9,long,1,1",
        "1,place,9,buy,-1,1",
        "1,place,9,buy,1,NaN",
        "1,place,9,sell,99999999999999999999,1",
        "1,place,9,buy,1,99999999999999999999",
        "1,place,9,buy,1,0",
        "1,place,9,buy,60000,0.000001",
        b"1,place,9,\xff,1,1",
    ]
    path = feed(tmp_path, *ORDERS[:3], *bad, *ORDERS[3:])
    mixed = replayed(path, "--out", tmp_path / "mixed", *FEW)
    assert mixed["malformed"] == {
        "fields": 2,
        "op": 1,
        "order_id": 1,
        "price": 1,
        "price_too_large": 1,
        "side": 1,
        "size": 1,
        "size_too_large": 1,
        "text": 1,
    }
    assert mixed["rounds_to_zero"] == 2
    first = mixed["first_lines"]
    assert (first["fields"], first["op"], first["rounds_to_zero"], first["text"]) == (5, 7, 14, 16)
    assert mixed["batches"] == clean["batches"]


def test_the_text_names_refusals_and_counts(tmp_path: Path) -> None:
    rows = ("1,cancel,77,buy,,", "2,amend,78,buy,59000,1", "3,place", *ORDERS)
    path = feed(tmp_path, *rows)
    result = command("replay", path, "--out", tmp_path / "out", *FEW)
    assert result.returncode == 0, result.stderr
    assert "2 batches, " in result.stdout
    assert "20 orders, 0 trades, 2 ticks, 0 fundings" in result.stdout
    assert "rows left out: malformed fields: 1 (first on line 4)\n" in result.stdout
    assert "refused, by code: 3005 unknown_order: 2\n" in result.stdout
    report = replayed(path, "--out", tmp_path / "out", *FEW)
    assert report["batch_count"] == len(report["batches"]) == 2
    assert report["warnings"] == []


def test_a_feed_without_a_usable_row_is_refused(tmp_path: Path) -> None:
    path = feed(tmp_path, "nonsense", "1,place,9,buy,1,0")
    why = refusal(path, "--out", tmp_path / "out", *FEW)
    assert "no row that can be used (fields: 1, first on line 2, rounds_to_zero" in why
    assert names(tmp_path) == ["feed.csv"]


@pytest.mark.parametrize(
    ("pair", "why"),
    [
        ("99:5", "no such account"),
        ("1:200000000000000", "withdrawal was refused"),
        ("1:99999999999999999999999", "amounts are 1 to"),
        ("1:" + "9" * 5_000, "expected ACCOUNT:MICRO_USDC"),
        ("1:0", "amounts are 1 to"),
        ("0:1", "accounts are 1 to"),
        ("4294967296:1", "accounts are 1 to"),
        ("1:-5", "expected ACCOUNT:MICRO_USDC"),
        ("1", "expected ACCOUNT:MICRO_USDC"),
    ],
)
def test_a_refused_withdrawal_leaves_nothing(tmp_path: Path, pair: str, why: str) -> None:
    out = tmp_path / "out"
    assert why in refusal("--out", out, *FEW, "--withdraw", pair)
    assert names(tmp_path) == []


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "batch-000001").mkdir()
    (tmp_path / "batch-000001/old").write_text("of an earlier replay")
    refusal("--out", tmp_path, *FEW, "--withdraw", "1:200000000000000")
    assert names(tmp_path) == ["batch-000001", "notes.txt"]
    assert names(tmp_path / "batch-000001") == ["old"]
    replayed("--out", tmp_path, *FEW)
    assert names(tmp_path) == ["batch-000001", "batch-000002", "notes.txt", "venue.json"]
    assert "old" not in names(tmp_path / "batch-000001")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--deposit", "99999999999999"),
        ("--deposit", "0"),
        ("--start-time-ms", "-5"),
        ("--start-time-ms", str(2**44)),
        ("--seed", str(10**23)),
        ("--seed", "-1"),
        ("--batch-orders", str(10**23)),
        ("--batches", str(10**23)),
        ("--traders", "100000"),
        ("--traders", "10001"),
        ("--price-interval-ms", "0"),
    ],
)
def test_options_have_bounds(tmp_path: Path, option: str, value: str) -> None:
    assert option in refusal("--out", tmp_path / "out", option, value)
    assert names(tmp_path) == []


def test_options_hold_at_their_bounds(tmp_path: Path) -> None:
    few = ("--traders", "2", "--batch-orders", "4", "--batches", "1", "--out", tmp_path)
    most = 144_115_188_075_855_872 // 1_000_000 // 3
    assert replayed(*few, "--deposit", str(most))["accepted"] == 4
    assert f"at most {most} USDC" in refusal(*few, "--deposit", str(most + 1))
    assert replayed(*few, "--seed", str(2**64 - 1))["accepted"] == 4
    assert replayed(*few, "--start-time-ms", "0")["accepted"] == 4
    assert refusal(*few, "--start-time-ms", str(2**44 - 1))


def test_prices_come_as_often_as_asked_for_and_hours_are_funded(tmp_path: Path) -> None:
    # The first of these rows is 100 ms before an hour of program time, a row takes 10 ms.
    start_ms = 1_700_002_800_000 - 100
    few = ("--traders", "2", "--batch-orders", "20", "--batches", "1", "--out", tmp_path)
    at = ("--start-time-ms", str(start_ms))
    report = replayed(*few, *at, "--price-interval-ms", "50")
    assert report["fundings"] == 1
    often = report["ticks"]
    assert often >= 2 * 3
    # Three oracle keys say each price.
    assert report["signatures"][0] == 20 + 3 * often // 2
    rarely = replayed(*few, *at)
    assert (rarely["ticks"], rarely["fundings"]) == (2, 1)


def test_a_venue_file_settles_traders_deposit_and_seed(tmp_path: Path) -> None:
    replayed("--out", tmp_path, *FEW)
    venue = ("--venue", tmp_path / "venue.json", "--out", tmp_path / "again")
    for given in (("--traders", "2"), ("--deposit", "5"), ("--seed", "1")):
        assert f"{given[0]}: not with --venue" in refusal(*venue, *given)
    assert names(tmp_path) == ["batch-000001", "batch-000002", "venue.json"]


def test_batches_beyond_the_on_chain_shape_are_warned_of(tmp_path: Path) -> None:
    _, program = built_in_shape()
    most = program.capacities[-1]

    def result(signatures: int, words: int) -> dict[str, Any]:
        batch = {"batch_number": 7, "data_bytes": 8 * words}
        return {"batches": [batch], "signatures": [signatures]}

    assert shape_warnings(result(most, program.output_capacity)) == []
    (warning,) = shape_warnings(result(most + 1, program.output_capacity))
    assert "batch 7 is too large" in warning
    assert "513 signatures of at most 512" in warning
    (warning,) = shape_warnings(result(most, program.output_capacity + 1))
    assert "4,078 output words of at most 4,077" in warning

    few = ("--traders", "2", "--batches", "1", "--out", tmp_path)
    report = replayed("--batch-orders", "530", *few)
    assert report["signatures"][0] > most
    assert "signatures of at most" in report["warnings"][0]
    assert any(line.startswith("warning: batch 1 ") for line in lines(report))
