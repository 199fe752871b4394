"""`zkperp replay`: run order flow through the engine and seal batches."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Final, Self

import typer

from zkperp import _native
from zkperp._generated.constants import (
    ACCOUNT_MAX,
    AMOUNT_MAX,
    CUSTODY_MAX,
    STALENESS_MS_MAX,
    TIME_MAX,
)
from zkperp.chain import Chain
from zkperp.cli.options import (
    DEFAULT_DEPOSIT,
    DEFAULT_SEED,
    DEFAULT_TRADERS,
    MICRO,
    VenueFile,
)
from zkperp.cli.replay_report import lines, shape_warnings
from zkperp.cli.terminal import Json, counting, report, working
from zkperp.errors import InvalidInput
from zkperp.settlement.batches import batch_names
from zkperp.settlement.connect import connect
from zkperp.settlement.devnet import START_TIME_MS, built_in_venue
from zkperp.settlement.rebuild import rebuild, waiting_requests
from zkperp.settlement.venue import FILE_NAME, Venue, accounts_of

TRADERS_MAX: Final = 10_000
"""Each has a key derived and a deposit executed before the first row: a minute, with so many."""
COUNT_MAX: Final = 1_000_000
"""Of batches, and of commands in one."""
SEED_MAX: Final = 2**64 - 1
PRICE_INTERVAL_MS: Final = 10_000
"""A sixth of what the built-in devnet lets pass between two ticks."""
_DIGITS_MAX: Final = 40


def replay(
    flow: Annotated[
        Path | None,
        typer.Argument(help="Feed (csv or csv.gz). Default: the project's seeded generator."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of the batch directories.")] = Path("batches"),
    market: Annotated[str, typer.Option(help="Market of the feed.")] = "BTC-USD",
    traders: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=TRADERS_MAX,
            show_default=str(DEFAULT_TRADERS),
            help="Accounts that own the orders.",
        ),
    ] = None,
    batch_orders: Annotated[
        int, typer.Option(min=1, max=COUNT_MAX, help="Accepted user commands a batch.")
    ] = 100,
    batches: Annotated[int, typer.Option(min=1, max=COUNT_MAX, help="Batches.")] = 2,
    deposit: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=CUSTODY_MAX // MICRO,
            show_default=str(DEFAULT_DEPOSIT),
            help="Deposit of each account, USDC.",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=SEED_MAX,
            show_default=str(DEFAULT_SEED),
            help="Of keys and of generated flow.",
        ),
    ] = None,
    start_time_ms: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=TIME_MAX,
            help="Program time of the first row, ms since 1970. Default: the venue's start, or "
            "when its last deposit was queued.",
        ),
    ] = None,
    price_interval_ms: Annotated[
        int,
        typer.Option(
            min=1,
            max=STALENESS_MS_MAX,
            help="Program time between two rounds of prices: oracle reports, then ticks.",
        ),
    ] = PRICE_INTERVAL_MS,
    variety: Annotated[
        int,
        typer.Option(
            min=0,
            max=1000,
            help="Of a thousand rows, how many become what no feed has: client ids, quotes, fill "
            "or kill, sliding and reduce-only orders, cancel-all, dead man's switches.",
        ),
    ] = 0,
    withdraw: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ACCOUNT:MICRO_USDC",
            help="A signed withdrawal at the end of the last batch. May be repeated.",
        ),
    ] = None,
    venue_file: VenueFile = None,
    rpc: Annotated[
        str | None,
        typer.Option(
            "--rpc",
            help="With --venue: go on from the chain's state, with the requests that wait there.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Replay order flow on a venue: match it, sign it, seal batches on disk.

    The feed has no owners, times or oracle: an order's owner is its id modulo the traders, takes go
    to further accounts in turn, a row takes 10 ms. Before the first row, and then every
    --price-interval-ms, each oracle key signs a report of the last mids and every market ticks;
    each hour's funding is computed at its moment, and accounts that a tick or funding makes due are
    liquidated at once. A second market runs on generated flow.
    Beside the batches, venue.json says for which venue they are. With --venue, --traders, --deposit
    and --seed are the venue's own and can't be given. Malformed rows are left out and counted.
    The batches appear in --out when all are sealed, or not at all.

    Example: zkperp replay btcusd_l3.csv.gz --batches 2 --out demo
    """
    withdrawals = [_withdrawal(pair) for pair in withdraw or []]
    if venue_file is None:
        if rpc is not None:
            message = "--rpc needs --venue: the built-in devnet's batches begin at its genesis"
            raise InvalidInput(message)
        first = START_TIME_MS if start_time_ms is None else start_time_ms
        venue = _built_in(traders, deposit, seed, first)
        start = _Start(None, venue.requests, first)
    else:
        _refuse_settings({"--traders": traders, "--deposit": deposit, "--seed": seed})
        venue = Venue.load(venue_file)
        start = _start(venue) if rpc is None else _resume(venue, rpc)
        start = start.at(start_time_ms)
    source = "the seeded generator" if flow is None else flow.name
    with counting(f"matching {source}", batch_orders * batches) as progress:
        text = _native.replay_flow(
            out,
            venue=venue.genesis_json,
            chain_id=venue.chain_id,
            rollup=venue.rollup_bytes,
            requests=start.requests,
            flow=flow,
            market=market,
            traders=venue.traders,
            batch_orders=batch_orders,
            batches=batches,
            seed=venue.seed,
            start_time_ms=start.time_ms,
            withdrawals=withdrawals,
            price_interval_ms=price_interval_ms,
            varied_per_mille=variety,
            resume=start.state,
            progress=progress,
        )
    venue.save(out / FILE_NAME)
    result: dict[str, Any] = {**json.loads(text), "flow": source, "venue": str(out / FILE_NAME)}
    result["batch_count"] = len(result["batches"])
    result["warnings"] = shape_warnings(result)
    last = result["batches"][-1]["batch_number"]
    result["of_earlier_replays"] = [name for number, name in batch_names(out) if number > last]
    report(result, lines(result), as_json=as_json)


