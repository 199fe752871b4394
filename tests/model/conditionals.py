"""Waiting orders in their lists, and which lists are crossed (docs/spec/conditional.md § 1-3)."""

from typing import NamedTuple

from tests.model import books
from tests.model.commands import Journal
from tests.model.open_orders import below_cleared, is_cleared_id
from tests.model.state import (
    CONDITIONALS,
    State,
    conditional_address,
    mark_address,
    standing_address,
    stops_address,
    terms_address,
)
from zkperp._generated.codes import Direction, OrderType, RemovalReason, Side
from zkperp._generated.constants import (
    CONDITIONAL_BASE,
    CONDITIONAL_SLOTS_MAX,
    CONDITIONAL_STRIDE,
    FORM_SIDE_SHIFT,
    KEY_TAIL,
    ORDERS_CLEARED_SHIFT,
    RECORD_OPTIONS_SHIFT,
)
from zkperp._generated.events import EventType
from zkperp._generated.leaves import (
    ConditionalFelt,
    ConditionalsFelt,
    MarkFelt,
    StandingFelt,
)

SLOTS = books.Slots(
    CONDITIONAL_BASE,
    ConditionalsFelt.FREE,
    ConditionalsFelt.HIGH,
    ConditionalFelt.NEXT,
    CONDITIONAL_SLOTS_MAX,
    CONDITIONALS,
    CONDITIONAL_STRIDE,
)


class Waiting(NamedTuple):
    """A waiting order: both its leaves, read."""

    slot: int
    order_id: int
    account: int
    market: int
    direction: Direction
    key: int
    partner: int
    tenure: int
    side: Side
    order_type: OrderType
    price: int
    # 0: tied, as many as the position has when it fires.
    lots: int
    options: int
    expiry_ms: int


def waiting(state: State, slot: int) -> Waiting:
    """Return the order that waits in a slot."""
    order_id, account, which, key, _, _, partner, tenure = state.leaf(conditional_address(slot))
    form, price, size, expiry_ms, *_ = state.leaf(terms_address(slot))
    market, direction = divmod(which - 1, 2)
    side, order_type = divmod(form, FORM_SIDE_SHIFT)
    options, lots = divmod(size, RECORD_OPTIONS_SHIFT)
    return Waiting(
        slot,
        order_id,
        account,
        market,
        Direction(direction),
        key,
        partner,
        tenure,
        Side(side),
        OrderType(order_type),
        price,
        lots,
        options,
        expiry_ms,
    )


def find(state: State, order_id: int) -> Waiting | None:
    """Return the waiting order with this id; a free leaf has id 0."""
    if order_id == 0:
        return None
    for slot in range(1, state.get(CONDITIONALS, ConditionalsFelt.HIGH)):
        if state.get(conditional_address(slot), ConditionalFelt.ORDER_ID) == order_id:
            return waiting(state, slot)
    return None


def key_of(direction: Direction, price: int) -> int:
    """Return a trigger's sort key, or a mark's: what has to be reached stands first."""
    return price if direction == Direction.RISING else KEY_TAIL - price


def is_reached(state: State, market: int, direction: Direction, key: int) -> bool:
    """Say whether a key is crossed by the mark now."""
    mark = state.get(mark_address(market), MarkFelt.MARK_TICKS)
    return key <= key_of(direction, mark)


def head_of(state: State, market: int, direction: Direction) -> tuple[int, int]:
    """Return a list's first slot and its key; 0, 0 of an empty list."""
    first, key = state.leaf(stops_address(market))[2 * direction : 2 * direction + 2]
    return first, key


def first_reached(state: State, market: int) -> int | None:
    """Return the head that has to fire next: of the rising list, else of the falling one."""
    for direction in (Direction.RISING, Direction.FALLING):
        first, key = head_of(state, market, direction)
        if first != 0 and is_reached(state, market, direction, key):
            return first
    return None


