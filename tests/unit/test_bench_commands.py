"""The cost table: shares and parts add up, and every kind of command is in it."""

import json
from typing import Any

import pytest

from tests.unit.test_proofs import command
from zkperp._generated.codes import Kind
from zkperp.bench_commands import CommandCosts, bench_commands, costs_of
from zkperp.cli.bench_costs import cost_lines
from zkperp.errors import InvalidInput

SIGNATURE = [0, 9, 4, 1]
FIXED = [10, 40, 2, 0]


def _made(kind: str, units: list[int], *, fills: int = 0) -> dict[str, Any]:
    return {"kind": kind, "request": None, "fills": fills, "units": units}


def _batch(commands: list[dict[str, Any]]) -> dict[str, Any]:
    sizes = [
        ("cpu", 17, 1, 10),
        ("memory", 9, 4, 9),
        ("poseidon2", 96, 1, 6),
        ("schnorr", 72, 1, 3),
    ]
    names = ("name", "width", "units_per_row", "log_rows")
    return {
        "batch_number": 1,
        "shape": 2,
        "tables": [dict(zip(names, size, strict=True)) for size in sizes],
        "commands": commands,
        "fixed": FIXED,
        "signature": SIGNATURE,
        "functions": {"cancel": {"a": 30, "b": 70}},
    }


def _made_costs() -> CommandCosts:
    flow = _batch(
        [
            _made("cancel", [100, 80, 8, 1]),
            _made("cancel", [120, 80, 8, 1]),
            _made("place", [150, 160, 9, 1]),
            _made("place", [200, 240, 10, 1], fills=1),
        ]
    )
    beside = _batch([_made("place", [290, 400, 12, 1], fills=2), _made("time", [20, 30, 3, 0])])
    beside["functions"] = {}
    return costs_of("made up", [flow], [beside])


def test_costs_are_apart_by_kind_and_by_fills() -> None:
    costs = {cost.command: cost for cost in _made_costs().costs}
    assert list(costs) == [
        "time",
        "place, no fill",
        "place, 1 fill",
        "place, 2 fills or more",
        "cancel",
        "batch",
        "padding",
    ]
    cancel = costs["cancel"]
    assert (cancel.count, cancel.steps) == (2, (100, 120))
    assert cancel.units == {"cpu": 110, "memory": 80, "poseidon2": 8, "schnorr": 1}
    assert cancel.cells == 110 * 17 + 80 * 9 / 4 + 8 * 96 + 72
    # What is beside the flow has no share; all else is the whole proof.
    assert costs["time"].share is None
    assert costs["place, 2 fills or more"].share is None
    assert sum(cost.share or 0 for cost in costs.values()) == pytest.approx(1)
    size = (17 << 10) + (9 << 9) + (96 << 6) + (72 << 3)
    assert cancel.share == pytest.approx(2 * cancel.cells / size)
    assert sum(table.share for table in _made_costs().tables) == pytest.approx(1)


def test_a_match_is_what_a_further_fill_adds_and_a_signature_one_row() -> None:
    match, signature = _made_costs().parts
    assert (match.count, match.steps) == (3, (90,))
    assert match.units["memory"] == pytest.approx(160)
    assert (signature.count, signature.cells) == (5, 9 * 9 / 4 + 4 * 96 + 72)


def test_what_was_not_seen_is_named() -> None:
    costs = _made_costs()
    assert "amend" in costs.unmeasured
    assert "request deposit" in costs.unmeasured
    assert "cancel" not in costs.unmeasured
    assert costs.functions == {"cancel": {"b": 35, "a": 15}}


def test_real_batches_are_whole_and_every_kind_is_seen() -> None:
    costs = bench_commands(None, batch_orders=40, batches=2)
    assert costs.unmeasured == []
    seen = {cost.command.partition(",")[0].partition(" ")[0] for cost in costs.costs}
    assert {kind.name.lower() for kind in Kind} <= seen
    assert sum(cost.share or 0 for cost in costs.costs) == pytest.approx(1)
    assert [part.command for part in costs.parts] == ["match, each further fill", "signature"]
    text = "\n".join(cost_lines(costs, functions=1))
    for part in (costs.input, "place, 1 fill", "padding", "signature", "schnorr_sum", "cancel: "):
        assert part in text


def test_no_batch_is_no_table() -> None:
    with pytest.raises(InvalidInput, match="at least one batch"):
        bench_commands(None, batch_orders=4, batches=0)


def test_the_command_prints_one_object() -> None:
    result = command("bench", "commands", "--batch-orders", "40", "--batches", "1", "--json")
    assert result.returncode == 0, result.stderr
    content = json.loads(result.stdout)
    assert "cores" in content["machine"]
    assert content["batches"][0]["steps"] > 0
    cancel = next(cost for cost in content["results"] if cost["command"] == "cancel")
    assert cancel["steps"]["min"] <= cancel["steps"]["median"] <= cancel["steps"]["max"]
    assert cancel["units"]["schnorr"] == 1
