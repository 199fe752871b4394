"""Options, dead orders, client ids, clearing and mass quotes, worked by hand (orders.md)."""

from typing import Any

import pytest

from tests.model.commands import QuoteEntry, Refused
from tests.model.desk import BTC, USDC, Desk, book, command_of, events, market_of
from tests.model.open_orders import counted
from tests.model.state import account_address, client_order_address, order_address
from tests.unit.model.test_rules_liquidation import venue
from zkperp._generated.codes import CancelScope, Kind, OrderType, RemovalReason, SelfTrade, Side
from zkperp._generated.constants import (
    ALL_MARKETS,
    OPEN_ORDERS_MAX,
    OPTION_NAMED,
    OPTION_REDUCE_ONLY,
    OPTION_STP,
    OPTION_STP_OWNER,
    SUB_ACCOUNT_FIRST,
)
from zkperp._generated.events import EventType
from zkperp._generated.leaves import AccountFelt, OrderFelt
from zkperp._generated.refusals import Refusal

BID, ASK = Side
IOC, FOK, SLIDE, POST_ONLY = OrderType.IOC, OrderType.FOK, OrderType.SLIDE, OrderType.POST_ONLY
SUB = SUB_ACCOUNT_FIRST + 1
COARSE = market_of(lots_min=10)


def desk_at(mark: int = 1000) -> Desk:
    """Return four rich accounts and two markets, of one lot and of ten at least."""
    desk = Desk(BTC, COARSE)
    for account in (1, 2, 3, 4):
        desk.deposit(account, 1000 * USDC)
    for market in (0, 1):
        desk.price(market, mark)
    return desk


def quoted(client_id: int, side: Side, price: int, lots: int, options: int = 0) -> QuoteEntry:
    return QuoteEntry(client_id, side, price, lots, OPTION_NAMED | options)


def named(client_id: int) -> dict[str, Any]:
    return {"client_id": client_id, "options": OPTION_NAMED}


@pytest.mark.parametrize("lots", [0, 9, 10])
def test_a_market_has_a_least_order(lots: int) -> None:
    desk = desk_at()
    result = desk.send(desk.order(1, BID, 1000, lots, market=1))
    assert (result == Refused(Refusal.BAD_LOTS)) == (lots < 10)
    if lots == 10:
        amended = desk.user(Kind.AMEND, 1, order_id=1, price_ticks=1000, lots=9)
        assert desk.send(amended) == Refused(Refusal.BAD_LOTS)


def test_reduce_only_orders_may_be_smaller_and_stop_at_zero() -> None:
    desk = desk_at()
    desk.place(2, ASK, 1000, 15, market=1)
    desk.place(1, BID, 1000, 15, market=1)
    desk.place(2, BID, 1000, 12, market=1)
    desk.place(3, BID, 1000, 12, market=1)
    result = desk.place(1, ASK, 1000, 24, IOC, market=1, options=OPTION_REDUCE_ONLY)
    assert [trade[3] for trade in events(result, EventType.TRADE)] == [12, 3]
    stopped = (5, 1, 1, 9, Refusal.WOULD_NOT_REDUCE, 0)
    assert events(result, EventType.TAKER_STOPPED) == [stopped]
    again = desk.order(1, ASK, 1000, 1, IOC, market=1, options=OPTION_REDUCE_ONLY)
    assert desk.send(again) == Refused(Refusal.WOULD_NOT_REDUCE)


def test_a_reduce_only_maker_fills_no_more_than_its_position() -> None:
    desk = desk_at()
    desk.place(2, ASK, 1000, 5)
    desk.place(1, BID, 1000, 5)
    desk.place(1, ASK, 1001, 8, options=OPTION_REDUCE_ONLY)
    result = desk.place(3, BID, 1001, 8)
    assert [trade[3] for trade in events(result, EventType.TRADE)] == [5]
    # What is left of it has nothing to reduce.
    assert events(result, EventType.ORDER_REMOVED) == [(3, 1, 0, 3, RemovalReason.IDLE, 0)]
    assert desk.size(1) == 0
    assert book(desk, 0, BID) == [(1001, 4, 3)]


def test_an_idle_order_wakes_with_its_position_if_nobody_met_it() -> None:
    desk = desk_at()
    desk.place(2, ASK, 1000, 5)
    desk.place(1, BID, 1000, 5)
    desk.place(1, ASK, 1001, 5, options=OPTION_REDUCE_ONLY)
    for side in (ASK, BID):
        desk.place(2, Side(1 - side), 1000, 5)
        desk.place(1, side, 1000, 5)
    result = desk.place(3, BID, 1001, 5, FOK)
    assert result.outcome == (0, 8, 5, 0)


