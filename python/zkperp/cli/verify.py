"""`zkperp verify`: is this proof valid, what does it prove, and how secure is it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from zkperp import proofs
from zkperp.cli.terminal import Json, report, working

_WEAKEST = 5
_FELTS_SHOWN = 22


def _shown(output: Sequence[int]) -> str:
    shown = " ".join(map(str, output[:_FELTS_SHOWN]))
    rest = len(output) - _FELTS_SHOWN
    return shown if rest <= 0 else f"{shown} and {rest} more (--json has them all)"


def verify(
    proof: Annotated[Path, typer.Argument(help="Proof file.")],
    program: Annotated[
        Path | None,
        typer.Option(
            "--program", help="Compiled program it must be about. Default: a built-in one."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Verify a proof, and print what it proves and its security report.

    Fails unless the program digest is that of a built-in program (or of --program) and the
    parameters are built-in ones whose proven bound reaches their target for this very statement.
    """
    with working(f"verifying {proof.name}"):
        verified = proofs.verify_proof(proof, program=program)
    result: dict[str, Any] = {**verified.statement, "compared_with_chain": False}
    named = verified.program_name or (program.name if program else "")
    lines = [
        f"valid: a run of {named} to its end",
        f"program digest: {' '.join(f'{felt:016x}' for felt in verified.program_digest)}",
        f"output: {_shown(verified.output)}",
        f"security: {verified.security_bits:.2f} bits, proven; weakest terms:",
        *(f"  {bits:7.2f}  {name}" for name, bits in verified.security_terms[:_WEAKEST]),
        "compared with no chain: the output is what the proof says it is, no more",
    ]
    report(result, lines, as_json=as_json)
