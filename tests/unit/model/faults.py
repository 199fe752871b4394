"""Faults: what can be wrong with each kind of command, or with the state that it meets."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from tests.model.commands import Applied, Command, Entry, QuoteEntry, Refused
from tests.model.desk import BAD, START_MS, USDC, Desk, command_of, oracle
from tests.model.state import (
    CLOCK,
    CONDITIONALS,
    CONFIG,
    DELEVERAGING,
    MONEY,
    RISK,
    SCHEDULE,
    account_address,
    conditional_address,
    due_address,
    felt,
    key_address,
    mark_address,
    market_address,
    oracle_key_address,
    order_address,
    position_address,
    report_place,
    standing_address,
)
from zkperp._generated.codes import AccountType, CancelScope, Condition, Kind, OrderType, Side
from zkperp._generated.constants import (
    BALANCE_MAX,
    CONDITIONALS_MAX,
    NAMES_MAX,
    OPTION_NAMED,
    OPTION_REDUCE_ONLY,
    SUB_ACCOUNT_END,
    SUB_ACCOUNT_FIRST,
)
from zkperp._generated.leaves import (
    AccountFelt,
    ClockFelt,
    ConditionalFelt,
    ConditionalsFelt,
    ConfigFelt,
    DeleveragingFelt,
    DueFelt,
    KeyFelt,
    MarketFelt,
    MarkFelt,
    MoneyFelt,
    OracleKeyFelt,
    OrderFelt,
    PositionFelt,
    RiskFelt,
    ScheduleFelt,
    StandingFelt,
)
from zkperp._generated.refusals import Refusal

MARK = 600_000
ORDER = list(Refusal)

Prepare = Callable[[Desk], object]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: other fields in the command, another time, or another state."""

    code: Refusal
    fields: dict[str, Any] = field(default_factory=dict)
    at: int | None = None
    prepare: Prepare | None = None
    # Where it stands in the order of checks, if not where the refusals' list has its code.
    after: Refusal | None = None


def put(address: int, place: int, value: int) -> Prepare:
    return lambda desk: desk.set(address, place, felt(value))


def ask_at(price: int) -> Prepare:
    return lambda desk: desk.place(2, Side.ASK, price, 5)


def no_slots(desk: Desk) -> None:
    desk.set(CLOCK, ClockFelt.ORDER_FREE, 0)
    desk.set(CLOCK, ClockFelt.ORDER_HIGH, 2**24)


def no_slots_to_wait(desk: Desk) -> None:
    desk.set(CONDITIONALS, ConditionalsFelt.FREE, 0)
    desk.set(CONDITIONALS, ConditionalsFelt.HIGH, 2**24)


def no_levels(desk: Desk) -> None:
    desk.set(CLOCK, ClockFelt.LEVEL_FREE, 0)
    desk.set(CLOCK, ClockFelt.LEVEL_HIGH, 2**24)


def poor(desk: Desk) -> None:
    desk.set(LEDGER, AccountFelt.COLLATERAL, felt(-10 * MARK))
    desk.set(POSITION, PositionFelt.SIZE, 10)
    desk.set(POSITION, PositionFelt.FUNDING, 0)


def rich_in_funding_only(desk: Desk) -> None:
    desk.set(LEDGER, AccountFelt.COLLATERAL, felt(-BALANCE_MAX))
    desk.set(POSITION, PositionFelt.SIZE, 2**28)
    desk.set(POSITION, PositionFelt.FUNDING, 2**60)


def pages(desk: Desk) -> None:
    desk.set(LEDGER, AccountFelt.NAMES, 0)
    desk.set(SCHEDULE, ScheduleFelt.NEXT_NAMES, NAMES_MAX)


def quotes(**wrong: int) -> tuple[QuoteEntry, ...]:
    """Return entries of which the first that asks for lots may be wrong; one order only goes."""
    one = QuoteEntry(7, Side.BID, 599_500, 5, OPTION_NAMED)._replace(**wrong)
    return (QuoteEntry(8), one, QuoteEntry(8, Side.BID, 599_400, 5))