@pytest.mark.parametrize(
    ("stp", "outcome", "left", "events_of"),
    [
        (SelfTrade.CANCEL_MAKER, (0, 3, 4, 2), [], ["order_removed", "trade", "order_rested"]),
        (SelfTrade.CANCEL_TAKER, (0, 3, 0, 0), [5, 4], ["taker_stopped"]),
        (SelfTrade.CANCEL_BOTH, (0, 3, 0, 0), [4], ["order_removed", "taker_stopped"]),
        (SelfTrade.DECREMENT, (0, 3, 1, 0), [3], ["order_removed", "trade"]),
    ],
)
def test_self_trades(
    stp: SelfTrade, outcome: tuple[int, ...], left: list[int], events_of: list[str]
) -> None:
    desk = desk_at()
    desk.place(1, ASK, 1000, 5)
    desk.place(2, ASK, 1000, 4)
    result = desk.place(1, BID, 1000, 6, options=OPTION_STP * stp)
    assert result.outcome == outcome
    assert [lots for *_, lots in book(desk, 0, ASK)] == left
    assert [event.type.name.lower() for event in result.events] == events_of
    for values in events(result, EventType.ORDER_REMOVED):
        assert values[3:5] == (0 if stp == SelfTrade.DECREMENT else 5, RemovalReason.SELF_TRADE)


def test_accounts_of_one_owner_trade_unless_the_taker_says_otherwise() -> None:
    desk = desk_at()
    desk.accept(desk.user(Kind.CREATE_ACCOUNT, 1))
    desk.accept(desk.user(Kind.TRANSFER, 1, to=SUB, amount=USDC))
    desk.place(SUB, ASK, 1000, 5)
    assert desk.place(1, BID, 1000, 2, IOC).outcome == (0, 2, 2, 0)
    options = OPTION_STP_OWNER + OPTION_STP * SelfTrade.DECREMENT
    result = desk.place(1, BID, 1000, 2, IOC, options=options)
    assert events(result, EventType.ORDER_REDUCED) == [(1, SUB, 0, 1, 0)]
    assert desk.size(1) == 2


def test_fok_takes_all_or_changes_nothing() -> None:
    desk = desk_at()
    desk.place(1, ASK, 1000, 5, expiry_ms=desk.now + 3)
    desk.place(2, ASK, 1001, 5)
    assert desk.send(desk.order(3, BID, 1001, 11, FOK)) == Refused(Refusal.NOT_FILLED)
    # The first ask is dead now; a refusal leaves it.
    assert desk.send(desk.order(3, BID, 1001, 6, FOK)) == Refused(Refusal.NOT_FILLED)
    assert len(book(desk, 0, ASK)) == 2
    assert desk.place(3, BID, 1001, 5, FOK).outcome == (0, 3, 5, 0)


def test_a_slide_goes_one_tick_behind_the_first_living_order() -> None:
    desk = desk_at()
    desk.place(1, ASK, 998, 5, expiry_ms=desk.now + 2)
    desk.place(1, ASK, 1000, 5)
    result = desk.place(2, BID, 1005, 5, SLIDE)
    assert events(result, EventType.ORDER_RESTED) == [(3, 2, 0, BID, 999, 5, 0)]
    assert desk.place(2, BID, 990, 5, SLIDE).outcome == (0, 4, 0, 5)
    # An amended slide slides again.
    amended = desk.accept(desk.user(Kind.AMEND, 2, order_id=4, price_ticks=1001, lots=6))
    assert events(amended, EventType.ORDER_RESTED) == [(4, 2, 0, BID, 999, 6, 0)]


def test_a_slide_without_a_price_to_go_to_is_refused() -> None:
    desk = desk_at(1)
    desk.place(1, ASK, 1, 5)
    assert desk.send(desk.order(2, BID, 1, 5, SLIDE)) == Refused(Refusal.WOULD_TAKE)


