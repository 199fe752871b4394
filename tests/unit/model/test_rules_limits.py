"""The bound table of docs/spec/state.md § 11, at its greatest values."""

import pytest

from tests.model import batch
from tests.model.commands import Refused
from tests.model.desk import NATIVE, Desk, events, forced, market_of, told
from tests.model.genesis import Market
from tests.model.margin import Change, fee_of, fill_check, placement_check, sums
from tests.model.rules import Model
from tests.model.state import MONEY, SCHEDULE, State, account_address, mark_address, market_address
from zkperp._generated.codes import Kind, OrderType, Side
from zkperp._generated.constants import (
    CUSTODY_MAX,
    NOTIONAL_MAX,
    ORDER_ID_MAX,
    SIGNED_BOUND,
)
from zkperp._generated.events import EventType
from zkperp._generated.leaves import (
    AccountFelt,
    ClockFelt,
    KeyFelt,
    MarketFelt,
    MarkFelt,
    MoneyFelt,
    ScheduleFelt,
)
from zkperp._generated.refusals import Refusal

GTT = OrderType.GTT
MARKETS = 32
TOP, MOST = 2**26, 2**26
# Greatest notional, greatest fees; margin at its least, so that two accounts can hold it all.
LEAST = ((MOST, 1, 1, 1),)
WIDE = market_of(LEAST, price_max=TOP, lots_max=MOST, taker_ppm=10**4, maker_ppm=10**4)
FREE = market_of(LEAST, price_max=TOP, lots_max=MOST, taker_ppm=0, maker_ppm=0)
FULL = market_of(
    ((MOST, 10**6, 10**6, 10**6),),
    price_max=TOP,
    lots_max=MOST,
    taker_ppm=0,
    maker_ppm=0,
)


