"""An incoming order meets the book (docs/spec/matching.md § 1, § 2, § 5)."""

from dataclasses import dataclass

from tests.model import books
from tests.model.commands import Journal, RefusedError
from tests.model.margin import collateral_of, fee_of, fill_check, size_of
from tests.model.state import (
    MONEY,
    State,
    account_address,
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
        """The flags of the order when it rests (matching.md § 5)."""
        return FLAG_POST_ONLY if self.order_type == OrderType.POST_ONLY else 0


@dataclass(frozen=True)
class Fill:
    """One execution: its taker, the maker's slot, and the numbers that both checks need."""

    taker: Taker
    maker: int
    maker_account: int
    price: int
    lots: int
    notional: int
    taker_fee: int
    maker_fee: int


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
        if check_maker(state, fill) is not None:
            remove_maker(state, journal, taker, maker, RemovalReason.MARGIN)
            continue
        stop = check_taker(state, fill) or check_fees(state, fill)
        if stop is not None:
            break
        execute(state, journal, fill)
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
    market = state.leaf(market_address(taker.market))
    notional = lots * price * market[MarketFelt.MULTIPLIER]
    return Fill(
        taker,
        maker,
        state.get(order_address(maker), OrderFelt.ACCOUNT),
        price,
        lots,
        notional,
        taker_fee=fee_of(notional, market[MarketFelt.TAKER_PPM]),
        maker_fee=fee_of(
            notional, state.get_signed(market_address(taker.market), MarketFelt.MAKER_PPM)
        ),
    )


def check_maker(state: State, fill: Fill) -> Refusal | None:
    """Return why the maker fails (matching.md § 1, d)."""
    change = -fill.taker.sign * fill.lots
    market = fill.taker.market
    return fill_check(
        state, fill.maker_account, market, change, price=fill.price, fee=fill.maker_fee
    )


def check_taker(state: State, fill: Fill) -> Refusal | None:
    """Return why the taker fails (matching.md § 1, e)."""
    change = fill.taker.sign * fill.lots
    market = fill.taker.market
    return fill_check(
        state, fill.taker.account, market, change, price=fill.price, fee=fill.taker_fee
    )


def check_fees(state: State, fill: Fill) -> Refusal | None:
    """Return why the venue cannot take the fees (matching.md § 1, f)."""
    fees = state.get(MONEY, MoneyFelt.FEES) + fill.taker_fee + fill.maker_fee
    return Refusal.BALANCE_LIMIT if fees > BALANCE_MAX else None


def move(state: State, account: int, market: int, change: int, cash: int) -> None:
    """Change a position and its account's cash, and keep the bitmap true (matching.md § 2)."""
    size = size_of(state, account, market) + change
    state.put(position_address(account, market), PositionFelt.SIZE, size)
    at = account_address(account)
    state.put(at, AccountFelt.COLLATERAL, collateral_of(state, account) + cash)
    others = state.get(at, AccountFelt.POSITIONS) & ~(1 << market)
    state.put(at, AccountFelt.POSITIONS, others | (size != 0) << market)


def execute(state: State, journal: Journal, fill: Fill) -> None:
    """Execute a fill (matching.md § 2)."""
    taker, maker = fill.taker, fill.maker
    maker_id = state.get(order_address(maker), OrderFelt.ORDER_ID)
    change, paid = taker.sign * fill.lots, taker.sign * fill.notional
    move(state, taker.account, taker.market, change, -paid - fill.taker_fee)
    move(state, fill.maker_account, taker.market, -change, paid - fill.maker_fee)
    fees = state.get(MONEY, MoneyFelt.FEES)
    state.put(MONEY, MoneyFelt.FEES, fees + fill.taker_fee + fill.maker_fee)
    left = state.get(order_address(maker), OrderFelt.LOTS) - fill.lots
    state.put(order_address(maker), OrderFelt.LOTS, left)
    if left == 0:
        books.remove(state, maker)
    journal.emit(
        EventType.TRADE,
        taker.market,
        taker.side,
        fill.price,
        fill.lots,
        maker_id,
        fill.maker_account,
        taker.order_id,
        taker.account,
        fill.maker_fee,
        fill.taker_fee,
        left,
    )


def settle_rest(
    state: State, journal: Journal, taker: Taker, remaining: int, stop: Refusal | None
) -> int:
    """Drop or rest what is left after the loop, and return what rests (matching.md § 1, § 5)."""
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
