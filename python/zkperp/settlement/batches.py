"""Sealed batches on disk, and their proofs, as the contract takes them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from zkperp import _native
from zkperp._generated.output import Output
from zkperp.chain import BatchSubmission
from zkperp.errors import InvalidBatch, InvalidProof
from zkperp.files import why
from zkperp.settlement.errors import ProofMismatch

PROOF_NAME: Final = "batch.proof"
"""A batch's proof, in its directory."""

_NAME: Final = re.compile(r"batch-(\d{6,})")


@dataclass(frozen=True)
class ProvenStatement:
    """What a proof file says; nothing of it is verified.

    Attributes:
        program_digest: 4 felts as 32 bytes.
        shape: number of its shape; 0: none that a contract knows.
        final_ap: the machine's last allocation pointer.
        used: instances used of each builtin but output.
        roots: old and new root, 32 bytes each; None without state.
        output: the output words, 8 bytes each.
        proof: the proof itself.
    """

    program_digest: bytes
    shape: int
    final_ap: int
    used: tuple[int, ...]
    roots: tuple[bytes, bytes] | None
    output: bytes
    proof: bytes

    @classmethod
    def read(cls, path: Path) -> ProvenStatement:
        """Read a proof file.

        Raises:
            InvalidProof: it is none, or can't be read.
        """
        try:
            found = _native.read_proof(path.read_bytes())
        except (OSError, InvalidProof) as error:
            message = f"{path}: {why(error)}"
            raise InvalidProof(message) from error
        roots = found["roots"]
        return cls(
            program_digest=found["program_digest"],
            shape=found["shape"],
            final_ap=found["final_ap"],
            used=tuple(found["used"]),
            roots=None if roots is None else (roots[0], roots[1]),
            output=found["output"],
            proof=found["proof"],
        )

    def word(self, index: int) -> int:
        """Return an output word.

        Raises:
            ProofMismatch: there are not that many.
        """
        return output_word(self.output, index)


def output_word(output: bytes, index: int) -> int:
    """Return a word of a batch's output."""
    if len(output) < 8 * (index + 1):
        message = "the proof is not about a batch: its output is too short"
        raise ProofMismatch(message)
    return int.from_bytes(output[8 * index : 8 * index + 8], "big")


@dataclass(frozen=True)
class BatchDirectory:
    """A batch directory by its number; the files are read when they are asked for.

    Attributes:
        number: of the batch.
        path: the directory.
    """

    number: int
    path: Path

    @property
    def proof_path(self) -> Path:
        """Where `prove-batch` puts the proof."""
        return self.path / PROOF_NAME

    @property
    def is_proven(self) -> bool:
        """Whether there is a proof file."""
        return self.proof_path.exists()

    def summary(self) -> Mapping[str, Any]:
        """Return what batch.json says."""
        path = self.path / "batch.json"
        try:
            content: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            if content["batch_number"] != self.number:
                message = f"{path}: batch {content['batch_number']} in the directory of another"
                raise InvalidBatch(message)
        except (OSError, ValueError, KeyError, TypeError) as error:
            message = str(error) if isinstance(error, InvalidBatch) else f"{path}: {why(error)}"
            raise InvalidBatch(message) from error
        return content

    def new_root(self) -> bytes:
        """Return the root after the batch, as batch.json says."""
        return _root(self.summary()["new_root"])

    def submission(self) -> BatchSubmission:
        """Return what settles the batch.

        The directory is read back in full, every signature verified, and the proof's statement
        compared with it: what goes to the contract is the batch that is on disk.

        Raises:
            InvalidBatch: the directory is damaged or was changed.
            InvalidProof: the proof file is none.
            ProofMismatch: the proof is about something else.
        """
        batch = _native.read_batch(self.path)
        statement = ProvenStatement.read(self.proof_path)
        if statement.output != batch["output"]:
            message = f"{self.proof_path} is about another batch than its directory"
            raise ProofMismatch(message)
        if statement.roots != (batch["old_root"], batch["new_root"]):
            message = f"{self.proof_path} names other roots than its directory"
            raise ProofMismatch(message)
        return BatchSubmission(
            statement.final_ap,
            statement.used,
            batch["old_root"],
            batch["new_root"],
            statement.output,
            statement.proof,
        )


def _root(felts: list[str]) -> bytes:
    return b"".join(int(felt).to_bytes(8, "big") for felt in felts)


def batch_names(parent: Path) -> list[tuple[int, str]]:
    """Return the numbers and names of the batch directories below a folder, by number."""
    named = (_NAME.fullmatch(path.name) for path in parent.iterdir() if path.is_dir())
    return sorted((int(name[1]), name[0]) for name in named if name)


def batch_directories(parent: Path) -> list[BatchDirectory]:
    """Return the batch directories below a folder, by number.

    Raises:
        InvalidBatch: there are none, or numbers are missing among them.
    """
    if not parent.is_dir():
        message = f"{parent}: no such folder"
        raise InvalidBatch(message)
    found = batch_names(parent)
    if not found:
        message = f"{parent}: no batch directory (zkperp replay makes them)"
        raise InvalidBatch(message)
    first = found[0][0]
    for expected, (number, _) in enumerate(found, first):
        if number != expected:
            message = f"{parent}: batch {expected} is missing"
            raise InvalidBatch(message)
    return [BatchDirectory(number, parent / name) for number, name in found]


def batch_number(output: bytes) -> int:
    """Return the number of the batch that has this output."""
    return output_word(output, Output.BATCH_NUMBER)
