"""Orders whose trigger the mark has reached fire, one by one (docs/spec/conditional.md § 4)."""

from tests.model import conditionals
from tests.model.commands import Journal, RefusedError, refuse
from tests.model.conditionals import Waiting, crossed_markets
from tests.model.margin import size_of
from tests.model.matching import Taker, match
from tests.model.options import Options
from tests.model.orders import NewOrder, check_placement, check_room
from tests.model.pending import refuse_while_pending
from tests.model.state import CONDITIONALS, Felts, State, market_address
from zkperp._generated.codes import RemovalReason, Side
from zkperp._generated.events import EventType
from zkperp._generated.leaves import ConditionalsFelt, MarketFelt
from zkperp._generated.refusals import Refusal


def trigger(state: State, journal: Journal, now: int) -> Felts:
    """Drop or fire the first order that waits no longer, or say that a market has none."""
    refuse_while_pending(state)
    crossed = crossed_markets(state)
    refuse(Refusal.NOTHING_TRIGGERED, when=crossed == 0)
    market = (crossed & -crossed).bit_length() - 1
    slot = conditionals.first_reached(state, market)
    if slot is None:
        state.put(CONDITIONALS, ConditionalsFelt.CROSSED, crossed & ~(1 << market))
        return (0, 0, market, 0)
    order = conditionals.waiting(state, slot)
    reason = conditionals.why_dead(state, order, now)
    if reason is not None:
        conditionals.drop(state, journal, order, reason)
        return (0, order.order_id, market, 0)
    return fire_order(state, journal, order, now)


def fire_order(state: State, journal: Journal, order: Waiting, now: int) -> Felts:
    """Take an order and its partner out, and place it (§ 4.3)."""
    if order.partner != 0:
        partner = conditionals.waiting(state, order.partner)
        conditionals.drop(state, journal, partner, RemovalReason.PARTNER)
    conditionals.take_out(state, order)
    new = as_placed(state, order)
    about = (order.order_id, order.account, order.market)
    journal.emit(EventType.TRIGGERED, *about, new.side, new.lots, new.price)
    taker = Taker(order.order_id, *new)
    try:
        check_room(state, new)
        check_placement(state, taker, now)
    except RefusedError as refused:
        journal.emit(EventType.CONDITIONAL_REJECTED, *about, refused.code)
        return (refused.code, order.order_id, 0, 0)
    matched = match(state, journal, taker, now)
    return (0, order.order_id, matched.filled, matched.resting)


def as_placed(state: State, order: Waiting) -> NewOrder:
    """Return what an order places: its limit within the bands, a tied one's lots its position's."""
    leaf = state.leaf(market_address(order.market))
    if order.side == Side.BID:
        limit = min(order.price, leaf[MarketFelt.PRICE_HIGH])
    else:
        limit = max(order.price, leaf[MarketFelt.PRICE_LOW])
    size = abs(size_of(state, order.account, order.market))
    return NewOrder(
        order.account,
        order.market,
        order.side,
        order.order_type,
        limit,
        order.lots or min(size, leaf[MarketFelt.LOTS_MAX]),
        order.expiry_ms,
        Options.of(order.options, 0),
    )
