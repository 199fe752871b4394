"""`zkperp prove-program`: prove a run of any compiled Cairo program."""

import json
import time
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer

from zkperp import proofs
from zkperp._generated.constants import P
from zkperp.cli.terminal import Json, report, working
from zkperp.errors import InvalidInput
from zkperp.files import check_target, why, write_whole

_FELT_DIGITS: Final = 40


def prove_program(
    program: Annotated[Path, typer.Argument(help="Compiled program (python -m zkperp.cairo).")],
    values: Annotated[
        list[str] | None,
        typer.Option("--set", help="NAME=FELT: a value that the program's hints ask for."),
    ] = None,
    input_file: Annotated[
        Path | None,
        typer.Option("--input", help='JSON object of values, and "advice": a list of felts.'),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Proof file. Default: PROGRAM.proof.")
    ] = None,
    venue: Annotated[
        Literal["off-chain", "on-chain"],
        typer.Option("--for", help="Short proving time, or few bytes for the contract."),
    ] = "off-chain",
    security_bits: Annotated[
        int,
        typer.Option(
            "--security-bits", min=100, max=120, help="100 or 120, proven (Johnson bound)."
        ),
    ] = 100,
    as_json: Json = False,
) -> None:
    """Run a compiled Cairo program and prove the run.

    The proof file holds the statement too: program digest, output, table heights, parameters.

    Example: zkperp prove-program circuits/compiled/fibonacci.json --set n=1000
    """
    start = time.perf_counter()
    given = _all_values(values or [], input_file)
    target = out or program.with_suffix(".proof")
    check_target(target)
    with working(f"running and proving {program.name}"):
        proven = proofs.prove_program(program, given, venue=venue, security_bits=security_bits)
    seconds = time.perf_counter() - start
    write_whole(target, proven.file)
    result: dict[str, Any] = {**proven.statement, "proof_file": str(target), "seconds": seconds}
    lines = [
        f"{proven.steps} steps proven in {seconds:.2f} s, run included",
        f"output: {' '.join(map(str, proven.statement['output']))}",
        f"{target}: {proven.proof_bytes} bytes of proof",
    ]
    report(result, lines, as_json=as_json)


def _all_values(pairs: list[str], input_file: Path | None) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if input_file is not None:
        try:
            values = json.loads(input_file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            message = f"{input_file}: {why(error)}"
            raise InvalidInput(message) from error
        if not isinstance(values, dict):
            message = f"{input_file}: not a JSON object"
            raise InvalidInput(message)
    return {**values, **parse_values(pairs)}


def parse_values(pairs: list[str]) -> dict[str, int]:
    """Read NAME=FELT options.

    Raises:
        InvalidInput: one is not of that form, or out of the field's range.
    """
    values: dict[str, int] = {}
    for pair in pairs:
        name, equals, number = pair.partition("=")
        if not equals or not number.isdecimal():
            message = f"--set {pair}: expected NAME=FELT with a decimal felt"
            raise InvalidInput(message)
        # A felt has 20 digits; Python itself refuses to read thousands.
        felt = int(number) if len(number) <= _FELT_DIGITS else P
        if felt >= P:
            message = f"--set {name}: out of range: a felt is 0 <= x < {P}"
            raise InvalidInput(message)
        values[name] = felt
    return values
