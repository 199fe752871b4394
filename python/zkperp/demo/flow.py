"""Which order flow the demo runs on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from zkperp.errors import InvalidInput

VARIABLE: Final = "FLOW"
"""Names a feed where the option does not."""

BESIDE: Final = Path("../shared/data/btcusd_l3.csv.gz")
"""The reference feed, where it lies beside the checkout. It is not part of the project."""


def find_flow(named: Path | None) -> Path | None:
    """Return the feed: the one named, that of the environment, the one beside; None: there is none.

    Raises:
        InvalidInput: a feed was named and is not there.
    """
    if named is None and (value := os.environ.get(VARIABLE)):
        named = Path(value)
    if named is None:
        return BESIDE if BESIDE.exists() else None
    if not named.exists():
        message = f"{named}: no such feed"
        raise InvalidInput(message)
    return named
