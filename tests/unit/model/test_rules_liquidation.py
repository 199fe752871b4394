"""Triggers, due accounts, liquidation, the fund's takeovers (docs/spec/liquidation.md).

A lot at a tick is a micro-USDC; margins are 10, 6 and 4 %, fees 0 but for the liquidation fee. The
desk checks after each command that nobody is below maintenance unseen, and that no money is lost.
"""

import pytest

from tests.model import batch, triggers
from tests.model.commands import Refused
from tests.model.desk import KEY, NO_KEY, USDC, Desk, command_of, events, forced, market_of
from tests.model.due import due_accounts
from tests.model.margin import sums
from tests.model.pending import pending_markets
from tests.model.rules import Model
from tests.model.state import Felts, position_address
from zkperp._generated.codes import Kind, OrderType, RemovalReason, Side
from zkperp._generated.constants import FUND_ACCOUNT
from zkperp._generated.events import EventType
from zkperp._generated.leaves import PositionFelt
from zkperp._generated.refusals import Refusal

BID, ASK = Side.BID, Side.ASK
PLAIN = market_of(taker_ppm=0, maker_ppm=0, impact_quote=2**40)
TIERED = market_of(
    ((100, 50_000, 30_000, 20_000), (1000, 100_000, 60_000, 40_000)),
    taker_ppm=0,
    maker_ppm=0,
    lots_max=1000,
    impact_quote=2**40,
)


def venue(*longs: tuple[int, int], fund: int = 0, fund_key: Felts = NO_KEY) -> Desk:
    """Return a desk at 10,000 in two markets: accounts 11, 12, .. have so much, and are so long."""
    desk = Desk(PLAIN, PLAIN, fund_key=fund_key)
    desk.deposit(1, 1000 * USDC)
    desk.price(0, 10_000)
    desk.price(1, 10_000)
    if fund:
        desk.accept(desk.user(Kind.TRANSFER, 1, to=FUND_ACCOUNT, amount=fund))
    for number, (money, lots) in enumerate(longs):
        desk.deposit(11 + number, money)
        buy(desk, 11 + number, lots)
    return desk


def buy(desk: Desk, account: int, lots: int, *, market: int = 0, seller: int = 1) -> None:
    """Let an account buy at 10,000."""
    desk.place(seller, ASK, 10_000, lots, market=market)
    assert desk.place(account, BID, 10_000, lots, market=market).outcome[2] == lots


def liquidate(desk: Desk) -> tuple[int, ...]:
    """Do a step of liquidation."""
    return tuple(desk.accept(command_of(Kind.LIQUIDATE)).outcome)


def order_of_list(desk: Desk, side: int) -> list[int]:
    """Return who stands in a list of market 0, tier 0."""
    return list(triggers.members(desk.model.state, 0, triggers.list_of(0, side)))


def test_the_weakest_stands_first_and_equals_as_they_came() -> None:
    desk = venue((20 * 10**5, 1000), (30 * 10**5, 1000), (15 * 10**5, 1000), (20 * 10**5, 1000))
    assert order_of_list(desk, triggers.LONG) == [13, 11, 14, 12]
    assert order_of_list(desk, triggers.SHORT) == [1]


def test_who_closes_is_unlisted() -> None:
    desk = venue((20 * 10**5, 1000), (30 * 10**5, 1000))
    desk.place(1, BID, 10_000, 1000)
    desk.place(11, ASK, 10_000, 1000)
    assert order_of_list(desk, triggers.LONG) == [12]
    assert desk.leaf(position_address(11, 0)) == (0,) * 8


def test_another_tier_is_another_list() -> None:
    desk = Desk(TIERED)
    for account in (1, 2):
        desk.deposit(account, 1000 * USDC)
    desk.price(0, 10_000)
    for lots, listed in ((100, 1), (1, 3)):
        buy(desk, 2, lots)
        assert desk.leaf(position_address(2, 0))[PositionFelt.LIST] == listed
    desk.place(1, BID, 10_000, 1)
    desk.place(2, ASK, 10_000, 1)
    assert desk.leaf(position_address(2, 0))[PositionFelt.LIST] == 1


