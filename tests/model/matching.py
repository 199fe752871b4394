"""An incoming order meets the book (docs/spec/matching.md § 1, § 2, § 4)."""

from dataclasses import dataclass

from tests.model import books
from tests.model.commands import Journal, RefusedError
from tests.model.funding import paid_of
from tests.model.margin import (
    Change,
    collateral_of,
    fee_of,
    fill_check,
    funding_of,
    position_of,
    size_of,
)
from tests.model.state import (
    MONEY,
    State,
    account_address,
    interest_address,
    level_address,
    market_address,
    order_address,
    position_address,
)
from zkperp._generated.codes import OrderType, RemovalReason, Side
from zkperp._generated.constants import BALANCE_MAX, FLAG_POST_ONLY, MATCH_STEPS_MAX
from zkperp._generated.events import EventType
from zkperp._generated.leaves import (
    AccountFelt,
    InterestFelt,
    LevelFelt,
    MarketFelt,
    MoneyFelt,
    OrderFelt,
    PositionFelt,
)
from zkperp._generated.refusals import Refusal


@dataclass(frozen=True)
class Taker:
    """An incoming order."""

    order_id: int
    account: int
    market: int
    side: Side
    order_type: OrderType
    limit: int
    lots: int
    expiry_ms: int

    @property
    def sign(self) -> int:
        """+1 buys, -1 sells."""
        return 1 if self.side == Side.BID else -1

    @property
    def flags(self) -> int:
        """The flags of the order when it rests (matching.md § 4)."""
        return FLAG_POST_ONLY if self.order_type == OrderType.POST_ONLY else 0


@dataclass(frozen=True)
class Fill:
    """One execution: the maker's slot, and what it is to either account."""

    market: int
    maker: int
    price: int
    lots: int
    to_taker: Change
    to_maker: Change


@dataclass(frozen=True)
class Matched:
    """What became of an incoming order, in lots; the rest was dropped."""

    filled: int
    resting: int


def match(state: State, journal: Journal, taker: Taker, now: int) -> Matched:
    """Run the loop of matching.md § 1.

    Raises:
        RefusedError: WOULD_TAKE, for a post-only order that meets a living maker.
    """
    market = state.leaf(market_address(taker.market))
    opposite = Side(1 - taker.side)
    book = books.book_of(taker.market, opposite)
    limit_key = books.sort_key(opposite, taker.limit)
    remaining, credit, met = taker.lots, 0, 0
    stop: Refusal | None = None
    while remaining > 0:
        level = books.best_level(state, book)
        if level is None:
            break
        key = state.get(level_address(level), LevelFelt.KEY)
        over = max(0, key - limit_key)
        cap = market[MarketFelt.LOTS_MAX]
        if over > 0:
            if taker.order_type != OrderType.MARKET:
                break
            cap = credit // over
            if cap == 0:
                break
        if met == MATCH_STEPS_MAX:
            stop = Refusal.MATCH_LIMIT
            break
        met += 1
        maker = state.get(level_address(level), LevelFelt.FIRST)
        if met_and_removed(state, journal, taker, maker, now):
            continue
        lots = min(remaining, state.get(order_address(maker), OrderFelt.LOTS), cap)
        fill = fill_of(state, taker, maker, books.sort_key(opposite, key), lots)
        if fill_check(state, fill.to_maker) is not None:
            remove_maker(state, journal, taker, maker, RemovalReason.MARGIN)
            continue
        stop = (
            fill_check(state, fill.to_taker)
            or check_venue(state, fill)
            or check_open_interest(state, fill)
        )
        if stop is not None:
            break
        execute(state, journal, taker, fill)
        if taker.order_type == OrderType.MARKET:
            credit += (limit_key - key) * lots
        remaining -= lots
    resting = settle_rest(state, journal, taker, remaining, stop)
    return Matched(taker.lots - remaining, resting)


def met_and_removed(state: State, journal: Journal, taker: Taker, maker: int, now: int) -> bool:
    """Handle a maker that cannot trade with this taker (matching.md § 1, a to c)."""
    leaf = state.leaf(order_address(maker))
    if leaf[OrderFelt.EXPIRY_MS] <= now:
        remove_maker(state, journal, taker, maker, RemovalReason.EXPIRED)
        return True
    if taker.order_type == OrderType.POST_ONLY:
        raise RefusedError(Refusal.WOULD_TAKE)
    if leaf[OrderFelt.ACCOUNT] == taker.account:
        remove_maker(state, journal, taker, maker, RemovalReason.SELF_TRADE)
        return True
    return False


def remove_maker(
    state: State, journal: Journal, taker: Taker, maker: int, reason: RemovalReason
) -> None:
    """Remove a maker unfilled, with its event."""
    order_id, account, *_ = leaf = state.leaf(order_address(maker))
    lots = leaf[OrderFelt.LOTS]
    books.remove(state, maker)
    journal.emit(EventType.ORDER_REMOVED, order_id, account, taker.market, lots, reason)


def fill_of(state: State, taker: Taker, maker: int, price: int, lots: int) -> Fill:
    """Return the numbers of a fill (matching.md § 2)."""
    at = market_address(taker.market)
    notional = lots * price * state.get(at, MarketFelt.MULTIPLIER)
    taker_fee = fee_of(notional, state.get(at, MarketFelt.TAKER_PPM))
    maker_ppm = state.get_signed(interest_address(taker.market), InterestFelt.MAKER_PPM)
    maker_fee = fee_of(notional, maker_ppm)
    owner = state.get(order_address(maker), OrderFelt.ACCOUNT)
    bought = taker.sign * lots
    return Fill(
        taker.market,
        maker,
        price,
        lots,
        to_taker=Change(taker.account, taker.market, bought, price, taker_fee),
        to_maker=Change(owner, taker.market, -bought, price, maker_fee),
    )


