"""An incoming order meets the book (docs/spec/matching.md § 1, § 2, § 4)."""

from dataclasses import dataclass

from tests.model import books
from tests.model.commands import Journal, RefusedError
from tests.model.due import touch
from tests.model.margin import Change, fee_of, fill_check
from tests.model.positions import Move, exchange, interest_change, owed_by
from tests.model.state import (
    MONEY,
    State,
    interest_address,
    level_address,
    market_address,
    order_address,
)
from zkperp._generated.codes import OrderType, RemovalReason, Side
from zkperp._generated.constants import BALANCE_MAX, FLAG_POST_ONLY, MATCH_STEPS_MAX
from zkperp._generated.events import EventType
from zkperp._generated.leaves import (
    InterestFelt,
    LevelFelt,
    MarketFelt,
    MoneyFelt,
    OrderFelt,
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
            remove_maker(state, journal, taker.market, maker, RemovalReason.MARGIN)
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
        remove_maker(state, journal, taker.market, maker, RemovalReason.EXPIRED)
        return True
    if taker.order_type == OrderType.POST_ONLY:
        raise RefusedError(Refusal.WOULD_TAKE)
    if leaf[OrderFelt.ACCOUNT] == taker.account:
        remove_maker(state, journal, taker.market, maker, RemovalReason.SELF_TRADE)
        return True
    return False


def remove_maker(
    state: State, journal: Journal, market: int, maker: int, reason: RemovalReason
) -> None:
    """Remove a maker unfilled, with its event."""
    order_id, account, *_ = leaf = state.leaf(order_address(maker))
    lots = leaf[OrderFelt.LOTS]
    books.remove(state, maker)
    journal.emit(EventType.ORDER_REMOVED, order_id, account, market, lots, reason)


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


def check_venue(state: State, fill: Fill) -> Refusal | None:
    """Return why the venue cannot take fees or funding (matching.md § 1, f)."""
    fees = state.get(MONEY, MoneyFelt.FEES) + fill.to_taker.fee + fill.to_maker.fee
    clearing = state.get_signed(interest_address(fill.market), InterestFelt.CLEARING)
    clearing += sum(
        owed_by(state, part.account, fill.market) for part in (fill.to_taker, fill.to_maker)
    )
    beyond = fees > BALANCE_MAX or abs(clearing) > BALANCE_MAX
    return Refusal.BALANCE_LIMIT if beyond else None


def check_open_interest(state: State, fill: Fill) -> Refusal | None:
    """Return why open interest may not change so (matching.md § 1, g)."""
    leaf = state.leaf(interest_address(fill.market))
    change = interest_change(state, fill.market, moves_of(state, fill))
    beyond = leaf[InterestFelt.OPEN_INTEREST] + change > leaf[InterestFelt.OI_MAX]
    return Refusal.OPEN_INTEREST_LIMIT if change > 0 and beyond else None


def moves_of(state: State, fill: Fill) -> tuple[Move, Move]:
    """Return what taker and maker get of a fill, fees deducted (matching.md § 2)."""
    multiplier = state.get(market_address(fill.market), MarketFelt.MULTIPLIER)
    taker, maker = (
        Move(part.account, part.lots, -part.lots * part.price * multiplier - part.fee)
        for part in (fill.to_taker, fill.to_maker)
    )
    return taker, maker


def execute(state: State, journal: Journal, taker: Taker, fill: Fill) -> None:
    """Execute a fill (matching.md § 2)."""
    exchange(state, journal, fill.market, *moves_of(state, fill))
    add_fees(state, fill.to_taker.fee + fill.to_maker.fee)
    take_from_maker(state, journal, taker, fill)
    touch(state, journal, taker.account)
    touch(state, journal, fill.to_maker.account)


def add_fees(state: State, amount: int) -> None:
    """Add to the fees that the venue has earned."""
    state.put(MONEY, MoneyFelt.FEES, state.get(MONEY, MoneyFelt.FEES) + amount)


def take_from_maker(state: State, journal: Journal, taker: Taker, fill: Fill) -> None:
    """Reduce the maker's order, which goes when nothing is left, and report the trade."""
    order_id = state.get(order_address(fill.maker), OrderFelt.ORDER_ID)
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
        order_id,
        fill.to_maker.account,
        taker.order_id,
        taker.account,
        fill.to_maker.fee,
        fill.to_taker.fee,
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