def test_half_the_slack_may_go_before_a_trigger_is_crossed() -> None:
    # S = 2,000,000 - 600,000; half of it is 7 % of 10,000,000. V falls by 0.94 of the price.
    desk = venue((2 * 10**6, 1000))
    desk.price(0, 9256)
    assert pending_markets(desk.model.state) == 0
    desk.price(0, 9255)
    assert pending_markets(desk.model.state) == 1
    assert [one.outcome for one in desk.sweep()] == [(0, 11, 0, 0), (0, 0, 0, 0)]


def test_deposits_move_no_trigger_but_a_withdrawal_does() -> None:
    desk = venue((2 * 10**6, 1000))
    before = desk.leaf(position_address(11, 0))
    desk.deposit(11, USDC)
    assert desk.leaf(position_address(11, 0)) == before
    desk.accept(desk.user(Kind.WITHDRAW, 11, amount=2 * USDC))
    assert desk.leaf(position_address(11, 0)) != before


def test_everything_that_takes_risk_waits_the_rest_does_not() -> None:
    desk = venue((2 * 10**6, 1000), (2 * 10**6, 1))
    desk.place(12, BID, 5000, 2)
    desk.price(0, 8500)
    waiting = [
        desk.order(1, BID, 8000, 1),
        desk.user(Kind.AMEND, 12, order_id=5, price_ticks=5000, lots=1),
        desk.user(Kind.WITHDRAW, 1, amount=1),
        desk.user(Kind.CREATE_ACCOUNT, 1),
        desk.user(Kind.TRANSFER, 1, to=FUND_ACCOUNT, amount=1),
        desk.user(Kind.SET_LEVERAGE, 1, imf_ppm=200_000),
        command_of(Kind.TICK),
    ]
    for stage in (desk.sweep, desk.care):
        for command in waiting:
            assert desk.send(command) == Refused(Refusal.LIQUIDATION_PENDING)
        assert desk.send(command_of(Kind.FUND), at=desk.due) == Refused(Refusal.LIQUIDATION_PENDING)
        stage()
    desk.accept(waiting[0])


def test_meanwhile_money_orders_and_nonces_may_go() -> None:
    desk = venue((2 * 10**6, 1000), (2 * 10**6, 1))
    desk.place(12, BID, 5000, 2)
    desk.price(0, 8500)
    desk.accept(desk.user(Kind.CANCEL, 12, order_id=5))
    desk.accept(desk.user(Kind.BURN_NONCE, 12))
    assert desk.accept(forced(1, 5)).outcome == (0, 5, 0, 0)
    desk.report(0, 8500)
    # A deposit saves the account.
    desk.sweep()
    desk.deposit(11, USDC)
    assert liquidate(desk) == (0, 11, 0, 0)
    assert not list(due_accounts(desk.model.state))


def test_a_batch_may_end_in_the_middle_and_follows_from_its_data() -> None:
    desk = venue((2 * 10**6, 1000), (2 * 10**6, 1000))
    desk.price(0, 7000)
    # A shadow would have to seal, too.
    desk.beside.clear()
    desk.model.seal()
    model = Model(
        type(desk.model.state)(desk.model.state.leaves),
        desk.venue,
        hashes=desk.model.context.hashes,
    )
    desk.care()
    sealed = desk.model.seal()
    assert batch.replay(model, sealed.output) == sealed


def test_the_lowest_ratio_comes_first() -> None:
    desk = venue((20 * 10**5, 1000), (18 * 10**5, 1000), (19 * 10**5, 1000))
    desk.price(0, 8300)
    desk.sweep()
    assert list(due_accounts(desk.model.state)) == [12, 13, 11]


@pytest.mark.parametrize(("price", "meets"), [(8000, True), (7999, False)])
def test_the_book_is_used_down_to_the_zero_price(price: int, *, meets: bool) -> None:
    # At 8500 the account has 500,000 for 1000 lots, so 500 a lot, and needs 510.
    desk = venue((2 * 10**6, 1000), fund=100 * USDC)
    desk.place(1, BID, price, 1000)
    desk.price(0, 8500)
    desk.sweep()
    result = desk.accept(command_of(Kind.LIQUIDATE))
    assert bool(events(result, EventType.TRADE)) == meets
    assert bool(events(result, EventType.TAKEOVER)) == (not meets)


