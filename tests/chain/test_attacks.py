"""A real proof where it does not belong, and real batches that say something else (soundness § 8).

The contract's own checks refuse most of it by name. What is asked here on top: that the proof is
bound to every public value, so that a forger who satisfies those checks has nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.chain.demo_run import BY_PROOF
from tests.contracts.chain import ANVIL, ROOT
from zkperp._generated.output import OUTPUT_WORDS, Output
from zkperp.chain import BatchSubmission, Devnet, Reverted, Rollup, Shape
from zkperp.chain.client import Contract
from zkperp.chain.deploy import ProgramShape
from zkperp.chain.devnet import devnet_account
from zkperp.chain.plan import deploy_venue
from zkperp.settlement.batches import BatchDirectory, batch_directories
from zkperp.settlement.connect import deploy_built_in
from zkperp.settlement.deposits import fund_and_approve, give_gas_money, queue_deposits
from zkperp.settlement.devnet import built_in_shape
from zkperp.settlement.keys import trader_account
from zkperp.settlement.settle import settle
from zkperp.settlement.venue import FILE_NAME, Venue

OPERATOR = devnet_account(0)
REQUEST_WORDS = 12


@dataclass(frozen=True)
class Settled:
    """The demo's venue on a chain of its own, both batches accepted."""

    devnet: Devnet
    venue: Venue
    rollup: Rollup
    batches: list[BatchDirectory]
    before_first: int
    """The block before the first batch: there it would be accepted."""

    def first(self) -> BatchSubmission:
        """What settles batch 1."""
        return self.batches[0].submission()

    def refusal(self, batch: BatchSubmission, block: int | None = None) -> str:
        """The name of the contract's refusal."""
        with pytest.raises(Reverted) as refused:
            self.rollup.check_batch(
                OPERATOR.address, batch, block=self.before_first if block is None else block
            )
        return refused.value.name

    def verdict(self, batch: BatchSubmission, verifier: str | None = None) -> str:
        """What the program's verifier says, without the contract's checks: `accepted` or a name."""
        contract = Contract(
            self.rollup.chain, verifier or self.rollup.verifier(), "ProgramVerifier"
        )
        roots = batch.old_root + batch.new_root
        used = list(batch.used)
        try:
            answer = contract.call("verify", batch.final_ap, used, roots, batch.output, batch.proof)
        except Reverted as error:
            return error.name
        return "accepted" if answer[0] else "refused"


@pytest.fixture(scope="module")
def settled(out: Path) -> Iterator[Settled]:
    venue = Venue.load(out / FILE_NAME)
    batches = batch_directories(out)
    with Devnet(anvil=ANVIL) as devnet:
        rollup = deploy_built_in(devnet.chain, venue)
        queue_deposits(rollup, OPERATOR, venue.seed, venue.requests)
        done = settle(rollup, OPERATOR, batches, move_clock=True)
        yield Settled(devnet, venue, rollup, batches, done.settled[0].block - 1)


def with_word(batch: BatchSubmission, index: int, value: int) -> BatchSubmission:
    """The batch with another output word."""
    at = 8 * index
    output = batch.output[:at] + value.to_bytes(8, "big") + batch.output[at + 8 :]
    return replace(batch, output=output)


def word(batch: BatchSubmission, index: int) -> int:
    """A word of the output."""
    return int.from_bytes(batch.output[8 * index : 8 * index + 8], "big")


def with_requests(batch: BatchSubmission, requests: list[bytes]) -> BatchSubmission:
    """The batch with other requests, and their number."""
    start = 8 * OUTPUT_WORDS
    end = start + 8 * REQUEST_WORDS * word(batch, Output.REQUESTS_COUNT)
    output = batch.output[:start] + b"".join(requests) + batch.output[end:]
    return with_word(replace(batch, output=output), Output.REQUESTS_COUNT, len(requests))


