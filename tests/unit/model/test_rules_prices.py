"""Ticks, funding, accounts of one owner, by hand (docs/spec/prices.md, commands.md § 11)."""

import pytest

from tests.model.commands import Refused
from tests.model.desk import (
    BTC,
    NO_KEY,
    USDC,
    Desk,
    command_of,
    events,
    forced,
    market_of,
    oracle,
    report_of,
)
from tests.model.genesis import Market
from tests.model.state import (
    MONEY,
    account_address,
    funding_address,
    interest_address,
    key_address,
    margin_address,
    mark_address,
    market_address,
    owner_address,
    position_address,
)
from zkperp._generated.codes import AccountType, Kind, OrderType, Side
from zkperp._generated.constants import SUB_ACCOUNT_FIRST
from zkperp._generated.events import EventType
from zkperp._generated.leaves import (
    AccountFelt,
    FundingFelt,
    InterestFelt,
    MarginFelt,
    MarketFelt,
    MarkFelt,
    PositionFelt,
)
from zkperp._generated.refusals import Refusal

BID, ASK = Side.BID, Side.ASK
FREE = market_of(taker_ppm=0, maker_ppm=0, impact_quote=10**6, band_ppm=50_000)
TICK = command_of(Kind.TICK, market=0)


def quoted(*markets: Market, oracles: int = 1, **numbers: int) -> Desk:
    """Accounts 1 to 3 with 1000 USDC each; mark 10,000, bid 10,100, ask 10,200."""
    desk = Desk(*(markets or (FREE, FREE)), oracles=oracles, fund_key=NO_KEY, **numbers)
    for account in (1, 2, 3):
        desk.deposit(account, 1000 * USDC)
    desk.price(0, 10_000)
    desk.place(3, BID, 10_100, 1000)
    desk.place(3, ASK, 10_200, 1000)
    return desk


def test_a_tick_writes_index_mark_bands_and_every_tier() -> None:
    tiers = ((10, 50_000, 30_000, 20_000), (2**28, 100_000, 60_000, 40_000))
    desk = quoted(market_of(tiers, multiplier=1, impact_quote=10**6, band_ppm=50_000))
    tick = desk.price(0, 10_000)
    # Premium 1 %; in a few milliseconds of its 300,000 the basis has not moved.
    assert events(tick, EventType.MARK) == [(0, 10_000, 10_000, 10_000, 10_100, 10_200)]
    assert desk.leaf(market_address(0))[MarketFelt.PRICE_LOW : MarketFelt.PRICE_HIGH + 1] == (
        9500,
        10_500,
    )
    for tier in (0, 1):
        assert desk.leaf(margin_address(0, tier))[MarginFelt.MARK_VALUE] == 10_000
        assert desk.leaf(margin_address(0, tier))[MarginFelt.TICK_MS] == desk.now
    assert not any(desk.leaf(margin_address(0, 2)))


def test_the_mark_follows_a_book_that_stays_above_the_index_up_to_the_cap() -> None:
    desk = quoted(staleness_ms=2**29, tick_max_ms=2**29)
    desk.price(0, 10_000)
    marks = []
    for _ in range(3):
        desk.later(150_000)
        marks.append(desk.price(0, 10_000).outcome[3])
    # Half of 0.5 %, then half of the rest.
    assert marks == [10_025, 10_037, 10_043]


@pytest.mark.parametrize(
    ("prices", "outcome"),
    [
        ((10_000, 10_050, 9950), 10_000),
        ((10_000, 13_000, 10_001), 10_001),
        ((10_000, 7000, 9999), 9999),
        ((10_000, 7000, 13_000), None),
        ((10_000, 10_051, 9949), None),
    ],
)
def test_oracles_that_disagree(prices: tuple[int, ...], outcome: int | None) -> None:
    desk = Desk(FREE, oracles=3, quorum=2)
    desk.report(0, *prices)
    result = desk.send(TICK)
    if outcome is None:
        assert result == Refused(Refusal.NO_QUORUM)
    else:
        assert not isinstance(result, Refused)
        assert result.outcome[2] == outcome


def test_oracles_that_fall_silent() -> None:
    desk = Desk(FREE, oracles=3, quorum=2)
    desk.report(0, 10_000, 10_000, 10_000)
    desk.accept(TICK)
    desk.later(9000)
    desk.accept(oracle(0, 9990, desk.now, key=1))
    desk.later(2000)
    # One of the three reports is younger than ten seconds.
    assert desk.send(TICK) == Refused(Refusal.NO_QUORUM)
    desk.accept(oracle(0, 9991, desk.now, key=2))
    assert desk.accept(TICK).outcome == (0, 0, 9990, 9990)


