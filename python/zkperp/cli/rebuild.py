"""`zkperp rebuild`: the state from chain data alone."""

from pathlib import Path
from typing import Annotated, Any

import typer

from zkperp import _native
from zkperp.chain import Chain, Genesis, Rollup, read_events
from zkperp.cli.options import DEFAULT_SEED, RollupAddress, Rpc, Seed, VenueFile, usdc, venue_of
from zkperp.cli.terminal import Json, counting, report
from zkperp.errors import InvalidInput
from zkperp.settlement.connect import connect
from zkperp.settlement.rebuild import Rebuilt
from zkperp.settlement.rebuild import rebuild as rebuild_state


def rebuild(
    rpc: Rpc,
    rollup_address: RollupAddress = None,
    venue_file: VenueFile = None,
    seed: Seed = DEFAULT_SEED,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for tree.snapshot and state.json.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Replay every accepted batch from the chain's transactions, and compare all roots.

    What the first state is made of comes from --venue; without it, it is the built-in devnet's of
    --seed, from the time that the contract names. It must have the contract's first root.

    Example: zkperp rebuild --rpc http://127.0.0.1:8545
    """
    chain = Chain(rpc)
    if venue_file is not None:
        if rollup_address is not None:
            message = "--venue and --rollup name the contract twice"
            raise InvalidInput(message)
        venue = venue_of(venue_file)
        rollup, genesis, block = connect(chain, venue), venue.genesis_json, venue.block
    else:
        rollup = Rollup(chain, rollup_address or venue_of(None, seed=seed).rollup)
        genesis, block = _native.devnet_genesis(seed, _genesis_time_ms(rollup)), 0
    with counting("replaying batches", rollup.state().batch_number) as progress:
        rebuilt = rebuild_state(rollup, genesis, first_block=block, progress=progress)
    if out is not None:
        rebuilt.save(out)
    result: dict[str, Any] = {
        "rollup": rollup.address,
        "block": rebuilt.block,
        "batches": rebuilt.batches,
        "root": "0x" + rebuilt.root.hex(),
        "equal_root": True,
        **rebuilt.summary,
        "out": None if out is None else str(out),
    }
    report(result, _lines(rebuilt, out), as_json=as_json)


def _genesis_time_ms(rollup: Rollup) -> int:
    """Return the program time at which a contract says that its venue began."""
    event = next(read_events(rollup), None)
    if not isinstance(event, Genesis):
        message = f"{rollup.address} has no genesis event"
        raise InvalidInput(message)
    return event.time_ms


def _lines(rebuilt: Rebuilt, out: Path | None) -> list[str]:
    summary = rebuilt.summary
    batches = "1 batch" if rebuilt.batches == 1 else f"{rebuilt.batches} batches"
    lines = [
        f"{batches} replayed from the chain's data, {summary['commands']} commands",
        f"root 0x{rebuilt.root.hex()}: equal to the contract's at block {rebuilt.block}",
        f"{summary['accounts']} accounts, {summary['open_orders']} open orders, "
        f"{usdc(summary['custody'])} in custody, {usdc(summary['fees'])} of it fees",
    ]
    if out is not None:
        lines.append(f"{out}: the state tree and the accounts")
    return lines
