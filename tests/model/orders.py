"""Placing, amending and cancelling an order (docs/spec/commands.md § 5, orders.md)."""

from typing import NamedTuple

from tests.model import books
from tests.model.clearing import fire
from tests.model.client_ids import check_client_id, own_named
from tests.model.commands import Command, Journal, refuse
from tests.model.margin import placement_check
from tests.model.matching import Matched, Taker, match
from tests.model.open_orders import is_cleared, is_expired, recounted
from tests.model.options import Options, resting_type
from tests.model.removals import reduce_order, remove_order
from tests.model.state import (
    CLOCK,
    Felts,
    State,
    level_address,
    market_address,
    order_address,
)
from zkperp._generated.codes import OrderType, RemovalReason, Side
from zkperp._generated.constants import OPEN_ORDERS_MAX, ORDER_ID_MAX
from zkperp._generated.leaves import ClockFelt, LevelFelt, MarketFelt, OrderFelt
from zkperp._generated.refusals import Refusal

RESTING = (OrderType.GTT, OrderType.POST_ONLY, OrderType.SLIDE)


class NewOrder(NamedTuple):
    """What a placement or an entry of a mass quote asks for."""

    account: int
    market: int
    side: Side
    order_type: OrderType
    price: int
    lots: int
    expiry_ms: int
    options: Options

    @property
    def rests(self) -> bool:
        """Whether orders of this type may rest."""
        return self.order_type in RESTING


def check_market(state: State, market: int) -> None:
    """Check that a market exists (commands.md § 5)."""
    status = state.get(market_address(market), MarketFelt.STATUS)
    refuse(Refusal.UNKNOWN_MARKET, when=status == 0)


def check_price_and_lots(
    state: State, market: int, price: int, lots: int, *, reduce_only: bool
) -> None:
    """Check an order's numbers against its market (commands.md § 5)."""
    leaf = state.leaf(market_address(market))
    refuse(Refusal.BAD_PRICE, when=not 1 <= price <= leaf[MarketFelt.PRICE_MAX])
    least = 1 if reduce_only else max(1, leaf[MarketFelt.LOTS_MIN])
    refuse(Refusal.BAD_LOTS, when=not least <= lots <= leaf[MarketFelt.LOTS_MAX])


def check_expiry(order: NewOrder, now: int) -> None:
    """Check that what may rest has a future, and nothing else an expiry (commands.md § 5)."""
    bad_expiry = order.expiry_ms <= now if order.rests else order.expiry_ms != 0
    refuse(Refusal.BAD_EXPIRY, when=bad_expiry)


def check_band(state: State, market: int, side: Side, price: int) -> None:
    """Check that there is a price, and the order not beyond its band (commands.md § 5)."""
    leaf = state.leaf(market_address(market))
    low, high = leaf[MarketFelt.PRICE_LOW], leaf[MarketFelt.PRICE_HIGH]
    refuse(Refusal.NO_PRICE, when=high == 0)
    refuse(Refusal.PRICE_BAND, when=price > high if side == Side.BID else price < low)


def check_room(state: State, order: NewOrder) -> None:
    """Check that the order could rest (commands.md § 5)."""
    open_orders, _ = recounted(state, order.account, order.market)
    refuse(Refusal.TOO_MANY_ORDERS, when=order.rests and open_orders >= OPEN_ORDERS_MAX)
    room = books.available(state, books.ORDERS) and books.available(state, books.LEVELS)
    refuse(Refusal.BOOK_FULL, when=order.rests and not room)


def check_placement(state: State, taker: Taker, now: int) -> None:
    """Check the placement rule (margin.md § 4)."""
    code = placement_check(
        state,
        taker.account,
        taker.market,
        taker.sign * taker.lots,
        limit=taker.limit,
        now=now,
        reduce_only=taker.options.reduce_only,
    )
    if code is not None:
        refuse(code, when=True)