def account_due(desk: Desk) -> None:
    desk.set(RISK, RiskFelt.DUE_FIRST, 1)
    desk.set(due_address(1), DueFelt.IS_DUE, 1)


def one_lot_to_deleverage(desk: Desk) -> None:
    for place, value in enumerate((33, 1, MARK, 10, 0, 0, 0, 1)):
        desk.set(DELEVERAGING, place, value)


def one_market_pending(desk: Desk) -> None:
    desk.set(RISK, RiskFelt.PENDING, 1)


def market_crossed(desk: Desk) -> None:
    desk.set(CONDITIONALS, ConditionalsFelt.CROSSED, 1)


def stop_of(desk: Desk, **fields: int) -> Command:
    """Return account 1's tied stop below the mark."""
    numbers = {
        "side": Side.ASK,
        "order_type": OrderType.MARKET,
        "price_ticks": 580_000,
        "options": OPTION_REDUCE_ONLY,
        "expiry_ms": desk.now + 10**6,
        "trigger_ticks": 590_000,
        "condition": Condition.STOP,
    }
    return desk.user(Kind.PLACE_CONDITIONAL, 1, **numbers | fields)


def one_stop(desk: Desk) -> None:
    desk.accept(stop_of(desk))


# What a duty needs to be owed, or a command needs to find.
READY: dict[Kind, Prepare] = {
    Kind.SWEEP: one_market_pending,
    Kind.LIQUIDATE: account_due,
    Kind.DELEVERAGE: one_lot_to_deleverage,
    Kind.TRIGGER: market_crossed,
    Kind.PLACE_CONDITIONAL: one_stop,
    Kind.CANCEL_CONDITIONAL: one_stop,
}


def desk_with_a_position() -> Desk:
    """Account 1 is long 10 lots, with two post-only bids at 599,000 and a sub-account.

    Account 2 is short. Account 1 has two asks of client ids 8 and 9 at 650,000, too.
    """
    desk = Desk()
    for account in (1, 2):
        desk.deposit(account, 10_000 * USDC)
    desk.price(0, MARK)
    desk.place(2, Side.ASK, MARK, 10)
    desk.place(1, Side.BID, MARK, 10)
    for _ in range(2):
        desk.place(1, Side.BID, 599_000, 20, OrderType.POST_ONLY)
    for client_id in (8, 9):
        desk.place(1, Side.ASK, 650_000, 5, options=OPTION_NAMED, client_id=client_id)
    desk.accept(desk.user(Kind.CREATE_ACCOUNT, 1))
    return desk