def test_a_report_of_many_markets_counts_as_a_whole_or_not_at_all() -> None:
    desk = Desk(FREE, BTC)
    assert desk.send(report_of(0, desk.now, (0, 5), (1, 2**24))) == Refused(Refusal.BAD_PRICE)
    result = desk.accept(report_of(0, desk.now, (0, 5), (1, 6)))
    found = [
        (key, market, price) for key, market, price, _ in events(result, EventType.ORACLE_REPORT)
    ]
    assert found == [(0, 0, 5), (0, 1, 6)]


def test_funding_is_paid_when_a_size_changes_and_counts_before() -> None:
    desk = quoted()
    desk.place(1, BID, 10_200, 100, OrderType.IOC)
    before = desk.cash(1)
    desk.tick(0)
    # 10,000 ppm of premium for 10 s of the hour are 27 ppm; 100 ppm for 8 hours are 12 an hour.
    result = desk.fund()
    assert events(result, EventType.FUNDING)[0] == (0, 12, 10_000, 120_000)
    desk.fund()
    assert desk.leaf(funding_address(0))[FundingFelt.FUNDING] == 240_000
    assert desk.cash(1) == before
    # 100 lots x 240,000 / 10^6 = 24. The old bid has expired.
    desk.place(3, BID, 10_100, 100)
    closed = desk.place(1, ASK, 10_100, 100, OrderType.IOC)
    assert events(closed, EventType.FUNDING_PAID) == [(1, 0, -24), (3, 0, 24)]
    assert desk.cash(1) == before - 24 + 1_010_000
    assert desk.leaf(interest_address(0))[InterestFelt.CLEARING] == 0
    assert not any(desk.leaf(position_address(1, 0)))


def test_no_command_passes_the_hour_before_it_is_funded() -> None:
    desk = quoted()
    time = command_of(Kind.TIME)
    desk.accept(time, at=desk.due)
    desk.accept(desk.user(Kind.BURN_NONCE, 1), at=desk.due)
    assert desk.send(time, at=desk.due + 1) == Refused(Refusal.FUNDING_DUE)
    assert desk.send(desk.user(Kind.BURN_NONCE, 1)) == Refused(Refusal.FUNDING_DUE)
    assert desk.send(forced(1, 1)) == Refused(Refusal.FUNDING_DUE)
    assert desk.send(command_of(Kind.FUND), at=desk.due + 1) == Refused(Refusal.FUNDING_NOT_DUE)
    desk.fund()
    desk.accept(time, at=desk.now + 1)


def test_overdue_markets_stop_risk_but_not_reducing() -> None:
    desk = quoted()
    desk.place(1, BID, 10_200, 100, OrderType.IOC)
    desk.later(10_001)
    for command in (
        desk.order(1, BID, 10_000, 1),
        desk.order(1, ASK, 10_000, 101),
        desk.order(2, BID, 10_000, 1),
        desk.user(Kind.WITHDRAW, 1, amount=1),
        desk.user(Kind.SET_LEVERAGE, 1, imf_ppm=200_000),
    ):
        assert desk.send(command) == Refused(Refusal.TICK_OVERDUE)
    # Account 2 holds nothing.
    desk.accept(desk.user(Kind.WITHDRAW, 2, amount=1))
    desk.accept(desk.user(Kind.SET_LEVERAGE, 2, imf_ppm=200_000))
    assert desk.place(1, ASK, 10_100, 100).outcome[2] == 100


def isolated(desk: Desk, market: int = 0) -> int:
    """Make account 1 an isolated account of a market."""
    made = desk.accept(
        desk.user(Kind.CREATE_ACCOUNT, 1, order_type=AccountType.ISOLATED, market=market)
    )
    return made.outcome[1]


def test_an_isolated_account_has_its_master_s_owner_and_key_and_one_market() -> None:
    desk = quoted()
    account = isolated(desk)
    assert account == SUB_ACCOUNT_FIRST + 1
    assert desk.leaf(account_address(account))[:5] == (1, 0, 0, 1, 1)
    assert desk.leaf(owner_address(account)) == desk.leaf(owner_address(1))
    assert desk.leaf(key_address(account, 0))[:6] == (*desk.leaf(key_address(1, 0))[:5], 0)
    desk.accept(desk.user(Kind.TRANSFER, 1, to=account, amount=USDC))
    desk.price(1, 10_000)
    order = desk.order(account, BID, 10_000, 1, market=1)
    assert desk.send(order) == Refused(Refusal.ISOLATED_ELSEWHERE)
    assert desk.place(account, BID, 10_200, 5).outcome[2] == 5


