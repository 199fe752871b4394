"""The Rust engine against the Python model; `make fuzz` has longer runs (fuzz.py)."""

import pytest

from tests.differential.driver import check
from tests.differential.fuzz import FLOW, Run
from tests.differential.profiles import PROFILES, Profile
from zkperp._native import RuleBook

SEEDS = (1, 2)
COMMANDS, BATCH = 2500, 500
LIQUIDATING = [
    one for one in PROFILES if one.name in ("crashes", "ruins", "fund trades", "narrow limits")
]
LIQUIDATIONS = {"liquidation_due", "recovered", "liquidation", "takeover", "deleveraged"}


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
@pytest.mark.parametrize("seed", SEEDS)
def test_events_leaves_and_roots_are_the_model_s(profile: Profile, seed: int) -> None:
    assert check(RuleBook, profile, seed, commands=COMMANDS, batch=BATCH) == COMMANDS


def test_flows_of_liquidation_liquidate() -> None:
    assert len(LIQUIDATING) == 4
    run = Run(1, 2 * len(LIQUIDATING) * FLOW, LIQUIDATING)
    run.go(RuleBook)
    assert LIQUIDATIONS - set(run.tally.events) == set()
    # A full fund, a bankrupt one, deleveraging at the mark and below it, debts, any order.
    assert run.json()["never"]["situations"] == []


def test_there_are_enough_commands() -> None:
    # What README.md says of every `make test`; the project promises 20,000.
    assert len(PROFILES) * len(SEEDS) * COMMANDS >= 80_000
