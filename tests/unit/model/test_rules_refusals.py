"""Every refusal is reached; of two reasons the one listed first is given (docs/spec/refusals.md).

Each fault of faults.py alone gives its code; any two together give the code of the one that comes
first in the order of checks.
"""

from itertools import combinations
from typing import Any

import pytest

from tests.model.commands import Applied, Entry, QuoteEntry, Refused
from tests.model.desk import START_MS, Desk
from tests.model.state import CLOCK, EMPTY, SCHEDULE, account_address, key_address
from tests.unit.model.faults import (
    FAULTS,
    FIRST_BID,
    Fault,
    compatible,
    desk_with_a_position,
    good,
    rank,
    send,
)
from zkperp._generated.codes import AccountType, Kind, OrderType
from zkperp._generated.constants import OPTION_NAMED, QUOTES_MAX
from zkperp._generated.leaves import ClockFelt, KeyFelt, ScheduleFelt
from zkperp._generated.refusals import Refusal


@pytest.mark.parametrize("kind", list(Kind))
def test_the_command_without_a_fault_is_accepted(kind: Kind) -> None:
    assert isinstance(send(kind), Applied)


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        pytest.param(kind, fault, id=f"{kind.name.lower()} {fault.code.name.lower()}")
        for kind, faults in FAULTS.items()
        for fault in faults
    ],
)
def test_each_fault_alone(kind: Kind, fault: Fault) -> None:
    assert send(kind, fault) == Refused(fault.code)


@pytest.mark.parametrize("kind", list(Kind))
def test_of_two_faults_the_first_listed_is_given(kind: Kind) -> None:
    for one, other in combinations(FAULTS[kind], 2):
        if compatible(one, other):
            first = min(one, other, key=rank)
            assert send(kind, one, other) == Refused(first.code), (one.code, other.code)


