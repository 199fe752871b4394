"""Order flow to batches to proofs, on the command line."""

import json
from pathlib import Path

import pytest

from tests.unit.test_proofs import command


@pytest.fixture(scope="module")
def batches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("batches")
    result = command(
        "replay", "--out", out, "--traders", "4", "--batch-orders", "15", "--batches", "2", "--json"
    )
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["accepted"] == 30
    assert report["flow"] == "the seeded generator"
    assert [batch["batch_number"] for batch in report["batches"]] == [1, 2]
    assert report["batches"][0]["new_root"] == report["batches"][1]["old_root"]
    return out


def test_a_batch_is_proven_and_its_proof_verified(batches: Path, tmp_path: Path) -> None:
    proof = tmp_path / "batch.proof"
    directory = batches / "batch-000001"
    proven = command("prove-batch", directory, "--out", proof, "--off-chain", "--json")
    assert proven.returncode == 0, proven.stderr

    verified = command("verify", proof, "--json")
    assert verified.returncode == 0, verified.stderr
    result = json.loads(verified.stdout)
    assert result["program_name"] == "batch"
    assert result["security_bits"] >= 100
    summary = json.loads((batches / "batch-000001/batch.json").read_text())
    for claimed, sealed in zip(
        result["roots"], (summary["old_root"], summary["new_root"]), strict=True
    ):
        assert [str(felt) for felt in claimed] == sealed


def test_a_changed_batch_is_refused(batches: Path) -> None:
    log = batches / "batch-000002/commands.log"
    content = bytearray(log.read_bytes())
    content[-1] ^= 1
    log.write_bytes(content)
    refused = command("prove-batch", batches / "batch-000002")
    assert refused.returncode == 1
    assert "commands.log" in refused.stderr
