"""`zkperp settle`: proven batches go to the chain."""

from pathlib import Path
from typing import Annotated, Any

import typer

from zkperp.chain import Chain, Rollup
from zkperp.chain.devnet import devnet_account
from zkperp.cli.options import KeyFile, Rpc
from zkperp.cli.terminal import Json, counting, report, working
from zkperp.settlement.batches import batch_directories
from zkperp.settlement.connect import check_program, connect, deploy_built_in
from zkperp.settlement.deposits import queue_deposits
from zkperp.settlement.keys import operator_account
from zkperp.settlement.settle import Settlement, check_proven
from zkperp.settlement.settle import settle as settle_batches
from zkperp.settlement.venue import FILE_NAME, Venue


def settle(
    directory: Annotated[Path, typer.Argument(help="Folder of batch directories.")],
    rpc: Rpc,
    venue_file: Annotated[
        Path | None, typer.Option("--venue", help="Venue file. Default: DIRECTORY/venue.json.")
    ] = None,
    key_file: KeyFile = None,
    as_json: Json = False,
) -> None:
    """Submit every proven batch in order, each checked against the contract before it is sent.

    For batches of the built-in devnet, a fresh local chain gets its contracts and deposits first,
    and its clock is moved forward to the batches'. A rerun carries on after the last accepted
    batch. The operator's key is in --key-file or ZKPERP_OPERATOR_KEY, else the local chains' first.

    Example: zkperp settle batches --rpc http://127.0.0.1:8545
    """
    batches = batch_directories(directory)
    venue = Venue.load(venue_file or directory / FILE_NAME)
    operator = operator_account(key_file)
    chain = Chain(rpc)
    if venue.is_built_in:
        if not chain.has_code(venue.rollup):
            # A fresh chain takes the first batch next: nothing is deployed if it can't come.
            check_proven(batches[0])
        rollup = _open_built_in(chain, venue)
    else:
        rollup = connect(chain, venue)
    check_program(rollup)
    with counting("settling", len(batches)) as progress:
        result = settle_batches(
            rollup,
            operator,
            batches,
            move_clock=venue.is_built_in,
            submitting=lambda number: progress(number - batches[0].number),
        )
    report(_result(rollup, result), _lines(result), as_json=as_json)


def _open_built_in(chain: Chain, venue: Venue) -> Rollup:
    with working("deploying contracts"):
        rollup = deploy_built_in(chain, venue)
    funder = devnet_account(0)
    with counting("queueing deposits", len(venue.requests)) as progress:
        queue_deposits(rollup, funder, venue.seed, venue.requests, progress=progress)
    return rollup


def _result(rollup: Rollup, result: Settlement) -> dict[str, Any]:
    state = rollup.state()
    return {
        "rollup": rollup.address,
        "accepted_before": result.before,
        "accepted": state.batch_number,
        "root": "0x" + state.root.hex(),
        "unproven": result.unproven,
        "batches": [
            {
                "batch_number": batch.number,
                "root": "0x" + batch.new_root.hex(),
                "transaction": batch.transaction,
                "block": batch.block,
                "verify_gas": batch.gas_used,
                "verify_calldata_bytes": batch.calldata_bytes,
                "data_bytes": batch.data_bytes,
                "proof_bytes": batch.proof_bytes,
            }
            for batch in result.settled
        ],
    }


def _lines(result: Settlement) -> list[str]:
    lines = []
    if result.before:
        accepted = "1 batch was" if result.before == 1 else f"{result.before} batches were"
        lines.append(f"{accepted} accepted before")
    for batch in result.settled:
        lines += [
            f"batch {batch.number} accepted: {batch.gas_used:,} gas, "
            f"{batch.calldata_bytes:,} bytes of calldata: {batch.data_bytes:,} of data, "
            f"{batch.proof_bytes:,} of proof",
            f"  root 0x{batch.new_root.hex()}, transaction {batch.transaction}",
        ]
    if result.unproven:
        lines.append(f"not proven yet: batch {', '.join(map(str, result.unproven))}")
    return lines or ["nothing to do"]
