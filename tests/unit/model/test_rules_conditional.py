"""Conditional orders in their lists, their counts and pairs, worked by hand (conditional.md)."""

from typing import Any

import pytest

from tests.model import conditionals
from tests.model.commands import Applied, Command, Refused
from tests.model.conditionals import counted, tenure_of
from tests.model.desk import BTC, USDC, Desk, book, command_of, events, market_of
from tests.model.state import (
    CLOCK,
    CONDITIONALS,
    conditional_address,
    stops_address,
)
from zkperp._generated.codes import CancelScope, Condition, Direction, Kind, OrderType, Side
from zkperp._generated.codes import RemovalReason as Reason
from zkperp._generated.constants import (
    CONDITIONALS_MAX,
    OPEN_ORDERS_MAX,
    OPTION_REDUCE_ONLY,
    SUB_ACCOUNT_FIRST,
)
from zkperp._generated.events import EventType
from zkperp._generated.leaves import ClockFelt, ConditionalFelt, ConditionalsFelt
from zkperp._generated.refusals import Refusal

BID, ASK = Side
STOP, PROFIT = Condition
REMOVED, REJECTED = EventType.CONDITIONAL_REMOVED, EventType.CONDITIONAL_REJECTED
SUB = SUB_ACCOUNT_FIRST + 1
REDUCES: dict[str, Any] = {"options": OPTION_REDUCE_ONLY}
TRIGGER = command_of(Kind.TRIGGER)


def desk_at(mark: int = 1000, lots: int = 10) -> Desk:
    """Return a desk where account 1 is long and account 2 short; 3 is flat."""
    desk = Desk(BTC, BTC)
    for account in (1, 2, 3):
        desk.deposit(account, 1000 * USDC)
    desk.price(0, mark)
    desk.price(1, mark)
    desk.place(2, ASK, mark, lots)
    desk.place(1, BID, mark, lots)
    return desk


def stop(desk: Desk, account: int, side: Side, trigger: int, lots: int, **fields: int) -> Command:
    """Return a stop with a limit far beyond its trigger."""
    numbers: dict[str, int] = {
        "side": side,
        "order_type": OrderType.IOC,
        "price_ticks": trigger + (100 if side == BID else -100),
        "lots": lots,
        "expiry_ms": desk.now + 10**6,
        "trigger_ticks": trigger,
        "condition": STOP,
    }
    return desk.user(Kind.PLACE_CONDITIONAL, account, **numbers | fields)


def await_at(desk: Desk, account: int, side: Side, trigger: int, lots: int, **fields: int) -> int:
    """Let a stop wait; return its id."""
    return desk.accept(stop(desk, account, side, trigger, lots, **fields)).outcome[1]


def fire(desk: Desk) -> Applied:
    return desk.accept(TRIGGER)


def fire_all(desk: Desk) -> list[int]:
    """Fire until nothing is crossed; return the ids in their order."""
    fired = []
    while desk.leaf(CONDITIONALS)[ConditionalsFelt.CROSSED] != 0:
        fired.append(fire(desk).outcome[1])
    return fired


def waiting_in(desk: Desk, direction: Direction, market: int = 0) -> list[int]:
    """Return the ids of a list, in its order."""
    slot, found = desk.leaf(stops_address(market))[2 * direction], []
    while slot != 0:
        leaf = desk.leaf(conditional_address(slot))
        found.append(leaf[ConditionalFelt.ORDER_ID])
        slot = leaf[ConditionalFelt.NEXT]
    return found


def test_lists_are_sorted_by_what_is_reached_first_and_then_by_age() -> None:
    desk = desk_at()
    ids = [await_at(desk, 3, BID, trigger, 1) for trigger in (1010, 1005, 1010, 1005)]
    first, second, third, fourth = ids
    assert waiting_in(desk, Direction.RISING) == [second, fourth, first, third]
    falling = [await_at(desk, 3, ASK, trigger, 1) for trigger in (980, 990, 990)]
    assert waiting_in(desk, Direction.FALLING) == [falling[1], falling[2], falling[0]]
    desk.price(0, 1007)
    assert fire_all(desk) == [second, fourth, 0]
    desk.price(0, 900)
    assert fire_all(desk) == [falling[1], falling[2], falling[0], 0]
    assert waiting_in(desk, Direction.RISING) == [first, third]


