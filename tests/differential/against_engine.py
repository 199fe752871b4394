"""The Rust engine against the Python model.

Not collected, by its name: it becomes `test_engine.py` in the commit that brings the binding, a
class `Engine` of `zkperp._native` with the methods that README.md asks for. For longer runs:

python -m tests.differential.against_engine [COMMANDS [SEED]]
"""

import sys

import pytest

from tests.differential.driver import MakeWriter, check
from tests.differential.flows import PROFILES, Profile
from zkperp import _native


def engine() -> MakeWriter:
    """Return what makes an engine of a venue."""
    make: MakeWriter = getattr(_native, "Engine")  # noqa: B009 - not in the stub yet
    return make


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
@pytest.mark.parametrize("seed", [1, 2])
def test_events_leaves_and_roots_are_the_model_s(profile: Profile, seed: int) -> None:
    assert check(engine(), profile, seed, commands=2500, batch=500) == 2500


def main() -> None:
    """Run every profile with a seed, and print a line for each."""
    commands, seed = (int(word) for word in (*sys.argv[1:], "10000", "1")[:2])
    for profile in PROFILES:
        done = check(engine(), profile, seed, commands=commands, batch=500)
        sys.stdout.write(f"{profile.name}: {done} commands equal\n")


if __name__ == "__main__":
    main()
