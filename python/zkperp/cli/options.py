"""Options that several commands have, and the venue that they name."""

from pathlib import Path
from typing import Annotated, Final

import typer

from zkperp._generated.constants import AMOUNT_MAX, CUSTODY_MAX
from zkperp.chain import Chain, Rollup
from zkperp.errors import InvalidInput
from zkperp.settlement.connect import connect
from zkperp.settlement.devnet import built_in_venue
from zkperp.settlement.venue import Venue

MICRO: Final = 1_000_000
"""Micro-USDC of one USDC."""

DEFAULT_TRADERS: Final = 20
DEFAULT_DEPOSIT: Final = 10_000_000
DEFAULT_SEED: Final = 1

TRADERS_MAX: Final = 100_000
"""Each has a key that is derived, and a deposit that is a transaction."""

_DIGITS_MAX: Final = 40
"""Of an amount of USDC: Python itself refuses to read a number of thousands of digits."""

BATCH_ORDERS_MAX: Final = 1_000_000
"""Far beyond what can be proven."""

SEED_MAX: Final = 2**64 - 1

Rpc = Annotated[str, typer.Option("--rpc", help="The node's JSON-RPC address.")]
VenueFile = Annotated[
    Path | None, typer.Option("--venue", help="Venue file (zkperp deploy). Default: the devnet.")
]
RollupAddress = Annotated[
    str | None, typer.Option("--rollup", help="Address of the venue's contract.")
]
Traders = Annotated[int, typer.Option(min=1, max=TRADERS_MAX, help="Accounts that own the orders.")]
Deposit = Annotated[
    int, typer.Option(min=1, max=CUSTODY_MAX // MICRO, help="Deposit of each account, USDC.")
]
Seed = Annotated[int, typer.Option(min=0, max=SEED_MAX, help="Of keys and of generated flow.")]
BatchOrders = Annotated[
    int, typer.Option(min=1, max=BATCH_ORDERS_MAX, help="Accepted user commands a batch.")
]
KeyFile = Annotated[
    Path | None,
    typer.Option("--key-file", help="File with a private key in hexadecimal."),
]


def venue_of(file: Path | None, *, seed: int = DEFAULT_SEED) -> Venue:
    """Return the venue of a file, or the built-in devnet of a seed."""
    if file is not None:
        return Venue.load(file)
    micro = DEFAULT_DEPOSIT * MICRO
    return built_in_venue(traders=DEFAULT_TRADERS, deposit_micro=micro, seed=seed)


def open_rollup(rpc: str, file: Path | None, address: str | None) -> Rollup:
    """Return the contract of an address, or else of a venue file or the built-in devnet."""
    chain = Chain(rpc)
    if address is None:
        return connect(chain, venue_of(file))
    if file is not None:
        message = "--venue and --rollup name the contract twice"
        raise InvalidInput(message)
    return Rollup(chain, address)


def usdc(micro: int) -> str:
    """Return micro-USDC for people."""
    sign = "-" if micro < 0 else ""
    return f"{sign}{abs(micro) // MICRO:,}.{abs(micro) % MICRO:06} USDC"


def micro_usdc(text: str) -> int:
    """Read an amount of USDC with up to six decimals, exactly.

    Raises:
        InvalidInput: it is none, below a micro-USDC, or more than a request can hold.
    """
    whole, _, part = text.partition(".")
    if not (whole.isdecimal() and (part == "" or part.isdecimal()) and len(part) <= 6):
        message = f"{text}: expected an amount of USDC with at most 6 decimals"
        raise InvalidInput(message)
    if len(whole) > _DIGITS_MAX:
        micro = AMOUNT_MAX + 1
    else:
        micro = int(whole) * MICRO + int(part.ljust(6, "0"))
    if micro > AMOUNT_MAX:
        message = f"{text}: at most {usdc(AMOUNT_MAX)}"
        raise InvalidInput(message)
    return micro