@pytest.mark.parametrize(
    ("side", "condition", "direction"),
    [
        (ASK, STOP, Direction.FALLING),
        (BID, PROFIT, Direction.FALLING),
        (BID, STOP, Direction.RISING),
        (ASK, PROFIT, Direction.RISING),
    ],
)
def test_where_a_condition_looks(side: Side, condition: Condition, direction: Direction) -> None:
    desk = desk_at()
    for distance in (0, 1):
        trigger = 1000 + distance if direction == Direction.RISING else 1000 - distance
        order = stop(desk, 3, side, trigger, 1, condition=condition)
        reached = desk.send(order) == Refused(Refusal.BAD_TRIGGER)
        assert reached == (distance == 0)
    assert len(waiting_in(desk, direction)) == 1


def test_64_wait_and_those_that_are_cleared_do_not_count() -> None:
    desk = desk_at()
    for _ in range(CONDITIONALS_MAX):
        await_at(desk, 3, BID, 1010, 1)
    one_more = stop(desk, 3, BID, 1010, 1)
    assert desk.send(one_more) == Refused(Refusal.TOO_MANY_CONDITIONALS)
    await_at(desk, 3, BID, 1010, 1, market=1)
    desk.accept(desk.user(Kind.CANCEL_ALL, 3, order_type=CancelScope.MARKET))
    assert counted(desk.model.state, 3, 0) == (CONDITIONALS_MAX, 0)
    new = await_at(desk, 3, BID, 1010, 1)
    assert counted(desk.model.state, 3, 0) == (1, new)
    desk.price(0, 1010)
    assert [events(fire(desk), REMOVED)[0][3] for _ in range(CONDITIONALS_MAX)] == [
        Reason.CLEARED
    ] * CONDITIONALS_MAX
    assert fire(desk).outcome[1] == new
    assert counted(desk.model.state, 3, 0) == (0, new)


def test_a_dead_man_s_switch_kills_what_waits() -> None:
    desk = desk_at()
    await_at(desk, 3, BID, 1010, 1)
    desk.accept(desk.user(Kind.SET_DEADLINE, 3, deadline_ms=desk.now + 5))
    desk.later(10)
    desk.price(0, 1010)
    assert events(fire(desk), REMOVED)[0][3] == Reason.CLEARED
    fire_all(desk)
    # Placing fires the switch first, so what is placed then is alive.
    alive = await_at(desk, 3, BID, 1020, 1)
    desk.price(0, 1020)
    assert events(fire(desk), EventType.TRIGGERED)[0][0] == alive


def test_a_tied_order_outlives_what_does_not_end_its_position() -> None:
    desk = desk_at()
    tied = await_at(desk, 1, ASK, 990, 0, **REDUCES)
    desk.place(3, BID, 1000, 9)
    desk.place(1, ASK, 1000, 9, OrderType.IOC)
    desk.place(3, ASK, 1000, 20)
    desk.place(1, BID, 1000, 20, OrderType.IOC)
    assert tenure_of(desk.model.state, 1, 0) == 0
    desk.place(3, BID, 985, 30)
    desk.price(0, 990)
    result = fire(desk)
    assert events(result, EventType.TRIGGERED) == [(tied, 1, 0, ASK, 21, 890)]
    assert result.outcome == (0, tied, 21, 0)
    assert desk.size(1) == 0
    assert tenure_of(desk.model.state, 1, 0) == 1