FIRST_BID = 3
FIRST_STOP = 7
AT = "valid_until_ms"
TIME = [
    Fault(Refusal.TIME_BACKWARDS, at=-1),
    Fault(Refusal.TIME_STEP_TOO_LARGE, at=4096),
    Fault(Refusal.FUNDING_DUE, prepare=put(SCHEDULE, ScheduleFelt.FUNDING_DUE_MS, START_MS)),
]
LEDGER = account_address(1)
SIGNED = [Fault(Refusal.BAD_SIGNATURE, {"signature": BAD})]
ADMISSION = [
    *TIME,
    Fault(Refusal.MALFORMED, {"timestamp_ms": 1}),
    Fault(Refusal.UNKNOWN_ACCOUNT, prepare=put(LEDGER, AccountFelt.STATUS, 0)),
    Fault(Refusal.UNKNOWN_KEY, prepare=put(key_address(1, 0), KeyFelt.KEY0, 0)),
    Fault(Refusal.MESSAGE_EXPIRED, {AT: START_MS}),
    Fault(Refusal.NONCE_USED, {"nonce": 1}),
    Fault(Refusal.NONCE_TOO_FAR, {"nonce": 16_383 + 8}),
    *SIGNED,
]
POSITION = position_address(1, 0)
MARKET = market_address(0)
NO_MARKET = Fault(Refusal.UNKNOWN_MARKET, prepare=put(MARKET, MarketFelt.STATUS, 0))
OVERDUE = Fault(Refusal.TICK_OVERDUE, prepare=put(mark_address(0), MarkFelt.TICK_MS, 0))
REPORT, REPORT_PLACE = report_place(0, 0)
SUB = SUB_ACCOUNT_FIRST + 1
PENDING = Fault(Refusal.LIQUIDATION_PENDING, prepare=put(RISK, RiskFelt.PENDING, 1))
OWED = [PENDING, Fault(Refusal.TRIGGER_DUE, prepare=market_crossed)]
PLACEMENT = [
    Fault(Refusal.BAD_PRICE, {"price_ticks": 2**24}),
    Fault(Refusal.BAD_LOTS, {"lots": 2**28 + 1}),
    Fault(Refusal.NO_PRICE, prepare=put(MARKET, MarketFelt.PRICE_HIGH, 0)),
    Fault(Refusal.PRICE_BAND, prepare=put(MARKET, MarketFelt.PRICE_HIGH, 1)),
    Fault(Refusal.ISOLATED_ELSEWHERE, prepare=put(LEDGER, AccountFelt.MODE, 2)),
    Fault(Refusal.POSITION_LIMIT, {"lots": 2**28}),
    OVERDUE,
    Fault(Refusal.INITIAL_MARGIN, prepare=poor),
    Fault(Refusal.WOULD_TAKE, prepare=ask_at(599_500)),
]
FAULTS = {
    Kind.TIME: [TIME[0], TIME[2], Fault(Refusal.MALFORMED, at=2**44 - START_MS)],
    Kind.FUND: [
        Fault(Refusal.MALFORMED, at=2**44 - START_MS),
        Fault(Refusal.FUNDING_NOT_DUE, at=1),
        *OWED,
    ],
    Kind.SWEEP: [
        *TIME,
        Fault(Refusal.MALFORMED, {"side": 1}),
        Fault(Refusal.NOTHING_DUE, prepare=put(RISK, RiskFelt.PENDING, 0)),
    ],
    Kind.LIQUIDATE: [
        *TIME,
        Fault(Refusal.MALFORMED, {"account": 1}),
        Fault(Refusal.NOTHING_DUE, prepare=put(RISK, RiskFelt.DUE_FIRST, 0)),
        Fault(Refusal.SWEEP_FIRST, prepare=put(RISK, RiskFelt.PENDING, 1)),
        Fault(Refusal.DELEVERAGE_FIRST, prepare=put(DELEVERAGING, DeleveragingFelt.TARGET, 33)),
    ],
    Kind.DELEVERAGE: [
        *TIME,
        Fault(Refusal.MALFORMED, {"market": 1}),
        Fault(Refusal.NOTHING_DUE, prepare=put(DELEVERAGING, DeleveragingFelt.TARGET, 0)),
        Fault(Refusal.BAD_COUNTERPARTY, {"account": 3}),
    ],
    Kind.TICK: [
        *TIME,
        Fault(Refusal.MALFORMED, {"side": 1}),
        *OWED,
        NO_MARKET,
        Fault(
            Refusal.TICK_TOO_SOON, prepare=put(mark_address(0), MarkFelt.TICK_MS, START_MS + 10**4)
        ),
        Fault(Refusal.NO_QUORUM, prepare=put(CONFIG, ConfigFelt.QUORUM, 2)),
    ],
    Kind.ORACLE_REPORT: [
        *TIME,
        Fault(Refusal.MALFORMED, {"side": 1}),
        Fault(
            Refusal.UNKNOWN_ORACLE_KEY,
            prepare=put(oracle_key_address(0), OracleKeyFelt.LIVE, 0),
        ),
        *SIGNED,
        Fault(Refusal.PRICE_FROM_FUTURE, {"timestamp_ms": START_MS + 2000}),
        Fault(Refusal.PRICE_TOO_OLD, {"timestamp_ms": START_MS - 10_000}),
        Fault(Refusal.UNKNOWN_MARKET, prepare=put(MARKET, MarketFelt.MULTIPLIER, 0)),
        Fault(Refusal.BAD_PRICE, {"entries": (Entry(0, 0),)}),
        Fault(Refusal.PRICE_NOT_NEWER, prepare=put(REPORT, REPORT_PLACE + 1, START_MS + 3000)),
    ],
    Kind.REQUEST: [
        *TIME,
        Fault(Refusal.MALFORMED, {"words": (3, 1, *[0] * 10)}),
        Fault(Refusal.REQUEST_OUT_OF_ORDER, {"number": 1}),
    ],
    Kind.PLACE: [
        *ADMISSION,
        *OWED,
        *PLACEMENT,
        NO_MARKET,
        Fault(Refusal.BAD_EXPIRY, {"expiry_ms": START_MS}),
        Fault(Refusal.TOO_MANY_ORDERS, prepare=put(POSITION, PositionFelt.ORDERS, 256)),
        Fault(Refusal.BOOK_FULL, prepare=no_slots),
        Fault(Refusal.ORDER_IDS_USED_UP, prepare=put(CLOCK, ClockFelt.NEXT_ORDER_ID, 2**48 - 1)),
        Fault(Refusal.CLIENT_ID_USED, {"options": OPTION_NAMED, "client_id": 4096 + 9}),
        Fault(Refusal.CLIENT_IDS_USED_UP, {"options": OPTION_NAMED, "client_id": 7}, prepare=pages),
        Fault(Refusal.WOULD_NOT_REDUCE, {"options": OPTION_REDUCE_ONLY}),
    ],
    Kind.CANCEL: [
        *ADMISSION,
        Fault(Refusal.UNKNOWN_ORDER, {"order_id": 0}),
        Fault(Refusal.NOT_OWNER, prepare=put(order_address(1), OrderFelt.ACCOUNT, 2)),
    ],
    Kind.AMEND: [
        *ADMISSION,
        *OWED,
        Fault(Refusal.UNKNOWN_ORDER, {"order_id": 2**48 - 1}),
        Fault(Refusal.NOT_OWNER, prepare=put(order_address(1), OrderFelt.ACCOUNT, 2)),
        Fault(Refusal.ORDER_EXPIRED, prepare=put(order_address(1), OrderFelt.EXPIRY_MS, 1)),
        *PLACEMENT,
        Fault(Refusal.BOOK_FULL, prepare=no_levels),
        Fault(Refusal.WOULD_NOT_REDUCE, prepare=put(order_address(1), OrderFelt.FLAGS, 5)),
    ],
    Kind.CANCEL_NAMED: [*ADMISSION, Fault(Refusal.UNKNOWN_ORDER, {"client_id": 4096 + 9})],
    Kind.CANCEL_ALL: [*ADMISSION, NO_MARKET],
    Kind.SET_DEADLINE: [*ADMISSION, Fault(Refusal.BAD_EXPIRY, {"deadline_ms": START_MS})],
    # An entry's faults are one field of the command; those of its state go with them.
    Kind.QUOTE: [
        *ADMISSION,
        *OWED,
        NO_MARKET,
        Fault(Refusal.BAD_PRICE, {"quotes": quotes(price_ticks=2**24)}),
        Fault(Refusal.BAD_LOTS, {"quotes": quotes(lots=2**28 + 1)}),
        Fault(Refusal.NO_PRICE, prepare=put(MARKET, MarketFelt.PRICE_HIGH, 0)),
        Fault(Refusal.PRICE_BAND, prepare=put(MARKET, MarketFelt.PRICE_HIGH, 1)),
        Fault(Refusal.BOOK_FULL, prepare=no_levels),
        Fault(Refusal.ORDER_IDS_USED_UP, prepare=put(CLOCK, ClockFelt.NEXT_ORDER_ID, 2**48 - 1)),
        Fault(Refusal.CLIENT_ID_USED, {"quotes": quotes(client_id=4096 + 9)}),
        Fault(
            Refusal.WOULD_NOT_REDUCE,
            {"quotes": quotes(options=OPTION_NAMED | OPTION_REDUCE_ONLY)},
        ),
        Fault(Refusal.ISOLATED_ELSEWHERE, prepare=put(LEDGER, AccountFelt.MODE, 2)),
        Fault(Refusal.POSITION_LIMIT, {"quotes": quotes(lots=2**28)}),
        OVERDUE,
        Fault(Refusal.INITIAL_MARGIN, prepare=poor),
        Fault(Refusal.WOULD_TAKE, prepare=ask_at(599_500)),
    ],
    Kind.WITHDRAW: [
        *ADMISSION,
        *OWED,
        Fault(Refusal.BAD_AMOUNT, {"amount": 0}),
        OVERDUE,
        Fault(Refusal.INSUFFICIENT_FREE_COLLATERAL, prepare=poor),
        Fault(Refusal.INSUFFICIENT_CUSTODY, prepare=put(MONEY, MoneyFelt.CUSTODY, 0)),
        Fault(Refusal.BALANCE_LIMIT, prepare=rich_in_funding_only),
    ],
    Kind.CREATE_ACCOUNT: [
        *ADMISSION,
        *OWED,
        Fault(Refusal.NOT_MASTER, prepare=put(LEDGER, AccountFelt.MASTER, 7)),
        NO_MARKET,
        Fault(
            Refusal.ACCOUNTS_USED_UP,
            prepare=put(SCHEDULE, ScheduleFelt.NEXT_SUB_ACCOUNT, SUB_ACCOUNT_END),
        ),
    ],
    Kind.TRANSFER: [
        *ADMISSION,
        *OWED,
        Fault(Refusal.BAD_AMOUNT, {"amount": 0}),
        Fault(Refusal.BAD_RECEIVER, {"to": 2}),
        OVERDUE,
        Fault(Refusal.INSUFFICIENT_FREE_COLLATERAL, prepare=poor),
        Fault(
            Refusal.BALANCE_LIMIT,
            prepare=put(account_address(SUB), AccountFelt.COLLATERAL, BALANCE_MAX),
        ),
    ],
    Kind.SET_LEVERAGE: [
        *ADMISSION,
        *OWED,
        NO_MARKET,
        Fault(Refusal.BAD_LEVERAGE, {"imf_ppm": 99_999}),
        OVERDUE,
        Fault(Refusal.INITIAL_MARGIN, prepare=poor),
    ],
    Kind.PLACE_CONDITIONAL: [
        *ADMISSION,
        *OWED,
        NO_MARKET,
        Fault(Refusal.BAD_PRICE, {"price_ticks": 2**24}),
        Fault(Refusal.BAD_LOTS, {"lots": 2**28 + 1}),
        Fault(Refusal.BAD_EXPIRY, {"expiry_ms": START_MS}),
        Fault(Refusal.NO_PRICE, prepare=put(MARKET, MarketFelt.PRICE_HIGH, 0)),
        Fault(Refusal.BAD_TRIGGER, {"trigger_ticks": MARK}),
        Fault(
            Refusal.TOO_MANY_CONDITIONALS,
            prepare=put(standing_address(1, 0), StandingFelt.WAITING, CONDITIONALS_MAX),
        ),
        Fault(Refusal.CONDITIONALS_FULL, prepare=no_slots_to_wait),
        Fault(
            Refusal.ORDER_IDS_USED_UP,
            prepare=put(CLOCK, ClockFelt.NEXT_ORDER_ID, 2**48 - 1),
            after=Refusal.CONDITIONALS_FULL,
        ),
        Fault(Refusal.WOULD_NOT_REDUCE, prepare=put(POSITION, PositionFelt.SIZE, 0)),
        # Of the partner.
        Fault(Refusal.UNKNOWN_ORDER, {"partner": FIRST_BID}, after=Refusal.WOULD_NOT_REDUCE),
        Fault(
            Refusal.NOT_OWNER,
            prepare=put(conditional_address(1), ConditionalFelt.ACCOUNT, 2),
            after=Refusal.ISOLATED_ELSEWHERE,
        ),
        Fault(
            Refusal.BAD_PARTNER,
            prepare=put(conditional_address(1), ConditionalFelt.PARTNER, 1),
            after=Refusal.POSITION_LIMIT,
        ),
    ],
    Kind.CANCEL_CONDITIONAL: [
        *ADMISSION,
        Fault(Refusal.UNKNOWN_ORDER, {"order_id": FIRST_BID}),
        Fault(Refusal.NOT_OWNER, prepare=put(conditional_address(1), ConditionalFelt.ACCOUNT, 2)),
    ],
    Kind.TRIGGER: [
        *TIME,
        Fault(Refusal.MALFORMED, {"market": 1}),
        PENDING,
        Fault(
            Refusal.NOTHING_TRIGGERED,
            prepare=put(CONDITIONALS, ConditionalsFelt.CROSSED, 0),
        ),
    ],
    Kind.BURN_NONCE: [fault for fault in ADMISSION if fault.code != Refusal.NONCE_TOO_FAR],
}


