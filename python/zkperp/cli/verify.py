"""`zkperp verify`: is this proof valid, what does it prove, and how secure is it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from zkperp import proofs
from zkperp.cli.options import RollupAddress, VenueFile, open_rollup
from zkperp.cli.terminal import Json, report, working
from zkperp.errors import InvalidInput
from zkperp.files import why
from zkperp.proofs import VerifiedRun
from zkperp.settlement.batches import ProvenStatement
from zkperp.settlement.compare import Accepted, compare_with_chain, compare_with_file
from zkperp.settlement.connect import check_program
from zkperp.settlement.venue import Venue

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
    public: Annotated[
        Path | None,
        typer.Option(help="JSON with the output it must have, and roots and program_digest."),
    ] = None,
    rpc: Annotated[
        str | None, typer.Option("--rpc", help="Compare with what a contract accepted, there.")
    ] = None,
    rollup_address: RollupAddress = None,
    venue_file: VenueFile = None,
    as_json: Json = False,
) -> None:
    """Verify a proof, and print what it proves and its security report.

    Fails unless the program digest is that of a built-in program (or of --program) and the
    parameters are built-in ones whose proven bound reaches their target for this very statement.
    With --rpc it also fails unless the contract accepted a batch of the same program, roots, log
    chain and words; with --public unless the values are the file's.
    """
    with working(f"verifying {proof.name}"):
        verified = proofs.verify_proof(proof, program=program)
    if public is not None:
        compare_with_file(verified.statement, public, _public_values(public))
    accepted = None if rpc is None else _compare(proof, rpc, venue_file, rollup_address)
    result: dict[str, Any] = {
        "valid": True,
        **verified.statement,
        "compared_with_chain": accepted is not None,
        "compared_with_file": public is not None,
    }
    if accepted is not None:
        result |= {
            "batch_number": accepted.batch_number,
            "transaction": accepted.transaction,
            "same_proof_on_chain": accepted.same_proof,
        }
    lines = _lines(verified, verified.program_name or (program.name if program else ""))
    report(result, [*lines, _compared(public, accepted)], as_json=as_json)


def _lines(verified: VerifiedRun, name: str) -> list[str]:
    roots = verified.statement["roots"]
    return [
        f"valid: a run of {name} to its end",
        f"program digest: {' '.join(f'{felt:016x}' for felt in verified.program_digest)}",
        *(
            f"{which} root: {' '.join(f'{felt:016x}' for felt in root)}"
            for which, root in zip(("old", "new"), roots or (), strict=False)
        ),
        f"output: {_shown(verified.output)}",
        f"security: {verified.security_bits:.2f} bits, proven; weakest terms:",
        *(f"  {bits:7.2f}  {name}" for name, bits in verified.security_terms[:_WEAKEST]),
    ]


def _compared(public: Path | None, accepted: Accepted | None) -> str:
    if accepted is not None:
        which = "this very proof" if accepted.same_proof else "another proof of the same statement"
        return (
            f"compared with the chain: batch {accepted.batch_number} was accepted by {which}, "
            f"in {accepted.transaction}"
        )
    if public is not None:
        return f"compared with {public}, and with no chain"
    return "compared with no chain: the output is what the proof says it is, no more"


def _compare(
    proof: Path, rpc: str, venue_file: Path | None, rollup_address: str | None
) -> Accepted:
    rollup = open_rollup(rpc, venue_file, rollup_address)
    check_program(rollup)
    first_block = 0 if venue_file is None else Venue.load(venue_file).block
    return compare_with_chain(ProvenStatement.read(proof), rollup, first_block=first_block)


def _public_values(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"{path}: {why(error)}"
        raise InvalidInput(message) from error
    if not isinstance(content, dict):
        message = f"{path}: not a JSON object"
        raise InvalidInput(message)
    return content
