"""The index: what the oracles agree on (docs/spec/prices.md § 2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from zkperp._generated.constants import PPM


class Report(NamedTuple):
    """An oracle key's last report on a market; both 0 before the first."""

    price: int
    time_ms: int


@dataclass(frozen=True)
class Index:
    """The median of the fresh reports, and how many are fresh and agree with it.

    Without a fresh report there is no median: price 0.
    """

    price: int
    fresh: int
    agreeing: int


def is_fresh(report: Report, now: int, staleness_ms: int) -> bool:
    """Say whether a report counts."""
    return report.price != 0 and now - report.time_ms <= staleness_ms


def lower_median(prices: list[int]) -> int:
    """Return the one p with 2 * #{price < p} < n <= 2 * #{price <= p}; of none 0."""
    return sorted(prices)[(len(prices) - 1) // 2] if prices else 0


def index_of(
    reports: Iterable[Report], *, now: int, staleness_ms: int, deviation_ppm: int
) -> Index:
    """Return the index by the reports of all registered oracle keys."""
    prices = [report.price for report in reports if is_fresh(report, now, staleness_ms)]
    index = lower_median(prices)
    agreeing = sum(abs(price - index) * PPM <= deviation_ppm * index for price in prices)
    return Index(index, len(prices), agreeing)