def enter_order(
    state: State, journal: Journal, order: NewOrder, now: int, *, met: int = 0
) -> tuple[int, Matched]:
    """Check a new order, its market aside, and match it; return its id and what became of it.

    Args:
        state: the state.
        journal: where events go.
        order: the order.
        now: program time.
        met: makers that the command has met before.
    """
    options = order.options
    check_price_and_lots(
        state, order.market, order.price, order.lots, reduce_only=options.reduce_only
    )
    check_expiry(order, now)
    check_band(state, order.market, order.side, order.price)
    check_room(state, order)
    order_id = state.get(CLOCK, ClockFelt.NEXT_ORDER_ID)
    refuse(Refusal.ORDER_IDS_USED_UP, when=order_id == ORDER_ID_MAX)
    check_client_id(state, order.account, options.client_id, now, rests=order.rests)
    taker = Taker(order_id, *order)
    check_placement(state, taker, now)
    state.put(CLOCK, ClockFelt.NEXT_ORDER_ID, order_id + 1)
    return order_id, match(state, journal, taker, now, met=met)


def place(state: State, journal: Journal, command: Command, now: int) -> Felts:
    """Place a new order (commands.md § 5)."""
    fire(state, journal, command.account, now)
    check_market(state, command.market)
    order = NewOrder(
        command.account,
        command.market,
        Side(command.side),
        OrderType(command.order_type),
        command.price_ticks,
        command.lots,
        command.expiry_ms,
        Options.of(command.options, command.client_id),
    )
    order_id, matched = enter_order(state, journal, order, now)
    return (0, order_id, matched.filled, matched.resting)


def own_order(state: State, command: Command) -> int:
    """Return the slot of the sender's order that a command names (commands.md § 5)."""
    slot = books.find_order(state, command.order_id)
    refuse(Refusal.UNKNOWN_ORDER, when=slot is None)
    assert slot is not None
    owner = state.get(order_address(slot), OrderFelt.ACCOUNT)
    refuse(Refusal.NOT_OWNER, when=owner != command.account)
    return slot


def place_of(state: State, slot: int) -> tuple[int, Side, int]:
    """Return market, side and price of a resting order, which are its level's (state.md § 5)."""
    level = state.leaf(level_address(state.get(order_address(slot), OrderFelt.LEVEL)))
    market, side = books.market_and_side(level[LevelFelt.BOOK])
    return market, side, books.sort_key(side, level[LevelFelt.KEY])


def cancel_at(state: State, journal: Journal, slot: int) -> Felts:
    """Cancel the order in a slot, dead or not (commands.md § 5)."""
    order_id = state.get(order_address(slot), OrderFelt.ORDER_ID)
    market, _, _ = place_of(state, slot)
    lots = remove_order(state, journal, market, slot, RemovalReason.CANCELLED)
    return (0, order_id, 0, lots)


def cancel(state: State, journal: Journal, command: Command) -> Felts:
    """Cancel an order (commands.md § 5)."""
    return cancel_at(state, journal, own_order(state, command))


def cancel_named(state: State, journal: Journal, command: Command) -> Felts:
    """Cancel an order by the id that its owner gave it (orders.md § 4)."""
    named = own_named(state, command.account, command.client_id)
    refuse(Refusal.UNKNOWN_ORDER, when=command.client_id == 0 or named is None)
    assert named is not None
    return cancel_at(state, journal, named.slot)


def amend(state: State, journal: Journal, command: Command, now: int) -> Felts:
    """Change an order: in place if it only shrinks, else anew (commands.md § 5)."""
    fire(state, journal, command.account, now)
    slot = own_order(state, command)
    leaf = state.leaf(order_address(slot))
    market, side, price = place_of(state, slot)
    options = Options.of_flags(leaf[OrderFelt.FLAGS])
    dead = is_cleared(state, market, slot, now) or is_expired(state, slot, now)
    refuse(Refusal.ORDER_EXPIRED, when=dead)
    check_price_and_lots(
        state, market, command.price_ticks, command.lots, reduce_only=options.reduce_only
    )
    if command.price_ticks == price and command.lots < leaf[OrderFelt.LOTS]:
        reduce_order(state, journal, market, slot, command.lots)
        return (0, command.order_id, 0, command.lots)
    check_band(state, market, side, command.price_ticks)
    remove_order(state, journal, market, slot, RemovalReason.AMENDED)
    refuse(Refusal.BOOK_FULL, when=not books.available(state, books.LEVELS))
    taker = Taker(
        command.order_id,
        command.account,
        market,
        side,
        resting_type(leaf[OrderFelt.FLAGS]),
        command.price_ticks,
        command.lots,
        leaf[OrderFelt.EXPIRY_MS],
        options,
    )
    check_placement(state, taker, now)
    matched = match(state, journal, taker, now)
    return (0, command.order_id, matched.filled, matched.resting)
