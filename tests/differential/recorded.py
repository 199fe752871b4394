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
from tests.model.genesis import Market, Venue
from tests.model.messages import address_words
from tests.model.position_sums import Tier
from zkperp._generated.constants import COMMAND_LOG_MAGIC, FUND_ACCOUNT

BESIDE = Path(__file__).parents[2].parent / "shared/data/btcusd_l3.csv.gz"
SEED = 1
ORACLES = 3
DEVNET_MARKET = Market(
    multiplier=1,
    price_max=2**24 - 1,
    lots_max=2**26,
    lots_min=1,
    taker_ppm=450,
    maker_ppm=-50,
    oi_max=2**34,
    impact_quote=10**10,
    band_ppm=50_000,
    interest_ppm=100,
    clamp_ppm=500,
    rate_max_ppm=20_000,
    liquidation_ppm=10_000,
    bonus_ppm=2500,
    tiers=(
        Tier(2**22, 20_000, 12_000, 8000),
        Tier(2**25, 50_000, 30_000, 20_000),
        Tier(2**28, 100_000, 60_000, 40_000),
    ),
)


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
        # Oracle k has the key of number 2^32 - 1 - k under the seed, the fund that of its account
        # (rust/flow/src/keys.rs).
        keys = tuple(_key_of(2**32 - 1 - oracle) for oracle in range(ORACLES))
        return Venue(
            chain_id=chain_id,
            rollup=address_words(rollup),
            start_time_ms=start_ms,
            staleness_ms=60_000,
            tick_max_ms=60_000,
            quorum=2,
            deviation_ppm=5000,
            basis_cap_ppm=5000,
            basis_window_ms=150_000,
            oracle_keys=keys,
            fund_key=_key_of(FUND_ACCOUNT),
            markets=(DEVNET_MARKET, DEVNET_MARKET),
        )


def _key_of(number: int) -> tuple[int, ...]:
    """Return the public key of a number under the development seed."""
    seed = SEED.to_bytes(8, "big") + number.to_bytes(4, "big") + bytes(20)
    key = schnorr.public_key(schnorr.secret_of_seed(seed))
    return tuple(int.from_bytes(key[i : i + 8], "little") for i in range(0, 40, 8))


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