MALFORMED = [
    (Kind.PLACE, {"kind": 0}),
    (Kind.PLACE, {"kind": 24}),
    (Kind.PLACE, {"kind": 64 + 4}),
    (Kind.PLACE, {"key": 14}),
    (Kind.PLACE, {"key": 16}),
    (Kind.PLACE, {"market": 32}),
    (Kind.PLACE, {"side": 2}),
    (Kind.PLACE, {"order_type": 6}),
    (Kind.PLACE, {"order_type": 8}),
    (Kind.PLACE, {"options": OPTION_NAMED}),
    (Kind.PLACE, {"client_id": 1}),
    (Kind.PLACE, {"options": 2**5}),
    (Kind.PLACE, {"options": OPTION_NAMED, "client_id": 2**48}),
    (Kind.PLACE, {"account": 2**32}),
    (Kind.PLACE, {"account": -1}),
    (Kind.PLACE, {"nonce": 2**48}),
    (Kind.PLACE, {"valid_until_ms": 2**44}),
    (Kind.PLACE, {"price_ticks": 2**32}),
    (Kind.PLACE, {"lots": 2**40}),
    (Kind.PLACE, {"lots": -1}),
    (Kind.PLACE, {"expiry_ms": 2**44}),
    (Kind.PLACE, {"order_id": 1}),
    (Kind.PLACE, {"amount": 1}),
    (Kind.CANCEL, {"order_id": 2**48}),
    (Kind.CANCEL, {"market": 1}),
    (Kind.CANCEL, {"side": 1}),
    (Kind.CANCEL, {"order_type": 1}),
    (Kind.AMEND, {"expiry_ms": START_MS * 2}),
    (Kind.WITHDRAW, {"amount": 2**58}),
    (Kind.BURN_NONCE, {"amount": 1}),
    (Kind.BURN_NONCE, {"to": 1}),
    (Kind.CREATE_ACCOUNT, {"order_type": AccountType.CROSS, "market": 1}),
    (Kind.CREATE_ACCOUNT, {"order_type": 2}),
    (Kind.CREATE_ACCOUNT, {"market": 32}),
    (Kind.TRANSFER, {"to": 2**32}),
    (Kind.TRANSFER, {"amount": 2**58}),
    (Kind.TRANSFER, {"market": 1}),
    (Kind.SET_LEVERAGE, {"imf_ppm": 2**20}),
    (Kind.SET_LEVERAGE, {"side": 1}),
    (Kind.CANCEL_NAMED, {"client_id": 2**48}),
    (Kind.CANCEL_NAMED, {"order_id": 1}),
    (Kind.CANCEL_ALL, {"order_type": 2}),
    (Kind.CANCEL_ALL, {"order_type": 0, "market": 1}),
    (Kind.CANCEL_ALL, {"side": 1}),
    (Kind.SET_DEADLINE, {"deadline_ms": 2**44}),
    (Kind.SET_DEADLINE, {"market": 1}),
    (Kind.QUOTE, {"order_type": OrderType.GTT}),
    (Kind.QUOTE, {"side": 1}),
    (Kind.QUOTE, {"options": OPTION_NAMED}),
    (Kind.QUOTE, {"expiry_ms": 2**44}),
    (Kind.QUOTE, {"quotes": ()}),
    (Kind.QUOTE, {"quotes": tuple(QuoteEntry(1 + n) for n in range(QUOTES_MAX + 1))}),
    (Kind.QUOTE, {"quotes": (QuoteEntry(0),)}),
    (Kind.QUOTE, {"quotes": (QuoteEntry(2**48),)}),
    (Kind.QUOTE, {"quotes": (QuoteEntry(7, options=0),)}),
    (Kind.QUOTE, {"quotes": (QuoteEntry(7, side=1),)}),
    (Kind.QUOTE, {"quotes": (QuoteEntry(7, price_ticks=1),)}),
    (Kind.QUOTE, {"quotes": (QuoteEntry(7, options=OPTION_NAMED + 1),)}),
    (Kind.QUOTE, {"quotes": (QuoteEntry(7, 0, 1, 1, 0),)}),
    (Kind.QUOTE, {"quotes": (QuoteEntry(7, 2, 1, 1),)}),
    (Kind.QUOTE, {"quotes": (QuoteEntry(7, 0, 1, 2**40),)}),
    (Kind.QUOTE, {"quotes": (QuoteEntry(7, 0, 2**32, 1),)}),
    (Kind.QUOTE, {"quotes": (QuoteEntry(7, 0, 1, 1, 2**5 + OPTION_NAMED),)}),
    (Kind.PLACE_CONDITIONAL, {"order_type": OrderType.POST_ONLY}),
    (Kind.PLACE_CONDITIONAL, {"order_type": OrderType.FOK}),
    (Kind.PLACE_CONDITIONAL, {"order_type": OrderType.SLIDE}),
    (Kind.PLACE_CONDITIONAL, {"options": OPTION_NAMED}),
    (Kind.PLACE_CONDITIONAL, {"options": OPTION_NAMED, "client_id": 1}),
    (Kind.PLACE_CONDITIONAL, {"options": 2**5}),
    (Kind.PLACE_CONDITIONAL, {"condition": 2}),
    (Kind.PLACE_CONDITIONAL, {"trigger_ticks": 2**32}),
    (Kind.PLACE_CONDITIONAL, {"partner": 2**48}),
    (Kind.PLACE_CONDITIONAL, {"lots": 2**40}),
    (Kind.PLACE_CONDITIONAL, {"side": 2}),
    (Kind.PLACE_CONDITIONAL, {"order_id": 1}),
    (Kind.CANCEL_CONDITIONAL, {"order_id": 2**48}),
    (Kind.CANCEL_CONDITIONAL, {"market": 1}),
    (Kind.CANCEL_CONDITIONAL, {"partner": 1}),
    (Kind.TRIGGER, {"account": 1}),
    (Kind.TICK, {"market": 32}),
    (Kind.TICK, {"account": 1}),
    (Kind.SWEEP, {"market": 1}),
    (Kind.LIQUIDATE, {"key": 1}),
    (Kind.DELEVERAGE, {"account": 2**32}),
    (Kind.DELEVERAGE, {"key": 1}),
    (Kind.ORACLE_REPORT, {"key": 8}),
    (Kind.ORACLE_REPORT, {"market": 1}),
    (Kind.ORACLE_REPORT, {"order_type": 1}),
    (Kind.ORACLE_REPORT, {"account": 1}),
    (Kind.ORACLE_REPORT, {"nonce": 1}),
    (Kind.ORACLE_REPORT, {"timestamp_ms": 2**44}),
    (Kind.ORACLE_REPORT, {"entries": ()}),
    (Kind.ORACLE_REPORT, {"entries": (Entry(0, 1), Entry(0, 1))}),
    (Kind.ORACLE_REPORT, {"entries": (Entry(1, 1), Entry(0, 1))}),
    (Kind.ORACLE_REPORT, {"entries": tuple(Entry(m, 1) for m in range(33))}),
    (Kind.ORACLE_REPORT, {"entries": (Entry(0, 2**32),)}),
    (Kind.ORACLE_REPORT, {"entries": (Entry(0, -1),)}),
]


