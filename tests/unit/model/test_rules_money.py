"""Deposits, withdrawals and requests (docs/spec/commands.md § 6, § 8), and the greatest values."""

import random
from collections.abc import Iterator

import pytest

from tests.model import invariants
from tests.model.commands import Applied, Command, Envelope, Refused
from tests.model.desk import (
    KEY,
    NO_KEY,
    NOT_A_KEY,
    USDC,
    Desk,
    command_of,
    deposit,
    events,
    forced,
    oracle,
    owner_of,
    request,
)
from tests.model.duties import duty
from tests.model.ecgfp5 import GENERATOR, encode, group_mul
from tests.model.margin import Change, fill_check
from tests.model.poseidon2 import P
from tests.model.requests import is_public_key
from tests.model.state import (
    CLOCK,
    LOG,
    MONEY,
    account_address,
    felt,
    key_address,
    market_address,
    owner_address,
    position_address,
    report_place,
)
from zkperp._generated.codes import Kind, OrderType, Side
from zkperp._generated.events import EventType
from zkperp._generated.leaves import (
    AccountFelt,
    ClockFelt,
    LogFelt,
    MarketFelt,
    MoneyFelt,
    PositionFelt,
)
from zkperp._generated.refusals import Refusal

BALANCE_MAX, CUSTODY_MAX = 2**58 - 1, 2**57
USER, FORCED, RETURNED = 0, 1, 2
OTHER_KEY = encode(group_mul(7, GENERATOR)).coefficients


def traded(lots: int, price: int, mark: int) -> Desk:
    """Account 1 has bought from account 2; each put in 1000 USDC, and then the mark moved."""
    desk = Desk()
    for account in (1, 2):
        desk.deposit(account, 1000 * USDC)
    desk.price(0, price)
    desk.place(2, Side.ASK, price, lots)
    desk.place(1, Side.BID, price, lots)
    desk.price(0, mark)
    return desk


def test_the_first_deposit_opens_the_account() -> None:
    desk = Desk()
    result = desk.accept(deposit(7, 5))
    assert [event.type for event in result.events] == [EventType.KEY_SET, EventType.DEPOSIT]
    assert events(result, EventType.DEPOSIT) == [(0, 7, 5, 0, 0)]
    assert result.outcome == (0, 5, 0, 0)
    assert desk.leaf(account_address(7))[:2] == (1, 5)
    assert desk.leaf(owner_address(7))[:3] == owner_of(7)
    assert desk.leaf(key_address(7, 0))[:6] == (*KEY, 0)
    assert desk.leaf(MONEY)[MoneyFelt.CUSTODY] == 5
    assert desk.leaf(CLOCK)[ClockFelt.REQUESTS_DONE] == 1


def test_a_deposit_may_replace_a_key_whose_nonce_stays() -> None:
    desk = Desk()
    desk.deposit(7, 5)
    desk.accept(desk.user(Kind.BURN_NONCE, 7, nonce=100))
    desk.accept(deposit(7, 0, public_key=OTHER_KEY))
    assert desk.leaf(key_address(7, 0))[:6] == (*OTHER_KEY, 100)
    desk.accept(deposit(7, 0, key=13))
    assert desk.leaf(key_address(7, 13))[:6] == (*KEY, 0)


def test_no_key_keeps_the_keys() -> None:
    desk = Desk()
    desk.deposit(7, 5)
    result = desk.accept(deposit(7, 5, key=255, public_key=NO_KEY))
    assert [event.type for event in result.events] == [EventType.DEPOSIT]
    assert desk.leaf(key_address(7, 0))[:6] == (*KEY, 0)


@pytest.mark.parametrize(("key", "public_key"), [(14, KEY), (255, KEY), (0, NOT_A_KEY)])
def test_a_bad_key_is_credited_without_it(key: int, public_key: tuple[int, ...]) -> None:
    desk = Desk()
    result = desk.accept(deposit(7, 5, key=key, public_key=public_key))
    assert result.outcome == (Refusal.BAD_KEY, 5, 0, 0)
    assert events(result, EventType.DEPOSIT) == [(0, 7, 5, 0, Refusal.BAD_KEY)]
    assert not events(result, EventType.KEY_SET)
    assert not any(desk.leaf(key_address(7, 0)))


def test_what_a_public_key_is() -> None:
    assert is_public_key(KEY)
    assert is_public_key(OTHER_KEY)
    assert not is_public_key(NOT_A_KEY)
    assert not is_public_key(NO_KEY)


