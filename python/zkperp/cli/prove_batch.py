"""`zkperp prove-batch`: prove a sealed batch."""

import time
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from zkperp import _native
from zkperp.cli.terminal import Json, report, working


def prove_batch(
    directory: Annotated[Path, typer.Argument(help="Batch directory (zkperp replay).")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Proof file. Default: DIRECTORY/batch.proof.")
    ] = None,
    venue: Annotated[
        Literal["off-chain", "on-chain"],
        typer.Option("--for", help="Short proving time, or few bytes for the contract."),
    ] = "off-chain",
    security_bits: Annotated[
        int, typer.Option("--security-bits", help="100 or 120, proven (Johnson bound).")
    ] = 100,
    as_json: Json = False,
) -> None:
    """Run the batch program on a sealed batch, every signature included, and prove the run.

    Example: zkperp prove-batch batches/batch-000001
    """
    start = time.perf_counter()
    with working(f"running and proving {directory.name}"):
        file, info = _native.prove_batch(directory, venue == "on-chain", security_bits)
    seconds = time.perf_counter() - start
    target = out or directory / "batch.proof"
    target.write_bytes(file)
    result: dict[str, Any] = {**info, "proof_file": str(target), "seconds": seconds}
    lines = [
        f"batch {info['batch_number']}: {info['commands']} commands, {info['steps']} Cairo steps "
        f"proven in {seconds:.2f} s",
        f"{target}: {info['proof_bytes']} bytes of proof",
    ]
    report(result, lines, as_json=as_json)