def test_cleared_orders_make_room_for_others() -> None:
    desk = desk_at()
    desk.checked = False
    for _ in range(OPEN_ORDERS_MAX):
        desk.place(1, BID, 900, 1)
    more = desk.order(1, BID, 900, 1)
    assert desk.send(more) == Refused(Refusal.TOO_MANY_ORDERS)
    result = desk.accept(desk.user(Kind.CANCEL_ALL, 1))
    below = OPEN_ORDERS_MAX + 1
    assert events(result, EventType.ORDERS_CLEARED) == [(1, ALL_MARKETS, below)]
    desk.checked = True
    assert counted(desk.model.state, 1, 0) == (OPEN_ORDERS_MAX, 0)
    desk.place(1, BID, 900, 1)
    assert counted(desk.model.state, 1, 0) == (1, below)
    # Dead ones can still be cancelled: they are not counted any more.
    desk.accept(desk.user(Kind.CANCEL, 1, order_id=7))
    assert counted(desk.model.state, 1, 0) == (1, below)
    amended = desk.user(Kind.AMEND, 1, order_id=8, price_ticks=900, lots=1)
    assert desk.send(amended) == Refused(Refusal.ORDER_EXPIRED)


def test_a_taker_meets_no_more_than_64_dead_makers() -> None:
    desk = desk_at()
    desk.checked = False
    for _ in range(65):
        desk.place(1, ASK, 1000, 1)
    desk.accept(desk.user(Kind.CANCEL_ALL, 1, order_type=CancelScope.MARKET))
    desk.checked = True
    result = desk.place(2, BID, 1000, 1, POST_ONLY)
    assert len(events(result, EventType.ORDER_REMOVED)) == 64
    stopped = (66, 2, 0, 1, Refusal.MATCH_LIMIT, 0)
    assert events(result, EventType.TAKER_STOPPED) == [stopped]


def test_a_quote_s_entries_meet_64_makers_together() -> None:
    desk = desk_at()
    desk.checked = False
    for price in (1000, 1001):
        for _ in range(40):
            desk.place(1, ASK, price, 1)
    desk.accept(desk.user(Kind.CANCEL_ALL, 1))
    desk.checked = True
    quotes = (quoted(1, BID, 1000, 5), quoted(2, BID, 1001, 5), quoted(3, BID, 1001, 5))
    result = desk.accept(desk.quote(2, *quotes))
    assert len(events(result, EventType.ORDER_REMOVED)) == 64
    assert result.outcome == (0, 81, 3, 5)
    assert [values[0] for values in events(result, EventType.TAKER_STOPPED)] == [82, 83]


def test_dead_and_reduce_only_orders_have_no_impact_price() -> None:
    desk = Desk(market_of(impact_quote=5000))
    for account in (1, 2, 3):
        desk.deposit(account, 1000 * USDC)
    desk.price(0, 1000)
    desk.place(2, ASK, 1000, 5)
    desk.place(1, BID, 1000, 5)
    desk.place(1, ASK, 1001, 5, options=OPTION_REDUCE_ONLY)
    desk.place(2, ASK, 1002, 5)
    desk.place(3, ASK, 1003, 5)
    assert events(desk.tick(0), EventType.MARK)[0][5] == 1002
    desk.accept(desk.user(Kind.SET_DEADLINE, 2, deadline_ms=desk.now + 3))
    desk.step_ms = 5
    assert events(desk.tick(0), EventType.MARK)[0][5] == 1003


def test_the_switch_fires_once_and_only_for_what_was_before() -> None:
    desk = desk_at()
    desk.place(1, ASK, 1000, 5)
    deadline = desk.now + 3
    desk.accept(desk.user(Kind.SET_DEADLINE, 1, deadline_ms=deadline))
    past = desk.user(Kind.SET_DEADLINE, 1, deadline_ms=desk.now + 1)
    assert desk.send(past) == Refused(Refusal.BAD_EXPIRY)
    desk.accept(command_of(Kind.TIME), at=deadline)
    # A refused command leaves the switch as it is.
    assert desk.send(desk.order(1, BID, 0, 1)) == Refused(Refusal.BAD_PRICE)
    assert desk.leaf(account_address(1))[AccountFelt.DEADLINE_MS] == deadline
    result = desk.place(1, ASK, 1000, 6)
    assert events(result, EventType.ORDERS_CLEARED) == [(1, ALL_MARKETS, 2)]
    cleared = desk.leaf(account_address(1))
    assert cleared[AccountFelt.CLEARED :] == (2, 0, 0)
    assert desk.place(2, BID, 1000, 6, IOC).outcome == (0, 3, 6, 0)


