"""What a batch costs: its proof on this machine, and its transaction on a local chain."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from zkperp import _native
from zkperp.bench import Figure
from zkperp.bench_batches import flow_name, seal_batches
from zkperp.chain import Devnet
from zkperp.chain.devnet import devnet_account
from zkperp.errors import InvalidInput
from zkperp.settlement.connect import deploy_built_in
from zkperp.settlement.deposits import queue_deposits
from zkperp.settlement.settle import SettledBatch, settle

__all__ = ["bench_gas"]


@dataclass(frozen=True)
class _Proven:
    """One batch that was proven."""

    orders_per_second: float
    proof_bytes: int
    security_bits: float


def bench_gas(flow: Path | None, *, batch_orders: int, runs: int) -> list[Figure]:
    """Prove batches of real flow in the on-chain shape, settle them on a chain of their own.

    Args:
        flow: a feed; None: the seeded generator.
        batch_orders: accepted user commands in each batch.
        runs: counted batches, after the first one, which is counted apart.

    Returns:
        Gas of the whole transaction, its calldata, the output words in it, the proof; security;
        signed commands proven per second, from the sealed directory to the proof file.

    Raises:
        ZkperpError: a batch can't be sealed, proven or settled.
    """
    if runs < 1:
        message = "at least one run is needed"
        raise InvalidInput(message)
    with tempfile.TemporaryDirectory() as folder:
        proven, settled = _measure(Path(folder), flow, batch_orders, runs + 1)
    what = f"batches of {batch_orders} signed commands from {flow_name(flow)}"
    columns: list[tuple[str, str, list[float]]] = [
        ("verify_gas", "gas", [batch.gas_used for batch in settled]),
        ("verify_calldata_bytes", "B", [batch.calldata_bytes for batch in settled]),
        ("data_bytes", "B", [batch.data_bytes for batch in settled]),
        ("proof_bytes", "B", [batch.proof_bytes for batch in proven]),
        ("security_bits", "bit", [batch.security_bits for batch in proven]),
        ("orders_proven_per_second", "1/s", [batch.orders_per_second for batch in proven]),
    ]
    return [
        Figure(metric, unit, what, values[0], tuple(values[1:])) for metric, unit, values in columns
    ]


def _measure(
    folder: Path, flow: Path | None, batch_orders: int, batches: int
) -> tuple[list[_Proven], list[SettledBatch]]:
    venue, directories = seal_batches(folder, flow, batch_orders=batch_orders, batches=batches)
    proven = []
    for directory in directories:
        start = time.perf_counter()
        file, info = _native.prove_batch(directory.path, on_chain=True, security_bits=100)
        directory.proof_path.write_bytes(file)
        seconds = time.perf_counter() - start
        bits = _native.verify_proof(file)["security_bits"]
        proven.append(_Proven(batch_orders / seconds, info["proof_bytes"], bits))
    with Devnet() as devnet:
        rollup = deploy_built_in(devnet.chain, venue)
        operator = devnet_account(0)
        queue_deposits(rollup, operator, venue.seed, venue.requests)
        return proven, settle(rollup, operator, directories, move_clock=True).settled
