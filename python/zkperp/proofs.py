"""Prove a run of a Cairo program, and verify such a proof."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from zkperp import _native
from zkperp.errors import InvalidProgram, InvalidProof
from zkperp.files import why

__all__ = ["ProvenRun", "VerifiedRun", "prove_program", "verify_proof"]

Venue = Literal["off-chain", "on-chain"]


@dataclass(frozen=True)
class ProvenRun:
    """A proof with its statement.

    Attributes:
        file: the proof file's bytes.
        statement: what it says: program digest, output, table heights, parameters.
        steps: Cairo steps of the run.
        proof_bytes: bytes of the proof itself, without the statement.
    """

    file: bytes
    statement: Mapping[str, Any]
    steps: int
    proof_bytes: int


@dataclass(frozen=True)
class VerifiedRun:
    """What a valid proof proves.

    Attributes:
        program_name: the built-in program, or None if the caller named another.
        program_digest: 4 felts.
        output: the felts that the program put out.
        security_bits: proven soundness of this very statement.
        security_terms: every error term and its bits, weakest first.
        statement: all that the proof file says.
    """

    program_name: str | None
    program_digest: Sequence[int]
    output: Sequence[int]
    security_bits: float
    security_terms: Sequence[tuple[str, float]]
    statement: Mapping[str, Any]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: {why(error)}"
        raise InvalidProgram(message) from error


def prove_program(
    program: Path,
    values: Mapping[str, int | Sequence[int]],
    *,
    venue: Venue = "off-chain",
    security_bits: int = 100,
) -> ProvenRun:
    """Run a compiled program on named felts and prove the run.

    Args:
        program: the compiler's JSON.
        values: the felts that its hints name, and "advice", a list of felts.
        venue: what the proof is for: short proving time, or few bytes.
        security_bits: 100 or 120, under the Johnson bound.

    Raises:
        InvalidProgram, RunFailed, ProvingFailed.
    """
    compiled = _text(program)
    file, info = _native.prove_program(
        compiled, json.dumps(values), venue == "on-chain", security_bits
    )
    return ProvenRun(file, info, info["steps"], info["proof_bytes"])


def verify_proof(file: Path, *, program: Path | None = None) -> VerifiedRun:
    """Verify a proof file: program, parameters, proof.

    Args:
        file: the proof file.
        program: the compiled program it must be about; None for one of the built-in ones.

    Raises:
        InvalidProof: refused, with the reason.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        message = f"{file}: {why(error)}"
        raise InvalidProof(message) from error
    info = _native.verify_proof(content, None if program is None else _text(program))
    return VerifiedRun(
        program_name=info["program_name"],
        program_digest=info["program_digest"],
        output=info["output"],
        security_bits=info["security_bits"],
        security_terms=info["security_terms"],
        statement=info,
    )
