"""Recorded order flow: where it lies, and the venue that `zkperp replay` runs it on.

The feed is not part of the project. It is taken from the environment's FLOW, or from beside the
checkout; else the project's own seeded generator gives the flow.
"""

import os
from pathlib import Path

from tests.model import schnorr
from tests.model.messages import address_words
from tests.model.state import Market, Venue
from zkperp.cli.replay import DEVNET_ROLLUP

BESIDE = Path(__file__).parents[2].parent / "shared/data/btcusd_l3.csv.gz"
SEED = 1
START_MS = 1_700_000_000_000


def recorded_feed() -> Path | None:
    """Return the recorded feed's file; None: there is none, the generator is to give the flow.

    Raises:
        FileNotFoundError: FLOW names no file.
    """
    named = os.environ.get("FLOW")
    if not named:
        return BESIDE if BESIDE.exists() else None
    if not Path(named).exists():
        raise FileNotFoundError(named)
    return Path(named)


def source() -> str:
    """Say which flow the tests run on."""
    feed = recorded_feed()
    return f"the recorded feed {feed}" if feed else "the project's seeded generator"


def devnet() -> Venue:
    """Return the venue of a replay, written out once more: both have to make the same root."""
    # The oracle has the key of number 0 under the seed (rust/flow/src/keys.rs).
    secret = schnorr.secret_of_seed(SEED.to_bytes(8, "big") + bytes(24))
    oracle = schnorr.public_key(secret)
    limbs = tuple(int.from_bytes(oracle[i : i + 8], "little") for i in range(0, 40, 8))
    market = Market(1, 50_000, 450, -50, 2**24 - 1, 2**28)
    return Venue(31337, address_words(DEVNET_ROLLUP), START_MS, 60_000, limbs, (market, market))
