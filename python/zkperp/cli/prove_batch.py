"""`zkperp prove-batch`: prove a sealed batch."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from zkperp import _native
from zkperp.cli.terminal import Json, report, working
from zkperp.files import check_target, write_whole
from zkperp.peak_memory import peak_bytes
from zkperp.settlement.batches import PROOF_NAME

_PHASES = ("read", "run", "trace", "prove")


def prove_batch(
    directory: Annotated[Path, typer.Argument(help="Batch directory (zkperp replay).")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Proof file. Default: DIRECTORY/batch.proof.")
    ] = None,
    security_bits: Annotated[
        int,
        typer.Option(
            "--security-bits", min=100, max=120, help="100; off chain also 120. Proven bounds."
        ),
    ] = 100,
    off_chain: Annotated[
        bool,
        typer.Option(
            "--off-chain", help="A proof for files: tables as short as can be, more bytes."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Run the batch program on a sealed batch, every signature included, and prove the run.

    The proof is in the shape that the venue's contract accepts, unless --off-chain asks for a
    quicker one. The proof file appears whole or not at all.

    Example: zkperp prove-batch batches/batch-000001
    """
    start = time.perf_counter()
    target = out or directory / PROOF_NAME
    if out is not None:
        check_target(out)
    with working(f"running and proving {directory.name}"):
        file, info = _native.prove_batch(directory, not off_chain, security_bits)
        write_whole(target, file)
        seconds = time.perf_counter() - start
        bits = _native.verify_proof(file)["security_bits"]
    result: dict[str, Any] = {
        **{name: value for name, value in info.items() if name != "output"},
        "rows": {name: 1 << log for name, log in info["log_rows"].items()},
        "security_bits": bits,
        "peak_memory_bytes": peak_bytes(),
        "proof_file": str(target),
        "seconds": seconds,
    }
    phases = ", ".join(f"{name} {info[f'{name}_seconds']:.2f} s" for name in _PHASES)
    rows = ", ".join(f"{name} 2^{log}" for name, log in info["log_rows"].items())
    lines = [
        f"batch {info['batch_number']}: {info['commands']} commands, {info['steps']} Cairo steps "
        f"proven in {seconds:.2f} s ({phases})",
        f"rows: {rows}; {info['cells']} cells; peak memory {peak_bytes() / 2**30:.2f} GiB",
        f"{target}: {info['proof_bytes']} bytes of proof, {bits:.2f} bits, verified",
    ]
    report(result, lines, as_json=as_json)