def crossed_markets(state: State) -> int:
    """Return the bitmap of markets in which orders have to fire."""
    return state.get(CONDITIONALS, ConditionalsFelt.CROSSED)


def note_triggered(state: State, market: int) -> None:
    """Set a market's bit exactly when one of its lists is crossed, at the end of a tick."""
    others = crossed_markets(state) & ~(1 << market)
    bit = (first_reached(state, market) is not None) << market
    state.put(CONDITIONALS, ConditionalsFelt.CROSSED, others | bit)


def link(state: State, market: int, direction: Direction, *, before: int, after: int) -> None:
    """Make two slots neighbours in a list; 0 is either end."""
    if before != 0:
        state.put(conditional_address(before), ConditionalFelt.NEXT, after)
    else:
        key = state.get(conditional_address(after), ConditionalFelt.KEY) if after != 0 else 0
        state.put(stops_address(market), 2 * direction, after)
        state.put(stops_address(market), 2 * direction + 1, key)
    if after != 0:
        state.put(conditional_address(after), ConditionalFelt.PREV, before)


def insert(state: State, market: int, direction: Direction, slot: int) -> None:
    """Put an order, whose leaf is written, behind all of its list whose key is no greater."""
    key = state.get(conditional_address(slot), ConditionalFelt.KEY)
    before, (after, _) = 0, head_of(state, market, direction)
    while after != 0 and state.get(conditional_address(after), ConditionalFelt.KEY) <= key:
        before, after = after, state.get(conditional_address(after), ConditionalFelt.NEXT)
    link(state, market, direction, before=before, after=slot)
    link(state, market, direction, before=slot, after=after)


def counted(state: State, account: int, market: int) -> tuple[int, int]:
    """Return how many orders wait, and below which id they don't count."""
    cleared, count = divmod(
        state.get(standing_address(account, market), StandingFelt.WAITING), ORDERS_CLEARED_SHIFT
    )
    return count, cleared


def recounted(state: State, account: int, market: int) -> tuple[int, int]:
    """Return both as a new order finds them: none waits where orders have been cleared since."""
    count, cleared = counted(state, account, market)
    below = below_cleared(state, account, market)
    return (0, below) if below > cleared else (count, cleared)


def write_count(state: State, account: int, market: int, count: int, cleared: int) -> None:
    """Write how many orders wait, and below which id they don't count."""
    at = standing_address(account, market)
    state.put(at, StandingFelt.WAITING, count + ORDERS_CLEARED_SHIFT * cleared)


def tenure_of(state: State, account: int, market: int) -> int:
    """Return how often a position has been closed or turned."""
    return state.get(standing_address(account, market), StandingFelt.TENURE)


def take_out(state: State, order: Waiting) -> None:
    """Let an order leave its list, its partner, its count and its slot."""
    _, _, _, _, before, after, partner, _ = state.leaf(conditional_address(order.slot))
    link(state, order.market, order.direction, before=before, after=after)
    if partner != 0:
        state.put(conditional_address(partner), ConditionalFelt.PARTNER, 0)
    count, cleared = counted(state, order.account, order.market)
    if order.order_id >= cleared:
        write_count(state, order.account, order.market, count - 1, cleared)
    state.write(terms_address(order.slot))
    books.release(state, SLOTS, order.slot)


def drop(state: State, journal: Journal, order: Waiting, reason: RemovalReason) -> None:
    """Let an order go without firing."""
    take_out(state, order)
    event = EventType.CONDITIONAL_REMOVED
    journal.emit(event, order.order_id, order.account, order.market, reason)


def why_dead(state: State, order: Waiting, now: int) -> RemovalReason | None:
    """Return why a waiting order can't fire; None: it is alive (§ 3)."""
    if is_cleared_id(state, order.account, order.market, order.order_id, now):
        return RemovalReason.CLEARED
    if order.expiry_ms <= now:
        return RemovalReason.EXPIRED
    tenure = tenure_of(state, order.account, order.market)
    return RemovalReason.ORPHANED if order.lots == 0 and order.tenure != tenure else None
