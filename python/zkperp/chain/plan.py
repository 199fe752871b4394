"""All contracts of a venue before any is deployed: their code, their order, their addresses.

A contract's address follows from its deployer and the number of the deployer's transaction, so
every address of a venue is known beforehand, and a deployment that broke off can be carried on.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from zkperp.chain.artifacts import artifact
from zkperp.chain.client import Chain
from zkperp.chain.deploy import (
    Deployment,
    ProgramShape,
    Shape,
    program_verifier_code,
    rollup_code,
    shape_codes,
    stark_verifier_code,
)
from zkperp.chain.errors import DeploymentInterrupted


def contract_address(sender: str, transaction: int) -> str:
    """Return the address of the contract that a sender's transaction of that number deploys."""
    # RLP of [address, number]; the number without leading zeros.
    raw = transaction.to_bytes((transaction.bit_length() + 7) // 8, "big")
    number = raw if len(raw) == 1 and raw[0] < 0x80 else bytes([0x80 + len(raw)]) + raw
    body = b"\x94" + bytes.fromhex(sender[2:]) + number
    return to_checksum_address(keccak(bytes([0xC0 + len(body)]) + body)[12:])


@dataclass(frozen=True)
class VenuePlan:
    """What deploys a venue.

    Attributes:
        sender: who deploys.
        first: number of the sender's transaction that deploys the first contract.
        init_codes: what deploys each contract, in order.
        token: the collateral's address.
        stark_verifier: address of the shape's verifier.
        program_verifier: address of the program's.
        rollup: address of the venue's contract, the last one.
    """

    sender: str
    first: int
    init_codes: tuple[bytes, ...]
    token: str
    stark_verifier: str
    program_verifier: str
    rollup: str

    def deploy(self, chain: Chain, sender: LocalAccount) -> Deployment:
        """Deploy what is not there yet.

        Raises:
            DeploymentInterrupted: other transactions of the sender stand where the plan's belong.
        """
        done = chain.transactions(self.sender) - self.first
        block = chain.block_number() + 1 if done < len(self.init_codes) else None
        for index, code in enumerate(self.init_codes):
            address = contract_address(self.sender, self.first + index)
            if index < done:
                if not chain.has_code(address):
                    raise DeploymentInterrupted(self.sender, self.first + index)
            elif chain.deploy(sender, code) != address:
                raise DeploymentInterrupted(self.sender, self.first + index)
        return Deployment(
            chain.chain_id,
            self.token,
            self.stark_verifier,
            self.program_verifier,
            self.rollup,
            _first_block(chain, self.rollup) if block is None else block,
        )


def _first_block(chain: Chain, contract: str) -> int:
    """Return the block in which a contract appeared, by bisection."""
    low, high = 0, chain.block_number()
    while low < high:
        middle = (low + high) // 2
        if chain.has_code(contract, block=middle):
            high = middle
        else:
            low = middle + 1
    return low


def plan_venue(
    sender: str,
    first: int,
    *,
    shape: Shape,
    program: ProgramShape,
    genesis_root: bytes,
    genesis_time_ms: int,
    operator: str | None = None,
    token: str | None = None,
) -> VenuePlan:
    """Plan a venue: token, the shape's data and programs, the two verifiers, the rollup.

    Args:
        sender: who deploys.
        first: how many transactions it has sent before.
        shape: what the proof system's verifier is made of.
        program: what ties the batch program to the shape.
        genesis_root: root of the first state.
        genesis_time_ms: program time of the first state.
        operator: who submits batches; None: the sender.
        token: the collateral; None: a new development token.
    """
    numbers = count(first)
    codes: list[bytes] = []

    def add(code: bytes) -> str:
        codes.append(code)
        return contract_address(sender, next(numbers))

    if token is None:
        token = add(artifact("DevToken").init_code)
    data, programs = shape_codes(shape)
    data_at, programs_at = ([add(code) for code in part] for part in (data, programs))
    stark = add(stark_verifier_code(data_at, programs_at, shape.digest))
    verifier = add(program_verifier_code(stark, program))
    rollup = add(
        rollup_code(
            token=token,
            program_verifier=verifier,
            operator=sender if operator is None else operator,
            genesis_root=genesis_root,
            genesis_time_ms=genesis_time_ms,
        )
    )
    return VenuePlan(sender, first, tuple(codes), token, stark, verifier, rollup)


def deploy_venue(
    chain: Chain,
    sender: LocalAccount,
    *,
    shape: Shape,
    program: ProgramShape,
    genesis_root: bytes,
    genesis_time_ms: int,
    operator: str | None = None,
    token: str | None = None,
) -> Deployment:
    """Plan a venue as the sender's next transactions, and deploy it."""
    plan = plan_venue(
        sender.address,
        chain.transactions(sender.address),
        shape=shape,
        program=program,
        genesis_root=genesis_root,
        genesis_time_ms=genesis_time_ms,
        operator=operator,
        token=token,
    )
    return plan.deploy(chain, sender)
