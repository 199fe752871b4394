"""Proving a program and verifying the proof, through the library and the command line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from zkperp import proofs
from zkperp.errors import InvalidProgram, InvalidProof, ProvingFailed, RunFailed

ROOT = Path(__file__).parents[2]
FIBONACCI = ROOT / "circuits/compiled/fibonacci.json"
HASHES = ROOT / "circuits/compiled/hashes.json"
P = 2**64 - 2**32 + 1


def fibonacci(n: int) -> int:
    a, b = 0, 1
    for _ in range(n):
        a, b = b, (a + b) % P
    return a


def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("zkperp"), *arguments],
        capture_output=True,
        check=False,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"},
        text=True,
    )


@pytest.fixture(scope="module")
def proof(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("proofs") / "fibonacci.proof"
    path.write_bytes(proofs.prove_program(FIBONACCI, {"n": 100}).file)
    return path


def test_a_proof_says_what_the_program_put_out(proof: Path) -> None:
    verified = proofs.verify_proof(proof)
    assert verified.program_name == "fibonacci"
    assert list(verified.output) == [100, fibonacci(100)]
    assert verified.security_bits >= 100
    assert min(bits for _, bits in verified.security_terms) >= verified.security_bits


def test_stronger_and_on_chain_parameters_verify_too(tmp_path: Path) -> None:
    path = tmp_path / "p"
    path.write_bytes(
        proofs.prove_program(FIBONACCI, {"n": 3}, venue="on-chain", security_bits=120).file
    )
    assert proofs.verify_proof(path).security_bits >= 120


@pytest.mark.parametrize("offset", range(0, 100, 7))
def test_a_changed_statement_is_refused(proof: Path, tmp_path: Path, offset: int) -> None:
    content = bytearray(proof.read_bytes())
    content[offset] ^= 1
    changed = tmp_path / "changed"
    changed.write_bytes(content)
    with pytest.raises(InvalidProof):
        proofs.verify_proof(changed)


def test_another_program_is_refused(proof: Path) -> None:
    with pytest.raises(InvalidProof, match="another program"):
        proofs.verify_proof(proof, program=HASHES)


def test_what_goes_wrong_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match="n"):
        proofs.prove_program(FIBONACCI, {})
    with pytest.raises(ProvingFailed, match="128"):
        proofs.prove_program(FIBONACCI, {"n": 1}, security_bits=128)
    with pytest.raises(InvalidProgram):
        proofs.prove_program(tmp_path / "missing.json", {})
    with pytest.raises(InvalidProof):
        proofs.verify_proof(tmp_path / "missing.proof")


def test_the_commands(tmp_path: Path) -> None:
    out = tmp_path / "fibonacci.proof"
    proven = command("prove-program", FIBONACCI, "--set", "n=7", "--out", out, "--json")
    assert proven.returncode == 0, proven.stderr
    assert json.loads(proven.stdout)["output"] == [7, 13]

    verified = command("verify", out, "--json")
    assert verified.returncode == 0, verified.stderr
    result = json.loads(verified.stdout)
    assert result["program_name"] == "fibonacci"
    assert result["security_bits"] >= 100
    assert result["compared_with_chain"] is False

    out.write_bytes(out.read_bytes()[:-1])
    refused = command("verify", out)
    assert refused.returncode == 1
    assert refused.stderr.startswith("zkperp: ")
