"""What holds of waiting orders after every command (docs/spec/state.md § 10, conditional.md)."""

from collections import Counter
from itertools import pairwise

from tests.model import books, conditionals
from tests.model.commands import CONDITIONAL_TYPES
from tests.model.conditionals import (
    Waiting,
    counted,
    crossed_markets,
    first_reached,
    head_of,
    tenure_of,
    waiting,
)
from tests.model.open_orders import below_cleared
from tests.model.state import (
    CLOCK,
    CONDITIONALS,
    EMPTY,
    State,
    conditional_address,
    market_address,
    order_address,
    stops_address,
    terms_address,
)
from zkperp._generated.codes import Direction
from zkperp._generated.constants import (
    CLIENT_ORDER_BASE,
    CONDITIONAL_BASE,
    CONDITIONALS_MAX,
    MARKETS_MAX,
    OPTIONS_END,
)
from zkperp._generated.leaves import (
    ClockFelt,
    ConditionalFelt,
    ConditionalsFelt,
    MarketFelt,
    OrderFelt,
)


def check(state: State, accounts: list[int]) -> None:
    """Assert all of it."""
    orders = [
        order
        for market in range(MARKETS_MAX)
        for direction in Direction
        for order in check_list(state, market, direction)
    ]
    check_slots(state, {order.slot for order in orders})
    check_ids(state, orders)
    check_counts(state, accounts, orders)
    check_crossed(state)
    by_slot = {order.slot: order for order in orders}
    for order in orders:
        check_terms(state, order)
        check_partner(by_slot, order)


def check_list(state: State, market: int, direction: Direction) -> list[Waiting]:
    """One list: doubly linked, ascending by key, and of equal keys by age."""
    found: list[Waiting] = []
    before, (slot, key) = 0, head_of(state, market, direction)
    while slot != 0:
        leaf = state.leaf(conditional_address(slot))
        assert leaf[ConditionalFelt.LIST] == 1 + 2 * market + direction
        assert leaf[ConditionalFelt.PREV] == before
        found.append(waiting(state, slot))
        before, slot = slot, leaf[ConditionalFelt.NEXT]
    assert key == (found[0].key if found else 0)
    assert not any(state.leaf(stops_address(market))[4:])
    for one, other in pairwise(found):
        assert (one.key, one.order_id) < (other.key, other.order_id)
    return found


def check_slots(state: State, live: set[int]) -> None:
    """Free and live slots are exactly those below `high`; nothing else is in the region (§ 7)."""
    high = state.get(CONDITIONALS, ConditionalsFelt.HIGH)
    free = books.free_slots(state, conditionals.SLOTS)
    assert sorted([*live, *free]) == list(range(1, high))
    assert all(state.leaf(terms_address(slot)) == EMPTY for slot in free)
    assert not any(state.leaf(CONDITIONALS)[ConditionalsFelt.CROSSED + 1 :])
    region = [at for at in state.leaves if CONDITIONAL_BASE <= at < CLIENT_ORDER_BASE]
    assert all(0 < (at - CONDITIONAL_BASE) // 2 < high for at in region)


def check_ids(state: State, orders: list[Waiting]) -> None:
    """Ids have been given out, and no order waits and rests."""
    ids = {order.order_id for order in orders}
    assert len(ids) == len(orders)
    assert all(0 < one < state.get(CLOCK, ClockFelt.NEXT_ORDER_ID) for one in ids)
    slots = range(1, state.get(CLOCK, ClockFelt.ORDER_HIGH))
    resting = {state.get(order_address(slot), OrderFelt.ORDER_ID) for slot in slots}
    assert not ids & resting


def check_counts(state: State, accounts: list[int], orders: list[Waiting]) -> None:
    """Counts of waiting orders are true: of those that are not below its `cleared`."""
    counts = Counter[tuple[int, int]]()
    for order in orders:
        _, cleared = counted(state, order.account, order.market)
        counts[order.account, order.market] += order.order_id >= cleared
    for account in accounts:
        for market in range(MARKETS_MAX):
            count, cleared = counted(state, account, market)
            assert count == counts[account, market] <= CONDITIONALS_MAX
            assert cleared <= below_cleared(state, account, market)


def check_crossed(state: State) -> None:
    """No list is crossed where no order has to fire."""
    crossed = crossed_markets(state)
    for market in range(MARKETS_MAX):
        assert crossed >> market & 1 or first_reached(state, market) is None


def check_terms(state: State, order: Waiting) -> None:
    """What an order places would have been a placement; a tied one only reduces."""
    leaf = state.leaf(market_address(order.market))
    assert order.order_type in CONDITIONAL_TYPES
    assert 1 <= order.price <= leaf[MarketFelt.PRICE_MAX]
    assert order.lots <= leaf[MarketFelt.LOTS_MAX]
    assert order.options < OPTIONS_END
    assert order.lots > 0 or order.options % 2 == 1
    assert order.tenure <= tenure_of(state, order.account, order.market)
    assert not any(state.leaf(terms_address(order.slot))[4:])


def check_partner(orders: dict[int, Waiting], order: Waiting) -> None:
    """Partners name each other: of one account, market and side, with both directions."""
    if order.partner == 0:
        return
    other = orders[order.partner]
    assert other.partner == order.slot
    assert (other.account, other.market, other.side) == (order.account, order.market, order.side)
    assert other.direction != order.direction
    assert order.options % 2 == other.options % 2 == 1
