"""Run a scenario: its numbers, and the lines that matter most."""

from collections.abc import Callable, Iterator
from typing import Any, Final, Literal, TypeAlias

from zkperp import _native

__all__ = ["SCENARIOS", "Numbers", "Scenario", "lines", "percent", "run", "summary", "usd"]

Scenario = Literal["crash", "cascade", "gap", "funding", "adl"]

SCENARIOS: Final[tuple[Scenario, ...]] = ("crash", "cascade", "gap", "funding", "adl")

Numbers: TypeAlias = dict[str, Any]
"""A report: integers alone, the fields of rust/simulate/src/report.rs."""

_SUMMARY = ("scenario", "about", "parameters", "totals", "commands", "checks", "end")


def run(
    scenario: Scenario,
    *,
    accounts: int = 1_000,
    seed: int = 1,
    depth_ppm: int | None = None,
    fund_ppm: int | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> str:
    """Run a scenario on the engine and return its report, JSON: the same for the same arguments.

    Args:
        scenario: its name.
        accounts: leveraged accounts, 10 to 50,000.
        seed: of everything that is drawn.
        depth_ppm: each side of each book in a step, of the market's opening lots.
        fund_ppm: the fund's money at the start, of the opening notional.
        progress: called after each step with the steps done and all.

    Raises:
        InvalidInput: a number is outside its range.
    """
    return _native.simulate(scenario, accounts, seed, depth_ppm, fund_ppm, progress)


def summary(numbers: Numbers) -> Numbers:
    """Return the report without its series, liquidations and curves."""
    deleveraging = dict(numbers["deleveraging"])
    for rule in ("pro_rata", "queue"):
        deleveraging[rule] = {
            name: value for name, value in deleveraging[rule].items() if name != "shares_ppm"
        }
    return {name: numbers[name] for name in _SUMMARY} | {"deleveraging": deleveraging}


def usd(micro: int) -> str:
    """Return an amount of micro-USDC for people: whole USDC, thousands and millions shortened."""
    whole = abs(micro) / 1e6
    sign = "-" if micro < 0 else ""
    for unit, size in (("bn", 1e9), ("M", 1e6), ("k", 1e3)):
        if whole >= size:
            return f"{sign}{whole / size:,.2f} {unit} USDC"
    return f"{sign}{whole:,.2f} USDC"


def percent(ppm: int) -> str:
    """Return parts per million as percent."""
    return f"{ppm / 1e4:.1f} %"


def lines(numbers: Numbers) -> Iterator[str]:
    """Yield what a scenario showed, for people."""
    parameters, totals, end = numbers["parameters"], numbers["totals"], numbers["end"]
    commands = sum(kind["accepted"] for kind in numbers["commands"].values())
    book, takeover, deleveraged = totals["liquidated"]
    start, least, last = totals["fund"]
    yield numbers["about"]
    yield (
        f"{totals['liquidated_accounts']:,} of {parameters['accounts']:,} accounts were "
        f"liquidated, up to {totals['due_most']:,} in one step"
    )
    yield (
        f"their lots went to the book for {usd(book)}, to the fund for {usd(takeover)}, "
        f"to counterparties for {usd(deleveraged)}"
    )
    yield f"the fund: {usd(start)} at first, {usd(least)} at its least, {usd(last)} in the end"
    visits = numbers["commands"].get("deleverage", {"accepted": 0})["accepted"]
    yield from _rules(numbers["deleveraging"], visits)
    yield (
        f"bad debt {usd(end['bad_debt'])}, debt of the fund {usd(end['fund_debt'])}; everybody "
        f"healthy: {'yes' if end['is_healthy'] else 'no'}"
    )
    checks = numbers["checks"]
    yield (
        f"{commands:,} commands; conservation checked after each of {checks['conservation']:,}, "
        f"all invariants {checks['invariants']:,} times"
    )


def _rules(deleveraging: Numbers, visits: int) -> Iterator[str]:
    if deleveraging["count"] == 0:
        yield "nobody was deleveraged"
        return
    yield (
        f"{deleveraging['count']:,} deleveragings, {visits:,} commands, against "
        f"{deleveraging['counterparties']:,} positions; of them"
    )
    for rule, name in (
        ("pro_rata", "pro rata (ours)"),
        ("queue", "the incumbents' queue, a model"),
    ):
        closing = deleveraging[rule]
        yield (
            f"  {name}: {closing['accounts_hit']:,} gave lots, {closing['wholly_closed']:,} were "
            f"wholly closed, Gini of the shares {closing['gini_ppm'] / 1e6:.2f}"
        )
