"""Orders meeting the book, worked by hand from docs/spec/matching.md."""

import pytest

from tests.model.commands import Refused
from tests.model.desk import BTC, USDC, Desk, book, events, market_of
from tests.model.genesis import Market
from tests.model.margin import fee_of
from tests.model.rounding import ceil_divide
from tests.model.state import CLOCK, MONEY
from zkperp._generated.codes import Kind, OrderType, Side
from zkperp._generated.events import EventType
from zkperp._generated.leaves import ClockFelt, MoneyFelt
from zkperp._generated.refusals import Refusal

BID, ASK = Side.BID, Side.ASK
EXPIRED, SELF_TRADE, MARGIN, AMENDED = 2, 3, 4, 5
NO_FEES = market_of(taker_ppm=0, maker_ppm=0)


def desk_at(mark: int, *markets: Market, accounts: int = 4) -> Desk:
    """Return a desk with funded accounts and one mark for all markets."""
    desk = Desk(*markets)
    for account in range(1, accounts + 1):
        desk.deposit(account, 1000 * USDC)
    for market in range(len(desk.venue.markets)):
        desk.price(market, mark)
    return desk


def quote(desk: Desk, *orders: tuple[int, Side, int, int]) -> None:
    """Place resting orders: account, side, price, lots."""
    for account, side, price, lots in orders:
        assert desk.place(account, side, price, lots).outcome[3] == lots


def fills(desk: Desk, *order: int, order_type: OrderType = OrderType.GTT) -> list[tuple[int, int]]:
    """Place an order and return (price, lots) of its trades."""
    account, side, price, lots = order
    result = desk.place(account, Side(side), price, lots, order_type)
    return [(trade[2], trade[3]) for trade in events(result, EventType.TRADE)]


@pytest.mark.parametrize(
    ("notional", "ppm", "fee"),
    [
        (0, 500, 0),
        (1, 500, 1),
        (2000, 500, 1),
        (2001, 500, 2),
        (1, -100, 0),
        (9_999, -100, 0),
        (10_000, -100, -1),
        (19_999, -100, -1),
        (20_000, -100, -2),
        (2**52, 10_000, 45_035_996_273_705),
        (2**52, -10_000, -45_035_996_273_704),
    ],
)
def test_fees_round_against_the_user(notional: int, ppm: int, fee: int) -> None:
    assert fee_of(notional, ppm) == fee


def test_ceil_is_towards_plus_infinity() -> None:
    assert [ceil_divide(a, 10) for a in (-11, -10, -9, -1, 0, 1, 9, 10, 11)] == [
        *(-1, -1, 0, 0, 0, 1, 1, 1, 2)
    ]


def test_a_trade_moves_cash_and_size_and_nothing_else() -> None:
    desk = desk_at(1999)
    quote(desk, (1, ASK, 1999, 10))
    trade = events(desk.place(2, BID, 2100, 10), EventType.TRADE)
    # 19,990: taker 9.995 -> 10, maker -1.999 -> -1.
    assert trade == [(0, BID, 1999, 10, 1, 1, 2, 2, -1, 10, 0, 0, 0)]
    assert desk.cash(1) == 1000 * USDC + 19_990 + 1
    assert desk.cash(2) == 1000 * USDC - 19_990 - 10
    assert (desk.size(1), desk.size(2)) == (-10, 10)
    assert desk.leaf(MONEY)[MoneyFelt.FEES] == 9


def test_a_maker_fee_above_zero_and_the_other_side() -> None:
    desk = desk_at(1999)
    desk.place(1, BID, 1999, 10, market=1)
    trade = events(desk.place(2, ASK, 1, 4, market=1), EventType.TRADE)
    # 7,996: taker 3.998 -> 4, maker 0.7996 -> 1; six lots stay.
    assert trade == [(1, ASK, 1999, 4, 1, 1, 2, 2, 1, 4, 6, 0, 0)]
    assert desk.cash(1) == 1000 * USDC - 7_996 - 1
    assert desk.cash(2) == 1000 * USDC + 7_996 - 4
    assert book(desk, 1, BID) == [(1999, 1, 6)]


def test_a_rebate_as_high_as_the_fee_leaves_the_dust() -> None:
    desk = desk_at(1001, market_of(maker_ppm=-500))
    quote(desk, (1, ASK, 1001, 3))
    [trade] = events(desk.place(2, BID, 1001, 3), EventType.TRADE)
    # 3,003: 1.5015 either way.
    assert trade[8:10] == (-1, 2)


