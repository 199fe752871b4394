"""The Rust engine against the Python model.

For longer runs: python -m tests.differential.test_engine [COMMANDS [SEED]]
"""

import sys

import pytest

from tests.differential.driver import check
from tests.differential.profiles import PROFILES, Profile
from zkperp._native import RuleBook


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
@pytest.mark.parametrize("seed", [1, 2])
def test_events_leaves_and_roots_are_the_model_s(profile: Profile, seed: int) -> None:
    assert check(RuleBook, profile, seed, commands=2500, batch=500) == 2500


def main() -> None:
    """Run every profile with a seed, and print a line for each."""
    given = sys.argv[1:]
    commands, seed = (int(word) for word in [*given, *("10000", "1")[len(given) :]])
    for profile in PROFILES:
        done = check(RuleBook, profile, seed, commands=commands, batch=500)
        sys.stdout.write(f"{profile.name}: {done} commands equal\n")


if __name__ == "__main__":
    main()
