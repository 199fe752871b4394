"""What the fund can't bear is closed against everybody on the other side (liquidation.md § 5, § 7).

The venue is that of test_rules_liquidation: a lot at a tick is a micro-USDC, margins are 10, 6 and
4 %, account 1 sells at 10,000 in two markets.
"""

import pytest

from tests.model.commands import Applied, Refused
from tests.model.desk import KEY, USDC, Desk, command_of, deposit, events, forced, market_of
from tests.model.due import due_accounts, is_due
from tests.model.margin import sums
from tests.model.state import DELEVERAGING, account_address, felt, standing_address
from tests.unit.model.test_rules_liquidation import buy, liquidate, venue
from zkperp._generated.codes import Kind
from zkperp._generated.constants import BALANCE_MAX, FUND_ACCOUNT
from zkperp._generated.events import EventType
from zkperp._generated.leaves import AccountFelt
from zkperp._generated.refusals import Refusal

SMALL = market_of(taker_ppm=0, maker_ppm=0, lots_max=1000, impact_quote=2**40)
BAD = Refused(Refusal.BAD_COUNTERPARTY)


def visit(desk: Desk, account: int) -> Applied:
    """Close a counterparty's share."""
    return desk.accept(command_of(Kind.DELEVERAGE, account=account))


def refused(desk: Desk, account: int) -> bool:
    """Say whether an account is no counterparty."""
    return desk.send(command_of(Kind.DELEVERAGE, account=account)) == BAD


def two_sellers() -> Desk:
    """Account 11 is 1000 long, and owes 1,000,000 at 7000; 1 is 1000 short, and 12 is 3000."""
    desk = venue((2 * 10**6, 1000))
    desk.deposit(12, 10 * USDC)
    desk.deposit(13, 100 * USDC)
    buy(desk, 13, 3000, seller=12)
    desk.price(0, 7000)
    desk.sweep()
    return desk


def test_a_bankrupt_fund_s_debt_is_shared_in_proportion() -> None:
    desk = two_sellers()
    # The fund has nothing, and takes lots and debt all the same.
    taken = desk.accept(command_of(Kind.LIQUIDATE))
    assert events(taken, EventType.TAKEOVER) == [(11, 0, 1000, 8_000_000)]
    assert events(taken, EventType.LIQUIDATION_DUE) == [(FUND_ACCOUNT, -1_000_000, 420_000)]
    assert liquidate(desk) == (0, 11, 0, 0)
    assert (desk.size(11), desk.cash(11)) == (0, 0)
    started = desk.accept(command_of(Kind.LIQUIDATE))
    assert started.outcome == (0, FUND_ACCOUNT, 0, 0)
    expected = [(FUND_ACCOUNT, 0, 1000, 8_000_000, 4000)]
    assert events(started, EventType.DELEVERAGING) == expected
    # 1000 lots against 1000 and 3000, in whatever order.
    assert desk.send(command_of(Kind.LIQUIDATE)) == Refused(Refusal.DELEVERAGE_FIRST)
    for account, lots in ((12, 750), (1, 250)):
        assert all(refused(desk, wrong) for wrong in (13, 11, 2, 0, FUND_ACCOUNT))
        result = visit(desk, account)
        assert result.outcome == (0, account, lots, 0)
        shares = [(FUND_ACCOUNT, account, 0, lots, 8000 * lots)]
        assert events(result, EventType.DELEVERAGED) == shares
        assert account == 1 or refused(desk, account)
    assert desk.send(command_of(Kind.DELEVERAGE, account=1)) == Refused(Refusal.NOTHING_DUE)
    desk.care()
    assert (desk.size(FUND_ACCOUNT), desk.cash(FUND_ACCOUNT)) == (0, 0)


def test_a_fund_with_equity_is_closed_at_the_mark() -> None:
    desk = venue((2 * 10**6, 1000), fund=7)
    desk.price(0, 8100)
    desk.sweep()
    # TAV 100,000, which is less than 4 %: the fund gets it with the lots, and needs 486,000.
    assert liquidate(desk) == (0, 11, 0, 1000)
    assert liquidate(desk) == (0, 11, 0, 0)
    started = desk.accept(command_of(Kind.LIQUIDATE))
    expected = [(FUND_ACCOUNT, 0, 1000, 8_100_000, 1000)]
    assert events(started, EventType.DELEVERAGING) == expected
    visit(desk, 1)
    desk.care()
    assert (desk.size(FUND_ACCOUNT), desk.cash(FUND_ACCOUNT)) == (0, 100_007)
    assert desk.cash(1) == 1000 * USDC - 7 + 1000 * 1900


