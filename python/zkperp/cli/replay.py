"""`zkperp replay`: run order flow through the engine and seal batches."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from zkperp import _native
from zkperp.chain.devnet import CHAIN_ID
from zkperp.cli.terminal import Json, counting, report
from zkperp.settlement.keys import trader_account

DEVNET_ROLLUP = bytes.fromhex("5fbdb2315678afecb367f032d93f642f64180aa3")
"""Address of the first contract that a local chain's first account deploys."""

_MICRO = 1_000_000


def replay(
    flow: Annotated[
        Path | None,
        typer.Argument(help="Feed (csv or csv.gz). Default: the project's seeded generator."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of the batch directories.")] = Path("batches"),
    traders: Annotated[int, typer.Option(help="Accounts that own the orders.")] = 20,
    batch_orders: Annotated[int, typer.Option(help="Accepted user commands a batch.")] = 100,
    batches: Annotated[int, typer.Option(help="Batches.")] = 2,
    deposit: Annotated[int, typer.Option(help="Deposit of each account, USDC.")] = 10_000_000,
    seed: Annotated[int, typer.Option(help="Of keys and of generated flow.")] = 1,
    start_time_ms: Annotated[
        int, typer.Option(help="Program time of the first row, ms since 1970.")
    ] = 1_700_000_000_000,
    as_json: Json = False,
) -> None:
    """Replay order flow on the built-in devnet: match it, sign it, seal batches on disk.

    The feed has no owners, times or oracle: an order's owner is its id modulo the traders, takes go
    to further accounts in turn, a row takes 10 ms, every 100 rows the oracle signs the last mid. A
    second market runs on generated flow. There is no liquidation yet: a gap can leave bad debt.

    Example: zkperp replay btcusd_l3.csv.gz --batches 2 --out demo
    """
    source = "the seeded generator" if flow is None else flow.name
    with counting(f"matching {source}", batch_orders * batches) as progress:
        owners = [
            bytes.fromhex(trader_account(seed, number).address[2:])
            for number in range(1, traders + traders // 4 + 2)
        ]
        text = _native.replay_flow(
            out,
            venue=_native.devnet_genesis(seed, start_time_ms),
            chain_id=CHAIN_ID,
            rollup=DEVNET_ROLLUP,
            requests=_native.deposit_requests(seed, owners, deposit * _MICRO),
            flow=flow,
            market="BTC-USD",
            traders=traders,
            batch_orders=batch_orders,
            batches=batches,
            seed=seed,
            start_time_ms=start_time_ms,
            withdrawals=(),
            progress=progress,
        )
    result: dict[str, Any] = {**json.loads(text), "flow": source}
    refused = sum(result["refused"].values())
    lines = [
        f"{source}: {result['rows']} rows, {result['accepted']} user commands accepted, "
        f"{refused} refused, {result['trades']} trades",
        *(
            f"{path}: {batch['commands']} commands, {batch['data_bytes']} bytes of data"
            for path, batch in zip(result["directories"], result["batches"], strict=True)
        ),
    ]
    report(result, lines, as_json=as_json)