@pytest.mark.parametrize("lots", [10, 25])
def test_a_tied_order_is_orphaned_when_its_position_was_closed_or_turned(lots: int) -> None:
    desk = desk_at()
    tied = await_at(desk, 1, ASK, 990, 0, **REDUCES)
    desk.place(3, BID, 1000, lots)
    desk.place(1, ASK, 1000, lots, OrderType.IOC)
    desk.place(3, ASK, 1000, 40)
    desk.place(1, BID, 1000, 40, OrderType.IOC)
    assert tenure_of(desk.model.state, 1, 0) == 1 + (lots > 10)
    desk.price(0, 990)
    assert events(fire(desk), REMOVED) == [(tied, 1, 0, Reason.ORPHANED)]


def test_no_more_than_a_market_s_greatest_order_is_placed_for_a_tied_one() -> None:
    desk = Desk(market_of(((100, 100_000, 60_000, 40_000),), lots_max=6))
    for account in (1, 2):
        desk.deposit(account, 1000 * USDC)
    desk.price(0, 1000)
    for _ in range(2):
        desk.place(2, ASK, 1000, 5)
        desk.place(1, BID, 1000, 5)
    await_at(desk, 1, ASK, 990, 0, **REDUCES)
    desk.price(0, 990)
    assert events(fire(desk), EventType.TRIGGERED)[0][4] == 6


def test_a_pair_is_broken_by_a_cancellation_and_either_half_takes_the_other_away() -> None:
    desk = desk_at()
    lower = await_at(desk, 1, ASK, 990, 5, **REDUCES)
    upper = await_at(desk, 1, ASK, 1010, 5, condition=PROFIT, partner=lower, **REDUCES)
    desk.accept(desk.user(Kind.CANCEL_CONDITIONAL, 1, order_id=upper))
    again = await_at(desk, 1, ASK, 1010, 5, condition=PROFIT, partner=lower, **REDUCES)
    desk.price(0, 1010)
    result = fire(desk)
    assert result.outcome[1] == again
    assert events(result, REMOVED) == [(lower, 1, 0, Reason.PARTNER)]
    assert waiting_in(desk, Direction.FALLING) == []


def test_what_makes_no_pair() -> None:
    desk = desk_at()
    lower = await_at(desk, 1, ASK, 990, 5, **REDUCES)
    grows = await_at(desk, 1, ASK, 990, 5)
    other = {"condition": PROFIT, "partner": lower}
    no_pairs = [
        stop(desk, 1, ASK, 1010, 5, **other),
        stop(desk, 1, ASK, 980, 5, partner=lower, **REDUCES),
        stop(desk, 1, BID, 990, 5, **other),
        stop(desk, 1, ASK, 1010, 5, condition=PROFIT, partner=grows, **REDUCES),
    ]
    for order in no_pairs:
        assert desk.send(order) == Refused(Refusal.BAD_PARTNER)
    mine = stop(desk, 2, BID, 1010, 5, partner=lower, **REDUCES)
    assert desk.send(mine) == Refused(Refusal.NOT_OWNER)
    resting = stop(desk, 1, ASK, 1010, 5, condition=PROFIT, partner=2, **REDUCES)
    assert desk.send(resting) == Refused(Refusal.UNKNOWN_ORDER)


@pytest.mark.parametrize(
    ("code", "free", "high", "orders_max"),
    [
        (Refusal.BOOK_FULL, ClockFelt.ORDER_FREE, ClockFelt.ORDER_HIGH, False),
        (Refusal.BOOK_FULL, ClockFelt.LEVEL_FREE, ClockFelt.LEVEL_HIGH, False),
        (Refusal.TOO_MANY_ORDERS, ClockFelt.ORDER_FREE, ClockFelt.ORDER_HIGH, True),
    ],
)
def test_what_may_rest_needs_room(
    code: Refusal, free: ClockFelt, high: ClockFelt, *, orders_max: bool
) -> None:
    desk = desk_at()
    rests = await_at(desk, 3, BID, 1010, 1, order_type=OrderType.GTT)
    never_rests = await_at(desk, 3, BID, 1010, 1)
    if orders_max:
        for _ in range(OPEN_ORDERS_MAX):
            desk.place(3, BID, 500, 1)
    desk.price(0, 1010)
    desk.checked = False
    desk.set(CLOCK, free, 0)
    desk.set(CLOCK, high, 2**24)
    result = fire(desk)
    assert result.outcome == (code, rests, 0, 0)
    assert events(result, REJECTED) == [(rests, 3, 0, code)]
    assert fire(desk).outcome == (0, never_rests, 0, 0)


