"""What holds of resting orders, their counts and their client ids (state.md § 10, orders.md)."""

from collections import Counter

from tests.model.client_ids import Named, page_of, present
from tests.model.open_orders import counted, is_cleared, is_expired
from tests.model.options import client_id_of
from tests.model.state import (
    CLOCK,
    SCHEDULE,
    State,
    account_address,
    order_address,
)
from zkperp._generated.constants import (
    ACCOUNT_BASE,
    CLIENT_ORDER_BASE,
    FLAG_POST_ONLY,
    FLAG_SLIDE,
    FLAGS_CLIENT_ID_SHIFT,
    MARKETS_MAX,
    NAMES_LOW_BITS,
    NAMES_MAX,
    OPEN_ORDERS_MAX,
)
from zkperp._generated.leaves import AccountFelt, ClockFelt, OrderFelt, ScheduleFelt

# Post-only, slide, reduce-only, two of self-trades, their owner.
FLAGS_END = 2**6


def check(state: State, accounts: list[int], orders: list[tuple[int, int]]) -> None:
    """Assert all of it; orders are (market, slot)."""
    check_counts(state, accounts, orders)
    check_cleared(state, accounts)
    check_pages(state, accounts)
    check_entries(state, accounts, {slot: market for market, slot in orders})
    for market, slot in orders:
        check_order(state, market, slot)


def check_counts(state: State, accounts: list[int], orders: list[tuple[int, int]]) -> None:
    """Counts of open orders are true: of those that are not below `cleared` (§ 10.4)."""
    counts = Counter[tuple[int, int]]()
    for market, slot in orders:
        order_id, account, *_ = state.leaf(order_address(slot))
        assert account in accounts
        _, cleared = counted(state, account, market)
        counts[account, market] += order_id >= cleared
    following = state.get(CLOCK, ClockFelt.NEXT_ORDER_ID)
    for account in accounts:
        for market in range(MARKETS_MAX):
            count, cleared = counted(state, account, market)
            assert count == counts[account, market] <= OPEN_ORDERS_MAX
            assert cleared <= following


def check_cleared(state: State, accounts: list[int]) -> None:
    """Nobody has cleared orders that are yet to come."""
    following = state.get(CLOCK, ClockFelt.NEXT_ORDER_ID)
    for account in accounts:
        assert state.get(account_address(account), AccountFelt.CLEARED) <= following


def check_pages(state: State, accounts: list[int]) -> None:
    """Pages of client ids have one account each, and are handed out in order."""
    pages = [page for account in accounts if (page := page_of(state, account)) is not None]
    following = state.get(SCHEDULE, ScheduleFelt.NEXT_NAMES)
    assert sorted(pages) == list(range(following))
    assert following <= NAMES_MAX


def check_entries(state: State, accounts: list[int], markets: dict[int, int]) -> None:
    """Entries stand where their client ids belong, and those of live orders tell the truth."""
    owners = {page_of(state, account): account for account in accounts}
    for address, leaf in state.leaves.items():
        if not CLIENT_ORDER_BASE <= address < ACCOUNT_BASE:
            continue
        page, low = divmod(address - CLIENT_ORDER_BASE, 2**NAMES_LOW_BITS)
        named = Named(*leaf[:4])
        assert named.client_id % 2**NAMES_LOW_BITS == low
        assert not any(leaf[4:])
        assert 0 < named.order_id < state.get(CLOCK, ClockFelt.NEXT_ORDER_ID)
        order = state.leaf(order_address(named.slot))
        if order[OrderFelt.ORDER_ID] == named.order_id:
            assert order[OrderFelt.ACCOUNT] == owners[page]
            assert client_id_of(order[OrderFelt.FLAGS]) == named.client_id
            assert markets[named.slot] == named.market


def check_order(state: State, market: int, slot: int) -> None:
    """Flags exist, and an open order is found by its client id."""
    leaf, now = state.leaf(order_address(slot)), state.get(CLOCK, ClockFelt.TIME_MS)
    client_id, flags = divmod(leaf[OrderFelt.FLAGS], FLAGS_CLIENT_ID_SHIFT)
    assert flags < FLAGS_END
    assert not flags & FLAG_SLIDE or flags & FLAG_POST_ONLY
    dead = is_cleared(state, market, slot, now) or is_expired(state, slot, now)
    if client_id != 0 and not dead:
        named = Named(client_id, leaf[OrderFelt.ORDER_ID], slot, market)
        assert present(state, leaf[OrderFelt.ACCOUNT], client_id) == named
