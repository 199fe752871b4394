"""What `zkperp bench commands` says of what it measured."""

import statistics
from collections.abc import Iterator, Sequence
from itertools import islice

from zkperp.bench_commands import CommandCosts, Cost, Table

__all__ = ["cost_lines"]

_UNITS = {
    "state": "accesses",
    "range_check": "ranges",
    "muldiv": "muldiv",
    "poseidon2": "hashes",
    "merkle": "nodes",
    "schnorr": "signed",
    "public": "words",
    "memory": "memory",
}
"""Heading of a table's units."""
_NO_SHARE = "-"


def cost_lines(costs: CommandCosts, *, functions: int) -> Iterator[str]:
    """Yield the cost table for people.

    Args:
        costs: the table.
        functions: show so many functions of each kind, those with the most steps.
    """
    shapes = {batch["shape"] for batch in costs.batches}
    yield f"input:   {costs.input}"
    yield "shape:   " + ", ".join(
        "least heights: a batch is too large for the contracts' shape"
        if shape is None
        else f"{shape}, the contracts'"
        for shape in sorted(shapes, key=str)
    )
    yield ""
    yield from _aligned([_COST_HEADINGS, *map(_cost, costs.costs)])
    yield "  shares are of the proofs of the flow's batches; without one: beside the flow"
    yield ""
    yield from _aligned([("in them", *_COST_HEADINGS[1:]), *map(_cost, costs.parts)])
    if costs.unmeasured:
        yield f"  not measured: {', '.join(costs.unmeasured)}"
    yield ""
    yield from _aligned([_TABLE_HEADINGS, *map(_table, costs.tables)])
    for kind, steps in costs.functions.items() if functions else ():
        yield ""
        rows = [(name, f"{mean:,.1f}") for name, mean in islice(steps.items(), functions)]
        yield from _aligned([(f"{kind}: function", "steps"), *rows])


_COST_HEADINGS = (
    "command",
    "count",
    "steps: median",
    "mean",
    "min",
    "max",
    *_UNITS.values(),
    "cells",
    "share",
)
_TABLE_HEADINGS = ("table", "columns", "rows used", "of", "full", "share")


def _cost(cost: Cost) -> tuple[str, ...]:
    steps = cost.steps
    return (
        cost.command,
        f"{cost.count:,}",
        f"{statistics.median(steps):,.0f}",
        f"{statistics.fmean(steps):,.0f}",
        f"{min(steps):,.0f}",
        f"{max(steps):,.0f}",
        *(_mean(cost.units[table]) for table in _UNITS),
        f"{cost.cells:,.0f}",
        _NO_SHARE if cost.share is None else f"{cost.share:.1%}",
    )


def _table(table: Table) -> tuple[str, ...]:
    return (
        table.name,
        str(table.width),
        f"{table.used:,.0f}",
        f"{table.rows:,}",
        f"{table.used / table.rows:.0%}",
        f"{table.share:.1%}",
    )


def _mean(value: float) -> str:
    """Return a mean: with a decimal where it matters."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Yield rows as lines: the first column to the left, figures to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        yield "  ".join((first.ljust(widths[0]), *cells))