def test_another_owner_gets_it_all_back() -> None:
    desk = Desk()
    desk.deposit(7, 5)
    result = desk.accept(deposit(7, 6, owner=owner_of(8), public_key=OTHER_KEY))
    code = Refusal.NOT_ACCOUNT_OWNER
    assert result.outcome == (code, 0, 0, 0)
    assert events(result, EventType.DEPOSIT) == [(1, 7, 0, 6, code)]
    assert events(result, EventType.WITHDRAWAL) == [(7, 6, RETURNED)]
    assert result.withdrawals == (*owner_of(8), 6)
    assert desk.leaf(MONEY)[:4] == (5, 0, 0, 1)
    assert desk.leaf(key_address(7, 0))[:6] == (*KEY, 0)
    assert not desk.accept(deposit(7, 0, owner=owner_of(8))).withdrawals


def test_custody_has_a_cap() -> None:
    desk = Desk()
    desk.deposit(1, CUSTODY_MAX - 1)
    result = desk.accept(deposit(2, 10))
    assert result.outcome == (Refusal.DEPOSIT_CAPPED, 1, 0, 0)
    assert events(result, EventType.DEPOSIT) == [(1, 2, 1, 9, Refusal.DEPOSIT_CAPPED)]
    assert result.withdrawals == (*owner_of(2), 9)
    # The bad key's code is kept.
    result = desk.accept(deposit(3, 2**58 - 1, public_key=NOT_A_KEY))
    assert result.outcome == (Refusal.BAD_KEY, 0, 0, 0)
    assert events(result, EventType.WITHDRAWAL) == [(3, 2**58 - 1, RETURNED)]
    assert desk.leaf(MONEY)[:4] == (CUSTODY_MAX, 0, 0, 2)


def test_so_has_a_balance_and_a_debt_makes_room() -> None:
    desk = Desk()
    desk.deposit(1, 1)
    desk.checked = False
    # Who has gained more than that is paid nothing, and loses nothing.
    for collateral, room in (
        (BALANCE_MAX - 3, 3),
        (BALANCE_MAX, 0),
        (BALANCE_MAX + 9, 0),
        (-5, CUSTODY_MAX),
    ):
        desk.set(account_address(1), AccountFelt.COLLATERAL, felt(collateral))
        desk.set(MONEY, MoneyFelt.CUSTODY, 0)
        result = desk.accept(deposit(1, 2**58 - 1))
        assert result.outcome == (Refusal.DEPOSIT_CAPPED, room, 0, 0)
        assert desk.cash(1) == collateral + room


def test_a_withdrawal_goes_to_the_owner_up_to_what_is_free() -> None:
    # 1000 lots from 1000 to 1100: 1,000,000,000 - 500 + 100,000, margin 110,000.
    desk = traded(1000, 1000, 1100)
    free = 1000 * USDC - 500 + 100_000 - 110_000
    command = desk.user(Kind.WITHDRAW, 1, amount=free + 1)
    assert desk.send(command) == Refused(Refusal.INSUFFICIENT_FREE_COLLATERAL)
    result = desk.accept(desk.user(Kind.WITHDRAW, 1, amount=free))
    assert result.withdrawals == (*owner_of(1), free)
    assert events(result, EventType.WITHDRAWAL) == [(1, free, USER)]
    assert result.outcome == (0, free, 0, 0)
    # The gain is not paid in yet: cash is what was left of it, below zero.
    assert desk.cash(1) == 1000 * USDC - 1_000_000 - 500 - free


def test_no_more_than_custody_is_paid() -> None:
    # 100,000 lots from 10,000 to 30,000: account 1 has won 2000 USDC, account 2 owes 1000.
    desk = traded(100_000, 10_000, 30_000)
    free = 1000 * USDC - 500_000 + 2000 * USDC - 300 * USDC
    custody = 2000 * USDC
    command = desk.user(Kind.WITHDRAW, 1, amount=custody + 1)
    # Account 2 is to be liquidated first; L1 does not wait for it.
    assert desk.send(command) == Refused(Refusal.LIQUIDATION_PENDING)
    code = Refusal.INSUFFICIENT_CUSTODY
    assert desk.accept(forced(1, custody + 1)).outcome == (code, 0, 0, 0)
    code = Refusal.INSUFFICIENT_FREE_COLLATERAL
    assert desk.accept(forced(1, free + 1)).outcome == (code, 0, 0, 0)
    # "All I can" is what is there.
    result = desk.accept(forced(1, 0))
    assert result.outcome == (0, custody, 0, 0)
    assert desk.accept(forced(1, 0)).outcome == (code, 0, 0, 0)
    assert desk.leaf(MONEY)[MoneyFelt.CUSTODY] == 0


