"""Recorded order flow: where it lies, and the venue that `zkperp replay` runs it on.

The feed is not part of the project. It is taken from the environment's FLOW, or from beside the
checkout; else the project's own seeded generator gives the flow.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.differential import logs
from tests.model import schnorr
from tests.model.messages import address_words
from tests.model.genesis import Market, Venue
from zkperp._generated.constants import COMMAND_LOG_MAGIC

BESIDE = Path(__file__).parents[2].parent / "shared/data/btcusd_l3.csv.gz"
SEED = 1


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


@dataclass(frozen=True)
class Replayed:
    """Batch directories in their order, and what `replay` says of them."""

    directories: list[Path]
    report: dict[str, Any]

    def venue(self) -> Venue:
        """Return the built-in devnet, written out once more: it has to have the same first root."""
        first = self.directories[0]
        chain_id, rollup = logs.venue_of((first / "commands.log").read_bytes(), COMMAND_LOG_MAGIC)
        start_ms = json.loads((first / "batch.json").read_text())["first_time_ms"]
        # The oracle has the key of number 0 under the seed (rust/flow/src/keys.rs).
        oracle = schnorr.public_key(schnorr.secret_of_seed(SEED.to_bytes(8, "big") + bytes(24)))
        limbs = tuple(int.from_bytes(oracle[i : i + 8], "little") for i in range(0, 40, 8))
        market = Market(1, 50_000, 450, -50, 2**24 - 1, 2**28)
        return Venue(chain_id, address_words(rollup), start_ms, 60_000, limbs, (market, market))


def replay(out: Path, *, batch_orders: int, batches: int, deposit: int) -> Replayed:
    """Write batch directories of the flow; each account deposits so many USDC."""
    feed = recorded_feed()
    options = {
        "--out": str(out),
        "--batch-orders": str(batch_orders),
        "--batches": str(batches),
        "--deposit": str(deposit),
        "--seed": str(SEED),
    }
    command = [str(Path(sys.executable).with_name("zkperp")), "replay", "--json"]
    command += [word for option in options.items() for word in option]
    command += [str(feed)] if feed else []
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    return Replayed([Path(path) for path in report["directories"]], report)
