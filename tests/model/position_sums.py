"""What one position adds to an account's margin sums, and what sums say (docs/spec/margin.md).

Nothing here knows of the state: a position, its market's tiers, integers.
"""

from collections.abc import Sequence
from typing import NamedTuple

from zkperp._generated.constants import PPM


class Tier(NamedTuple):
    """One margin tier of a market (§ 1)."""

    lots_upto: int
    imf_ppm: int
    mmf_ppm: int
    cmf_ppm: int


class Position(NamedTuple):
    """A position as margin sees it: lots, F at its last payment, its own leverage."""

    size: int
    entry: int = 0
    imf_ppm: int = 0


class Sums(NamedTuple):
    """Account value, and what is left of it above each margin, in micro-USDC (§ 2)."""

    tav: int
    initial: int
    maintenance: int
    closeout: int

    @property
    def requirement(self) -> int:
        """MMR, the maintenance margin requirement."""
        return self.tav - self.maintenance


def total(sums: Sequence[Sums]) -> Sums:
    """Add sums up."""
    return Sums(*(sum(column) for column in zip(*sums, strict=True)))


def cash(amount: int) -> Sums:
    """Return the sums of cash, which counts in full everywhere."""
    return Sums(amount, amount, amount, amount)


def tier_of(tiers: Sequence[Tier], lots: int) -> Tier | None:
    """Return the first tier that |position| fits, None beyond the position limit (§ 1)."""
    return next((tier for tier in tiers if lots <= tier.lots_upto), None)


def imf_of(tier: Tier, own_imf_ppm: int) -> int:
    """Return an account's initial margin fraction: the tier's, or its own if that is more (§ 1)."""
    return max(tier.imf_ppm, own_imf_ppm)


def sums_of(position: Position, tier: Tier, mark_value: int, funding: int) -> Sums:
    """Return a position's part of the four sums, each rounded against the user (§ 2)."""
    size, entry, own_imf = position
    value = size * (PPM * mark_value - funding + entry)

    def above(fraction: int) -> int:
        return (value - abs(size) * fraction * mark_value) // PPM

    return Sums(above(0), above(imf_of(tier, own_imf)), above(tier.mmf_ppm), above(tier.cmf_ppm))


def health_of(sums: Sums) -> int:
    """Return 0 healthy, 1 below initial, 2 below maintenance, 3 close-out, 4 bankrupt (§ 2)."""
    failed = (sums.tav < 0, sums.closeout < 0, sums.maintenance < 0, sums.initial < 0)
    return 4 - failed.index(True) if True in failed else 0


def is_not_worse(before: Sums, after: Sums) -> bool:
    """Say whether TAV / MMR does not fall, and the account is above maintenance (§ 5.2)."""
    return (
        before.tav * after.requirement <= after.tav * before.requirement
        and after.tav >= min(0, before.tav)
        and after.maintenance >= 0
    )