def requests_of(batch: BatchSubmission) -> list[bytes]:
    """The batch's requests, their words as bytes."""
    size = 8 * REQUEST_WORDS
    start, count = 8 * OUTPUT_WORDS, word(batch, Output.REQUESTS_COUNT)
    return [batch.output[start + i * size : start + (i + 1) * size] for i in range(count)]


def flipped(content: bytes, at: int) -> bytes:
    """The bytes with one bit changed."""
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def test_the_honest_batch_is_accepted(settled: Settled) -> None:
    settled.rollup.check_batch(OPERATOR.address, settled.first(), block=settled.before_first)
    assert settled.verdict(settled.first()) == "accepted"


def test_the_proof_is_bound_to_every_public_value(settled: Settled) -> None:
    batch = settled.first()
    words = len(batch.output) // 8
    data = [OUTPUT_WORDS, OUTPUT_WORDS + 5, words - 1]
    changed = [with_word(batch, i, word(batch, i) ^ 1) for i in [*range(OUTPUT_WORDS), *data]]
    changed.append(replace(batch, final_ap=batch.final_ap + 1))
    for builtin, used in enumerate(batch.used):
        counts = [*batch.used]
        counts[builtin] = used + 1
        changed.append(replace(batch, used=counts))
    for at in (7, 15, 23, 31):
        changed.append(replace(batch, old_root=flipped(batch.old_root, at)))
        changed.append(replace(batch, new_root=flipped(batch.new_root, at)))
    # A word less, a word more: the zeros behind the output are part of the public column too.
    changed.append(replace(batch, output=batch.output[:-8]))
    changed.append(replace(batch, output=batch.output + bytes(8)))
    assert {settled.verdict(forged) for forged in changed} <= BY_PROOF


def test_more_instances_than_a_table_has_rows(settled: Settled) -> None:
    batch = settled.first()
    capacities = built_in_shape()[1].capacities
    for builtin, capacity in enumerate(capacities):
        counts = [*batch.used]
        counts[builtin] = capacity + 1
        assert settled.verdict(replace(batch, used=counts)) == "TooManyInstances"


def test_another_contract_of_the_same_venue(settled: Settled) -> None:
    shape, program = built_in_shape()
    state = settled.rollup.state(block=settled.before_first)
    other = deploy_venue(
        settled.rollup.chain,
        devnet_account(1),
        shape=shape,
        program=program,
        genesis_root=state.root,
        genesis_time_ms=state.last_time_ms,
        operator=OPERATOR.address,
    )
    batch = settled.first()
    there = Rollup(settled.rollup.chain, other.rollup)
    with pytest.raises(Reverted, match="WrongConstant"):
        there.check_batch(OPERATOR.address, batch)
    address = bytes.fromhex(other.rollup[2:])
    parts = (address[:7], address[7:14], address[14:])
    for i, part in enumerate(parts):
        batch = with_word(batch, Output.ROLLUP + i, int.from_bytes(part, "big"))
    assert settled.verdict(batch, there.verifier()) in BY_PROOF


def test_another_program_and_another_shape(settled: Settled) -> None:
    shape, program = built_in_shape()
    batch = settled.first()

    def verifier(of: Shape, digest: bytes) -> str:
        found = deploy_venue(
            settled.rollup.chain,
            devnet_account(2),
            shape=of,
            program=ProgramShape(
                digest, program.capacities, program.output_capacity, has_state=True
            ),
            genesis_root=bytes(32),
            genesis_time_ms=0,
        )
        return found.program_verifier

    assert settled.verdict(batch, verifier(shape, flipped(program.digest, 31))) in BY_PROOF
    vector = json.loads((ROOT / "tests/vectors/proof/fibonacci.json").read_text())

    def read(text: str) -> bytes:
        return bytes.fromhex(text[2:])

    small = Shape(
        read(vector["data"]), [read(code) for code in vector["programs"]], read(vector["digest"])
    )
    # The other shape's public segment is too small for these public values.
    assert settled.verdict(batch, verifier(small, program.digest)) == "WrongPublicValues"