def test_a_forced_withdrawal_of_an_amount() -> None:
    desk = traded(1000, 1000, 1100)
    result = desk.accept(forced(1, 7))
    assert result.outcome == (0, 7, 0, 0)
    assert events(result, EventType.WITHDRAWAL) == [(1, 7, FORCED)]
    assert result.withdrawals == (*owner_of(1), 7)


def test_its_rejections_in_their_order() -> None:
    desk = traded(1000, 1000, 1100)
    desk.later(10_001)
    cases = [
        (forced(9, 5), Refusal.UNKNOWN_ACCOUNT),
        (forced(1, 5, owner=owner_of(2)), Refusal.NOT_ACCOUNT_OWNER),
        (forced(1, 2**58 - 1), Refusal.TICK_OVERDUE),
    ]
    for number, (command, code) in enumerate(cases, start=2):
        result = desk.accept(command)
        assert result.outcome == (code, 0, 0, 0)
        assert events(result, EventType.REQUEST_REJECTED) == [(number, command.words[1], code)]
        assert not result.withdrawals
        assert len(result.touched) == 2, "clock and log"
    desk.price(0, 1100)
    assert desk.accept(forced(1, 5)).outcome == (0, 5, 0, 0)


def test_a_price_is_fresh_for_exactly_its_time() -> None:
    desk = traded(1000, 1000, 1100)
    desk.later(10_000 - 1)
    desk.accept(desk.user(Kind.WITHDRAW, 1, amount=1))
    assert desk.send(desk.user(Kind.WITHDRAW, 1, amount=1)) == Refused(Refusal.TICK_OVERDUE)
    # Without a position no price is needed.
    desk.deposit(3, 1)
    desk.accept(desk.user(Kind.WITHDRAW, 3, amount=1))


def test_an_oracle_price_at_the_edges_of_its_window() -> None:
    desk = Desk()
    desk.step_ms = 0
    assert desk.send(oracle(0, 5, desk.now - 10_001)) == Refused(Refusal.PRICE_TOO_OLD)
    desk.accept(oracle(0, 5, desk.now - 10_000))
    assert desk.send(oracle(0, 6, desk.now - 10_000)) == Refused(Refusal.PRICE_NOT_NEWER)
    desk.accept(oracle(0, 2**24 - 1, desk.now - 9_999))
    assert desk.send(oracle(0, 2**24, desk.now)) == Refused(Refusal.BAD_PRICE)
    desk.accept(oracle(0, 1, desk.now))
    assert desk.send(oracle(0, 1, desk.now + 1)) == Refused(Refusal.PRICE_FROM_FUTURE)
    place = report_place(0, 0)
    assert desk.leaf(place[0])[:2] == (1, desk.now)


def test_fees_have_a_bound() -> None:
    desk = traded(1, 1000, 1000)
    desk.checked = False
    desk.place(2, Side.ASK, 1000, 5)
    for fees, filled in ((BALANCE_MAX - 1, 0), (BALANCE_MAX - 2, 5)):
        desk.set(MONEY, MoneyFelt.FEES, fees)
        # 5000: taker 2.5 -> 3, maker -0.5 -> 0; 3 are one more than the first case has room for.
        desk.set(market_address(0), MarketFelt.TAKER_PPM, 400)
        result = desk.place(1, Side.BID, 1000, 5, OrderType.IOC)
        assert result.outcome[2] == filled
    assert desk.leaf(MONEY)[MoneyFelt.FEES] == BALANCE_MAX


@pytest.mark.parametrize(
    ("collateral", "size", "change", "fee", "code"),
    [
        # Selling 5 at 1000 brings 5000 less the fee.
        (BALANCE_MAX - 4998, 0, -5, 2, None),
        (BALANCE_MAX - 4998, 0, -5, 1, Refusal.BALANCE_LIMIT),
        (BALANCE_MAX - 4998, 5, -5, 1, Refusal.BALANCE_LIMIT),
        # Buying costs it; a debtor may not leave his debt behind, let alone go beyond the bound.
        (-BALANCE_MAX + 5003, -5, 5, 3, Refusal.WORSE_HEALTH),
        (-BALANCE_MAX + 5003, -5, 5, 4, Refusal.BALANCE_LIMIT),
        (-BALANCE_MAX + 5003, 0, 5, 3, Refusal.INITIAL_MARGIN),
    ],
)
def test_collateral_has_a_bound_either_way(
    collateral: int, size: int, change: int, fee: int, code: Refusal | None
) -> None:
    desk = traded(1, 1000, 1000)
    desk.checked = False
    desk.set(account_address(1), AccountFelt.COLLATERAL, collateral)
    desk.set(account_address(1), AccountFelt.POSITIONS, size != 0)
    desk.set(position_address(1, 0), PositionFelt.SIZE, size)
    assert fill_check(desk.model.state, Change(1, 0, change, 1000, fee)) == code


