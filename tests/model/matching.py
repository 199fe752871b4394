"""An incoming order meets the book (docs/spec/matching.md § 1, § 2, § 4)."""

from dataclasses import dataclass
from typing import NamedTuple

from tests.model import books
from tests.model.accounts import master_of
from tests.model.client_ids import Named, enter
from tests.model.commands import Journal, RefusedError
from tests.model.due import touch
from tests.model.margin import Change, fee_of, fill_check, size_of
from tests.model.open_orders import fillable, why_dead
from tests.model.options import NO_OPTIONS, Options, client_id_of
from tests.model.positions import Move, exchange, interest_change, owed_by
from tests.model.removals import reduce_order, remove_order
from tests.model.state import (
    MONEY,
    State,
    interest_address,
    level_address,
    market_address,
    order_address,
)
from zkperp._generated.codes import OrderType, RemovalReason, SelfTrade, Side
from zkperp._generated.constants import BALANCE_MAX, MATCH_STEPS_MAX
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
    options: Options = NO_OPTIONS

    @property
    def sign(self) -> int:
        """+1 buys, -1 sells."""
        return 1 if self.side == Side.BID else -1

    @property
    def opposite(self) -> Side:
        """The side that it takes from."""
        return Side(1 - self.side)

    @property
    def flags(self) -> int:
        """The flags of the order when it rests (matching.md § 4)."""
        return self.options.flags(self.order_type)


@dataclass(frozen=True)
class Fill:
    """One execution: the maker's slot, and what it is to either account."""

    market: int
    maker: int
    price: int
    lots: int
    to_taker: Change
    to_maker: Change


@dataclass
class Course:
    """How far an incoming order has come."""

    # Where it will rest: a slide moves it.
    limit: int
    remaining: int
    met: int
    filled: int = 0
    # What fills were better than the limit, in ticks * lots.
    credit: int = 0
    stop: Refusal | None = None


class Maker(NamedTuple):
    """The first order of the best level, the level's sort key, and how much of it may be taken."""

    slot: int
    key: int
    cap: int


@dataclass(frozen=True)
class Matched:
    """What became of an incoming order, in lots; the rest was dropped. `met` counts makers."""

    filled: int
    resting: int
    met: int


def match(state: State, journal: Journal, taker: Taker, now: int, *, met: int = 0) -> Matched:
    """Run the loop of matching.md § 1.

    Args:
        state: the state.
        journal: where events go.
        taker: the order.
        now: program time.
        met: makers that the command has met before.

    Raises:
        RefusedError: WOULD_TAKE, for one that never takes and has nowhere to go; NOT_FILLED, for
            one that takes all or nothing.
    """
    course = Course(taker.limit, taker.lots, met)
    while course.remaining > 0 and course.stop is None:
        if would_not_reduce(state, taker):
            course.stop = Refusal.WOULD_NOT_REDUCE
            break
        maker = crossing(state, taker, course)
        if maker is None:
            break
        if course.met == MATCH_STEPS_MAX:
            course.stop = Refusal.MATCH_LIMIT
            break
        course.met += 1
        reason = why_dead(state, taker.market, maker.slot, now)
        if reason is not None:
            remove_order(state, journal, taker.market, maker.slot, reason)
        elif never_takes(state, taker, course, maker):
            break
        elif is_own(state, taker, maker.slot):
            meet_own(state, journal, taker, course, maker)
        else:
            trade(state, journal, taker, course, maker)
    if taker.order_type == OrderType.FOK and course.filled < taker.lots:
        raise RefusedError(Refusal.NOT_FILLED)
    return Matched(course.filled, settle_rest(state, journal, taker, course), course.met)


def would_not_reduce(state: State, taker: Taker) -> bool:
    """Say whether an order only reduces, and there is nothing (left) that it reduces."""
    size = size_of(state, taker.account, taker.market)
    return taker.options.reduce_only and taker.sign * size >= 0


def crossing(state: State, taker: Taker, course: Course) -> Maker | None:
    """Return the maker that is next in line, if its price is good enough (matching.md § 1)."""
    level = books.best_level(state, books.book_of(taker.market, taker.opposite))
    if level is None:
        return None
    leaf = state.leaf(level_address(level))
    key = leaf[LevelFelt.KEY]
    over = max(0, key - books.sort_key(taker.opposite, taker.limit))
    cap = state.get(market_address(taker.market), MarketFelt.LOTS_MAX)
    if over > 0:
        cap = course.credit // over if taker.order_type == OrderType.MARKET else 0
    return Maker(leaf[LevelFelt.FIRST], key, cap) if cap > 0 else None