def test_a_batch_twice_and_out_of_order(settled: Settled) -> None:
    latest = settled.devnet.chain.block_number()
    batch = settled.first()
    assert settled.refusal(batch, latest) == "BatchOutOfOrder"
    assert settled.refusal(settled.batches[1].submission()) == "BatchOutOfOrder"
    # As batch 3, from the root that the contract has by now: only the proof is left.
    state = settled.rollup.state()
    again = replace(batch, old_root=state.root)
    again = with_word(again, Output.BATCH_NUMBER, 3)
    again = with_word(again, Output.REQUESTS_BEFORE, state.requests_done)
    again = with_word(again, Output.FIRST_TIME_MS, state.last_time_ms)
    for i in range(4):
        limb = int.from_bytes(state.log_chain[8 * i : 8 * i + 8], "big")
        again = with_word(again, Output.LOG_BEFORE + i, limb)
    # The requests that it takes are not queued a second time.
    assert settled.refusal(again, latest) == "RequestsNotQueued"
    assert settled.verdict(again) in BY_PROOF


def test_requests_skipped_reordered_and_repeated(settled: Settled) -> None:
    batch = settled.first()
    requests = requests_of(batch)
    assert len(requests) > 2
    attacks = {
        "skipped": requests[1:],
        "reordered": [requests[1], requests[0], *requests[2:]],
        "repeated": [requests[0], requests[0], *requests[2:]],
    }
    for what, changed in attacks.items():
        forged = with_requests(batch, changed)
        assert settled.refusal(forged) == "WrongRequests", what
        assert settled.verdict(forged) in BY_PROOF, what
    # The last ones left out is what a shorter batch would look like: only the proof can tell.
    assert settled.refusal(with_requests(batch, requests[:-1])) in BY_PROOF


def test_deposits_in_another_order(out: Path) -> None:
    venue = Venue.load(out / FILE_NAME)
    batch = batch_directories(out)[0].submission()
    with Devnet(anvil=ANVIL) as devnet:
        rollup = deploy_built_in(devnet.chain, venue)
        # Account 2's owner comes first, so it is account 1 here.
        swapped = (venue.requests[1], venue.requests[0], *venue.requests[2:])
        for words in swapped:
            owner_deposits(rollup, venue, words)
        devnet.set_next_time(word(batch, Output.LAST_TIME_MS) // 1000 + 1)
        devnet.mine()
        with pytest.raises(Reverted, match="WrongRequests"):
            rollup.check_batch(OPERATOR.address, batch)


def owner_deposits(rollup: Rollup, venue: Venue, words: tuple[int, ...]) -> None:
    """Make a request's deposit, whoever's turn it is."""
    owner = trader_account(venue.seed, words[1])
    give_gas_money(rollup, OPERATOR, owner)
    fund_and_approve(rollup, OPERATOR, owner, words[5])
    rollup.deposit(owner, words[5], key=words[6], public_key=words[7:])


def test_a_deposit_undone_by_a_reorganisation(out: Path) -> None:
    venue = Venue.load(out / FILE_NAME)
    batches = batch_directories(out)
    with Devnet(anvil=ANVIL) as devnet:
        rollup = deploy_built_in(devnet.chain, venue)
        queue_deposits(rollup, OPERATOR, venue.seed, venue.requests)
        deposited = devnet.chain.block_number()
        settle(rollup, OPERATOR, batches[:1], move_clock=True)
        assert rollup.state().batch_number == 1
        # The last deposit goes, and with it the batch that had credited it.
        devnet.reorganise(devnet.chain.block_number() - deposited + 1)
        state = rollup.state()
        assert (state.batch_number, state.requests_queued) == (0, len(venue.requests) - 1)
        with pytest.raises(Reverted, match="RequestsNotQueued"):
            rollup.check_batch(OPERATOR.address, batches[0].submission())
