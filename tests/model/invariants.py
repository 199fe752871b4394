"""What holds after every command (docs/spec/state.md § 4, 5, 10, 11), read from the leaves."""

from collections import Counter

from tests.model import books, conditional_invariants, order_invariants, risk_invariants
from tests.model.funding import funding_max
from tests.model.margin import collateral_of, position_of, size_of, sums, tiers_of
from tests.model.prices import bands_of
from tests.model.state import (
    CLOCK,
    CONFIG,
    MONEY,
    SCHEDULE,
    State,
    account_address,
    funding_address,
    interest_address,
    level_address,
    margin_address,
    mark_address,
    market_address,
    order_address,
    pricing_address,
    signed,
)
from zkperp._generated.constants import (
    ACCOUNT_BASE,
    ACCOUNT_LEAF,
    ACCOUNT_STRIDE,
    BALANCE_MAX,
    CUSTODY_MAX,
    FUNDING_PERIOD_MS,
    KEY_TAIL,
    LEVEL_SENTINELS,
    MARKETS_MAX,
    PPM,
    PREMIUM_PPM_MAX,
    SIGNED_BOUND,
    TIERS_MAX,
    P,
)
from zkperp._generated.leaves import (
    AccountFelt,
    ClockFelt,
    ConfigFelt,
    FundingFelt,
    InterestFelt,
    LevelFelt,
    MarginFelt,
    MarketFelt,
    MarkFelt,
    MoneyFelt,
    OrderFelt,
    PricingFelt,
    ScheduleFelt,
)


def check(state: State) -> None:
    """Assert every invariant."""
    assert not state.pending
    assert all(0 <= word < P for leaf in state.leaves.values() for word in leaf)
    accounts = open_accounts(state)
    check_money(state, accounts)
    check_positions(state, accounts)
    check_sums(state, accounts)
    risk_invariants.check(state, accounts)
    check_times(state)
    for market in live_markets(state):
        check_prices(state, market)
        check_funding(state, market)
    orders = check_books(state)
    order_invariants.check(state, accounts, orders)
    check_slots(state, {slot for _, slot in orders})
    conditional_invariants.check(state, accounts)


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
        if state.get(market_address(market), MarketFelt.STATUS) != 0
    ]


def check_money(state: State, accounts: list[int]) -> None:
    """Conservation, exact (§ 10.1), and the bounds of § 11."""
    custody, fees, fund, _, *_ = state.leaf(MONEY)
    collateral = [collateral_of(state, account) for account in accounts]
    clearing = [
        state.get_signed(interest_address(market), InterestFelt.CLEARING)
        for market in range(MARKETS_MAX)
    ]
    assert sum(collateral) + sum(clearing) + fees + fund == custody
    assert all(abs(cash) <= BALANCE_MAX for cash in clearing)
    assert all(abs(cash) <= BALANCE_MAX for cash in collateral)
    assert 0 <= custody <= CUSTODY_MAX
    assert 0 <= state.get(MONEY, MoneyFelt.FEES) <= BALANCE_MAX


def check_positions(state: State, accounts: list[int]) -> None:
    """Sizes add up to zero, to open interest without sign (§ 10.2); bitmaps are true (§ 10.3)."""
    bitmaps = Counter[int]()
    for market in range(MARKETS_MAX):
        sizes = {account: size_of(state, account, market) for account in accounts}
        tiers = tiers_of(state, market)
        limit = tiers[-1].lots_upto if tiers else 0
        interest = state.leaf(interest_address(market))
        assert sum(sizes.values()) == 0
        assert sum(map(abs, sizes.values())) == interest[InterestFelt.OPEN_INTEREST]
        assert interest[InterestFelt.OPEN_INTEREST] <= interest[InterestFelt.OI_MAX]
        for account, size in sizes.items():
            bitmaps[account] += (size != 0) << market
            assert abs(size) <= limit
            assert size != 0 or position_of(state, account, market).entry == 0
    for account in accounts:
        leaf = state.leaf(account_address(account))
        assert leaf[AccountFelt.POSITIONS] == bitmaps[account]
        mode = leaf[AccountFelt.MODE]
        assert mode == 0 or bitmaps[account] in (0, 1 << mode - 1)