def never_takes(state: State, taker: Taker, course: Course, maker: Maker) -> bool:
    """Handle an order that does not take: it is refused, or slides (matching.md § 1 b).

    Raises:
        RefusedError: WOULD_TAKE.
    """
    if taker.order_type == OrderType.SLIDE:
        course.limit = books.sort_key(taker.opposite, maker.key) - taker.sign
        price_max = state.get(market_address(taker.market), MarketFelt.PRICE_MAX)
        if 1 <= course.limit <= price_max:
            return True
    elif taker.order_type != OrderType.POST_ONLY:
        return False
    raise RefusedError(Refusal.WOULD_TAKE)


def is_own(state: State, taker: Taker, maker: int) -> bool:
    """Say whether an order meets one of its own account or, if it asks for that, its owner."""
    account = state.get(order_address(maker), OrderFelt.ACCOUNT)
    if taker.options.stp_owner:
        return master_of(state, account) == master_of(state, taker.account)
    return account == taker.account


def meet_own(state: State, journal: Journal, taker: Taker, course: Course, maker: Maker) -> None:
    """Prevent a self-trade the way the taker asks for (matching.md § 1 c)."""
    stp, reason = taker.options.stp, RemovalReason.SELF_TRADE
    if stp == SelfTrade.DECREMENT:
        resting = state.get(order_address(maker.slot), OrderFelt.LOTS)
        lots = min(course.remaining, resting, maker.cap)
        course.remaining -= lots
        if lots == resting:
            state.put(order_address(maker.slot), OrderFelt.LOTS, 0)
            remove_order(state, journal, taker.market, maker.slot, reason)
        else:
            reduce_order(state, journal, taker.market, maker.slot, resting - lots)
        return
    if stp in (SelfTrade.CANCEL_MAKER, SelfTrade.CANCEL_BOTH):
        remove_order(state, journal, taker.market, maker.slot, reason)
    if stp in (SelfTrade.CANCEL_TAKER, SelfTrade.CANCEL_BOTH):
        course.stop = Refusal.SELF_TRADE


def trade(state: State, journal: Journal, taker: Taker, course: Course, maker: Maker) -> None:
    """Fill with a maker, or remove it, or stop at it (matching.md § 1, d to g)."""
    lots = min(course.remaining, fillable(state, taker.market, maker.slot), maker.cap)
    if taker.options.reduce_only:
        lots = min(lots, abs(size_of(state, taker.account, taker.market)))
    price = books.sort_key(taker.opposite, maker.key)
    fill = fill_of(state, taker, maker.slot, price, lots)
    if fill_check(state, fill.to_maker) is not None:
        remove_order(state, journal, taker.market, maker.slot, RemovalReason.MARGIN)
        return
    course.stop = (
        fill_check(state, fill.to_taker)
        or check_venue(state, fill)
        or check_open_interest(state, fill)
    )
    if course.stop is not None:
        return
    execute(state, journal, taker, fill)
    if taker.order_type == OrderType.MARKET:
        course.credit += (books.sort_key(taker.opposite, taker.limit) - maker.key) * lots
    course.remaining -= lots
    course.filled += lots


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
    leaf = state.leaf(order_address(fill.maker))
    left = leaf[OrderFelt.LOTS] - fill.lots
    state.put(order_address(fill.maker), OrderFelt.LOTS, left)
    if left == 0:
        books.remove(state, fill.maker)
    journal.emit(
        EventType.TRADE,
        fill.market,
        taker.side,
        fill.price,
        fill.lots,
        leaf[OrderFelt.ORDER_ID],
        fill.to_maker.account,
        taker.order_id,
        taker.account,
        fill.to_maker.fee,
        fill.to_taker.fee,
        left,
        client_id_of(leaf[OrderFelt.FLAGS]),
        taker.options.client_id,
    )


def settle_rest(state: State, journal: Journal, taker: Taker, course: Course) -> int:
    """Drop or rest what is left after the loop, and return what rests (matching.md § 1)."""
    if course.remaining == 0:
        return 0
    if course.stop is None and taker.order_type not in (OrderType.IOC, OrderType.MARKET):
        rest(state, journal, taker, course)
        return course.remaining
    journal.emit(
        EventType.TAKER_STOPPED,
        taker.order_id,
        taker.account,
        taker.market,
        course.remaining,
        course.stop or 0,
        taker.options.client_id,
    )
    return 0


def rest(state: State, journal: Journal, taker: Taker, course: Course) -> None:
    """Put what is left into the book (matching.md § 4)."""
    client_id = taker.options.client_id
    slot = books.append(
        state,
        taker.account,
        books.book_of(taker.market, taker.side),
        books.sort_key(taker.side, course.limit),
        order_id=taker.order_id,
        rest=(course.remaining, taker.expiry_ms, taker.flags),
    )
    if client_id != 0:
        enter(state, taker.account, Named(client_id, taker.order_id, slot, taker.market))
    journal.emit(
        EventType.ORDER_RESTED,
        taker.order_id,
        taker.account,
        taker.market,
        taker.side,
        course.limit,
        course.remaining,
        client_id,
    )
