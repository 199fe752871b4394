"""What each kind of command costs to prove: steps, accesses, cells and its share of the proof."""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from zkperp import _native
from zkperp._generated.codes import Kind, RequestKind
from zkperp.bench_batches import SEED, flow_name, seal_batches
from zkperp.errors import InvalidInput

__all__ = ["CommandCosts", "Cost", "bench_commands", "costs_of"]

STEPS: Final = "cpu"
"""The table with one row a step."""


@dataclass(frozen=True)
class Table:
    """One table of the proof.

    Attributes:
        name: its name.
        width: columns.
        units_per_row: units that share a row: memory has four cells in one.
        rows: its height, the greatest of the batches'.
        used: rows that the measured batches use, their mean.
        share: its part of the proof's cells.
    """

    name: str
    width: int
    units_per_row: int
    rows: int
    used: float
    share: float


@dataclass(frozen=True)
class Cost:
    """What the commands of one kind need, each.

    Attributes:
        command: the kind and what sets its commands apart.
        count: commands measured.
        steps: Cairo steps of each.
        units: mean of each table's units, by name; `cpu` has the steps, `state` the accesses,
            `memory` the cells.
        cells: mean of the proof's cells.
        share: part of the proof's cells that all of them are in a batch of the flow; None: they
            are a part of others, or occur beside the flow only.
    """

    command: str
    count: int
    steps: tuple[float, ...]
    units: dict[str, float]
    cells: float
    share: float | None

    def as_dict(self) -> dict[str, Any]:
        """Return the cost for a machine."""
        return {
            "command": self.command,
            "count": self.count,
            "steps": {
                "median": statistics.median(self.steps),
                "mean": statistics.fmean(self.steps),
                "min": min(self.steps),
                "max": max(self.steps),
            },
            "units": self.units,
            "cells": self.cells,
            "share": self.share,
        }


@dataclass(frozen=True)
class CommandCosts:
    """The cost table.

    Attributes:
        input: what was measured.
        batches: of the flow: number, commands, steps, shape (None: it fits no contract's) each.
        tables: of the proof.
        costs: by kind of command; the batch's own and the padding close the shares.
        parts: a match, a signature: in the commands' costs already.
        unmeasured: kinds of which no command was seen.
        functions: by kind, mean steps of a command within each function itself.
    """

    input: str
    batches: list[dict[str, Any]]
    tables: list[Table]
    costs: list[Cost]
    parts: list[Cost]
    unmeasured: list[str]
    functions: dict[str, dict[str, float]]

    def as_dict(self) -> dict[str, Any]:
        """Return the table for a machine."""
        return {
            "input": self.input,
            "batches": self.batches,
            "tables": [vars(table) for table in self.tables],
            "results": [cost.as_dict() for cost in self.costs],
            "parts": [cost.as_dict() for cost in self.parts],
            "unmeasured": self.unmeasured,
            "functions": self.functions,
        }


def bench_commands(flow: Path | None, *, batch_orders: int, batches: int) -> CommandCosts:
    """Measure what commands need in batches of order flow; and beside it, those that it has not.

    The first batch, which has the deposits, a batch of rarer commands behind the last, and one of
    liquidations on a venue of its own count for the kinds that the flow has not; nothing of them is
    in the shares. Nothing is timed: the figures are the same on every machine.

    Args:
        flow: a feed; None: the seeded generator.
        batch_orders: accepted user commands in each batch.
        batches: batches of the flow that count.

    Raises:
        ZkperpError: a batch can't be sealed or run.
    """
    if batches < 1:
        message = "at least one batch is needed"
        raise InvalidInput(message)
    with tempfile.TemporaryDirectory() as folder:
        _, directories = seal_batches(
            Path(folder), flow, batch_orders=batch_orders, batches=batches + 1
        )
        first, *measured = [
            json.loads(_native.bench_commands(directory.path)) for directory in directories
        ]
        extras = json.loads(_native.bench_commands(directories[-1].path, extras_of_seed=SEED))
    liquidations = json.loads(_native.bench_liquidations(SEED))
    number = "one batch" if batches == 1 else f"{batches} batches"
    what = f"{number} of {batch_orders} signed commands from {flow_name(flow)}"
    return costs_of(what, measured, [first, extras, liquidations])


def costs_of(
    what: str, batches: Sequence[dict[str, Any]], beside: Sequence[dict[str, Any]]
) -> CommandCosts:
    """Return the cost table of batches.

    Args:
        what: the input's name.
        batches: of the flow, as `_native.bench_commands` has them; of the same shape.
        beside: more of them, for the kinds that those have not, and for matches.
    """
    summary = _Summary(batches)
    in_flow = [command for batch in batches for command in batch["commands"]]
    others = [command for batch in beside for command in batch["commands"]]
    costs: list[Cost] = []
    unmeasured = []
    for kind, request in _kinds():
        found = [command for command in in_flow if _is(command, kind, request)]
        extra = [command for command in others if _is(command, kind, request)]
        name = kind if request is None else f"{kind} {request}"
        if found or extra:
            costs += summary.by_fills(name, found, extra)
        else:
            unmeasured.append(name)
    costs += [summary.fixed(), summary.padding()]
    return CommandCosts(
        input=what,
        batches=[
            {
                "batch_number": batch["batch_number"],
                "commands": len(batch["commands"]),
                "steps": summary.used(batch, STEPS),
                "shape": batch["shape"],
            }
            for batch in batches
        ],
        tables=summary.tables(),
        costs=costs,
        parts=summary.parts([*in_flow, *others]),
        unmeasured=unmeasured,
        functions=_functions([*batches, *beside]),
    )