@dataclass(frozen=True)
class _Start:
    """Where flow begins: the state, None at the genesis; the requests before it; program time."""

    state: _native.Rebuild | None
    requests: tuple[tuple[int, ...], ...]
    time_ms: int

    def at(self, time_ms: int | None) -> Self:
        """Return the same at a later time."""
        if time_ms is None:
            return self
        if time_ms < self.time_ms:
            message = f"--start-time-ms {time_ms}: flow begins at {self.time_ms} or later"
            raise InvalidInput(message)
        return replace(self, time_ms=time_ms)


def _built_in(traders: int | None, deposit: int | None, seed: int | None, time_ms: int) -> Venue:
    """Return the built-in devnet of these settings, or of the usual ones."""
    traders = DEFAULT_TRADERS if traders is None else traders
    deposit_micro = (DEFAULT_DEPOSIT if deposit is None else deposit) * MICRO
    accounts = accounts_of(traders)
    if accounts * deposit_micro > CUSTODY_MAX:
        most = CUSTODY_MAX // MICRO // accounts
        message = f"--deposit: at most {most} USDC from each of {accounts} accounts"
        raise InvalidInput(message)
    return built_in_venue(
        traders=traders,
        deposit_micro=deposit_micro,
        seed=DEFAULT_SEED if seed is None else seed,
        start_time_ms=time_ms,
    )


def _refuse_settings(settings: dict[str, int | None]) -> None:
    """Refuse what a venue file settles."""
    given = [name for name, value in settings.items() if value is not None]
    if given:
        message = f"{', '.join(given)}: not with --venue, whose file has the venue's own"
        raise InvalidInput(message)


def _start(venue: Venue) -> _Start:
    """Begin at the genesis of a deployed venue."""
    if venue.is_built_in:
        message = "the file is the built-in devnet's own: leave out --venue"
        raise InvalidInput(message)
    if len(venue.request_times_s) != len(venue.requests):
        message = "the venue's deposits are not all queued: run deploy with the same --out again"
        raise InvalidInput(message)
    return _Start(None, venue.requests, venue.first_flow_time_ms)


def _resume(venue: Venue, rpc: str) -> _Start:
    """Go on from what the venue's chain has accepted."""
    rollup = connect(Chain(rpc), venue)
    with working("replaying the chain's data"):
        rebuilt = rebuild(rollup, venue.genesis_json, first_block=venue.block)
        waiting = waiting_requests(rollup, rebuilt, first_block=venue.block)
    return _Start(rebuilt.engine, waiting.words, max(rebuilt.summary["time_ms"], waiting.time_ms))


def _withdrawal(pair: str) -> tuple[int, int]:
    account, colon, amount = pair.partition(":")
    if not (colon and _is_number(account) and _is_number(amount)):
        message = f"--withdraw {pair}: expected ACCOUNT:MICRO_USDC"
        raise InvalidInput(message)
    if not 1 <= int(account) <= ACCOUNT_MAX:
        message = f"--withdraw {pair}: accounts are 1 to {ACCOUNT_MAX}"
        raise InvalidInput(message)
    if not 1 <= int(amount) <= AMOUNT_MAX:
        message = f"--withdraw {pair}: amounts are 1 to {AMOUNT_MAX} micro-USDC"
        raise InvalidInput(message)
    return int(account), int(amount)


def _is_number(text: str) -> bool:
    """Whether it is decimal digits, few enough to be read."""
    return text.isascii() and text.isdecimal() and len(text) <= _DIGITS_MAX
