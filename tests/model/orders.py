"""The three commands about orders (docs/spec/commands.md § 5)."""

from tests.model import books
from tests.model.commands import Command, Journal, refuse
from tests.model.margin import placement_check
from tests.model.matching import Taker, match
from tests.model.state import (
    CLOCK,
    Felts,
    State,
    level_address,
    market_address,
    order_address,
    position_address,
)
from zkperp._generated.codes import OrderType, RemovalReason, Side
from zkperp._generated.constants import FLAG_POST_ONLY, OPEN_ORDERS_MAX, ORDER_ID_MAX
from zkperp._generated.events import EventType
from zkperp._generated.leaves import ClockFelt, LevelFelt, MarketFelt, OrderFelt, PositionFelt
from zkperp._generated.refusals import Refusal

RESTING = (OrderType.GTT, OrderType.POST_ONLY)


def check_price_and_lots(state: State, market: int, price: int, lots: int) -> None:
    """Check an order's numbers against its market (commands.md § 5)."""
    leaf = state.leaf(market_address(market))
    refuse(Refusal.BAD_PRICE, when=not 1 <= price <= leaf[MarketFelt.PRICE_MAX])
    refuse(Refusal.BAD_LOTS, when=not 1 <= lots <= leaf[MarketFelt.LOTS_MAX])


def check_band(state: State, market: int, side: Side, price: int) -> None:
    """Check that there is a price, and the order not beyond its band (commands.md § 5)."""
    leaf = state.leaf(market_address(market))
    low, high = leaf[MarketFelt.PRICE_LOW], leaf[MarketFelt.PRICE_HIGH]
    refuse(Refusal.NO_PRICE, when=high == 0)
    refuse(Refusal.PRICE_BAND, when=price > high if side == Side.BID else price < low)


def check_placement(state: State, taker: Taker, now: int) -> None:
    """Check the placement rule (margin.md § 4)."""
    change = taker.sign * taker.lots
    account, market, limit = taker.account, taker.market, taker.limit
    code = placement_check(state, account, market, change, limit=limit, now=now)
    if code is not None:
        refuse(code, when=True)


def place(state: State, journal: Journal, command: Command, now: int) -> Felts:
    """Place a new order (commands.md § 5)."""
    market = state.leaf(market_address(command.market))
    refuse(Refusal.UNKNOWN_MARKET, when=market[MarketFelt.STATUS] == 0)
    check_price_and_lots(state, command.market, command.price_ticks, command.lots)
    rests = command.order_type in RESTING
    bad_expiry = command.expiry_ms <= now if rests else command.expiry_ms != 0
    refuse(Refusal.BAD_EXPIRY, when=bad_expiry)
    check_band(state, command.market, Side(command.side), command.price_ticks)
    position = position_address(command.account, command.market)
    open_orders = state.get(position, PositionFelt.OPEN_ORDERS)
    refuse(Refusal.TOO_MANY_ORDERS, when=rests and open_orders >= OPEN_ORDERS_MAX)
    room = books.available(state, books.ORDERS) and books.available(state, books.LEVELS)
    refuse(Refusal.BOOK_FULL, when=rests and not room)
    order_id = state.get(CLOCK, ClockFelt.NEXT_ORDER_ID)
    refuse(Refusal.ORDER_IDS_USED_UP, when=order_id == ORDER_ID_MAX)
    taker = Taker(
        order_id,
        command.account,
        command.market,
        Side(command.side),
        OrderType(command.order_type),
        command.price_ticks,
        command.lots,
        command.expiry_ms,
    )
    check_placement(state, taker, now)
    state.put(CLOCK, ClockFelt.NEXT_ORDER_ID, order_id + 1)
    matched = match(state, journal, taker, now)
    return (0, order_id, matched.filled, matched.resting)


def own_order(state: State, command: Command) -> int:
    """Return the slot of the sender's order that a command names (commands.md § 5)."""
    slot = books.find_order(state, command.order_id)
    refuse(Refusal.UNKNOWN_ORDER, when=slot is None)
    assert slot is not None
    owner = state.get(order_address(slot), OrderFelt.ACCOUNT)
    refuse(Refusal.NOT_OWNER, when=owner != command.account)
    return slot


def market_of(state: State, slot: int) -> tuple[int, Side, int]:
    """Return market, side and price of a resting order, which are its level's (state.md § 5)."""
    level = state.leaf(level_address(state.get(order_address(slot), OrderFelt.LEVEL)))
    market, side = books.market_and_side(level[LevelFelt.BOOK])
    return market, side, books.sort_key(side, level[LevelFelt.KEY])


def remove_own(
    state: State, journal: Journal, command: Command, slot: int, reason: RemovalReason
) -> int:
    """Remove the sender's order, with its event; return its lots."""
    market, _, _ = market_of(state, slot)
    lots = state.get(order_address(slot), OrderFelt.LOTS)
    books.remove(state, slot)
    account, order_id = command.account, command.order_id
    journal.emit(EventType.ORDER_REMOVED, order_id, account, market, lots, reason)
    return lots


def cancel(state: State, journal: Journal, command: Command) -> Felts:
    """Cancel an order (commands.md § 5)."""
    slot = own_order(state, command)
    lots = remove_own(state, journal, command, slot, RemovalReason.CANCELLED)
    return (0, command.order_id, 0, lots)


def amend(state: State, journal: Journal, command: Command, now: int) -> Felts:
    """Change an order: in place if it only shrinks, else anew (commands.md § 5)."""
    slot = own_order(state, command)
    leaf = state.leaf(order_address(slot))
    market, side, price = market_of(state, slot)
    refuse(Refusal.ORDER_EXPIRED, when=leaf[OrderFelt.EXPIRY_MS] <= now)
    check_price_and_lots(state, market, command.price_ticks, command.lots)
    if command.price_ticks == price and command.lots < leaf[OrderFelt.LOTS]:
        state.put(order_address(slot), OrderFelt.LOTS, command.lots)
        account, order_id = command.account, command.order_id
        journal.emit(EventType.ORDER_REDUCED, order_id, account, market, command.lots)
        return (0, command.order_id, 0, command.lots)
    check_band(state, market, side, command.price_ticks)
    remove_own(state, journal, command, slot, RemovalReason.AMENDED)
    refuse(Refusal.BOOK_FULL, when=not books.available(state, books.LEVELS))
    post_only = leaf[OrderFelt.FLAGS] & FLAG_POST_ONLY
    taker = Taker(
        command.order_id,
        command.account,
        market,
        side,
        OrderType.POST_ONLY if post_only else OrderType.GTT,
        command.price_ticks,
        command.lots,
        leaf[OrderFelt.EXPIRY_MS],
    )
    check_placement(state, taker, now)
    matched = match(state, journal, taker, now)
    return (0, command.order_id, matched.filled, matched.resting)
