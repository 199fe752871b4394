"""The formulas of trigger lists: value, ratio, trigger, use (docs/spec/liquidation.md § 1, § 2).

Values and triggers are per lot, in 10^-6 micro-USDC; nothing here knows of the state.
"""

from collections.abc import Sequence
from typing import NamedTuple

from tests.model.rounding import ceil_divide
from zkperp._generated.constants import KEY_RATIO, KEY_RATIO_MAX, KEY_SLACK_MIN, PPM

# The part of the slack that keying hands out.
SLACK_SHARE = 2
# A ratio of KEY_RATIO_MAX is reached when the notional is this part of the budget.
RATIO_CAP = KEY_RATIO_MAX // KEY_RATIO


class Exposure(NamedTuple):
    """A position as its trigger sees it: lots with their sign, and its tier's numbers."""

    size: int
    mark_value: int
    mmf_ppm: int
    funding: int

    @property
    def lots(self) -> int:
        """|size|."""
        return abs(self.size)


def value_of(of: Exposure) -> int:
    """Return V, all that changes of a position's maintenance while nobody touches it (§ 1)."""
    if of.size > 0:
        return (PPM - of.mmf_ppm) * of.mark_value - of.funding
    return of.funding - (PPM + of.mmf_ppm) * of.mark_value


def use_of(lots: int, value: int, trigger: int) -> int:
    """Return what a fall of V to its trigger takes of the slack, in micro-USDC (§ 1)."""
    return ceil_divide(lots * max(0, value - trigger), PPM)


def ratio_of(slack: int, exposures: Sequence[Exposure]) -> int:
    """Return rho, the price move in 10^-9 that half the slack pays for (§ 2)."""
    notional = sum(one.lots * one.mark_value for one in exposures)
    budget = slack // SLACK_SHARE if slack >= KEY_SLACK_MIN else 0
    if budget >= RATIO_CAP * notional:
        return KEY_RATIO_MAX
    return budget * KEY_RATIO // notional


def trigger_of(of: Exposure, ratio: int) -> int:
    """Return T of a position (§ 2)."""
    return value_of(of) - ratio * of.mark_value // (KEY_RATIO // PPM)
