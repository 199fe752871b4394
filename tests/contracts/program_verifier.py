"""The contract that verifies runs of one program: deployment and calls."""

from __future__ import annotations

from dataclasses import dataclass

from tests.contracts.chain import Chain, RpcError, artifact, words
from tests.contracts.stark_verifier import PANIC, StarkVerifier, Vector

HEADER_FELTS = 6
"""final_ap, outputs, program digest: of a program whose only builtin is output."""


@dataclass(frozen=True)
class Run:
    """What a caller says of a run of a program whose only builtin is output."""

    final_ap: int
    output: bytes
    proof: bytes
    used: tuple[int, ...] = ()
    roots: bytes = b""

    @classmethod
    def of(cls, vector: Vector) -> Run:
        """Take a proof vector's public values apart."""
        values = vector.public_values
        return cls(int.from_bytes(values[:8], "big"), values[8 * HEADER_FELTS :], vector.proof)


def program_digest(vector: Vector) -> bytes:
    """Return the digest that stands in a vector's public values."""
    return vector.public_values[16:48]


class ProgramVerifier:
    """A deployed verifier of one program."""

    def __init__(self, chain: Chain, vector: Vector, *, digest: bytes, outputs: int) -> None:
        stark = StarkVerifier(chain, vector)
        built = artifact("ProgramVerifier")
        code = bytes.fromhex(built["bytecode"]["object"][2:])
        arguments = words(int(stark.address, 16)) + digest + words(160, outputs, 0, 0)
        self._chain = chain
        signature = "verify(uint32,uint32[],bytes,bytes,bytes)"
        self._selector = bytes.fromhex(built["methodIdentifiers"][signature])
        self.address = chain.deploy(code + arguments)

    def calldata(self, run: Run) -> bytes:
        """Return the bytes of a call to `verify`."""
        used = words(len(run.used), *run.used)
        arrays = [
            words(len(b)) + b + bytes(-len(b) % 32) for b in (run.roots, run.output, run.proof)
        ]
        offset, heads = 5 * 32, [run.final_ap]
        for tail in (used, *arrays):
            heads.append(offset)
            offset += len(tail)
        return self._selector + words(*heads) + used + b"".join(arrays)

    def refusal(self, run: Run) -> str | None:
        """Return the selector of the refusal, or None if the run is accepted."""
        try:
            answer = self._chain.call(self.address, self.calldata(run))
        except RpcError as error:
            if len(error.data) < 10 or error.data.startswith(PANIC):
                raise
            return error.data[:10]
        assert answer == words(1)
        return None

    def gas(self, run: Run) -> int:
        """Return the gas of a whole transaction that verifies."""
        receipt = self._chain.send(self.calldata(run), to=self.address)
        assert receipt["status"] == "0x1", receipt
        return int(receipt["gasUsed"], 16)
