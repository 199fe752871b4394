"""Proves recorded order flow, batch by batch, and holds each proof to the Python model.

python -m tests.differential.prove_recorded [--commands N] [--batches K]

The model applies the commands; the proof has to have the output and the roots that the model comes
to. So the three writers meet in it: the engine sealed the batch, the program's run is proven.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.differential.recorded import Replayed, replay, source
from tests.differential.sealed import Writers


@dataclass(frozen=True)
class Proven:
    """A proven batch. Seconds are those of the whole command, from directory to file."""

    batch: int
    commands: int
    steps: int
    prove_seconds: float
    verify_seconds: float
    proof_bytes: int
    security_bits: float


def zkperp(*arguments: str | Path) -> dict[str, Any]:
    """Run a command and return what it prints as JSON.

    Raises:
        RuntimeError: the command fails.
    """
    command = [Path(sys.executable).with_name("zkperp"), *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def proven_batches(flow: Replayed) -> Iterator[Proven]:
    """Prove and verify each batch of a flow, and compare the proofs with the model."""
    writers = Writers(flow.venue())
    for number, directory in enumerate(flow.directories, 1):
        sealed = writers.run(directory)
        proof = directory / "batch.proof"
        start = time.perf_counter()
        proven = zkperp("prove-batch", directory, "--off-chain", "--out", proof)
        proven_at = time.perf_counter()
        verified = zkperp("verify", proof)
        verified_at = time.perf_counter()
        assert tuple(verified["output"]) == sealed.output, directory
        assert [tuple(root) for root in verified["roots"]] == [sealed.old_root, sealed.new_root]
        yield Proven(
            batch=number,
            commands=proven["commands"],
            steps=proven["steps"],
            prove_seconds=proven_at - start,
            verify_seconds=verified_at - proven_at,
            proof_bytes=proven["proof_bytes"],
            security_bits=verified["security_bits"],
        )


def main() -> None:
    """Prove a flow and print a line for each batch."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--commands", type=int, default=10_000, help="accepted user commands")
    parser.add_argument("--batches", type=int, default=6, help="batches of equal size")
    given = parser.parse_args()
    size = -(-given.commands // given.batches)
    sys.stdout.write(f"{source()}: {given.batches} batches of {size} user commands\n")
    with tempfile.TemporaryDirectory() as folder:
        flow = replay(Path(folder), batch_orders=size, batches=given.batches, deposit=10_000_000)
        done = []
        for proven in proven_batches(flow):
            done.append(proven)
            sys.stdout.write(json.dumps(asdict(proven)) + "\n")
            sys.stdout.flush()
    commands = sum(proven.commands for proven in done)
    seconds = sum(proven.prove_seconds for proven in done)
    steps = sum(proven.steps for proven in done)
    sys.stdout.write(
        f"{commands} commands, {steps} steps proven in {seconds:.1f} s, "
        f"{commands / seconds:.1f} commands and {steps / seconds:,.0f} steps a second\n"
    )


if __name__ == "__main__":
    main()
