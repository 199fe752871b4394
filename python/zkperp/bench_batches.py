"""Proving real batches: the machine with all its tables, in both parameter sets."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Final

from zkperp import _native
from zkperp.bench import Figure, all_runs, check_program, figure, read_program
from zkperp.errors import InvalidInput
from zkperp.peak_memory import peak_bytes
from zkperp.settlement.batches import BatchDirectory, batch_directories
from zkperp.settlement.devnet import built_in_venue
from zkperp.settlement.venue import Venue

__all__ = ["bench_prove_batch", "flow_name", "seal_batches"]

TRADERS: Final = 20
DEPOSIT_MICRO: Final = 10_000_000_000_000
SEED: Final = 1


def flow_name(flow: Path | None) -> str:
    """Return what a figure calls its order flow."""
    return "the seeded generator" if flow is None else flow.name


def seal_batches(
    folder: Path, flow: Path | None, *, batch_orders: int, batches: int
) -> tuple[Venue, list[BatchDirectory]]:
    """Replay order flow on the built-in devnet into sealed batches.

    Args:
        folder: where the batch directories go.
        flow: a feed; None: the seeded generator.
        batch_orders: accepted user commands in each batch.
        batches: how many.

    Raises:
        InvalidInput: the flow is too short.
    """
    venue = built_in_venue(traders=TRADERS, deposit_micro=DEPOSIT_MICRO, seed=SEED)
    report = json.loads(
        _native.replay_flow(
            folder,
            venue=venue.genesis_json,
            chain_id=venue.chain_id,
            rollup=venue.rollup_bytes,
            requests=venue.requests,
            flow=flow,
            market="BTC-USD",
            traders=venue.traders,
            batch_orders=batch_orders,
            batches=batches,
            seed=venue.seed,
            start_time_ms=venue.genesis_time_ms,
            withdrawals=(),
        )
    )
    if report["accepted"] != batches * batch_orders:
        message = f"the flow has {report['accepted']} commands, too few for {batches} batches"
        raise InvalidInput(message)
    return venue, batch_directories(folder)


def bench_prove_batch(
    flow: Path | None, hashes: Path, *, batch_orders: int, hash_count: int, runs: int
) -> list[Figure]:
    """Measure proving of a batch (its second, which has no deposits), and of a chain of hashes.

    A rate is steps, or hashes, by the seconds of filling and proving the tables; the run apart.

    Args:
        flow: a feed; None: the seeded generator.
        hashes: compiled `circuits/programs/hashes.cairo`.
        batch_orders: accepted user commands in the batch.
        hash_count: of the chain.
        runs: counted runs, after one that is counted apart: its memory is cold.

    Raises:
        ZkperpError: the program of hashes is not there; a batch can't be sealed or proven.
    """
    check_program(hashes, "run in the checkout, or name it with --hashes")
    total = all_runs(runs)
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        _, directories = seal_batches(Path(folder), flow, batch_orders=batch_orders, batches=2)
        batch = directories[1].path
        for metric, on_chain in (
            ("prove_steps_per_second", True),
            ("prove_steps_per_second_offchain", False),
        ):
            rates, infos = [], []
            for _ in range(total):
                _, info = _native.prove_batch(batch, on_chain=on_chain, security_bits=100)
                rates.append(info["steps"] / (info["trace_seconds"] + info["prove_seconds"]))
                infos.append(info)
            what = (
                f"a batch of {batch_orders} signed commands from {flow_name(flow)}: "
                f"{infos[0]['steps']:,} steps, rate 1/{8 if on_chain else 2}, 100 bits"
            )
            figures.append(figure(metric, "1/s", what, rates))
            if on_chain:
                cold = Figure("prove_steps_per_second_cold", "1/s", what, rates[0], (rates[0],))
                sizes = [float(info["proof_bytes"]) for info in infos]
                figures += [cold, figure("proof_bytes", "B", what, sizes)]
    figures.append(_hashes(hashes, hash_count, total))
    peak = float(peak_bytes())
    figures.append(Figure("prove_peak_bytes", "B", "all of the above", peak, (peak,)))
    return figures


def _hashes(program: Path, count: int, total: int) -> Figure:
    compiled, values = read_program(program), json.dumps({"n": count})
    rates = []
    for _ in range(total):
        _, info = _native.prove_program(compiled, values, on_chain=False, security_bits=100)
        rates.append(count / info["prove_seconds"])
    what = f"a chain of {count:,} Poseidon2 permutations in memory, rate 1/2, 100 bits"
    return figure("prove_poseidon2_per_second", "1/s", what, rates)
