"""The Rust engine against the Python model; `make fuzz` has longer runs (fuzz.py)."""

import pytest

from tests.differential.driver import check
from tests.differential.fuzz import FLOW, Run
from tests.differential.profiles import PROFILES, Profile
from zkperp._generated.refusals import Refusal
from zkperp._native import RuleBook

SEEDS = (1, 2)
COMMANDS, BATCH = 2500, 500
LIQUIDATING = [
    one for one in PROFILES if one.name in ("crashes", "ruins", "fund trades", "narrow limits")
]
OF_ORDERS = [
    one
    for one in PROFILES
    if one.name in ("owners", "reducers", "names", "quoters", "graveyard", "crashes", "dead books")
]
OF_STOPS = [
    one
    for one in PROFILES
    if one.name
    in (
        "stops",
        "far stops",
        "rejections",
        "stops of a hoard",
        "stopped out",
        "stopped by a fund",
    )
]
# Of those, that no more orders can wait takes 2^24 of them.
REFUSALS_OF_STOPS = (
    Refusal.TRIGGER_DUE,
    Refusal.NOTHING_TRIGGERED,
    Refusal.BAD_TRIGGER,
    Refusal.TOO_MANY_CONDITIONALS,
    Refusal.BAD_PARTNER,
    Refusal.WOULD_NOT_REDUCE,
)
STOPS = {"place_conditional", "cancel_conditional", "trigger"}
# Of those, that nobody may begin to use client ids any more takes 2^26 accounts.
REFUSALS_OF_ORDERS = (
    Refusal.BAD_LOTS,
    Refusal.TOO_MANY_ORDERS,
    Refusal.CLIENT_ID_USED,
    Refusal.WOULD_NOT_REDUCE,
    Refusal.WOULD_TAKE,
    Refusal.NOT_FILLED,
    Refusal.SELF_TRADE,
    Refusal.MATCH_LIMIT,
)
LIQUIDATIONS = {"liquidation_due", "recovered", "liquidation", "takeover", "deleveraged"}


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
@pytest.mark.parametrize("seed", SEEDS)
def test_events_leaves_and_roots_are_the_model_s(profile: Profile, seed: int) -> None:
    assert check(RuleBook, profile, seed, commands=COMMANDS, batch=BATCH) == COMMANDS


def test_flows_of_liquidation_liquidate() -> None:
    assert len(LIQUIDATING) == 4
    run = Run(2, 3 * len(LIQUIDATING) * FLOW, LIQUIDATING)
    run.go(RuleBook)
    assert LIQUIDATIONS - set(run.tally.events) == set()
    # A full fund, a bankrupt one, deleveraging at the mark and below it, debts, any order.
    assert run.json()["never"]["situations"] == []


def test_flows_of_orders_meet_all_there_is_to_orders() -> None:
    assert len(OF_ORDERS) == 7
    run = Run(1, 2 * len(OF_ORDERS) * FLOW, OF_ORDERS)
    run.go(RuleBook)
    never = run.json()["never"]
    assert never["situations of orders"] == []
    # Orders of those who are due are rarely met; test_rules_liquidation meets one.
    assert set(never["removals"]) <= {"liquidation", "orphaned", "partner"}
    assert not {code.name.lower() for code in REFUSALS_OF_ORDERS} & set(never["refused"])
    assert not {"orders_cleared", "deadline_set"} & set(never["events"])
    assert set(never["accepted"]) <= STOPS


def test_flows_of_stops_meet_all_there_is_to_conditional_orders() -> None:
    assert len(OF_STOPS) == 6
    run = Run(1, 2 * len(OF_STOPS) * FLOW, OF_STOPS)
    run.go(RuleBook)
    never = run.json()["never"]
    assert never["situations of conditional orders"] == []
    assert never["dropped"] == []
    assert not {code.name.lower() for code in REFUSALS_OF_STOPS} & set(never["refused"])
    assert not STOPS & set(never["accepted"])


def test_there_are_enough_commands() -> None:
    # What README.md says of every `make test`; the project promises 20,000.
    assert len(PROFILES) * len(SEEDS) * COMMANDS >= 140_000