def test_a_full_fund_makes_room_and_takes_the_next() -> None:
    desk = Desk(SMALL)
    for account in (1, 2):
        desk.deposit(account, 1000 * USDC)
    desk.price(0, 10_000)
    desk.accept(desk.user(Kind.TRANSFER, 1, to=FUND_ACCOUNT, amount=100 * USDC))
    for account in (11, 12):
        desk.deposit(account, 2 * USDC)
        buy(desk, account, 1000, seller=account - 10)
    desk.price(0, 7000)
    desk.sweep()
    assert liquidate(desk) == (0, 11, 0, 1000)
    assert liquidate(desk) == (0, 11, 0, 0)
    started = desk.accept(command_of(Kind.LIQUIDATE))
    assert started.outcome == (0, 12, 0, 0)
    expected = [(FUND_ACCOUNT, 0, 1000, 7_000_000, 2000)]
    assert events(started, EventType.DELEVERAGING) == expected
    # The fund is healthy meanwhile, and its triggers follow.
    assert not is_due(desk.model.state, FUND_ACCOUNT)
    for account in (2, 1):
        assert visit(desk, account).outcome == (0, account, 500, 0)
    assert liquidate(desk) == (0, 12, 0, 1000)
    desk.care()
    assert desk.size(FUND_ACCOUNT) == 1000
    # Two debts of 1,000,000.
    assert sums(desk.model.state, FUND_ACCOUNT).tav == 98 * USDC


def test_numbers_go_on_and_stamps_stay() -> None:
    desk = two_sellers()
    desk.care()
    assert desk.leaf(DELEVERAGING) == (0, 0, 0, 0, 0, 0, 0, 1)
    assert [desk.leaf(standing_address(one, 0))[0] for one in (1, 12, 13)] == [1, 1, 0]
    desk.deposit(14, 2 * 10**6)
    desk.price(0, 10_000)
    buy(desk, 14, 1000)
    desk.price(0, 7000)
    desk.care()
    assert desk.leaf(DELEVERAGING) == (0, 0, 0, 0, 0, 0, 0, 2)
    assert [desk.leaf(standing_address(one, 0))[0] for one in (1, 12, 13)] == [2, 2, 0]


def test_who_gives_no_lot_has_been_visited_too() -> None:
    desk = venue((2 * 10**6, 1000), (100 * USDC, 1))
    desk.deposit(13, USDC)
    # Account 13 is short one lot of 1001.
    buy(desk, 12, 1, seller=13)
    desk.price(0, 7000)
    desk.sweep()
    while desk.leaf(DELEVERAGING)[0] == 0:
        liquidate(desk)
    result = visit(desk, 13)
    assert result.outcome == (0, 13, 0, 0)
    assert result.events == ()
    assert refused(desk, 13)
    assert visit(desk, 1).outcome == (0, 1, 1000, 0)


def test_the_fund_stands_behind_all_others() -> None:
    desk = venue((20 * 10**5, 1000), fund=10**6, fund_key=KEY)
    buy(desk, FUND_ACCOUNT, 1000)
    desk.price(0, 8300)
    desk.sweep()
    # 11 has 300,000 left, the fund less than nothing.
    assert list(due_accounts(desk.model.state)) == [11, FUND_ACCOUNT]
    desk.care()
    assert desk.size(FUND_ACCOUNT) == 0


@pytest.mark.parametrize(("price", "owed"), [(1, 0), (5000, 625_000)])
def test_a_debt_without_positions_is_the_fund_s(price: int, owed: int) -> None:
    # The fund takes a debt in market 0; in its market 1 12 alone is short, with little money.
    desk = venue((2 * 10**6, 1000))
    desk.deposit(12, 5 * 10**5)
    buy(desk, 11, 300, market=1, seller=12)
    desk.price(0, price)
    done = desk.care()
    covered = [one for result in done for one in events(result, EventType.DEBT_COVERED)]
    ((account, _),) = covered
    assert account == 12
    assert desk.cash(12) == 0
    # At 1 market 1 goes first, and account 1 pays in the end; at 5000 nobody is left to pay:
    # of a debt of 3,000,000 three eighths were in market 1, and 12 had 500,000.
    assert (desk.size(FUND_ACCOUNT), desk.cash(FUND_ACCOUNT)) == (0, -owed)
    desk.price(0, 2)


def test_a_request_in_the_middle_of_deleveraging() -> None:
    desk = two_sellers()
    for _ in range(3):
        liquidate(desk)
    desk.accept(deposit(11, 5 * USDC))
    desk.accept(forced(1, 1))
    desk.care()
    assert (desk.size(11), desk.cash(11)) == (0, 5 * USDC)


def test_if_the_fund_can_pay_no_more_the_due_account_is_closed() -> None:
    desk = two_sellers()
    desk.checked = False
    desk.set(account_address(FUND_ACCOUNT), AccountFelt.COLLATERAL, felt(-BALANCE_MAX))
    result = desk.accept(command_of(Kind.LIQUIDATE))
    assert result.outcome == (0, 11, 0, 0)
    assert events(result, EventType.DELEVERAGING) == [(11, 0, 1000, 8_000_000, 4000)]
    for account in (12, 1):
        visit(desk, account)
    assert (desk.size(11), desk.cash(11)) == (0, 0)
