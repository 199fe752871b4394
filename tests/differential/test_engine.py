"""The Rust engine against the Python model; `make fuzz` has longer runs (fuzz.py)."""

import pytest

from tests.differential.driver import check
from tests.differential.profiles import PROFILES, Profile
from zkperp._native import RuleBook

SEEDS = (1, 2)
COMMANDS, BATCH = 2500, 500


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
@pytest.mark.parametrize("seed", SEEDS)
def test_events_leaves_and_roots_are_the_model_s(profile: Profile, seed: int) -> None:
    assert check(RuleBook, profile, seed, commands=COMMANDS, batch=BATCH) == COMMANDS


def test_there_are_enough_commands() -> None:
    # What the project promises of every `make test`, whatever becomes of the profiles.
    assert len(PROFILES) * len(SEEDS) * COMMANDS >= 20_000
