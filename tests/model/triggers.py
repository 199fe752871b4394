"""Trigger lists: which position would need care first (docs/spec/liquidation.md § 1, § 2).

A list is 1 + 2 * tier + side. It is walked from its first account; the position leaves link it.
"""

from collections.abc import Iterator

from tests.model.margin import markets_held, size_of, sums, tiers_of
from tests.model.position_sums import tier_of
from tests.model.state import (
    State,
    margin_address,
    position_address,
    triggers_address,
)
from tests.model.trigger_formulas import Exposure, ratio_of, trigger_of, use_of, value_of
from zkperp._generated.constants import MARKETS_MAX
from zkperp._generated.leaves import MarginFelt, PositionFelt, TriggersFelt

LONG, SHORT = 0, 1
# Where a side's list begins in a `triggers` leaf: its first account, and that one's trigger.
FIRST = (TriggersFelt.LONG_FIRST, TriggersFelt.SHORT_FIRST)
FIRST_TRIGGER = (TriggersFelt.LONG_TRIGGER, TriggersFelt.SHORT_TRIGGER)


def list_of(tier: int, side: int) -> int:
    """Return the number of a list (§ 1)."""
    return 1 + 2 * tier + side


def tier_and_side(listed: int) -> tuple[int, int]:
    """Return whose list it is."""
    return divmod(listed - 1, 2)


def own_list(state: State, account: int, market: int) -> int:
    """Return the list that a position belongs to."""
    size = size_of(state, account, market)
    tiers = tiers_of(state, market)
    tier = tier_of(tiers, abs(size))
    assert tier is not None, "no position is greater than the market's limit"
    return list_of(tiers.index(tier), LONG if size > 0 else SHORT)


def exposure_of(state: State, account: int, market: int) -> Exposure:
    """Return a position with its tier's numbers."""
    tier, _ = tier_and_side(own_list(state, account, market))
    return exposure_in(state, market, tier, size_of(state, account, market))


def list_value(state: State, market: int, tier: int, side: int) -> int:
    """Return V of every position of a list."""
    return value_of(exposure_in(state, market, tier, 1 if side == LONG else -1))


def exposure_in(state: State, market: int, tier: int, size: int) -> Exposure:
    """Return so many lots with a tier's numbers."""
    at = margin_address(market, tier)
    return Exposure(
        size,
        state.get(at, MarginFelt.MARK_VALUE),
        state.get(at, MarginFelt.MMF_PPM),
        state.get_signed(at, MarginFelt.FUNDING),
    )


def trigger_at(state: State, account: int, market: int) -> int:
    """Return the trigger of a listed position."""
    return state.get_signed(position_address(account, market), PositionFelt.TRIGGER)


def members(state: State, market: int, listed: int) -> Iterator[int]:
    """Yield a list's accounts, the highest trigger first."""
    tier, side = tier_and_side(listed)
    account = state.get(triggers_address(market, tier), FIRST[side])
    while account != 0:
        yield account
        account = state.get(position_address(account, market), PositionFelt.NEXT)


def link(state: State, market: int, listed: int, before: int, after: int) -> None:
    """Make two accounts neighbours; 0 before is the list's beginning, 0 after its end."""
    if before != 0:
        state.put(position_address(before, market), PositionFelt.NEXT, after)
    else:
        tier, side = tier_and_side(listed)
        at = triggers_address(market, tier)
        state.put(at, FIRST[side], after)
        trigger = trigger_at(state, after, market) if after != 0 else 0
        state.put(at, FIRST_TRIGGER[side], trigger)
    if after != 0:
        state.put(position_address(after, market), PositionFelt.PREV, before)


def insert(state: State, account: int, market: int, trigger: int) -> None:
    """Put a position into its list, behind those with a trigger as high (§ 1)."""
    listed = own_list(state, account, market)
    before, after = 0, 0
    for other in members(state, market, listed):
        if trigger_at(state, other, market) < trigger:
            after = other
            break
        before = other
    at = position_address(account, market)
    state.put(at, PositionFelt.TRIGGER, trigger)
    state.put(at, PositionFelt.LIST, listed)
    link(state, market, listed, before, account)
    link(state, market, listed, account, after)


def unlist(state: State, account: int, market: int) -> None:
    """Take a position out of its list, if it stands in one (§ 1)."""
    at = position_address(account, market)
    leaf = state.leaf(at)
    if leaf[PositionFelt.LIST] == 0:
        return
    link(state, market, leaf[PositionFelt.LIST], leaf[PositionFelt.PREV], leaf[PositionFelt.NEXT])
    state.write(at, *leaf[: PositionFelt.TRIGGER])


def unlist_all(state: State, account: int) -> None:
    """Take all of an account's positions out of their lists, ascending by market."""
    for market in range(MARKETS_MAX):
        unlist(state, account, market)


def key(state: State, account: int) -> None:
    """Give each position of a healthy account the trigger that half its slack pays for (§ 2)."""
    held = markets_held(state, account)
    exposures = [exposure_of(state, account, market) for market in held]
    ratio = ratio_of(sums(state, account).maintenance, exposures)
    unlist_all(state, account)
    for market, exposure in zip(held, exposures, strict=True):
        insert(state, account, market, trigger_of(exposure, ratio))


def is_keyed(state: State, account: int) -> bool:
    """Say whether every position stands in its list and its use is paid for (§ 1, § 2)."""
    used = 0
    for market in markets_held(state, account):
        listed = state.get(position_address(account, market), PositionFelt.LIST)
        if listed != own_list(state, account, market):
            return False
        exposure = exposure_of(state, account, market)
        trigger = trigger_at(state, account, market)
        used += use_of(exposure.lots, value_of(exposure), trigger)
    return used <= sums(state, account).maintenance


def first_crossed(state: State, market: int) -> int | None:
    """Return the first account of the first list whose trigger is crossed (§ 3)."""
    for tier in range(len(tiers_of(state, market))):
        leaf = state.leaf(triggers_address(market, tier))
        for side in (LONG, SHORT):
            first = leaf[FIRST[side]]
            if first != 0:
                value = list_value(state, market, tier, side)
                if value < state.get_signed(triggers_address(market, tier), FIRST_TRIGGER[side]):
                    return first
    return None
