"""Commands run in this process, and what a refused proof may be called."""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

import pytest

from zkperp.cli.main import main

BY_PROOF = {
    "ProofOfWork",
    "FractionLayer",
    "ConstraintIdentity",
    "MerkleRoot",
    "FinalQuery",
    "FinalIdentity",
}
"""What the verifier says of a proof that does not fit, whatever was checked before."""


def command(*arguments: object) -> dict[str, Any]:
    """Run a command in this process; return its JSON."""
    stdout = StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(stdout):
        patch.setattr(sys, "argv", ["zkperp", *map(str, arguments), "--json"])
        main()
    found: dict[str, Any] = json.loads(stdout.getvalue())
    return found
