"""A venue on a local chain, and batches for it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Self

from eth_abi.abi import encode
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from tests.contracts.chain import ARTIFACTS
from tests.contracts.program_verifier import program_digest
from tests.contracts.stark_verifier import Vector
from zkperp._generated.output import OUTPUT_WORDS, Output
from zkperp.chain import (
    BatchSubmission,
    Deployment,
    Devnet,
    ProgramShape,
    Rollup,
    RollupState,
    Shape,
    deploy_rollup,
    deploy_token,
    deploy_venue,
)

GENESIS_ROOT = bytes(range(32))
START_MS = 1_700_000_000_000
MINTED = 10**12


def shape(vector: Vector) -> Shape:
    return Shape(vector.data, vector.programs, vector.digest)


def stand_in(vector: Vector) -> ProgramShape:
    """A program in the vector's shape that no run of it proves: what the venue's one takes."""
    return ProgramShape(program_digest(vector), [8, 8], 64 - 14, has_state=True)


def venue(devnet: Devnet, vector: Vector) -> Deployment:
    return deploy_venue(
        devnet.chain,
        devnet.account(0),
        shape=shape(vector),
        program=stand_in(vector),
        genesis_root=GENESIS_ROOT,
        genesis_time_ms=START_MS,
    )


def fund(devnet: Devnet, rollup: Rollup, *indices: int) -> None:
    """Give the accounts tokens, and the rollup leave to take them."""
    token = rollup.token()
    for index in indices:
        owner = devnet.account(index)
        token.mint(owner, owner.address, MINTED)
        token.approve(owner, rollup.address, 2**256 - 1)


def address_words(address: str) -> list[int]:
    raw = bytes.fromhex(address[2:])
    return [int.from_bytes(part, "big") for part in (raw[:7], raw[7:14], raw[14:])]


def felts(*words: int) -> bytes:
    return b"".join(word.to_bytes(8, "big") for word in words)


def digest_words(digest: bytes) -> list[int]:
    return [int.from_bytes(digest[i : i + 8], "big") for i in range(0, 32, 8)]


def deposit_words(account: int, owner: str, amount: int) -> tuple[int, ...]:
    return (1, account, *address_words(owner), amount, 0, 0, 0, 0, 0, 0)


def chain_of(*requests: tuple[int, ...]) -> bytes:
    """The queue's chain behind these requests, the first ones."""
    chain = bytes(32)
    for words in requests:
        chain = keccak(chain + felts(*words))
    return chain


@dataclass(frozen=True)
class Batch:
    """A batch before it is words."""

    words: dict[int, int]
    old_root: bytes
    requests: tuple[tuple[int, ...], ...] = ()
    withdrawals: tuple[tuple[str, int], ...] = ()
    changed: dict[int, int] = field(default_factory=dict)

    @classmethod
    def next(cls, rollup: Rollup, state: RollupState, time_ms: int) -> Self:
        """The batch that continues the contract's state, with a command and nothing else."""
        words = {
            Output.FORMAT_VERSION: 1,
            Output.CHAIN_ID: rollup.chain.chain_id,
            Output.TREE_DEPTH: 40,
            Output.BATCH_NUMBER: state.batch_number + 1,
            Output.REQUESTS_BEFORE: state.requests_done,
            Output.COMMANDS_COUNT: 1,
            Output.COMMAND_WORDS: 1,
            Output.FIRST_TIME_MS: state.last_time_ms,
            Output.LAST_TIME_MS: time_ms,
        }
        fixed = {int(index): value for index, value in words.items()}
        for i, word in enumerate(address_words(rollup.address)):
            fixed[Output.ROLLUP + i] = word
        for i, word in enumerate(digest_words(state.log_chain)):
            fixed[Output.LOG_BEFORE + i] = word
            fixed[Output.LOG_AFTER + i] = word + 1
        return cls(fixed, state.root)

    def changing(self, **words: int) -> Batch:
        """The same with other fixed words, by the names of `Output`."""
        return replace(self, changed={Output[name].value: word for name, word in words.items()})

    def submission(self, proof: bytes = b"no proof") -> BatchSubmission:
        fixed = self.words | {
            Output.REQUESTS_COUNT: len(self.requests),
            Output.WITHDRAWALS_COUNT: len(self.withdrawals),
        }
        fixed |= self.changed
        output = felts(*(fixed.get(i, 0) for i in range(OUTPUT_WORDS)))
        output += b"".join(felts(*words) for words in self.requests)
        output += b"".join(felts(*address_words(o), amount) for o, amount in self.withdrawals)
        output += felts(1)
        new_root = keccak(self.old_root)
        return BatchSubmission(9, (5, 6), self.old_root, new_root, output, proof)


class AcceptingVenue:
    """A venue whose verifier is contracts/test's double: for what follows an accepted batch."""

    def __init__(
        self,
        devnet: Devnet,
        *,
        operator: LocalAccount | None = None,
        genesis_root: bytes = GENESIS_ROOT,
        genesis_time_ms: int = START_MS,
    ) -> None:
        self.devnet = devnet
        self.operator: LocalAccount = devnet.account(0)
        built = json.loads((ARTIFACTS / "VerifierDouble.sol" / "VerifierDouble.json").read_text())
        code = bytes.fromhex(built["bytecode"]["object"][2:])
        self._allow = bytes.fromhex(built["methodIdentifiers"]["allow(bytes)"])
        self.verifier = devnet.chain.deploy(self.operator, code)
        address = deploy_rollup(
            devnet.chain,
            self.operator,
            token=deploy_token(devnet.chain, self.operator),
            program_verifier=self.verifier,
            operator=(operator or self.operator).address,
            genesis_root=genesis_root,
            genesis_time_ms=genesis_time_ms,
        )
        self.rollup = Rollup(devnet.chain, address)

    def next_batch(self) -> Batch:
        time_ms = 1000 * self.devnet.chain.block_time_s()
        return Batch.next(self.rollup, self.rollup.state(), time_ms)

    def allow(self, batch: BatchSubmission) -> None:
        """Make the double accept this batch."""
        types = ["uint32", "uint32[]", "bytes", "bytes", "bytes"]
        roots = batch.old_root + batch.new_root
        values = [batch.final_ap, list(batch.used), roots, batch.output, batch.proof]
        data = self._allow + encode(["bytes"], [encode(types, values)])
        self.devnet.chain.send(self.operator, data, to=self.verifier)
