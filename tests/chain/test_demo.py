"""The demo, short: real proofs through the real contracts, and every attack refused.

What it does not ask of itself is asked here: that its own commands read its batches and its chain,
and that the contract refuses each single change of a batch that it would take.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.chain.demo_run import BY_PROOF, command
from zkperp._generated.constants import P
from zkperp._generated.output import OUTPUT_WORDS, Output
from zkperp.chain import BatchSubmission, Devnet, Reverted, Rollup, read_batches
from zkperp.chain.devnet import devnet_account
from zkperp.demo.story import WITHDRAWN_MICRO
from zkperp.settlement.batches import batch_directories

CHECKED_FIRST = {
    Output.FORMAT_VERSION: "WrongConstant",
    Output.CHAIN_ID: "WrongConstant",
    Output.ROLLUP: "WrongConstant",
    Output.TREE_DEPTH: "WrongConstant",
    Output.BATCH_NUMBER: "BatchOutOfOrder",
    Output.REQUESTS_BEFORE: "WrongRequestsBefore",
    Output.REQUESTS_COUNT: "WrongDataLength",
    Output.WITHDRAWALS_COUNT: "WrongDataLength",
    Output.COMMAND_WORDS: "WrongDataLength",
    Output.LOG_BEFORE: "WrongLogBefore",
    Output.FIRST_TIME_MS: "WrongFirstTime",
}


@pytest.fixture(scope="module")
def devnet(out: Path) -> Iterator[Devnet]:
    """Another fresh chain with the same batches, settled by the command."""
    with Devnet() as running:
        settled = command("settle", out, "--rpc", running.url)
        assert [batch["batch_number"] for batch in settled["batches"]] == [1, 2]
        yield running


def demo_result(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out.parent / "result.json").read_text())
    return found


def test_the_demo_says_what_it_did(out: Path) -> None:
    result = demo_result(out)
    assert result["flow"] == "the seeded generator"
    assert result["claimed_micro"] == WITHDRAWN_MICRO
    assert set(result["refused"]) == {"a changed command", "a larger withdrawal", "a changed proof"}
    # By the proof, not by a check before it.
    assert set(result["refused"].values()) <= BY_PROOF
    assert [batch["batch_number"] for batch in result["settled"]] == [1, 2]
    assert all(batch["verify_gas"] < 2**24 for batch in result["settled"])
    assert all(proof["security_bits"] >= 100 for proof in result["proofs"])


def test_the_commands_say_the_same_on_another_chain(
    out: Path, devnet: Devnet, tmp_path: Path
) -> None:
    result, where = demo_result(out), ("--rpc", devnet.url)
    again = command("settle", out, *where)
    assert (again["accepted_before"], again["batches"]) == (2, [])
    assert again["root"] == result["root"]
    proof = out / "batch-000002/batch.proof"
    compared = command("verify", proof, *where)
    assert compared["compared_with_chain"] is compared["same_proof_on_chain"] is True
    public = tmp_path / "public.json"
    public.write_text(json.dumps(compared))
    assert command("verify", proof, "--public", public)["compared_with_file"] is True
    assert command("rebuild", *where)["root"] == result["root"]
    assert command("claim", *where, "--trader", 3)["claimed"] == WITHDRAWN_MICRO


class Court:
    """The contract as it was before it took the second batch."""

    def __init__(self, rollup: Rollup, out: Path, block: int) -> None:
        first, second = (batch.submission() for batch in batch_directories(out))
        self.first: BatchSubmission = first
        self.batch: BatchSubmission = second
        self._rollup = rollup
        self._block = block

    def verdict(self, batch: BatchSubmission) -> str | None:
        """The refusal's name, None: it would be taken."""
        try:
            self._rollup.check_batch(devnet_account(0).address, batch, block=self._block)
        except Reverted as error:
            return error.name
        return None

    def with_word(self, index: int, word: int) -> BatchSubmission:
        output = self.batch.output
        changed = output[: 8 * index] + word.to_bytes(8, "big") + output[8 * index + 8 :]
        return replace(self.batch, output=changed)

    def word(self, index: int) -> int:
        return int.from_bytes(self.batch.output[8 * index : 8 * index + 8], "big")


@pytest.fixture(scope="module")
def court(out: Path, devnet: Devnet) -> Court:
    venue = json.loads((out / "venue.json").read_text())
    rollup = Rollup(devnet.chain, venue["contracts"]["rollup"])
    _, second = read_batches(rollup)
    found = Court(rollup, out, second.event.place.block - 1)
    assert found.verdict(found.batch) is None
    return found


def test_every_fixed_word_is_bound(court: Court) -> None:
    for index in range(OUTPUT_WORDS):
        verdict = court.verdict(court.with_word(index, court.word(index) ^ 1))
        parts = (Output.ROLLUP, Output.LOG_BEFORE)
        named = next((part for part in parts if part <= index < part + (3, 4)[part > 4]), index)
        expected = CHECKED_FIRST.get(Output(named)) if named in list(Output) else None
        assert verdict == expected if expected else verdict in BY_PROOF, (index, verdict)


def test_every_section_is_bound(court: Court) -> None:
    words = len(court.batch.output) // 8
    for index in range(OUTPUT_WORDS, words, max(1, (words - OUTPUT_WORDS) // 12)):
        verdict = court.verdict(court.with_word(index, court.word(index) ^ 1))
        assert verdict in BY_PROOF | {"WrongWithdrawal"}, (index, verdict)


def test_a_second_name_of_a_word_is_refused(court: Court) -> None:
    small = [i for i in range(OUTPUT_WORDS, len(court.batch.output) // 8) if court.word(i) < 2**32]
    assert small
    for index in small[:3]:
        # The transcript has the bytes, so a proof fails before the word is looked at.
        verdict = court.verdict(court.with_word(index, court.word(index) + P))
        assert verdict in BY_PROOF | {"NonCanonical", "WrongWithdrawal"}, (index, verdict)


def test_roots_counts_and_the_last_pointer_are_bound(court: Court) -> None:
    batch = court.batch
    for at in range(7, 32, 8):
        new_root = bytearray(batch.new_root)
        new_root[at] ^= 1
        assert court.verdict(replace(batch, new_root=bytes(new_root))) in BY_PROOF
    assert court.verdict(replace(batch, old_root=batch.new_root)) == "WrongOldRoot"
    assert court.verdict(replace(batch, final_ap=batch.final_ap + 1)) in BY_PROOF
    for builtin in range(len(batch.used)):
        used = list(batch.used)
        used[builtin] += 1
        verdict = court.verdict(replace(batch, used=used))
        assert verdict in BY_PROOF | {"TooManyInstances"}, (builtin, verdict)
    assert court.verdict(replace(batch, used=batch.used[:-1])) == "WrongCounts"


def test_a_proof_of_another_length_or_batch_is_refused(court: Court) -> None:
    batch = court.batch
    for proof in (b"", batch.proof[:-1], batch.proof + b"\0"):
        assert court.verdict(replace(batch, proof=proof)) is not None
    assert court.verdict(replace(batch, proof=court.first.proof)) in BY_PROOF | {"WrongLength"}
    assert court.verdict(court.first) == "BatchOutOfOrder"


def test_every_part_of_a_proof_is_bound(court: Court) -> None:
    proof = court.batch.proof
    for at in range(0, len(proof), len(proof) // 24):
        changed = proof[:at] + bytes([proof[at] ^ 1]) + proof[at + 1 :]
        verdict = court.verdict(replace(court.batch, proof=changed))
        assert verdict in BY_PROOF | {"WrongLength", "NonCanonical"}, (at, verdict)