def words_at_random(rng: random.Random) -> tuple[int, ...]:
    """Return words that the contract admits, of accounts and amounts at all their edges."""
    kind = rng.choice((1, 1, 2))
    account = rng.choice((1, 2, 3, 4, 2**31 - 1, rng.randrange(1, 2**31)))
    owner = owner_of(rng.choice((account, account, account, 1)))
    if rng.random() < 0.02:
        owner = (2**56 - 1, 2**56 - 1, 2**48 - 1)
    some = rng.choice((0, 1, 2**20, 2**40, 2**52, CUSTODY_MAX, 2**58 - 1))
    amount = min(some + rng.choice((0, 0, 1, rng.randrange(2**30))), 2**58 - 1)
    if kind == 2:
        return (2, account, *owner, amount, *[0] * 6)
    anything = tuple(rng.choice((0, 1, 4, P - 1, rng.randrange(P))) for _ in range(5))
    public_key = rng.choice((KEY, NO_KEY, OTHER_KEY, NOT_A_KEY, anything))
    return (1, account, *owner, amount, rng.choice((0, 1, 13, 14, 255)), *public_key)


def trading(desk: Desk, rng: random.Random) -> Iterator[Command]:
    """Yield what gives requests positions, debts and stale prices to meet."""
    yield desk.user(Kind.WITHDRAW, rng.choice((1, 2, 3)), amount=rng.randrange(1, 2**20))
    market = rng.randrange(2)
    yield oracle(market, rng.randrange(1, 2**24), desk.now + 1)
    yield command_of(Kind.TICK, market=market)
    for account in (1, 2, 3):
        price, lots = rng.randrange(1, 2**24), rng.randrange(1, 2**28)
        yield desk.order(account, rng.choice(list(Side)), price, lots, market=rng.randrange(2))


def test_ten_thousand_arbitrary_requests_all_have_an_outcome() -> None:
    rng = random.Random(8)
    desk = Desk()
    seen = set()
    for number in range(10_000):
        while (owed := duty(desk.model.state)) is not None:
            desk.apply(Envelope(desk.now, owed))
        if number % 20 == 0:
            for command in trading(desk, rng):
                desk.apply(Envelope(desk.now + 1, command))
        at = desk.now + rng.choice((0, 1, 10, 1000, 4095))
        if at > desk.due:
            desk.apply(Envelope(desk.due, command_of(Kind.FUND)))
        result = desk.apply(Envelope(at, request(words_at_random(rng), number)))
        assert isinstance(result, Applied)
        code, done, *zeros = result.outcome
        assert 0 <= done <= 2**58 - 1
        assert zeros == [0, 0]
        seen.add(code)
        if number % 250 == 0:
            invariants.check(desk.model.state)
    invariants.check(desk.model.state)
    assert seen >= {
        0,
        Refusal.UNKNOWN_ACCOUNT,
        Refusal.NOT_ACCOUNT_OWNER,
        Refusal.BAD_KEY,
        Refusal.DEPOSIT_CAPPED,
        Refusal.TICK_OVERDUE,
        Refusal.INSUFFICIENT_FREE_COLLATERAL,
    }
    assert desk.leaf(CLOCK)[ClockFelt.REQUESTS_DONE] == 10_000
    assert desk.leaf(LOG)[LogFelt.COMMANDS] >= 10_000


NOT_ADMITTED = [
    (0, 1, *[0] * 10),
    (3, 1, *[0] * 10),
    (1, 0, *[0] * 10),
    (1, 2**31, *[0] * 10),
    (1, 1, 2**56, *[0] * 9),
    (1, 1, 0, 2**56, *[0] * 8),
    (1, 1, 0, 0, 2**48, *[0] * 7),
    (1, 1, 0, 0, 0, 2**58, *[0] * 6),
    (1, 1, 0, 0, 0, 0, 256, *[0] * 5),
    (1, 1, *[0] * 9, P),
    (2, 1, 0, 0, 0, 5, 1, *[0] * 5),
    (2, 1, *[0] * 9, 1),
    (2, 1, *[0] * 9),
    (),
]


@pytest.mark.parametrize("words", NOT_ADMITTED)
def test_words_that_the_contract_does_not_admit(words: tuple[int, ...]) -> None:
    assert Desk().send(request(words)) == Refused(Refusal.MALFORMED)