def test_the_multiplier_is_part_of_every_notional() -> None:
    desk = desk_at(100, market_of(multiplier=1000, price_max=2**21, lots_max=2**18, maker_ppm=0))
    quote(desk, (1, ASK, 101, 7))
    assert fills(desk, 2, BID, 101, 7) == [(101, 7)]
    # 7 x 101 x 1000 = 707,000; 353.5 -> 354.
    assert desk.cash(2) == 1000 * USDC - 707_000 - 354


def test_best_price_first_then_oldest() -> None:
    desk = desk_at(100)
    quote(desk, (1, ASK, 102, 5), (2, ASK, 101, 5), (3, ASK, 101, 5), (1, ASK, 101, 5))
    assert [order_id for _, order_id, _ in book(desk, 0, ASK)] == [2, 3, 4, 1]
    result = desk.place(4, BID, 102, 16)
    makers = [trade[4] for trade in events(result, EventType.TRADE)]
    assert makers == [2, 3, 4, 1]
    assert [trade[3] for trade in events(result, EventType.TRADE)] == [5, 5, 5, 1]
    assert book(desk, 0, ASK) == [(102, 1, 4)]


def test_bids_too() -> None:
    desk = desk_at(100)
    quote(desk, (1, BID, 98, 5), (2, BID, 99, 5), (3, BID, 99, 5))
    assert fills(desk, 4, ASK, 98, 11) == [(99, 5), (99, 5), (98, 1)]


def test_what_does_not_cross_rests_at_its_limit() -> None:
    desk = desk_at(100)
    quote(desk, (1, ASK, 101, 5), (1, ASK, 103, 5))
    result = desk.place(2, BID, 102, 8)
    assert result.outcome == (0, 3, 5, 3)
    assert events(result, EventType.ORDER_RESTED) == [(3, 2, 0, BID, 102, 3, 0)]
    assert book(desk, 0, BID) == [(102, 3, 3)]


def test_ioc_drops_what_does_not_cross() -> None:
    desk = desk_at(100)
    quote(desk, (1, ASK, 101, 5), (1, ASK, 103, 5))
    result = desk.place(2, BID, 102, 8, OrderType.IOC)
    assert result.outcome == (0, 3, 5, 0)
    assert events(result, EventType.TAKER_STOPPED) == [(3, 2, 0, 3, 0, 0)]
    assert not book(desk, 0, BID)


@pytest.mark.parametrize(
    ("asks", "limit", "lots", "expected"),
    [
        # 5 x 10 saved pays for 10 lots 5 above: 2100 = 105 x 20.
        ([(100, 10), (110, 30)], 105, 20, [(100, 10), (110, 10)]),
        ([(100, 10), (110, 30)], 105, 21, [(100, 10), (110, 10)]),
        # 2 x 3 = 6 saved; one lot 5 above costs 5, a second one does not fit.
        ([(100, 3), (107, 10)], 102, 10, [(100, 3), (107, 1)]),
        # What remains of the credit does for the next level.
        ([(100, 3), (103, 4), (104, 10)], 102, 20, [(100, 3), (103, 4), (104, 1)]),
        # The limit itself neither saves nor spends.
        ([(102, 5), (103, 5)], 102, 10, [(102, 5)]),
        ([(103, 5)], 102, 10, []),
    ],
)
def test_a_market_order_has_a_worst_average_price(
    asks: list[tuple[int, int]], limit: int, lots: int, expected: list[tuple[int, int]]
) -> None:
    desk = desk_at(100)
    quote(desk, *((1, ASK, price, size) for price, size in asks))
    result = desk.place(2, BID, limit, lots, OrderType.MARKET)
    assert [(trade[2], trade[3]) for trade in events(result, EventType.TRADE)] == expected
    filled = sum(size for _, size in expected)
    assert sum(price * size for price, size in expected) <= limit * filled
    dropped = events(result, EventType.TAKER_STOPPED)
    order_id = len(asks) + 1
    assert dropped == ([(order_id, 2, 0, lots - filled, 0, 0)] if filled < lots else [])
    mirrored = desk_at(100)
    quote(mirrored, *((1, BID, 210 - price, size) for price, size in asks))
    assert fills(mirrored, 2, ASK, 210 - limit, lots, order_type=OrderType.MARKET) == [
        (210 - price, size) for price, size in expected
    ]