def test_an_isolated_account_s_stop_elsewhere_is_rejected() -> None:
    desk = desk_at()
    desk.accept(desk.user(Kind.CREATE_ACCOUNT, 3, order_type=1, market=1))
    desk.accept(desk.user(Kind.TRANSFER, 3, to=SUB, amount=USDC))
    elsewhere = await_at(desk, SUB, BID, 1010, 1)
    desk.price(0, 1010)
    assert fire(desk).outcome == (Refusal.ISOLATED_ELSEWHERE, elsewhere, 0, 0)


def test_an_overdue_market_rejects_what_would_not_reduce() -> None:
    desk = desk_at()
    grows = await_at(desk, 3, BID, 1010, 1)
    shrinks = await_at(desk, 2, BID, 1010, 0, **REDUCES)
    desk.price(0, 1010)
    desk.later(20_000)
    assert fire(desk).outcome == (Refusal.TICK_OVERDUE, grows, 0, 0)
    assert fire(desk).outcome == (0, shrinks, 0, 0)


def test_more_than_the_position_limit_is_rejected() -> None:
    desk = Desk(market_of(((10, 100_000, 60_000, 40_000),), lots_max=8))
    for account in (1, 2):
        desk.deposit(account, 1000 * USDC)
    desk.price(0, 1000)
    desk.place(2, ASK, 1000, 5)
    desk.place(1, BID, 1000, 5)
    more = await_at(desk, 1, BID, 1010, 6)
    desk.price(0, 1010)
    assert fire(desk).outcome == (Refusal.POSITION_LIMIT, more, 0, 0)


def test_a_triggered_order_is_placed_at_the_band_s_edge_with_its_own_options() -> None:
    desk = Desk(market_of(band_ppm=50_000))
    for account in (1, 2):
        desk.deposit(account, 1000 * USDC)
    desk.price(0, 1000)
    far = await_at(desk, 1, BID, 1010, 5, order_type=OrderType.GTT, price_ticks=2000)
    desk.price(0, 1010)
    result = fire(desk)
    assert events(result, EventType.TRIGGERED) == [(far, 1, 0, BID, 5, 1060)]
    assert book(desk, 0, BID) == [(1060, far, 5)]
    assert result.outcome == (0, far, 0, 5)


def test_markets_fire_in_their_order_and_funding_waits() -> None:
    desk = desk_at()
    second = await_at(desk, 3, BID, 1010, 1, market=1)
    first = await_at(desk, 3, BID, 1010, 1)
    desk.step_ms = 0
    desk.report(0, 1010)
    desk.report(1, 1010)
    desk.step_ms = 1
    desk.tick(1)
    assert desk.send(command_of(Kind.TICK, market=0)) == Refused(Refusal.TRIGGER_DUE)
    assert desk.send(command_of(Kind.FUND), at=desk.due) == Refused(Refusal.TRIGGER_DUE)
    assert fire_all(desk) == [second, 0]
    desk.tick(0)
    assert fire_all(desk) == [first, 0]


def test_a_slot_is_used_again() -> None:
    desk = desk_at()
    await_at(desk, 3, BID, 1010, 1)
    last = await_at(desk, 3, BID, 1020, 1)
    desk.accept(desk.user(Kind.CANCEL_CONDITIONAL, 3, order_id=last - 1))
    assert desk.leaf(CONDITIONALS)[:2] == (1, 3)
    new = await_at(desk, 3, BID, 1030, 1)
    found = conditionals.find(desk.model.state, new)
    assert found is not None
    assert found.slot == 1
    assert desk.leaf(CONDITIONALS)[:2] == (0, 3)