def full_desk(market: Market, price: int) -> Desk:
    """Account 1 is long and account 2 short all lots of all 32 markets; each put in 2^56."""
    desk = Desk(*[market] * MARKETS)
    desk.checked = False
    for account in (1, 2):
        desk.deposit(account, CUSTODY_MAX // 2)
    for m in range(MARKETS):
        desk.price(m, price)
        desk.place(2, Side.ASK, price, MOST, market=m)
        filled = desk.place(1, Side.BID, price, MOST, OrderType.IOC, market=m)
        assert filled.outcome[2] == MOST
    desk.checked = True
    desk.later(1)
    return desk


def test_all_positions_at_the_greatest_price() -> None:
    desk = full_desk(FREE, TOP)
    # 32 x 2^52 = 2^57 have changed hands.
    assert desk.cash(1) == 2**56 - 2**57
    assert desk.cash(2) == 2**56 + 2**57
    assert desk.leaf(account_address(1))[AccountFelt.POSITIONS] == 2**32 - 1
    least = 32 * (NOTIONAL_MAX // 10**6 + 1)
    for account in (1, 2):
        value = sums(desk.model.state, account)
        assert (value.tav, value.tav - value.initial) == (2**56, least)


def test_all_prices_at_the_bottom_again() -> None:
    desk = full_desk(FREE, TOP)
    done = []
    for market in range(MARKETS):
        desk.price(market, 1)
        done += desk.care()
    # The winner has taken part in the loser's end; nobody owes anything.
    assert any(events(one, EventType.DELEVERAGED) for one in done)
    assert all(sums(desk.model.state, account).maintenance >= 0 for account in (1, 2))
    desk.accept(forced(2, 0))


def test_values_stay_below_their_bounds() -> None:
    desk = full_desk(WIDE, TOP)
    fee = fee_of(NOTIONAL_MAX, 10**4)
    assert desk.leaf(MONEY)[MoneyFelt.FEES] == 2 * MARKETS * fee
    for account in (1, 2):
        value = sums(desk.model.state, account)
        assert abs(value.tav) < 2**59
        assert value.tav - value.initial <= 2**57 + 32
        assert abs(value.initial) < SIGNED_BOUND


def test_full_margin_takes_all_that_there_may_be() -> None:
    desk = Desk(FULL)
    desk.deposit(1, NOTIONAL_MAX)
    desk.deposit(2, NOTIONAL_MAX - 1)
    desk.price(0, TOP)
    order = desk.order(2, Side.ASK, TOP, MOST)
    assert desk.send(order) == Refused(Refusal.INITIAL_MARGIN)
    desk.deposit(2, 1)
    desk.place(2, Side.ASK, TOP, MOST)
    assert desk.place(1, Side.BID, TOP, MOST).outcome[2] == MOST
    for account in (1, 2):
        command = desk.user(Kind.WITHDRAW, account, amount=1)
        assert desk.send(command) == Refused(Refusal.INSUFFICIENT_FREE_COLLATERAL)


def test_the_greatest_loss_an_order_can_promise() -> None:
    market = market_of(LEAST, price_max=TOP, lots_max=MOST, taker_ppm=10**4, maker_ppm=0)
    desk = Desk(market)
    desk.deposit(1, CUSTODY_MAX)
    desk.price(0, 1)
    state = desk.model.state
    # Buying all at the top with the mark at 1: 2^52 - 2^26 lost, 1 % fee, 68 of margin.
    needed = NOTIONAL_MAX - MOST + fee_of(NOTIONAL_MAX, 10**4) + 68
    desk.checked = False
    for cash, code in ((needed, None), (needed - 1, Refusal.INITIAL_MARGIN)):
        desk.set(account_address(1), AccountFelt.COLLATERAL, cash)
        assert placement_check(state, 1, 0, MOST, limit=TOP, now=desk.now) == code
        fee = fee_of(NOTIONAL_MAX, 10**4)
        assert fill_check(state, Change(1, 0, MOST, TOP, fee)) == code


@pytest.mark.parametrize("side", list(Side))
def test_a_market_order_s_credit_at_its_greatest(side: Side) -> None:
    desk = Desk(FREE)
    for account in (1, 2):
        desk.deposit(account, CUSTODY_MAX // 2)
    # All but one lot at the best price there is, and that one at the worst.
    good, bad = (1, TOP) if side == Side.BID else (TOP, 1)
    limit = TOP - 1 if side == Side.BID else 2
    # Half way, so that a band of 100 % reaches from end to end.
    desk.price(0, TOP // 2)
    other = Side(1 - side)
    desk.place(2, other, good, MOST - 1)
    desk.place(2, other, bad, 1)
    result = desk.place(1, side, limit, MOST, OrderType.MARKET)
    trades = [(trade[2], trade[3]) for trade in events(result, EventType.TRADE)]
    assert trades == [(good, MOST - 1), (bad, 1)]


def test_the_largest_words_of_a_record() -> None:
    desk = Desk(market_of(price_max=2**32 - 1, lots_max=2**20, taker_ppm=0, maker_ppm=0))
    desk.checked = False
    last = 2**32 - 1
    desk.set(account_address(last), AccountFelt.STATUS, 1)
    desk.set(account_address(last), AccountFelt.COLLATERAL, 2**57)
    desk.set(account_address(last) + 2 + 13, KeyFelt.KEY0, 4)
    desk.set(account_address(last) + 2 + 13, KeyFelt.NONCE, 2**48 - 2 - 2 * 16_383)
    desk.set(0, ClockFelt.NEXT_ORDER_ID, ORDER_ID_MAX - 1)
    desk.set(0, ClockFelt.TIME_MS, 2**44 - 1 - 2 * 4095)
    desk.set(0, ClockFelt.REQUESTS_DONE, 2**47)
    desk.set(market_address(0), MarketFelt.PRICE_HIGH, 2**32 - 1)
    desk.set(mark_address(0), MarkFelt.TICK_MS, 2**44 - 1 - 2 * 4095)
    desk.set(SCHEDULE, ScheduleFelt.FUNDING_DUE_MS, 2**44)
    leaves = desk.model.state.leaves
    desk.model, twin = (
        Model(State(leaves), desk.venue, hashes=NATIVE, signature_rule=told) for _ in range(2)
    )
    nonce = 2**48 - 2 - 16_383
    end = {"key": 13, "valid_until_ms": 2**44 - 1}
    place = desk.order(
        last, Side.ASK, 2**32 - 1, 2**20, GTT, nonce=nonce, expiry_ms=2**44 - 1, **end
    )
    placed = desk.accept(place, at=2**44 - 1 - 4095)
    assert placed.record == (
        4 + (13 << 6) + (1 << 15) + (last << 19) + (4095 << 51),
        2**32 - 1 + (16_383 << 32),
        2**20,
        2**44 - 1,
    )
    cancel = desk.user(Kind.CANCEL, last, order_id=ORDER_ID_MAX - 1, nonce=nonce + 16_383, **end)
    cancelled = desk.accept(cancel, at=2**44 - 2)
    assert cancelled.record[1] == ORDER_ID_MAX - 1 + (16_383 << 48)
    burnt = desk.accept(desk.user(Kind.BURN_NONCE, last, nonce=2**48 - 1, **end), at=2**44 - 2)
    assert burnt.record[1] == 2**48 - 1
    order = desk.order(last, Side.ASK, 1, 1, GTT, nonce=2**48 - 1, expiry_ms=2**44 - 1, **end)
    assert desk.send(order, at=2**44 - 2) == Refused(Refusal.NONCE_USED)
    desk.accept(forced(2**31 - 1, 2**58 - 1), at=2**44 - 1)
    sealed = desk.model.seal()
    assert batch.replay(twin, sealed.output) == sealed


@pytest.mark.parametrize(
    "numbers",
    [
        {"multiplier": 0},
        {"multiplier": 2**20, "lots_max": 1},
        {"taker_ppm": 10**4 + 1},
        {"taker_ppm": 5, "maker_ppm": -6},
        {"taker_ppm": 5, "maker_ppm": 6},
        {"price_max": 0},
        {"price_max": 2**32, "lots_max": 1},
        {"price_max": 2**13, "multiplier": 2**19 + 1, "lots_max": 1},
        {"lots_max": 0},
        {"lots_max": 2**40, "price_max": 1},
        {"price_max": 2**26, "lots_max": 2**26 + 1},
        {"price_max": 2**26, "lots_max": 2**26, "multiplier": 2},
        {"oi_max": 2**56 + 1},
        {"impact_quote": 0},
        {"impact_quote": 2**52 + 1},
        {"band_ppm": 10**6 + 1},
        {"interest_ppm": 65_536},
        {"clamp_ppm": 65_536},
        {"rate_max_ppm": 65_536},
        {"rate_max_ppm": -1},
    ],
)
def test_markets_that_cannot_be(numbers: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="Market"):
        market_of(**numbers)


@pytest.mark.parametrize(
    "tiers",
    [
        ((2**28, 10**6 + 1, 1, 1),),
        ((2**28, 2, 3, 1),),
        ((2**28, 3, 1, 2),),
        ((2**28, 1, 1, 0),),
        ((2**28 - 1, 1, 1, 1),),
        ((0, 1, 1, 1), (2**28, 1, 1, 1)),
        ((2**28, 1, 1, 1), (2**28, 1, 1, 1)),
        ((1, 2, 1, 1), (2**28, 1, 1, 1)),
        ((1, 3, 2, 1), (2**28, 3, 1, 1)),
        ((1, 3, 3, 2), (2**28, 3, 3, 1)),
        ((1, 1, 1, 1), (2, 1, 1, 1), (3, 1, 1, 1), (4, 1, 1, 1), (2**28, 1, 1, 1)),
    ],
)
def test_tiers_that_cannot_be(tiers: tuple[tuple[int, ...], ...]) -> None:
    with pytest.raises(ValueError, match="Market"):
        market_of(
            tiers,
        )


def test_a_market_at_its_bounds() -> None:
    for numbers in (
        {"multiplier": 2**20 - 1, "price_max": 4096, "lots_max": 2**20},
        {"price_max": 2**32 - 1, "lots_max": 2**20},
        {"price_max": 4096, "lots_max": 2**40 - 1},
    ):
        assert isinstance(market_of(**numbers), Market)
