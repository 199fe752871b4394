"""Which charts a report makes: what is drawn, not how."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from zkperp.simulation.run import Numbers

__all__ = ["Chart", "Curve", "charts"]

Point = tuple[float, float]

_DOTS_MAX = 600
"""Dots of a kind that a chart shows: of more, every n-th."""

_KINDS = ("sold in the book", "taken by the fund", "deleveraged")
_HEALTH = ("", "below initial margin", "below maintenance", "below close-out", "bankrupt")


@dataclass(frozen=True)
class Curve:
    """Points under one name.

    Attributes:
        name: what the legend says.
        points: x and y, ascending by x.
        color: number of its color, 0 to 5.
        form: a line, a line that keeps its height until the next point, or dots.
    """

    name: str
    points: Sequence[Point]
    color: int
    form: Literal["line", "steps", "dots"] = "line"


@dataclass(frozen=True)
class Chart:
    """A chart.

    Attributes:
        title: what it shows.
        x: name and unit of the horizontal axis.
        y: name and unit of the vertical axis.
        curves: what is drawn, the first below the others.
        from_zero: the vertical axis has to show 0.
    """

    title: str
    x: str
    y: str
    curves: list[Curve] = field(default_factory=list)
    from_zero: bool = True


def _clock(numbers: Numbers) -> tuple[str, float]:
    """Return the unit of the time axis and how many milliseconds it has."""
    last = numbers["series"]["time_ms"][-1]
    return ("hours", 3_600_000) if last > 3 * 3_600_000 else ("minutes", 60_000)


def _thinned(points: list[Point]) -> list[Point]:
    return points[:: -(-len(points) // _DOTS_MAX) or 1]


def charts(numbers: Numbers) -> Iterator[Chart]:
    """Yield the charts of a report; those that would show nothing are left out."""
    unit, length = _clock(numbers)
    time = f"time, {unit}"
    series = numbers["series"]
    times = [moment / length for moment in series["time_ms"]]

    def line(name: str, values: Sequence[float], color: int, scale: float = 1) -> Curve:
        points = [(at, value / scale) for at, value in zip(times, values, strict=True)]
        return Curve(name, points, color)

    for market in range(len(numbers["markets"])):
        yield _prices(numbers, market)
    kinds = [
        line(name, values, 1 + kind, 1e12)
        for kind, (name, values) in enumerate(zip(_KINDS, series["liquidated"], strict=True))
        if any(values)
    ]
    if kinds:
        yield Chart("Liquidated in each step", time, "notional, million USDC", kinds)
    due = [line("became due in the step", series["due"], 1)]
    health = [
        line(name, values, 1 + number)
        for number, (name, values) in enumerate(zip(_HEALTH, series["health"], strict=True))
        if name and any(values)
    ]
    yield Chart("Accounts in danger", time, "accounts", due + health)
    fund = [line("worth", series["fund_value"], 2, 1e12)]
    if any(series["fund_margin"]):
        fund.append(line("of it margin for what it took over", series["fund_margin"], 3, 1e12))
    yield Chart("The insurance fund", time, "million USDC", fund)
    yield Chart("Bad debt", time, "USDC", [line("below zero", series["bad_debt"], 3, 1e6)])
    yield Chart("Open interest", time, "both sides, million USDC", _interest(numbers, times))
    rates = [
        line(market["name"], shown["rate_ppm"], number, 1e4)
        for number, (market, shown) in enumerate(
            zip(numbers["markets"], series["markets"], strict=True)
        )
        if any(shown["rate_ppm"])
    ]
    if rates:
        yield Chart("Funding rate", time, "percent an hour", rates)
    if numbers["deleveraging"]["count"]:
        yield _shares(numbers)


def _prices(numbers: Numbers, market: int) -> Chart:
    """Return index, mark, and each liquidation at its price."""
    unit, length = _clock(numbers)
    about, shown = numbers["markets"][market], numbers["series"]["markets"][market]
    scale = about["tick_micro_usd"] / 1e6
    times = [moment / length for moment in numbers["series"]["time_ms"]]
    curves = []
    liquidations = numbers["liquidations"]
    for kind, name in enumerate(_KINDS):
        points = [
            (row[0] / length, row[5] * scale)
            for row in liquidations["rows"]
            if row[2] == market and row[6] == kind
        ]
        if points:
            curves.append(Curve(name, _thinned(points), 1 + kind, "dots"))
    for name, color in (("index", 0), ("mark", 4)):
        points = [(at, price * scale) for at, price in zip(times, shown[name], strict=True)]
        curves.append(Curve(name, points, color))
    title = f"{about['name']}: where accounts were liquidated"
    return Chart(title, f"time, {unit}", "USD", curves, from_zero=False)


def _interest(numbers: Numbers, times: list[float]) -> list[Curve]:
    curves = []
    shown = zip(numbers["markets"], numbers["series"]["markets"], strict=True)
    for number, (market, values) in enumerate(shown):
        worth = zip(times, values["open_interest"], values["mark"], strict=True)
        points = [(at, lots * mark * market["multiplier"] / 1e12) for at, lots, mark in worth]
        curves.append(Curve(market["name"], points, number))
    return curves


def _shares(numbers: Numbers) -> Chart:
    """Return what each counterparty gave, from the least to the most, under both rules."""
    rules = (("pro_rata", "pro rata (ours)", 2), ("queue", "incumbents' queue (model)", 3))
    curves = [
        Curve(name, [(at, share / 1e4) for at, share in enumerate(shares)], color, "steps")
        for rule, name, color in rules
        if (shares := numbers["deleveraging"][rule]["shares_ppm"])
    ]
    return Chart(
        "What deleveraging took of each counterparty",
        "counterparties, percent, from the least hit",
        "percent of the position",
        curves,
    )