@pytest.mark.parametrize(("kind", "fields"), MALFORMED)
def test_forms(kind: Kind, fields: dict[str, Any]) -> None:
    assert send(kind, Fault(Refusal.MALFORMED, fields)) == Refused(Refusal.MALFORMED)


def test_a_market_order_has_no_expiry() -> None:
    for order_type in (OrderType.IOC, OrderType.MARKET, OrderType.FOK):
        fault = Fault(Refusal.BAD_EXPIRY, {"order_type": order_type})
        assert send(Kind.PLACE, fault) == Refused(fault.code)


def test_a_quote_needs_a_future_before_anything_of_its_entries() -> None:
    past = Fault(Refusal.BAD_EXPIRY, {"expiry_ms": START_MS})
    assert send(Kind.QUOTE, past) == Refused(Refusal.BAD_EXPIRY)
    for fault in FAULTS[Kind.QUOTE]:
        if rank(fault) > rank(Fault(Refusal.UNKNOWN_MARKET)):
            assert send(Kind.QUOTE, fault, past) == Refused(Refusal.BAD_EXPIRY)


def test_the_last_moment() -> None:
    for kind in Kind:
        desk = desk_with_a_position()
        desk.checked = False
        desk.set(CLOCK, ClockFelt.TIME_MS, 2**44 - 2)
        desk.set(SCHEDULE, ScheduleFelt.FUNDING_DUE_MS, 2**44)
        assert desk.send(good(desk, kind), at=2**44) == Refused(Refusal.MALFORMED)


def test_every_refusal_is_among_the_faults_or_in_events_or_outcomes_only() -> None:
    alone = {
        # Of requests.
        *(Refusal.NOT_ACCOUNT_OWNER, Refusal.BAD_KEY, Refusal.DEPOSIT_CAPPED),
        # Of takers and makers; see test_rules_matching.
        *(Refusal.MATCH_LIMIT, Refusal.OPEN_INTEREST_LIMIT, Refusal.WORSE_HEALTH),
        # Of orders that are filled at once or not at all; see test_rules_orders.
        *(Refusal.SELF_TRADE, Refusal.NOT_FILLED),
        # Of the fund's account alone; see test_rules_liquidation.
        Refusal.FUND_LOCKED,
    }
    reached = {fault.code for faults in FAULTS.values() for fault in faults}
    assert reached | alone == set(Refusal)


def test_nonces_jump_by_at_most_16383_but_burning_is_free() -> None:
    desk = desk_with_a_position()
    desk.accept(desk.user(Kind.CANCEL, 1, order_id=FIRST_BID, nonce=6 + 16_383))
    desk.accept(desk.user(Kind.BURN_NONCE, 1, nonce=2**48 - 1))
    assert desk.leaf(key_address(1, 0))[KeyFelt.NONCE] == 2**48 - 1
    result = desk.send(desk.user(Kind.CANCEL, 1, order_id=4, nonce=2**48 - 1))
    assert result == Refused(Refusal.NONCE_USED)


def test_an_untouched_address_is_an_empty_leaf() -> None:
    assert Desk().leaf(account_address(2**32 - 1)) == EMPTY