def owed_by(state: State, change: Change) -> int:
    """Return what the account owes in funding before a change (prices.md § 6)."""
    position = position_of(state, change.account, change.market)
    return paid_of(position.size, funding_of(state, change.market), position.entry)


def check_venue(state: State, fill: Fill) -> Refusal | None:
    """Return why the venue cannot take fees or funding (matching.md § 1, f)."""
    fees = state.get(MONEY, MoneyFelt.FEES) + fill.to_taker.fee + fill.to_maker.fee
    clearing = state.get_signed(interest_address(fill.market), InterestFelt.CLEARING)
    clearing += owed_by(state, fill.to_taker) + owed_by(state, fill.to_maker)
    beyond = fees > BALANCE_MAX or abs(clearing) > BALANCE_MAX
    return Refusal.BALANCE_LIMIT if beyond else None


def interest_change(state: State, fill: Fill) -> int:
    """Return by how much a fill changes open interest, both sides counted (matching.md § 3)."""
    change = 0
    for part in (fill.to_taker, fill.to_maker):
        size = size_of(state, part.account, fill.market)
        change += abs(size + part.lots) - abs(size)
    return change


def check_open_interest(state: State, fill: Fill) -> Refusal | None:
    """Return why open interest may not change so (matching.md § 1, g)."""
    leaf = state.leaf(interest_address(fill.market))
    change = interest_change(state, fill)
    beyond = leaf[InterestFelt.OPEN_INTEREST] + change > leaf[InterestFelt.OI_MAX]
    return Refusal.OPEN_INTEREST_LIMIT if change > 0 and beyond else None


def pay_funding(state: State, journal: Journal, change: Change) -> None:
    """Settle an account's funding in a market with its clearing account (prices.md § 6)."""
    paid = owed_by(state, change)
    account, market = change.account, change.market
    at, clearing_at = account_address(account), interest_address(market)
    state.put(at, AccountFelt.COLLATERAL, collateral_of(state, account) - paid)
    clearing = state.get_signed(clearing_at, InterestFelt.CLEARING) + paid
    state.put(clearing_at, InterestFelt.CLEARING, clearing)
    if paid != 0:
        journal.emit(EventType.FUNDING_PAID, account, market, -paid)


def move(state: State, journal: Journal, change: Change) -> None:
    """Make a fill's change to one account, and keep its bitmap true (matching.md § 2)."""
    pay_funding(state, journal, change)
    account, market = change.account, change.market
    size = size_of(state, account, market) + change.lots
    position = position_address(account, market)
    state.put(position, PositionFelt.SIZE, size)
    entry = funding_of(state, market) if size != 0 else 0
    state.put(position, PositionFelt.FUNDING, entry)
    at = account_address(account)
    multiplier = state.get(market_address(market), MarketFelt.MULTIPLIER)
    cost = change.lots * change.price * multiplier + change.fee
    state.put(at, AccountFelt.COLLATERAL, collateral_of(state, account) - cost)
    others = state.get(at, AccountFelt.POSITIONS) & ~(1 << market)
    state.put(at, AccountFelt.POSITIONS, others | (size != 0) << market)


def execute(state: State, journal: Journal, taker: Taker, fill: Fill) -> None:
    """Execute a fill (matching.md § 2)."""
    maker_id = state.get(order_address(fill.maker), OrderFelt.ORDER_ID)
    taker_fee, maker_fee = fill.to_taker.fee, fill.to_maker.fee
    interest_at = interest_address(fill.market)
    interest = state.get(interest_at, InterestFelt.OPEN_INTEREST) + interest_change(state, fill)
    move(state, journal, fill.to_taker)
    move(state, journal, fill.to_maker)
    state.put(interest_at, InterestFelt.OPEN_INTEREST, interest)
    fees = state.get(MONEY, MoneyFelt.FEES)
    state.put(MONEY, MoneyFelt.FEES, fees + taker_fee + maker_fee)
    left = state.get(order_address(fill.maker), OrderFelt.LOTS) - fill.lots
    state.put(order_address(fill.maker), OrderFelt.LOTS, left)
    if left == 0:
        books.remove(state, fill.maker)
    journal.emit(
        EventType.TRADE,
        fill.market,
        taker.side,
        fill.price,
        fill.lots,
        maker_id,
        fill.to_maker.account,
        taker.order_id,
        taker.account,
        maker_fee,
        taker_fee,
        left,
    )


def settle_rest(
    state: State, journal: Journal, taker: Taker, remaining: int, stop: Refusal | None
) -> int:
    """Drop or rest what is left after the loop, and return what rests (matching.md § 1, § 4)."""
    if remaining == 0:
        return 0
    if stop is not None or taker.order_type in (OrderType.IOC, OrderType.MARKET):
        journal.emit(
            EventType.TAKER_STOPPED,
            taker.order_id,
            taker.account,
            taker.market,
            remaining,
            stop or 0,
        )
        return 0
    books.append(
        state,
        taker.account,
        books.book_of(taker.market, taker.side),
        books.sort_key(taker.side, taker.limit),
        order_id=taker.order_id,
        rest=(remaining, taker.expiry_ms, taker.flags),
    )
    journal.emit(
        EventType.ORDER_RESTED,
        taker.order_id,
        taker.account,
        taker.market,
        taker.side,
        taker.limit,
        remaining,
    )
    return remaining