def test_a_client_id_is_free_when_its_order_is_gone_cleared_or_expired() -> None:
    desk = desk_at()
    desk.place(1, ASK, 1000, 5, expiry_ms=desk.now + 4, **named(9))
    taken = desk.order(1, ASK, 1010, 5, IOC, **named(9 + 4096))
    assert desk.send(taken) == Refused(Refusal.CLIENT_ID_USED)
    desk.accept(command_of(Kind.TIME), at=desk.now + 5)
    desk.place(1, ASK, 1010, 5, **named(9 + 4096))
    assert desk.leaf(client_order_address(0, 9))[:4] == (9 + 4096, 2, 2, 0)
    result = desk.send(desk.user(Kind.CANCEL_NAMED, 1, client_id=9))
    assert result == Refused(Refusal.UNKNOWN_ORDER)
    assert desk.send(desk.user(Kind.CANCEL_NAMED, 2, client_id=9)) == result
    amended = desk.user(Kind.AMEND, 1, order_id=2, price_ticks=1020, lots=7)
    desk.accept(amended)
    assert desk.leaf(order_address(2))[OrderFelt.FLAGS] == 256 * (9 + 4096)
    result = desk.accept(desk.user(Kind.CANCEL_NAMED, 1, client_id=9 + 4096))
    assert result.outcome == (0, 2, 0, 7)


def test_pages_are_given_in_the_order_of_first_use() -> None:
    desk = desk_at()
    for account in (3, 1, 3):
        desk.place(account, ASK, 1000, 5, **named(desk.now))
    pages = [desk.leaf(account_address(account))[AccountFelt.NAMES] for account in (1, 2, 3)]
    assert pages == [2, 0, 1]
    # One that does not rest needs none.
    desk.place(2, BID, 1000, 1, IOC, **named(7))
    assert desk.leaf(account_address(2))[AccountFelt.NAMES] == 0


def test_a_quote_is_all_or_nothing() -> None:
    desk = desk_at()
    desk.accept(desk.quote(1, quoted(1, BID, 990, 5), quoted(2, ASK, 1010, 5)))
    desk.place(2, ASK, 1005, 5)
    late = (quoted(1, BID, 1004, 5), quoted(2, ASK, 1010, 0), quoted(3, BID, 1005, 5))
    assert desk.send(desk.quote(1, *late)) == Refused(Refusal.MALFORMED)
    late = (late[0], QuoteEntry(2), late[2])
    assert desk.send(desk.quote(1, *late)) == Refused(Refusal.WOULD_TAKE)
    assert [order_id for _, order_id, _ in book(desk, 0, BID)] == [1]
    elsewhere = desk.quote(1, QuoteEntry(2), market=1)
    assert desk.send(elsewhere) == Refused(Refusal.CLIENT_ID_USED)
    result = desk.accept(desk.quote(1, *late, order_type=SLIDE))
    assert result.outcome == (0, 4, 2, 10)
    reasons = [(one[0], one[4]) for one in events(result, EventType.ORDER_REMOVED)]
    assert reasons == [(1, RemovalReason.REPLACED), (2, RemovalReason.REPLACED)]
    assert book(desk, 0, BID) == [(1004, 4, 5), (1004, 5, 5)]


def test_a_later_entry_replaces_an_earlier_one_of_its_quote() -> None:
    desk = desk_at()
    result = desk.accept(desk.quote(1, quoted(1, BID, 990, 5), quoted(1, BID, 991, 6)))
    assert result.outcome == (0, 1, 2, 11)
    assert book(desk, 0, BID) == [(991, 2, 6)]


def test_liquidation_meets_dead_orders_and_no_more_than_reduces() -> None:
    desk = venue((2 * 10**6, 1000), fund=100 * USDC)
    for account in (21, 22):
        desk.deposit(account, 100 * USDC)
    desk.place(21, BID, 8495, 1)
    desk.accept(desk.user(Kind.CANCEL_ALL, 21))
    desk.place(22, ASK, 10_000, 3)
    desk.place(1, BID, 10_000, 3)
    desk.place(22, BID, 8490, 5, options=OPTION_REDUCE_ONLY)
    desk.price(0, 8500)
    desk.sweep()
    results = [desk.accept(command_of(Kind.LIQUIDATE)) for _ in range(3)]
    gone = [event for one in results for event in events(one, EventType.ORDER_REMOVED)]
    assert [event[3:5] for event in gone] == [(1, RemovalReason.CLEARED), (2, RemovalReason.IDLE)]
    assert [one.outcome[3] for one in results] == [0, 3, 0]
    assert desk.size(22) == 0
