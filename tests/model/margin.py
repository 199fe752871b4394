"""What an account is worth, what it needs, and what it may do (docs/spec/margin.md)."""

from dataclasses import dataclass, replace

from tests.model.funding import paid_of
from tests.model.position_sums import (
    Position,
    Sums,
    Tier,
    cash,
    is_not_worse,
    sums_of,
    tier_of,
    total,
)
from tests.model.rounding import ceil_divide
from tests.model.state import (
    CONFIG,
    State,
    account_address,
    funding_address,
    margin_address,
    mark_address,
    market_address,
    position_address,
)
from zkperp._generated.constants import BALANCE_MAX, PPM, TIERS_MAX
from zkperp._generated.leaves import (
    AccountFelt,
    ConfigFelt,
    FundingFelt,
    MarginFelt,
    MarketFelt,
    MarkFelt,
    PositionFelt,
)
from zkperp._generated.refusals import Refusal


def fee_of(notional: int, ppm: int) -> int:
    """Return a fee, rounded against the user; below 0 it is a rebate (matching.md § 2)."""
    return ceil_divide(notional * ppm, PPM)


def collateral_of(state: State, account: int) -> int:
    """Return an account's cash."""
    return state.get_signed(account_address(account), AccountFelt.COLLATERAL)


def size_of(state: State, account: int, market: int) -> int:
    """Return an account's position."""
    return state.get_signed(position_address(account, market), PositionFelt.SIZE)


def position_of(state: State, account: int, market: int) -> Position:
    """Return a position as margin sees it."""
    at = position_address(account, market)
    return Position(
        state.get_signed(at, PositionFelt.SIZE),
        state.get_signed(at, PositionFelt.FUNDING),
        state.get(at, PositionFelt.IMF_PPM),
    )


def funding_of(state: State, market: int) -> int:
    """Return F, a market's cumulative funding."""
    return state.get_signed(funding_address(market), FundingFelt.FUNDING)


def tiers_of(state: State, market: int) -> list[Tier]:
    """Return a market's tiers (§ 1)."""
    leaves = [state.leaf(margin_address(market, tier)) for tier in range(TIERS_MAX)]
    return [
        Tier(
            leaf[MarginFelt.LOTS_UPTO],
            leaf[MarginFelt.IMF_PPM],
            leaf[MarginFelt.MMF_PPM],
            leaf[MarginFelt.CMF_PPM],
        )
        for leaf in leaves
        if leaf[MarginFelt.LOTS_UPTO] != 0
    ]


def fits_a_tier(state: State, market: int, size: int) -> bool:
    """Say whether a position is within the market's limit (§ 1)."""
    return tier_of(tiers_of(state, market), abs(size)) is not None


def markets_held(state: State, account: int) -> list[int]:
    """Return the markets whose bit is set in the account's bitmap, ascending (state.md § 6)."""
    bitmap = state.get(account_address(account), AccountFelt.POSITIONS)
    return [market for market in range(bitmap.bit_length()) if bitmap >> market & 1]


@dataclass(frozen=True)
class Standing:
    """An account as it is or would be: its cash and its positions by market."""

    collateral: int
    positions: dict[int, Position]


def standing(state: State, account: int) -> Standing:
    """Return an account as it is."""
    held = markets_held(state, account)
    positions = {market: position_of(state, account, market) for market in held}
    return Standing(collateral_of(state, account), positions)


def account_sums(state: State, of: Standing) -> Sums:
    """Return TAV, I, S and C; every position fits a tier (§ 2)."""
    parts = [part_of(state, market, position) for market, position in of.positions.items()]
    return total([cash(of.collateral), *parts])


def part_of(state: State, market: int, position: Position) -> Sums:
    """Return what a position, which fits a tier, adds to the sums (§ 2)."""
    tier = tier_of(tiers_of(state, market), abs(position.size))
    assert tier is not None, "no position is greater than the market's limit"
    mark_value = state.get(margin_address(market, 0), MarginFelt.MARK_VALUE)
    return sums_of(position, tier, mark_value, funding_of(state, market))


