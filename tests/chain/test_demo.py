"""The demo, short: real proofs through the real contracts, and every attack refused.

What it does not ask of itself is asked here: that its own commands read its batches and its chain.
"""

import json
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from tests.contracts.chain import ANVIL
from zkperp.chain import Devnet
from zkperp.chain.devnet import ANVIL_VARIABLE
from zkperp.cli.main import main
from zkperp.demo.story import WITHDRAWN_MICRO


def command(*arguments: object) -> dict[str, object]:
    """Run a command in this process; return its JSON."""
    stdout = StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(stdout):
        patch.setattr(sys, "argv", ["zkperp", *map(str, arguments), "--json"])
        with pytest.raises(SystemExit) as stopped:
            main()
    assert not stopped.value.code, stdout.getvalue()
    found: dict[str, object] = json.loads(stdout.getvalue())
    return found


def test_the_whole_way_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ANVIL_VARIABLE, str(ANVIL))
    monkeypatch.delenv("FLOW", raising=False)
    monkeypatch.chdir(tmp_path)
    out = tmp_path / "demo"
    result = command("demo", "--out", out, "--batch-orders", 12)
    assert result["flow"] == "the seeded generator"
    assert result["claimed_micro"] == WITHDRAWN_MICRO
    refused = result["refused"]
    assert isinstance(refused, dict)
    assert set(refused) == {"a changed command", "a larger withdrawal", "a changed proof"}
    # By the proof, not by a check before it.
    by_proof = {"ProofOfWork", "FractionLayer", "ConstraintIdentity", "MerkleRoot", "FinalQuery"}
    assert set(refused.values()) <= by_proof | {"FinalIdentity"}
    settled = result["settled"]
    assert isinstance(settled, list)
    assert [batch["batch_number"] for batch in settled] == [1, 2]
    assert all(batch["verify_gas"] < 2**24 for batch in settled)

    # The same batches on another fresh chain, by the commands.
    with Devnet() as devnet:
        where = ("--rpc", devnet.url)
        again = command("settle", out, *where)
        assert again["root"] == result["root"]
        nothing = command("settle", out, *where)
        assert (nothing["accepted_before"], nothing["batches"]) == (2, [])
        proof = out / "batch-000002/batch.proof"
        compared = command("verify", proof, *where)
        assert compared["compared_with_chain"] is compared["same_proof_on_chain"] is True
        public = tmp_path / "public.json"
        public.write_text(json.dumps(compared))
        assert command("verify", proof, "--public", public)["compared_with_file"] is True
        assert command("rebuild", *where)["root"] == result["root"]
        assert command("claim", *where, "--trader", 3)["claimed"] == WITHDRAWN_MICRO
