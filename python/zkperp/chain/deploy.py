"""The contracts of a venue one by one: what deploys each, and its deployment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from eth_abi.abi import encode
from eth_account.signers.local import LocalAccount

from zkperp.chain.artifacts import artifact
from zkperp.chain.client import Chain
from zkperp.errors import InvalidInput

CODE_BYTES_MAX: Final = 24_576
"""EIP-170: no contract's code may be longer."""


@dataclass(frozen=True)
class Shape:
    """What the proof system's verifier of one shape is made of, as the shape's generator gives it.

    Attributes:
        data: the shape's data: parameters, transcript seeds, layouts.
        programs: code of the contracts that hold the constraints.
        digest: 32 bytes over both; the verifier's constructor checks it.
    """

    data: bytes
    programs: Sequence[bytes]
    digest: bytes


@dataclass(frozen=True)
class ProgramShape:
    """What ties a program to a shape.

    Attributes:
        digest: the program's digest, 4 felts as 32 bytes.
        capacities: rows of each builtin's table but output's, in the program's order.
        output_capacity: felts that the public segment has for output.
        has_state: whether the program has the `state` builtin.
    """

    digest: bytes
    capacities: Sequence[int]
    output_capacity: int
    has_state: bool


@dataclass(frozen=True)
class Deployment:
    """Addresses of one venue.

    Attributes:
        chain_id: the chain's id.
        token: the collateral.
        stark_verifier: verifier of the shape.
        program_verifier: verifier of the batch program in it.
        rollup: the venue's contract.
        block: the rollup's history begins here, or a little later.
    """

    chain_id: int
    token: str
    stark_verifier: str
    program_verifier: str
    rollup: str
    block: int


def deploy_token(chain: Chain, sender: LocalAccount) -> str:
    """Deploy the development token, which anyone may mint; return its address."""
    return chain.deploy(sender, artifact("DevToken").init_code)


def code_holder(code: bytes) -> bytes:
    """Return what deploys a contract of exactly this code.

    Raises:
        InvalidInput: no contract can be that long.
    """
    if len(code) > CODE_BYTES_MAX:
        message = f"a contract of {len(code)} bytes: at most {CODE_BYTES_MAX}"
        raise InvalidInput(message)
    # PUSH2 length, DUP1, PUSH1 10, PUSH0, CODECOPY, PUSH0, RETURN.
    return b"\x61" + len(code).to_bytes(2, "big") + bytes.fromhex("80600a5f395ff3") + code


def shape_codes(shape: Shape) -> tuple[list[bytes], list[bytes]]:
    """Return what deploys a shape's data contracts, and its program contracts.

    Data contracts begin with a STOP byte, so that calling one does nothing.
    """
    part = CODE_BYTES_MAX - 1
    parts = [shape.data[i : i + part] for i in range(0, len(shape.data), part)]
    data = [code_holder(b"\0" + content) for content in parts]
    return data, [code_holder(code) for code in shape.programs]


def stark_verifier_code(data: Sequence[str], programs: Sequence[str], digest: bytes) -> bytes:
    """Return what deploys the verifier of the shape that these contracts hold."""
    arguments = encode(["address[]", "address[]", "bytes32"], [data, programs, digest])
    return artifact("StarkVerifier").init_code + arguments


def deploy_stark_verifier(chain: Chain, sender: LocalAccount, shape: Shape) -> str:
    """Deploy the contracts of a shape and its verifier; return the verifier's address.

    Raises:
        Reverted: `WrongShapeData`, the digest is not that of data and programs.
    """
    data, programs = ([chain.deploy(sender, code) for code in part] for part in shape_codes(shape))
    return chain.deploy(sender, stark_verifier_code(data, programs, shape.digest))


def program_verifier_code(stark_verifier: str, program: ProgramShape) -> bytes:
    """Return what deploys the verifier of one program in a shape."""
    types = ["address", "bytes32", "uint32[]", "uint32", "bool"]
    values = [
        stark_verifier,
        program.digest,
        list(program.capacities),
        program.output_capacity,
        program.has_state,
    ]
    return artifact("ProgramVerifier").init_code + encode(types, values)


def rollup_code(
    *,
    token: str,
    program_verifier: str,
    operator: str,
    genesis_root: bytes,
    genesis_time_ms: int,
) -> bytes:
    """Return what deploys the venue's contract; `deploy_rollup` says what the arguments mean."""
    types = ["address", "address", "address", "bytes32", "uint64"]
    values = [token, program_verifier, operator, genesis_root, genesis_time_ms]
    return artifact("Rollup").init_code + encode(types, values)


def deploy_rollup(
    chain: Chain,
    sender: LocalAccount,
    *,
    token: str,
    program_verifier: str,
    operator: str,
    genesis_root: bytes,
    genesis_time_ms: int,
) -> str:
    """Deploy the venue's contract; return its address.

    Args:
        chain: where.
        sender: who pays.
        token: the collateral.
        program_verifier: the verifier of the batch program.
        operator: who submits batches.
        genesis_root: root of the first state, 4 felts as 32 bytes.
        genesis_time_ms: program time of the first state.
    """
    code = rollup_code(
        token=token,
        program_verifier=program_verifier,
        operator=operator,
        genesis_root=genesis_root,
        genesis_time_ms=genesis_time_ms,
    )
    return chain.deploy(sender, code)