def good(desk: Desk, kind: Kind) -> Command:
    """Return a command of this kind that is accepted."""
    commands = {
        Kind.TIME: Command(kind=kind),
        Kind.FUND: Command(kind=kind),
        Kind.SWEEP: Command(kind=kind),
        Kind.LIQUIDATE: Command(kind=kind),
        Kind.DELEVERAGE: Command(kind=kind, account=2),
        Kind.TICK: command_of(kind, market=0),
        Kind.ORACLE_REPORT: oracle(0, MARK, desk.now + 1),
        Kind.REQUEST: Command(kind=kind, words=(2, 1, *[0] * 10)),
        Kind.PLACE: desk.order(1, Side.BID, 599_500, 5, OrderType.POST_ONLY),
        Kind.AMEND: desk.user(kind, 1, order_id=FIRST_BID, price_ticks=599_500, lots=30),
        Kind.CANCEL: desk.user(kind, 1, order_id=FIRST_BID),
        Kind.CANCEL_NAMED: desk.user(kind, 1, client_id=9),
        Kind.CANCEL_ALL: desk.user(kind, 1, order_type=CancelScope.MARKET),
        Kind.SET_DEADLINE: desk.user(kind, 1, deadline_ms=desk.now + 100),
        Kind.QUOTE: desk.quote(1, *quotes()),
        Kind.WITHDRAW: desk.user(kind, 1, amount=USDC),
        Kind.BURN_NONCE: desk.user(kind, 1),
        Kind.CREATE_ACCOUNT: desk.user(kind, 1, order_type=AccountType.ISOLATED),
        Kind.TRANSFER: desk.user(kind, 1, to=SUB, amount=USDC),
        Kind.SET_LEVERAGE: desk.user(kind, 1, imf_ppm=200_000),
        Kind.PLACE_CONDITIONAL: stop_of(
            desk, condition=Condition.TAKE_PROFIT, trigger_ticks=620_000, partner=FIRST_STOP
        ),
        Kind.CANCEL_CONDITIONAL: desk.user(kind, 1, order_id=FIRST_STOP),
        Kind.TRIGGER: Command(kind=kind),
    }
    return commands[kind]