def test_expired_makers_are_removed_when_met() -> None:
    desk = desk_at(100)
    desk.place(1, ASK, 101, 5, expiry_ms=desk.now + 10)
    quote(desk, (1, ASK, 101, 7))
    desk.step_ms = 9
    result = desk.place(2, BID, 101, 6)
    assert events(result, EventType.ORDER_REMOVED) == [(1, 1, 0, 5, EXPIRED, 0)]
    assert [trade[3:5] for trade in events(result, EventType.TRADE)] == [(6, 2)]


def test_an_order_lives_until_the_moment_before_its_expiry() -> None:
    desk = desk_at(100)
    desk.place(1, ASK, 101, 5, expiry_ms=desk.now + 10)
    desk.step_ms = 8
    assert fills(desk, 2, BID, 101, 1) == [(101, 1)]
    desk.step_ms = 1
    assert desk.place(2, BID, 101, 1).outcome[2:] == (0, 1)


def test_own_makers_expire_instead_of_trading() -> None:
    desk = desk_at(100)
    quote(desk, (1, ASK, 101, 5), (2, ASK, 101, 5))
    result = desk.place(1, BID, 102, 7)
    assert events(result, EventType.ORDER_REMOVED) == [(1, 1, 0, 5, SELF_TRADE, 0)]
    assert result.outcome == (0, 3, 5, 2)


def test_a_maker_without_margin_is_removed_and_matching_goes_on() -> None:
    desk = desk_at(1000, NO_FEES)
    desk.deposit(5, 100)
    quote(desk, (5, ASK, 1000, 1), (5, ASK, 1000, 1), (1, ASK, 1000, 1))
    result = desk.place(2, BID, 1000, 3)
    # 100 µUSDC are margin for one lot at 1000 and 10 %, not for two.
    assert [trade[4] for trade in events(result, EventType.TRADE)] == [1, 3]
    assert events(result, EventType.ORDER_REMOVED) == [(2, 5, 0, 1, MARGIN, 0)]
    assert book(desk, 0, BID) == [(1000, 4, 1)]


@pytest.mark.parametrize(
    ("mark", "side", "limit", "lots", "cash"),
    [
        # 1001: fee 0.5005 -> 1, margin 100.1 -> 101.
        (1001, BID, 1001, 1, 102),
        (1001, ASK, 1001, 1, 102),
        # Buying 10 at 1100: 1000 above the mark, fee 5.5 -> 6, margin 1000.
        (1000, BID, 1100, 10, 2006),
        # Selling 10 at 900: 1000 below the mark, fee 4.5 -> 5, margin 1000.
        (1000, ASK, 900, 10, 2005),
        # Buying 10 at 900 gains 1000, which is the margin: only the fee of 5 is needed.
        (1000, BID, 900, 10, 5),
    ],
)
def test_the_placement_rule_to_the_last_unit(
    mark: int, side: Side, limit: int, lots: int, cash: int
) -> None:
    desk = desk_at(mark)
    desk.deposit(5, cash - 1)
    assert desk.send(desk.order(5, side, limit, lots)) == Refused(Refusal.INITIAL_MARGIN)
    desk.deposit(5, 1)
    desk.place(5, side, limit, lots)


def test_margin_is_summed_over_all_markets() -> None:
    desk = desk_at(1000, NO_FEES, NO_FEES)
    desk.deposit(5, 300)
    desk.place(1, ASK, 1000, 2, market=1)
    desk.place(5, BID, 1000, 2, market=1)
    assert desk.send(desk.order(5, BID, 1000, 2)) == Refused(Refusal.INITIAL_MARGIN)
    desk.place(5, ASK, 1000, 1)
    # Market 1 falls by 60: 300 - 120 = 180 is below its margin of 188.
    desk.price(1, 940)
    desk.sweep()
    assert desk.send(desk.order(5, ASK, 1000, 1)) == Refused(Refusal.INITIAL_MARGIN)
    desk.place(5, ASK, 900, 2, OrderType.IOC, market=1)


