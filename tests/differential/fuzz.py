"""The engine against the Python model for as long as one likes.

    python -m tests.differential.fuzz --seed 1 --commands 1000000

Compares flows of all profiles in turn, and writes what they consisted of to target/fuzz-SEED.json.
At the first difference it stops, with profile, the flow's seed, number of the command, and both
answers; `--profile` with the same seed then runs that profile's flows alone.
"""

import argparse
import json
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.differential.checked import CheckedModel
from tests.differential.driver import MakeWriter, compare, flow_name, transcript
from tests.differential.profiles import PROFILES, Profile, venue
from tests.differential.tally import Tally
from zkperp._native import RuleBook

# Commands of one flow: long enough for deep books and many hours, short enough to have many venues.
FLOW = 5000
BATCH = 500
# Between the seeds of a profile's flows; the first flow has the run's own seed.
SEED_STRIDE = 10**6
TARGET = Path(__file__).parents[2] / "target"


class Part(NamedTuple):
    """One flow of a run."""

    profile: Profile
    seed: int
    commands: int


def parts(seed: int, commands: int, profiles: Sequence[Profile]) -> Iterator[Part]:
    """Yield flows of the profiles in turn, as many as have so many commands together."""
    begun = 0
    while commands > 0:
        turn, which = divmod(begun, len(profiles))
        length = min(FLOW, commands)
        yield Part(profiles[which], seed + SEED_STRIDE * turn, length)
        commands -= length
        begun += 1


class Run:
    """A comparison that can be stopped, and what it has found until then."""

    def __init__(self, seed: int, commands: int, profiles: Sequence[Profile]) -> None:
        self.seed, self.asked, self.profiles = seed, commands, profiles
        self.tally = Tally()
        self.stopped: str | None = None
        self.seconds = 0.0

    def go(self, make: MakeWriter) -> None:
        """Compare a writer with the model, telling stderr of every flow.

        Raises:
            Difference: at the first answer that is not the model's.
            AssertionError: the model breaks an invariant.
        """
        start = time.monotonic()
        try:
            for part in parts(self.seed, self.asked, self.profiles):
                exchanges = transcript(part.profile, part.seed, commands=part.commands, batch=BATCH)
                counted = self.tally.counted(exchanges, part.profile.name)
                name = flow_name(part.profile, part.seed)
                compare(make, venue(part.profile), counted, about=name)
                self.seconds = time.monotonic() - start
                sys.stderr.write(
                    f"{self.tally.commands:>9} of {self.asked} commands equal, "
                    f"{self.seconds:.0f} s: {name}\n"
                )
        except BaseException as error:
            self.stopped = "".join(traceback.format_exception_only(error))
            raise
        finally:
            self.seconds = time.monotonic() - start

    def json(self) -> dict[str, Any]:
        """Return the run's log."""
        return {
            "seed": self.seed,
            "asked": self.asked,
            "stopped": self.stopped,
            "seconds": round(self.seconds, 1),
            "commands_per_second": round(self.tally.commands / max(self.seconds, 0.001)),
            "commands_per_flow": FLOW,
            "commands_per_batch": BATCH,
            "conservation_checked_every": 1,
            "invariants_checked_every": CheckedModel.EVERY,
            **self.tally.json(),
        }


def main() -> int:
    """Run, write the log, and say how it went; return the exit status."""
    parser = argparse.ArgumentParser(description="Compare the engine with the Python model.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--commands", type=int, default=10**6)
    parser.add_argument("--profile", choices=[profile.name for profile in PROFILES])
    given = parser.parse_args()
    chosen = [one for one in PROFILES if given.profile in (None, one.name)]
    run = Run(given.seed, given.commands, chosen)
    log = TARGET / f"fuzz-{given.seed}.json"
    try:
        run.go(RuleBook)
    except (AssertionError, KeyboardInterrupt):
        sys.stderr.write(run.stopped or "")
        return 1
    finally:
        TARGET.mkdir(exist_ok=True)
        log.write_text(json.dumps(run.json(), indent=2) + "\n")
        sys.stderr.write(f"log: {log}\n")
    sys.stdout.write(f"{run.tally.commands} commands equal in {run.seconds:.0f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
