"""The formulas of funding: rate, index, what a position owes (docs/spec/prices.md § 5, § 6)."""

from dataclasses import dataclass

from tests.model.rounding import ceil_divide, clamp, trunc_divide
from zkperp._generated.constants import FUNDING_PERIOD_MS, FUNDING_RATE_HOURS, PPM


@dataclass(frozen=True)
class Rate:
    """An hour's average premium, the rate of 8 hours from it, and the hour's share; ppm."""

    average: int
    of_8_hours: int
    hourly: int


def rate_of(premium_sum: int, *, interest_ppm: int, clamp_ppm: int, rate_max_ppm: int) -> Rate:
    """Return the rate of an hour whose premiums add up to so many ppm * ms (§ 5.2, § 5.3)."""
    average = trunc_divide(premium_sum, FUNDING_PERIOD_MS)
    rate = clamp(average + clamp(interest_ppm - average, clamp_ppm), rate_max_ppm)
    return Rate(average, rate, trunc_divide(rate, FUNDING_RATE_HOURS))


def funding_max(bias: int, price_max: int, multiplier: int) -> int:
    """Return F_MAX, the bound of a market's cumulative funding (§ 5)."""
    return PPM * (bias // 2 - price_max * multiplier)


def funding_after(funding: int, hourly: int, tick_value: int, bound: int) -> int:
    """Return F after an hour; `tick_value` is index * multiplier (§ 5.4)."""
    return clamp(funding + hourly * tick_value, bound)


def paid_of(size: int, funding: int, entry: int) -> int:
    """Return what a position owes since its last payment, in micro-USDC (§ 6)."""
    return ceil_divide(size * (funding - entry), PPM)
