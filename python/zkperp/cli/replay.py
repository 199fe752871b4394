"""`zkperp replay`: run order flow through the engine and seal batches."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Self

import typer

from zkperp import _native
from zkperp.chain import Chain
from zkperp.cli.options import (
    DEFAULT_DEPOSIT,
    DEFAULT_SEED,
    DEFAULT_TRADERS,
    MICRO,
    Deposit,
    Seed,
    Traders,
    VenueFile,
    usdc,
)
from zkperp.cli.terminal import Json, counting, report, working
from zkperp.errors import InvalidInput
from zkperp.settlement.batches import batch_names
from zkperp.settlement.connect import connect
from zkperp.settlement.devnet import START_TIME_MS, built_in_venue
from zkperp.settlement.rebuild import rebuild, waiting_requests
from zkperp.settlement.venue import FILE_NAME, Venue


def replay(
    flow: Annotated[
        Path | None,
        typer.Argument(help="Feed (csv or csv.gz). Default: the project's seeded generator."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of the batch directories.")] = Path("batches"),
    market: Annotated[str, typer.Option(help="Market of the feed.")] = "BTC-USD",
    traders: Traders = DEFAULT_TRADERS,
    batch_orders: Annotated[int, typer.Option(min=1, help="Accepted user commands a batch.")] = 100,
    batches: Annotated[int, typer.Option(min=1, help="Batches.")] = 2,
    deposit: Deposit = DEFAULT_DEPOSIT,
    seed: Seed = DEFAULT_SEED,
    start_time_ms: Annotated[
        int | None,
        typer.Option(
            help="Program time of the first row, ms since 1970. Default: the venue's start, or "
            "when its last deposit was queued."
        ),
    ] = None,
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
    to further accounts in turn, a row takes 10 ms, every 100 rows the oracle signs the last mid. A
    second market runs on generated flow. There is no liquidation yet: a gap can leave bad debt.
    Beside the batches, venue.json says for which venue they are. With --venue, --traders, --deposit
    and --seed are the venue's own.

    Example: zkperp replay btcusd_l3.csv.gz --batches 2 --out demo
    """
    if venue_file is None:
        if rpc is not None:
            message = "--rpc needs --venue: the built-in devnet's batches begin at its genesis"
            raise InvalidInput(message)
        first = START_TIME_MS if start_time_ms is None else start_time_ms
        venue = built_in_venue(
            traders=traders, deposit_micro=deposit * MICRO, seed=seed, start_time_ms=first
        )
        start = _Start(None, venue.requests, first)
    else:
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
            withdrawals=[_withdrawal(pair) for pair in withdraw or []],
            resume=start.state,
            progress=progress,
        )
    venue.save(out / FILE_NAME)
    result: dict[str, Any] = {**json.loads(text), "flow": source, "venue": str(out / FILE_NAME)}
    last = result["batches"][-1]["batch_number"]
    result["of_earlier_replays"] = [name for number, name in batch_names(out) if number > last]
    report(result, _lines(result), as_json=as_json)


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


def _start(venue: Venue) -> _Start:
    """Begin at the genesis of a deployed venue."""
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
    if not (colon and account.isdecimal() and amount.isdecimal()):
        message = f"--withdraw {pair}: expected ACCOUNT:MICRO_USDC"
        raise InvalidInput(message)
    return int(account), int(amount)


def _root(felts: list[str]) -> str:
    return "".join(f"{int(felt):016x}" for felt in felts)


def _lines(result: dict[str, Any]) -> list[str]:
    refused = ", ".join(f"{code}: {count}" for code, count in result["refused"].items())
    lines = [
        f"{result['flow']}: {result['rows']} rows, {result['accepted']} user commands accepted, "
        f"{result['orders']} of them orders, {result['trades']} trades",
        f"refused, by code: {refused or 'none'}",
    ]
    for path, batch in zip(result["directories"], result["batches"], strict=True):
        lines += [
            f"{path}: {batch['commands']} commands, {batch['data_bytes']} bytes of data",
            f"  root {_root(batch['old_root'])}",
            f"    -> {_root(batch['new_root'])}",
        ]
    if result["of_earlier_replays"]:
        lines.append(f"of an earlier replay: {', '.join(result['of_earlier_replays'])}")
    lines.append(
        f"collateral {usdc(result['collateral_before'])} before, "
        f"{usdc(result['collateral_after'])} after, {usdc(result['fees'])} fees, "
        f"{usdc(result['withdrawn'])} withdrawn"
    )
    return lines