def check_sums(state: State, accounts: list[int]) -> None:
    """Sums stay within what the program can hold, and are ordered (margin.md § 2, § 11)."""
    for account in accounts:
        found = sums(state, account)
        assert found.initial <= found.maintenance <= found.closeout <= found.tav
        assert all(abs(value) < SIGNED_BOUND for value in (*found, found.requirement))


def check_times(state: State) -> None:
    """Funding is due at the next hour, no later and not passed (prices.md § 5)."""
    due = state.get(SCHEDULE, ScheduleFelt.FUNDING_DUE_MS)
    now = state.get(CLOCK, ClockFelt.TIME_MS)
    assert due % FUNDING_PERIOD_MS == 0
    assert due - FUNDING_PERIOD_MS <= now <= due


def check_prices(state: State, market: int) -> None:
    """Mark, bands and every tier follow from one tick (prices.md § 4)."""
    leaf, mark = state.leaf(market_address(market)), state.leaf(mark_address(market))
    price, time = mark[MarkFelt.MARK_TICKS], mark[MarkFelt.TICK_MS]
    price_max = leaf[MarketFelt.PRICE_MAX]
    assert (price == 0) == (time == 0)
    assert max(price, mark[MarkFelt.INDEX_TICKS]) <= price_max
    assert time <= state.get(CLOCK, ClockFelt.TIME_MS)
    basis = signed(mark[MarkFelt.BASIS_PPM])
    assert abs(basis) <= state.get(CONFIG, ConfigFelt.BASIS_CAP_PPM)
    band_ppm = state.get(pricing_address(market), PricingFelt.BAND_PPM)
    bands = bands_of(price, band_ppm, price_max) if time else (0, 0)
    assert leaf[MarketFelt.PRICE_LOW : MarketFelt.PRICE_HIGH + 1] == bands
    funding = state.get(funding_address(market), FundingFelt.FUNDING)
    for tier in range(TIERS_MAX):
        margin = state.leaf(margin_address(market, tier))
        if margin[MarginFelt.LOTS_UPTO] != 0:
            assert margin[MarginFelt.MARK_VALUE] == price * leaf[MarketFelt.MULTIPLIER]
            assert margin[MarginFelt.TICK_MS] == time
            assert margin[MarginFelt.FUNDING] == funding


def check_funding(state: State, market: int) -> None:
    """Funding keeps its bounds, so that per-lot numbers do (prices.md § 5, margin.md § 2)."""
    at, leaf = funding_address(market), state.leaf(market_address(market))
    bias = state.get(margin_address(market, 0), MarginFelt.BIAS)
    multiplier, price_max = leaf[MarketFelt.MULTIPLIER], leaf[MarketFelt.PRICE_MAX]
    bound = funding_max(bias, price_max, multiplier)
    funding = state.get_signed(at, FundingFelt.FUNDING)
    assert bound > 0
    assert abs(funding) <= bound
    assert 2 * (PPM * price_max * multiplier + bound) <= PPM * bias
    assert abs(state.get_signed(at, FundingFelt.PREMIUM_PPM)) <= PREMIUM_PPM_MAX
    premiums = state.get_signed(at, FundingFelt.PREMIUM_SUM)
    assert abs(premiums) <= PREMIUM_PPM_MAX * FUNDING_PERIOD_MS


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
    free = books.free_slots(state, books.LEVELS)
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


def check_slots(state: State, live: set[int]) -> None:
    """Free and live order slots are exactly those below `order_high`; ids differ (§ 5, § 7)."""
    high = state.get(CLOCK, ClockFelt.ORDER_HIGH)
    free = books.free_slots(state, books.ORDERS)
    assert sorted([*live, *free]) == list(range(1, high))
    ids = {state.get(order_address(slot), OrderFelt.ORDER_ID) for slot in live}
    assert len(ids) == len(live)
    assert all(0 < order_id < state.get(CLOCK, ClockFelt.NEXT_ORDER_ID) for order_id in ids)