def send(kind: Kind, *faults: Fault) -> Applied | Refused:
    """Send the good command with these faults."""
    desk = desk_with_a_position()
    desk.checked = False
    if kind in READY:
        READY[kind](desk)
    # What the command itself would have met last is prepared first, as long as all is well.
    for fault in sorted(faults, key=rank, reverse=True):
        if fault.prepare:
            fault.prepare(desk)
    fields = {name: value for fault in faults for name, value in fault.fields.items()}
    steps = [fault.at for fault in faults if fault.at is not None]
    command = replace(good(desk, kind), **fields)
    before = dict(desk.model.state.leaves)
    usual = desk.due if kind == Kind.FUND else desk.now + 1
    result = desk.send(command, at=desk.now + steps[0] if steps else usual)
    if isinstance(result, Refused):
        assert desk.model.state.leaves == before
    return result


def rank(fault: Fault) -> float:
    """Return where a fault stands in the order of checks.

    The form of a command is looked at after its time, which may be malformed too.
    """
    if fault.code == Refusal.MALFORMED and fault.at is None:
        return ORDER.index(Refusal.FUNDING_NOT_DUE) + 0.5
    return ORDER.index(fault.code) if fault.after is None else ORDER.index(fault.after) + 0.5


def compatible(one: Fault, other: Fault) -> bool:
    """Say whether two faults can be in one command."""
    both_times = one.at is not None and other.at is not None
    return not (both_times or one.fields.keys() & other.fields.keys())
