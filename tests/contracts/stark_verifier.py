"""The verifier on a chain: deployment from a proof vector, calls, verdicts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.contracts.chain import (
    ROOT,
    Chain,
    RpcError,
    artifact,
    byte_arrays,
    init_code,
    words,
)

DATA_BYTES_PER_CONTRACT = 24_575
"""Code size limit less the leading STOP byte."""

PANIC = "0x4e487b71"
"""Selector of Panic(uint256): a bug of the contract, never a verdict."""


@dataclass(frozen=True)
class Vector:
    """A statement's data, a proof of it, and changes that must be refused."""

    public_values: bytes
    proof: bytes
    data: bytes
    programs: tuple[bytes, ...]
    digest: bytes
    mutations: list[dict[str, Any]]

    @classmethod
    def load(cls, path: Path) -> Vector:
        """Read the file that `tests/vectors/proof/README.md` describes."""
        content = json.loads(path.read_text())
        names = ("public_values", "proof", "data", "digest")
        fields = {name: bytes.fromhex(content[name][2:]) for name in names}
        programs = tuple(bytes.fromhex(code[2:]) for code in content["programs"])
        return cls(**fields, programs=programs, mutations=content["mutations"])

    def mutated(self, mutation: dict[str, Any]) -> tuple[bytes, bytes]:
        """Return public values and proof with one change."""
        start = mutation["offset"]
        end = start + mutation["removed"]
        new = bytes.fromhex(mutation["bytes"])
        if mutation["target"] == "proof":
            return self.public_values, self.proof[:start] + new + self.proof[end:]
        return self.public_values[:start] + new + self.public_values[end:], self.proof


TEST_MACHINE = ROOT / "tests" / "vectors" / "proof" / "test_machine.json"


class StarkVerifier:
    """A deployed verifier."""

    def __init__(self, chain: Chain, vector: Vector) -> None:
        size = DATA_BYTES_PER_CONTRACT
        parts = [vector.data[i : i + size] for i in range(0, len(vector.data), size)]
        data = [chain.deploy(init_code(b"\0" + part)) for part in parts]
        programs = [chain.deploy(init_code(code)) for code in vector.programs]
        built = artifact("StarkVerifier")
        code = bytes.fromhex(built["bytecode"]["object"][2:])
        lists = [words(len(a), *(int(address, 16) for address in a)) for a in (data, programs)]
        arguments = words(96, 96 + len(lists[0])) + vector.digest + b"".join(lists)
        self._chain = chain
        self._selector = bytes.fromhex(built["methodIdentifiers"]["verify(bytes,bytes)"])
        self.address = chain.deploy(code + arguments)

    def calldata(self, public_values: bytes, proof: bytes) -> bytes:
        """Return the bytes of a call to `verify`."""
        return self._selector + byte_arrays(public_values, proof)

    def accepts(self, public_values: bytes, proof: bytes) -> bool:
        """Return the verdict; anything but a typed refusal or an acceptance is an error."""
        try:
            answer = self._chain.call(self.address, self.calldata(public_values, proof))
        except RpcError as error:
            if len(error.data) < 10 or error.data.startswith(PANIC):
                raise
            return False
        assert answer == words(1)
        return True

    def gas(self, public_values: bytes, proof: bytes) -> int:
        """Return the gas of a whole transaction that verifies."""
        receipt = self._chain.send(self.calldata(public_values, proof), to=self.address)
        assert receipt["status"] == "0x1", receipt
        return int(receipt["gasUsed"], 16)