def test_fees_round_up_at_each_fill_so_that_a_taker_can_fail_at_the_last() -> None:
    desk = desk_at(1000)
    quote(desk, (1, ASK, 1000, 1), (1, ASK, 1000, 1))
    # As one fill of 2000 the fee is 1, as two of 1000 it is 2: margin 200 needs 201 or 202.
    desk.deposit(5, 201)
    result = desk.place(5, BID, 1000, 2)
    assert result.outcome == (0, 3, 1, 0)
    assert events(result, EventType.TAKER_STOPPED) == [(3, 5, 0, 1, Refusal.INITIAL_MARGIN, 0)]


def test_the_position_limit() -> None:
    desk = desk_at(1, BTC)
    most = BTC.lots_max
    for _ in range(2):
        desk.place(1, BID, 1, most)
    assert desk.place(2, ASK, 1, most).outcome[2:] == (most, 0)
    assert desk.send(desk.order(2, ASK, 1, 1)) == Refused(Refusal.POSITION_LIMIT)
    result = desk.place(3, ASK, 1, 1)
    assert events(result, EventType.ORDER_REMOVED) == [(2, 1, 0, most, MARGIN, 0)]
    # All of it, but not a lot beyond the other way round.
    assert desk.send(desk.order(2, BID, 1, 2 * most)) == Refused(Refusal.BAD_LOTS)
    assert desk.place(2, BID, 1, most).outcome[2:] == (1, most - 1)


def strained() -> Desk:
    """Account 5 is long 50,000 lots from 10,000; at 8,800 it has 800 ticks a lot, and needs 880."""
    desk = desk_at(10_000, NO_FEES)
    desk.deposit(5, 100 * USDC)
    quote(desk, (1, ASK, 10_000, 50_000))
    assert fills(desk, 5, BID, 10_000, 50_000) == [(10_000, 50_000)]
    desk.price(0, 8800)
    desk.sweep()
    return desk


def test_below_its_margin_an_account_may_close_at_the_zero_price_or_better() -> None:
    desk = strained()
    quote(desk, (2, BID, 8000, 20_000), (2, BID, 8001, 10_000))
    assert fills(desk, 5, ASK, 7000, 30_000) == [(8001, 10_000), (8000, 20_000)]
    assert desk.size(5) == 20_000


def test_but_not_below_it_as_taker() -> None:
    desk = strained()
    quote(desk, (2, BID, 7999, 20_000))
    result = desk.place(5, ASK, 6999, 1, OrderType.IOC)
    assert events(result, EventType.TAKER_STOPPED) == [(4, 5, 0, 1, Refusal.WORSE_HEALTH, 0)]


def test_nor_as_maker() -> None:
    desk = strained()
    quote(desk, (5, ASK, 6999, 1))
    result = desk.place(2, BID, 7000, 1)
    assert events(result, EventType.ORDER_REMOVED) == [(3, 5, 0, 1, MARGIN, 0)]
    assert result.outcome == (0, 4, 0, 1)


def test_nor_beyond_zero() -> None:
    desk = strained()
    order = desk.order(5, ASK, 7000, 50_001)
    assert desk.send(order) == Refused(Refusal.INITIAL_MARGIN)


def test_a_loser_closes_as_low_as_his_own_money_goes() -> None:
    desk = desk_at(10_000, NO_FEES)
    desk.deposit(5, 100 * USDC)
    quote(desk, (1, ASK, 10_000, 50_000))
    assert fills(desk, 5, BID, 10_000, 50_000) == [(10_000, 50_000)]
    desk.price(0, 8600)
    desk.sweep()
    # Worth 30 USDC: 600 ticks for all lots, below the initial margin though that is.
    quote(desk, (2, BID, 7999, 1))
    result = desk.place(5, ASK, 7999, 50_000, OrderType.IOC)
    stopped = (4, 5, 0, 50_000, Refusal.WORSE_HEALTH, 0)
    assert events(result, EventType.TAKER_STOPPED) == [stopped]
    quote(desk, (2, BID, 8000, 50_000))
    assert fills(desk, 5, ASK, 8000, 50_000) == [(8000, 50_000)]
    assert desk.cash(5) == 0


def test_no_more_than_64_makers_are_met() -> None:
    desk = desk_at(100)
    quote(desk, *[(1, ASK, 101, 1)] * 65)
    result = desk.place(2, BID, 101, 65)
    assert result.outcome == (0, 66, 64, 0)
    assert events(result, EventType.TAKER_STOPPED) == [(66, 2, 0, 1, Refusal.MATCH_LIMIT, 0)]
    assert not book(desk, 0, BID)