def test_its_losses_are_its_own() -> None:
    desk = quoted()
    account = isolated(desk)
    desk.accept(desk.user(Kind.TRANSFER, 1, to=account, amount=USDC))
    desk.place(account, BID, 10_200, 800)
    desk.price(0, 7000)
    # 1 USDC - 800 x 3200 is a debt, and the master's money is free.
    desk.care()
    assert desk.cash(account) == 0
    assert desk.send(desk.user(Kind.TRANSFER, account, to=1, amount=1)) == Refused(
        Refusal.INSUFFICIENT_FREE_COLLATERAL
    )
    desk.accept(desk.user(Kind.WITHDRAW, 1, amount=999 * USDC))
    assert desk.cash(1) == 0


def test_money_moves_within_a_family_only() -> None:
    desk = quoted()
    first, second = isolated(desk), isolated(desk, 1)
    for sender, to, amount in ((1, first, 5), (first, second, 4), (second, 1, 3)):
        result = desk.accept(desk.user(Kind.TRANSFER, sender, to=to, amount=amount))
        assert events(result, EventType.TRANSFER) == [(sender, to, amount)]
    assert [desk.cash(account) for account in (1, first, second)] == [1000 * USDC - 2, 1, 1]
    for to in (first, 2, 77):
        command = desk.user(Kind.TRANSFER, first, to=to, amount=1)
        assert desk.send(command) == Refused(Refusal.BAD_RECEIVER)
    # A sub-account's money leaves to the owner of all.
    assert (
        desk.accept(desk.user(Kind.WITHDRAW, second, amount=1)).withdrawals[:3]
        == (desk.leaf(owner_address(1))[:3])
    )
    assert desk.leaf(MONEY)[3] == 1


def test_own_leverage_is_in_force_at_once() -> None:
    desk = quoted()
    desk.place(1, BID, 10_200, 100, OrderType.IOC)
    free = 1000 * USDC - 20_000 - 10**6
    desk.accept(desk.user(Kind.SET_LEVERAGE, 1, imf_ppm=10**6))
    assert desk.leaf(position_address(1, 0))[PositionFelt.IMF_PPM] == 10**6
    too_much = desk.user(Kind.WITHDRAW, 1, amount=free + 10**6 + 1)
    assert desk.send(too_much) == Refused(Refusal.INSUFFICIENT_FREE_COLLATERAL)
    desk.accept(desk.user(Kind.SET_LEVERAGE, 1, imf_ppm=0))
    desk.accept(desk.user(Kind.WITHDRAW, 1, amount=free + 10**6 - 100_000))
    command = desk.user(Kind.SET_LEVERAGE, 1, imf_ppm=100_001)
    assert desk.send(command) == Refused(Refusal.INITIAL_MARGIN)
    desk.accept(desk.user(Kind.SET_LEVERAGE, 1, imf_ppm=100_000))


def test_open_interest_has_a_limit_that_reducing_does_not_know() -> None:
    desk = quoted(market_of(oi_max=100, taker_ppm=0, maker_ppm=0))
    stopped = desk.place(1, BID, 10_200, 51, OrderType.IOC)
    code = Refusal.OPEN_INTEREST_LIMIT
    assert events(stopped, EventType.TAKER_STOPPED) == [(3, 1, 0, 51, code, 0)]
    desk.place(1, BID, 10_200, 50, OrderType.IOC)
    # Passed on from 1 to 2 it does not grow.
    desk.place(2, BID, 10_150, 50)
    assert desk.place(1, ASK, 10_150, 50).outcome[2] == 50
    assert desk.leaf(interest_address(0))[InterestFelt.OPEN_INTEREST] == 100


def test_the_bands_let_the_other_side_through() -> None:
    desk = quoted()
    assert desk.send(desk.order(1, BID, 10_501, 1)) == Refused(Refusal.PRICE_BAND)
    assert desk.send(desk.order(1, ASK, 9499, 1)) == Refused(Refusal.PRICE_BAND)
    desk.place(1, BID, 10_500, 1)
    desk.place(1, BID, 1, 1)
    desk.place(1, ASK, 2**24 - 1, 1)
    assert desk.leaf(mark_address(0))[MarkFelt.MARK_TICKS] == 10_000
    assert desk.leaf(account_address(1))[AccountFelt.POSITIONS] == 1