def _kinds() -> Iterator[tuple[str, str | None]]:
    """Yield every kind of command; requests by theirs."""
    for kind in Kind:
        requests = RequestKind if kind is Kind.REQUEST else [None]
        for request in requests:
            yield kind.name.lower(), None if request is None else request.name.lower()


def _is(command: dict[str, Any], kind: str, request: str | None) -> bool:
    return bool(command["kind"] == kind and command["request"] == request)


class _Summary:
    """Sums over batches of the flow, all of one machine."""

    def __init__(self, batches: Sequence[dict[str, Any]]) -> None:
        self._batches = batches
        self._names = [table["name"] for table in batches[0]["tables"]]
        self._cells_per_unit: list[float] = [
            table["width"] / table["units_per_row"] for table in batches[0]["tables"]
        ]
        self._proofs = sum(
            table["width"] << table["log_rows"] for batch in batches for table in batch["tables"]
        )

    def _cells(self, units: Sequence[float]) -> float:
        pairs = zip(units, self._cells_per_unit, strict=True)
        return float(sum(count * each for count, each in pairs))

    def used(self, batch: dict[str, Any], table: str) -> int:
        """Return the units of a table that a batch uses."""
        at = self._names.index(table)
        of_commands = (command["units"][at] for command in batch["commands"])
        return int(sum(of_commands) + batch["fixed"][at])

    def _cost(self, name: str, units: Sequence[Sequence[float]], *, in_proof: float | None) -> Cost:
        """Return a cost; `in_proof` are the cells that count in the flow's proofs."""
        means = [statistics.fmean(column) for column in zip(*units, strict=True)]
        at = self._names.index(STEPS)
        return Cost(
            name,
            len(units),
            tuple(row[at] for row in units),
            dict(zip(self._names, means, strict=True)),
            self._cells(means),
            None if in_proof is None else in_proof / self._proofs,
        )

    def by_fills(
        self, name: str, found: Sequence[dict[str, Any]], extra: Sequence[dict[str, Any]]
    ) -> Iterator[Cost]:
        """Yield the cost of a kind, apart by fills where it has some.

        What the flow has not, of a kind or a number of fills, counts as it is beside it.
        """
        has_fills = any(command["fills"] for command in (*found, *extra))
        labels = (", no fill", ", 1 fill", ", 2 fills or more") if has_fills else ("",)
        for fills, label in enumerate(labels):
            of_flow, beside = (
                [command["units"] for command in commands if min(command["fills"], 2) == fills]
                for commands in (found, extra)
            )
            if of_flow:
                in_proof = sum(map(self._cells, of_flow))
                yield self._cost(name + label, of_flow, in_proof=in_proof)
            elif beside:
                yield self._cost(name + label, beside, in_proof=None)

    def fixed(self) -> Cost:
        """Return what the batch itself needs."""
        units = [batch["fixed"] for batch in self._batches]
        return self._cost("batch", units, in_proof=sum(map(self._cells, units)))

    def padding(self) -> Cost:
        """Return the rows of the tables that nothing uses."""
        units = [
            [
                (table["units_per_row"] << table["log_rows"]) - self.used(batch, table["name"])
                for table in batch["tables"]
            ]
            for batch in self._batches
        ]
        return self._cost("padding", units, in_proof=sum(map(self._cells, units)))

    def parts(self, commands: Sequence[dict[str, Any]]) -> list[Cost]:
        """Return what is in the commands' costs already: a further fill, a signature."""
        signature = self._batches[0]["signature"]
        at = self._names.index("schnorr")
        signed = sum(command["units"][at] for command in commands)
        parts = [self._cost("signature", [signature] * signed, in_proof=None)] if signed else []
        filled = [command for command in commands if command["fills"] > 0]
        fills = [command["fills"] for command in filled]
        if len(set(fills)) > 1:
            columns = zip(*(command["units"] for command in filled), strict=True)
            slopes = [statistics.linear_regression(fills, column).slope for column in columns]
            match = self._cost("match, each further fill", [slopes], in_proof=None)
            parts.insert(0, Cost(**{**vars(match), "count": sum(fills)}))
        return parts

    def tables(self) -> list[Table]:
        """Return the tables with their use."""
        tables = []
        for tables_of_batches in zip(*(batch["tables"] for batch in self._batches), strict=True):
            table = tables_of_batches[0]
            name, width, each = table["name"], table["width"], table["units_per_row"]
            used = statistics.fmean(self.used(batch, name) for batch in self._batches)
            rows = [1 << of_batch["log_rows"] for of_batch in tables_of_batches]
            share = width * sum(rows) / self._proofs
            tables.append(Table(name, width, each, max(rows), used / each, share))
        return tables


def _functions(batches: Sequence[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Return, by kind, the mean steps of a command in each function, the most first."""
    counts: dict[str, int] = {}
    steps: dict[str, dict[str, int]] = {}
    for batch in batches:
        for command in batch["commands"]:
            counts[command["kind"]] = counts.get(command["kind"], 0) + 1
        for kind, functions in batch["functions"].items():
            of_kind = steps.setdefault(kind, {})
            for function, number in functions.items():
                of_kind[function] = of_kind.get(function, 0) + number
    return {
        kind: {
            function: number / counts[kind]
            for function, number in sorted(of_kind.items(), key=lambda item: -item[1])
        }
        for kind, of_kind in steps.items()
    }
