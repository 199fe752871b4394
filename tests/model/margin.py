"""Account value, margin, fees, and the two rules that read them (docs/spec/matching.md § 2-4)."""

from dataclasses import dataclass

from tests.model.state import State, account_address, market_address, position_address
from zkperp._generated.constants import BALANCE_MAX, PPM
from zkperp._generated.leaves import AccountFelt, MarketFelt, PositionFelt
from zkperp._generated.refusals import Refusal


def ceil_divide(a: int, b: int) -> int:
    """Return a / b rounded towards plus infinity, for b above 0."""
    return -(-a // b)


def fee_of(notional: int, ppm: int) -> int:
    """Return a fee, rounded against the user; below 0 it is a rebate (matching.md § 2)."""
    return ceil_divide(notional * ppm, PPM)


def collateral_of(state: State, account: int) -> int:
    """Return an account's cash."""
    return state.get_signed(account_address(account), AccountFelt.COLLATERAL)


def size_of(state: State, account: int, market: int) -> int:
    """Return an account's position."""
    return state.get_signed(position_address(account, market), PositionFelt.SIZE)


def markets_held(state: State, account: int) -> list[int]:
    """Return the markets whose bit is set in the account's bitmap, ascending (state.md § 6)."""
    bitmap = state.get(account_address(account), AccountFelt.POSITIONS)
    return [market for market in range(bitmap.bit_length()) if bitmap >> market & 1]


@dataclass(frozen=True)
class Standing:
    """Total account value and initial margin requirement, in micro-USDC."""

    tav: int
    imr: int


def standing(
    state: State, account: int, collateral: int, changed: dict[int, int] | None = None
) -> Standing:
    """Return TAV and IMR at the marks (matching.md § 3, commands.md § 6).

    Args:
        state: the state.
        account: the account.
        collateral: its cash, as it is or as it would be.
        changed: markets whose size is to be taken as given instead of as it is.
    """
    sizes = {market: size_of(state, account, market) for market in markets_held(state, account)}
    sizes |= changed or {}
    tav, imr = collateral, 0
    for market, size in sizes.items():
        leaf = state.leaf(market_address(market))
        price = leaf[MarketFelt.MARK_TICKS] * leaf[MarketFelt.MULTIPLIER]
        tav += size * price
        imr += ceil_divide(abs(size) * price * leaf[MarketFelt.IMF_PPM], PPM)
    return Standing(tav, imr)


def reduces_only(size: int, change: int) -> bool:
    """Say whether a change brings a position nearer to zero, not beyond (matching.md § 3, § 4)."""
    return change * size < 0 and abs(change) <= abs(size)


def placement_check(
    state: State, account: int, market: int, change: int, limit: int
) -> Refusal | None:
    """Return why an order may not be placed, by the placement rule (matching.md § 3).

    Args:
        state: the state.
        account: who places it.
        market: where.
        change: its lots, below 0 to sell.
        limit: its limit price in ticks.
    """
    leaf = state.leaf(market_address(market))
    size = size_of(state, account, market)
    if reduces_only(size, change):
        return None
    if abs(size + change) > leaf[MarketFelt.LOTS_MAX]:
        return Refusal.POSITION_LIMIT
    cost = change * limit * leaf[MarketFelt.MULTIPLIER]
    fee = fee_of(abs(cost), leaf[MarketFelt.TAKER_PPM])
    collateral = collateral_of(state, account) - cost - fee
    after = standing(state, account, collateral, {market: size + change})
    return Refusal.INITIAL_MARGIN if after.tav < after.imr else None


def fill_check(
    state: State, account: int, market: int, change: int, *, price: int, fee: int
) -> Refusal | None:
    """Return why a fill may not happen to an account (matching.md § 4).

    Args:
        state: the state before the fill.
        account: maker or taker.
        market: where.
        change: lots, below 0 to sell.
        price: the fill's price in ticks.
        fee: what the account pays, below 0 for a rebate.
    """
    leaf = state.leaf(market_address(market))
    size = size_of(state, account, market)
    cost = change * price * leaf[MarketFelt.MULTIPLIER]
    collateral = collateral_of(state, account) - cost - fee
    after = standing(state, account, collateral, {market: size + change})
    if abs(collateral) > BALANCE_MAX:
        return Refusal.BALANCE_LIMIT
    if reduces_only(size, change):
        worse_than_mark = change * (price - leaf[MarketFelt.MARK_TICKS]) > 0
        return Refusal.BAD_DEBT if after.tav < 0 and worse_than_mark else None
    if abs(size + change) > leaf[MarketFelt.LOTS_MAX]:
        return Refusal.POSITION_LIMIT
    return Refusal.INITIAL_MARGIN if after.tav < after.imr else None