def test_the_64th_may_be_the_last() -> None:
    desk = desk_at(100)
    quote(desk, *[(1, ASK, 101, 1)] * 64)
    assert desk.place(2, BID, 101, 64).outcome == (0, 65, 64, 0)
    quote(desk, *[(1, ASK, 101, 1)] * 64)
    assert desk.place(2, BID, 101, 65).outcome == (0, 130, 64, 1)


def test_post_only_behind_64_expired_makers_is_dropped() -> None:
    desk = desk_at(100)
    for _ in range(64):
        desk.place(1, ASK, 101, 1, expiry_ms=desk.now + 100)
    quote(desk, (1, ASK, 101, 1))
    desk.later(100)
    result = desk.place(2, BID, 101, 5, OrderType.POST_ONLY)
    assert result.outcome == (0, 66, 0, 0)
    assert events(result, EventType.TAKER_STOPPED) == [(66, 2, 0, 5, Refusal.MATCH_LIMIT, 0)]


def test_post_only_clears_expired_makers_unless_a_living_one_refuses_it() -> None:
    desk = desk_at(100)
    desk.place(1, ASK, 101, 1, expiry_ms=desk.now + 10)
    quote(desk, (1, ASK, 101, 1))
    desk.later(10)
    order = desk.order(2, BID, 101, 5, OrderType.POST_ONLY)
    assert desk.send(order) == Refused(Refusal.WOULD_TAKE)
    assert len(book(desk, 0, ASK)) == 2
    desk.accept(desk.user(Kind.CANCEL, 1, order_id=2))
    assert desk.place(2, BID, 101, 5, OrderType.POST_ONLY).outcome[3] == 5
    assert not book(desk, 0, ASK)


def amend(desk: Desk, order_id: int, price: int, lots: int) -> tuple[int, ...]:
    command = desk.user(Kind.AMEND, 1, order_id=order_id, price_ticks=price, lots=lots)
    return desk.accept(command).outcome


def test_a_smaller_size_keeps_its_place_and_all_else_loses_it() -> None:
    desk = desk_at(100)
    quote(desk, (1, ASK, 101, 5), (2, ASK, 101, 5))
    assert amend(desk, 1, 101, 4) == (0, 1, 0, 4)
    assert book(desk, 0, ASK) == [(101, 1, 4), (101, 2, 5)]
    assert amend(desk, 1, 101, 4) == (0, 1, 0, 4)
    assert book(desk, 0, ASK) == [(101, 2, 5), (101, 1, 4)]
    assert amend(desk, 1, 102, 3) == (0, 1, 0, 3)
    assert amend(desk, 1, 101, 6) == (0, 1, 0, 6)
    assert book(desk, 0, ASK) == [(101, 2, 5), (101, 1, 6)]


def test_an_amendment_may_trade() -> None:
    desk = desk_at(100)
    quote(desk, (1, ASK, 103, 5), (2, BID, 101, 2))
    assert amend(desk, 1, 101, 6) == (0, 1, 2, 4)
    assert book(desk, 0, ASK) == [(101, 1, 4)]


def test_slots_are_used_again_last_freed_first() -> None:
    desk = desk_at(100)
    quote(desk, *((1, BID, price, 1) for price in (90, 91, 92)))
    for order_id in (1, 3):
        desk.accept(desk.user(Kind.CANCEL, 1, order_id=order_id))
    clock = desk.leaf(CLOCK)
    assert clock[ClockFelt.ORDER_FREE : ClockFelt.LEVEL_HIGH + 1] == (3, 4, 130, 131)
    quote(desk, *((1, BID, price, 1) for price in (80, 81, 82)))
    clock = desk.leaf(CLOCK)
    assert clock[ClockFelt.ORDER_FREE : ClockFelt.LEVEL_HIGH + 1] == (0, 5, 0, 132)
    assert clock[ClockFelt.NEXT_ORDER_ID] == 7


def test_an_expired_order_may_be_cancelled_but_not_amended() -> None:
    desk = desk_at(100)
    desk.place(1, ASK, 101, 5, expiry_ms=desk.now + 10)
    desk.later(10)
    command = desk.user(Kind.AMEND, 1, order_id=1, price_ticks=101, lots=1)
    assert desk.send(command) == Refused(Refusal.ORDER_EXPIRED)
    assert desk.accept(desk.user(Kind.CANCEL, 1, order_id=1)).outcome == (0, 1, 0, 5)
