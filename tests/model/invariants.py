"""What holds after every command (docs/spec/state.md § 4, 5, 10, 11), read from the leaves."""

from collections import Counter

from tests.model import books
from tests.model.margin import collateral_of, size_of
from tests.model.state import (
    CLOCK,
    MONEY,
    State,
    account_address,
    level_address,
    market_address,
    order_address,
    position_address,
)
from zkperp._generated.constants import (
    ACCOUNT_BASE,
    ACCOUNT_LEAF,
    ACCOUNT_STRIDE,
    BALANCE_MAX,
    CUSTODY_MAX,
    KEY_TAIL,
    LEVEL_SENTINELS,
    MARKETS_MAX,
    OPEN_ORDERS_MAX,
    P,
)
from zkperp._generated.leaves import (
    AccountFelt,
    ClockFelt,
    LevelFelt,
    MarketFelt,
    MoneyFelt,
    OrderFelt,
    PositionFelt,
)


def check(state: State) -> None:
    """Assert every invariant."""
    assert not state.pending
    assert all(0 <= word < P for leaf in state.leaves.values() for word in leaf)
    accounts = open_accounts(state)
    check_money(state, accounts)
    check_positions(state, accounts)
    orders = check_books(state)
    check_open_orders(state, accounts, orders)
    check_slots(state, {slot for _, slot in orders})


def open_accounts(state: State) -> list[int]:
    """Return the accounts that are there."""
    first = (ACCOUNT_BASE, ACCOUNT_LEAF)
    return [
        (address - first[0]) // ACCOUNT_STRIDE
        for address in state.leaves
        if address >= ACCOUNT_BASE and address % ACCOUNT_STRIDE == first[1]
    ]


def live_markets(state: State) -> list[int]:
    """Return the markets that are there."""
    return [
        market
        for market in range(MARKETS_MAX)
        if state.get(market_address(market), MarketFelt.MULTIPLIER) != 0
    ]


def check_money(state: State, accounts: list[int]) -> None:
    """Conservation, exact (§ 10.1), and the bounds of § 11."""
    custody, fees, fund, _, *_ = state.leaf(MONEY)
    collateral = [collateral_of(state, account) for account in accounts]
    assert sum(collateral) + fees + fund == custody
    assert all(abs(cash) <= BALANCE_MAX for cash in collateral)
    assert 0 <= custody <= CUSTODY_MAX
    assert 0 <= state.get(MONEY, MoneyFelt.FEES) <= BALANCE_MAX


def check_positions(state: State, accounts: list[int]) -> None:
    """Sizes add up to zero (§ 10.2), bitmaps are true (§ 10.3)."""
    bitmaps = Counter[int]()
    for market in range(MARKETS_MAX):
        sizes = {account: size_of(state, account, market) for account in accounts}
        lots_max = state.get(market_address(market), MarketFelt.LOTS_MAX)
        assert sum(sizes.values()) == 0
        assert all(abs(size) <= lots_max for size in sizes.values())
        for account, size in sizes.items():
            bitmaps[account] += (size != 0) << market
    for account in accounts:
        bitmap = state.get(account_address(account), AccountFelt.POSITIONS)
        assert bitmap == bitmaps[account]


def check_books(state: State) -> list[tuple[int, int]]:
    """Lists are well formed (§ 10.5), books not crossed (§ 10.6); return (market, order slot)."""
    found, levels = [], []
    for market in live_markets(state):
        for side in (0, 1):
            book = books.book_of(market, side)
            for level in check_levels(state, book):
                levels.append(level)
                found += [(market, slot) for slot in check_queue(state, level)]
        bid, ask = (best_price(state, market, side) for side in (0, 1))
        assert bid is None or ask is None or bid < ask
    assert len(set(levels)) == len(levels)
    high = state.get(CLOCK, ClockFelt.LEVEL_HIGH)
    free = free_slots(state, books.LEVELS)
    assert sorted(levels + free) == list(range(LEVEL_SENTINELS, high))
    return found


def check_levels(state: State, book: int) -> list[int]:
    """One side's list of levels, without its sentinels (§ 4)."""
    head, tail = books.head_of(book), books.tail_of(book)
    slots = [head]
    while slots[-1] != tail:
        here = state.leaf(level_address(slots[-1]))
        after = state.leaf(level_address(here[LevelFelt.NEXT]))
        assert here[LevelFelt.BOOK] == after[LevelFelt.BOOK] == book
        assert after[LevelFelt.PREV] == slots[-1]
        assert here[LevelFelt.KEY] < after[LevelFelt.KEY]
        slots.append(here[LevelFelt.NEXT])
    assert state.leaf(level_address(head))[:3] == (book, 0, 0)
    assert state.leaf(level_address(head))[4:] == (0, 0, 0, 0)
    assert state.get(level_address(tail), LevelFelt.KEY) == KEY_TAIL
    assert state.leaf(level_address(tail))[3:] == (0, 0, 0, 0, 0)
    return slots[1:-1]


def check_queue(state: State, level: int) -> list[int]:
    """One level's orders, oldest first; there is at least one (§ 4, § 5)."""
    leaf = state.leaf(level_address(level))
    slots, before = [], 0
    slot = leaf[LevelFelt.FIRST]
    assert slot != 0
    while slot != 0:
        order = state.leaf(order_address(slot))
        assert order[OrderFelt.ORDER_ID] != 0
        assert order[OrderFelt.LEVEL] == level
        assert order[OrderFelt.PREV] == before
        assert order[OrderFelt.LOTS] > 0
        slots.append(slot)
        before, slot = slot, order[OrderFelt.NEXT]
    assert leaf[LevelFelt.LAST] == before
    return slots


def best_price(state: State, market: int, side: int) -> int | None:
    """Return the best price of a side, expired orders counted."""
    level = books.best_level(state, books.book_of(market, side))
    if level is None:
        return None
    return books.sort_key(side, state.get(level_address(level), LevelFelt.KEY))


def check_open_orders(state: State, accounts: list[int], orders: list[tuple[int, int]]) -> None:
    """Counts of resting orders are true (§ 10.4)."""
    counts = Counter(
        (state.get(order_address(slot), OrderFelt.ACCOUNT), market) for market, slot in orders
    )
    for account in accounts:
        for market in range(MARKETS_MAX):
            count = state.get(position_address(account, market), PositionFelt.OPEN_ORDERS)
            assert count == counts[account, market] <= OPEN_ORDERS_MAX
    assert {account for account, _ in counts} <= set(accounts)


def free_slots(state: State, slots: books.Slots) -> list[int]:
    """Return a region's free list; its leaves hold nothing but their link (§ 7)."""
    found = []
    slot = state.get(CLOCK, slots.free)
    while slot != 0:
        leaf = state.leaf(slots.base + slot)
        assert not any(word for field, word in enumerate(leaf) if field != slots.link)
        found.append(slot)
        slot = leaf[slots.link]
    return found


def check_slots(state: State, live: set[int]) -> None:
    """Free and live order slots are exactly those below `order_high`; ids differ (§ 5, § 7)."""
    high = state.get(CLOCK, ClockFelt.ORDER_HIGH)
    free = free_slots(state, books.ORDERS)
    assert sorted([*live, *free]) == list(range(1, high))
    ids = {state.get(order_address(slot), OrderFelt.ORDER_ID) for slot in live}
    assert len(ids) == len(live)
    assert all(0 < order_id < state.get(CLOCK, ClockFelt.NEXT_ORDER_ID) for order_id in ids)