def sums(state: State, account: int) -> Sums:
    """Return TAV, I, S and C of an account as it is (§ 2)."""
    return account_sums(state, standing(state, account))


@dataclass(frozen=True)
class Change:
    """A purchase of lots, below 0 a sale, by one account at a price, with its fee (§ 3)."""

    account: int
    market: int
    lots: int
    price: int
    fee: int

    def only_reduces(self, size: int) -> bool:
        """Say whether it brings a position nearer to zero, not beyond."""
        return self.lots * size < 0 and abs(self.lots) <= abs(size)


def after(state: State, change: Change) -> Standing:
    """Return the account as if its funding had been paid and the change made (§ 3)."""
    market = change.market
    old = position_of(state, change.account, market)
    funding = funding_of(state, market)
    multiplier = state.get(market_address(market), MarketFelt.MULTIPLIER)
    cost = change.lots * change.price * multiplier
    now = standing(state, change.account)
    return Standing(
        now.collateral - paid_of(old.size, funding, old.entry) - cost - change.fee,
        now.positions | {market: old._replace(size=old.size + change.lots, entry=funding)},
    )


def is_overdue(state: State, market: int, now: int) -> bool:
    """Say whether a market's last tick is too old (prices.md § 4)."""
    age = now - state.get(mark_address(market), MarkFelt.TICK_MS)
    return age > state.get(CONFIG, ConfigFelt.TICK_MAX_MS)


def holds_overdue(state: State, account: int, now: int) -> bool:
    """Say whether the market of some position is overdue (commands.md § 6)."""
    return any(is_overdue(state, market, now) for market in markets_held(state, account))


def placement_check(
    state: State,
    account: int,
    market: int,
    lots: int,
    *,
    limit: int,
    now: int,
    reduce_only: bool = False,
) -> Refusal | None:
    """Return why an order may not be placed, by the placement rule (§ 4).

    Args:
        state: the state.
        account: who places it.
        market: where.
        lots: its lots, below 0 to sell.
        limit: its limit price in ticks.
        now: program time.
        reduce_only: whatever its lots, it won't turn the position.
    """
    leaf = state.leaf(market_address(market))
    notional = abs(lots) * limit * leaf[MarketFelt.MULTIPLIER]
    change = Change(account, market, lots, limit, fee_of(notional, leaf[MarketFelt.TAKER_PPM]))
    size = size_of(state, account, market)
    if reduce_only:
        return Refusal.WOULD_NOT_REDUCE if lots * size >= 0 else None
    if change.only_reduces(size):
        return None
    if state.get(account_address(account), AccountFelt.MODE) not in (0, 1 + market):
        return Refusal.ISOLATED_ELSEWHERE
    if not fits_a_tier(state, market, size + lots):
        return Refusal.POSITION_LIMIT
    if is_overdue(state, market, now) or holds_overdue(state, account, now):
        return Refusal.TICK_OVERDUE
    initial = account_sums(state, after(state, change)).initial
    return Refusal.INITIAL_MARGIN if initial < 0 else None


def fill_check(state: State, change: Change) -> Refusal | None:
    """Return why a fill may not happen to an account, in the state before it (§ 5)."""
    size = size_of(state, change.account, change.market)
    would_be = after(state, change)
    if abs(would_be.collateral) > BALANCE_MAX:
        return Refusal.BALANCE_LIMIT
    if change.only_reduces(size):
        new = account_sums(state, would_be)
        old = account_sums(state, after(state, replace(change, lots=0, fee=0)))
        return None if new.initial >= 0 or is_not_worse(old, new) else Refusal.WORSE_HEALTH
    if not fits_a_tier(state, change.market, size + change.lots):
        return Refusal.POSITION_LIMIT
    return Refusal.INITIAL_MARGIN if account_sums(state, would_be).initial < 0 else None