def test_dead_orders_are_removed_one_by_one() -> None:
    desk = venue((2 * 10**6, 1000), (2 * 10**6, 1000), fund=100 * USDC)
    desk.place(1, BID, 8490, 1, expiry_ms=desk.now + 500)
    desk.place(11, BID, 8480, 1)
    desk.place(12, BID, 8470, 1)
    desk.deposit(13, 1000)
    desk.place(13, BID, 8460, 1)
    desk.later(600)
    desk.price(0, 8400)
    desk.sweep()
    # What the poor one had is gone by force.
    desk.accept(forced(13, 1000))
    reasons = []
    for _ in range(4):
        removed = events(desk.accept(command_of(Kind.LIQUIDATE)), EventType.ORDER_REMOVED)
        reasons.append(removed[0][4])
    expected = (
        RemovalReason.EXPIRED,
        RemovalReason.SELF_TRADE,
        RemovalReason.LIQUIDATION,
        RemovalReason.MARGIN,
    )
    assert tuple(reasons) == expected
    desk.care()


def test_the_bonus_goes_to_the_maker_and_the_rest_of_the_fee_to_the_fund() -> None:
    desk = venue((2 * 10**6, 1000))
    desk.deposit(2, 100 * USDC)
    desk.place(2, BID, 8400, 100)
    desk.price(0, 8500)
    desk.sweep()
    result = desk.accept(command_of(Kind.LIQUIDATE))
    ((account, _, lots, price, fee, bonus),) = events(result, EventType.LIQUIDATION)
    assert (account, price) == (11, 8400)
    # 0.5 % and 0.1 % of the notional.
    assert (fee, bonus) == (lots * 8400 * 5000 // 10**6, lots * 8400 * 1000 // 10**6)
    assert desk.cash(FUND_ACCOUNT) == fee - bonus
    assert desk.cash(2) == 100 * USDC - lots * 8400 + bonus
    assert sums(desk.model.state, 11).maintenance >= 0


def test_below_close_out_nothing_is_left_and_nothing_owed() -> None:
    desk = venue((2 * 10**6, 1000), fund=100 * USDC)
    desk.price(0, 7000)
    desk.care()
    assert (desk.size(11), desk.cash(11)) == (0, 0)
    assert desk.size(FUND_ACCOUNT) == 1000
    assert sums(desk.model.state, FUND_ACCOUNT).tav == 99 * USDC


def test_nobody_takes_money_out_of_the_fund() -> None:
    desk = venue(fund=USDC, fund_key=KEY)
    locked = Refused(Refusal.FUND_LOCKED)
    for command in (
        desk.user(Kind.WITHDRAW, FUND_ACCOUNT, amount=1),
        desk.user(Kind.TRANSFER, FUND_ACCOUNT, to=1, amount=1),
        desk.user(Kind.CREATE_ACCOUNT, FUND_ACCOUNT),
    ):
        assert desk.send(command) == locked
    # It may trade.
    buy(desk, FUND_ACCOUNT, 10)
    assert desk.size(FUND_ACCOUNT) == 10


def test_without_a_key_nobody_trades_for_the_fund() -> None:
    desk = venue(fund=USDC)
    order = desk.order(FUND_ACCOUNT, BID, 10_000, 1)
    assert desk.send(order) == Refused(Refusal.UNKNOWN_KEY)


def test_a_market_order_crosses_dead_levels_no_more_than_any() -> None:
    """A venue that has recovered trades on, and the orders of a recovered account live again."""
    desk = venue((2 * 10**6, 1000))
    desk.place(11, BID, 5000, 1)
    desk.price(0, 8500)
    desk.sweep()
    desk.deposit(11, 10 * USDC)
    desk.care()
    result = desk.place(1, ASK, 5000, 1, OrderType.MARKET)
    assert result.outcome[2] == 1
