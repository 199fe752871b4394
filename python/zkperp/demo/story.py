"""What the demo does, step by step. Each step checks what it claims; a surprise ends it."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Protocol

from zkperp import _native
from zkperp.chain import BatchSubmission, Chain, Reverted, Rollup
from zkperp.chain.devnet import devnet_account
from zkperp.demo.tamper import (
    with_changed_byte,
    with_changed_command,
    with_larger_order,
    with_larger_withdrawal,
)
from zkperp.errors import InvalidBatch, InvalidProof, ZkperpError
from zkperp.settlement.batches import BatchDirectory, ProvenStatement, batch_directories
from zkperp.settlement.compare import compare_with_chain
from zkperp.settlement.connect import check_program, deploy_built_in
from zkperp.settlement.deposits import queue_deposits
from zkperp.settlement.devnet import built_in_venue
from zkperp.settlement.keys import trader_account
from zkperp.settlement.rebuild import rebuild
from zkperp.settlement.settle import Settlement, settle
from zkperp.settlement.venue import FILE_NAME, Venue

TRADERS: Final = 20
DEPOSIT_MICRO: Final = 10_000_000_000_000
WITHDRAWER: Final = 3
WITHDRAWN_MICRO: Final = 1_000_000_000
BATCHES: Final = 2


class Surprise(ZkperpError):
    """Something is not as the demo says that it is."""

    error_code = "surprise"


class Narrator(Protocol):
    """Where the demo's words go."""

    def step(self, title: str, command: str | None = None) -> None:
        """Begin a step; `command` is how to do the same by hand."""

    def say(self, line: str) -> None:
        """Tell a fact."""

    def working(self, what: str) -> AbstractContextManager[None]:
        """Show that work is under way."""

    def counting(self, what: str, total: int) -> AbstractContextManager[Callable[[int], None]]:
        """Show how much of it is done."""


@dataclass
class Story:
    """One run of the demo.

    Args:
        narrator: where its words go.
        chain: a fresh local chain.
        flow: the feed; None: the seeded generator.
        out: folder for the batches; it must not hold any.
        batch_orders: accepted user commands in each batch.
        seed: of keys and of generated flow.
    """

    narrator: Narrator
    chain: Chain
    flow: Path | None
    out: Path
    batch_orders: int
    seed: int
    result: dict[str, Any] = field(default_factory=dict)

    def run(self) -> dict[str, Any]:
        """Run all steps; return figures.

        Raises:
            Surprise: something was accepted or refused that should not have been.
            ZkperpError: a step failed.
        """
        start = time.perf_counter()
        venue = self._match()
        batches = batch_directories(self.out)
        for batch in batches:
            self._prove(batch)
        rollup, settled = self._settle(venue, batches)
        self._withdraw(rollup)
        self._attack_batch(rollup, batches[-1], settled.settled[-1].block - 1)
        self._attack_proof(rollup, batches[-1], settled.settled[-1].block - 1)
        self._rebuild(rollup, venue, batches[-1])
        self.result["seconds"] = time.perf_counter() - start
        return self.result

    def _match(self) -> Venue:
        source = "the seeded generator" if self.flow is None else str(self.flow)
        self.narrator.step(
            "Order flow is matched",
            f"zkperp replay {self.flow or ''} --batch-orders {self.batch_orders} "
            f"--batches {BATCHES} --withdraw {WITHDRAWER}:{WITHDRAWN_MICRO} --out {self.out}",
        )
        self.narrator.say(f"flow: {source}")
        venue = built_in_venue(traders=TRADERS, deposit_micro=DEPOSIT_MICRO, seed=self.seed)
        total = BATCHES * self.batch_orders
        with self.narrator.counting("matching", total) as progress:
            text = _native.replay_flow(
                self.out,
                venue=venue.genesis_json,
                chain_id=venue.chain_id,
                rollup=venue.rollup_bytes,
                requests=venue.requests,
                flow=self.flow,
                market="BTC-USD",
                traders=venue.traders,
                batch_orders=self.batch_orders,
                batches=BATCHES,
                seed=venue.seed,
                start_time_ms=venue.genesis_time_ms,
                withdrawals=[(WITHDRAWER, WITHDRAWN_MICRO)],
                progress=progress,
            )
        venue.save(self.out / FILE_NAME)
        report = json.loads(text)
        self.result |= {"flow": source, "replay": report}
        self.narrator.say(
            f"{report['accepted']} signed commands accepted, {report['trades']} trades, "
            f"{sum(report['refused'].values())} refused; {len(venue.requests)} accounts"
        )
        for batch in report["batches"]:
            self.narrator.say(
                f"batch {batch['batch_number']}: {batch['commands']} commands in "
                f"{batch['data_bytes']:,} bytes, new root {_hex(batch['new_root'])}"
            )
        _expect("the flow fills two batches", holds=len(report["batches"]) == BATCHES)
        return venue

    def _prove(self, batch: BatchDirectory) -> None:
        self.narrator.step(
            f"Batch {batch.number} is proven: matching, margin and every signature",
            f"zkperp prove-batch {batch.path}",
        )
        start = time.perf_counter()
        with self.narrator.working("proving"):
            file, info = _native.prove_batch(batch.path, on_chain=True, security_bits=100)
            batch.proof_path.write_bytes(file)
            seconds = time.perf_counter() - start
            bits = _native.verify_proof(file)["security_bits"]
        self.narrator.say(
            f"{info['steps']:,} Cairo steps in {seconds:.1f} s, {info['proof_bytes']:,} bytes of "
            f"proof; the Rust verifier accepts it: {bits:.2f} bits, proven"
        )
        figures = {"steps": info["steps"], "seconds": seconds, "proof_bytes": info["proof_bytes"]}
        self.result.setdefault("proofs", []).append({**figures, "security_bits": bits})

    def _settle(self, venue: Venue, batches: list[BatchDirectory]) -> tuple[Rollup, Settlement]:
        self.narrator.step(
            "The chain verifies both proofs and advances its root",
            f"zkperp settle {self.out} --rpc {self.chain.url}",
        )
        operator = devnet_account(0)
        with self.narrator.working("deploying contracts"):
            rollup = deploy_built_in(self.chain, venue)
            check_program(rollup)
        with self.narrator.counting("queueing deposits", len(venue.requests)) as progress:
            queue_deposits(rollup, operator, venue.seed, venue.requests, progress=progress)
        self.narrator.say(f"contract {rollup.address}, root {rollup.state().root.hex()}")
        with self.narrator.working("settling"):
            settled = settle(rollup, operator, batches, move_clock=True)
        _expect("every batch is settled", holds=len(settled.settled) == BATCHES)
        for batch in settled.settled:
            self.narrator.say(
                f"batch {batch.number} accepted: {batch.gas_used:,} gas in one transaction, "
                f"{batch.calldata_bytes:,} bytes of calldata; root {batch.new_root.hex()}"
            )
        self.result["settled"] = [
            {
                "batch_number": batch.number,
                "verify_gas": batch.gas_used,
                "verify_calldata_bytes": batch.calldata_bytes,
                "data_bytes": batch.data_bytes,
                "root": "0x" + batch.new_root.hex(),
            }
            for batch in settled.settled
        ]
        for directory in batches:
            accepted = compare_with_chain(ProvenStatement.read(directory.proof_path), rollup)
            _expect("the chain holds the proof", holds=accepted.same_proof)
        return rollup, settled

    def _withdraw(self, rollup: Rollup) -> None:
        self.narrator.step(
            "A trader takes its withdrawal",
            f"zkperp claim --rpc {self.chain.url} --trader {WITHDRAWER}",
        )
        owner = trader_account(self.seed, WITHDRAWER)
        credit = rollup.credit_of(owner.address)
        _expect(f"{credit} micro-USDC is the withdrawal", holds=credit == WITHDRAWN_MICRO)
        before = rollup.token().balance(owner.address)
        rollup.claim(owner)
        balance = rollup.token().balance(owner.address)
        _expect("the claim pays the credit", holds=balance - before == credit)
        self.narrator.say(
            f"{owner.address}, account {WITHDRAWER}: signed a withdrawal in batch {BATCHES}, "
            f"claimed {credit / 10**6:,.2f} USDC"
        )
        try:
            rollup.claim(owner)
        except Reverted as error:
            self.narrator.say(f"a second claim is refused: {error.name}")
        else:
            message = "a withdrawal was paid twice"
            raise Surprise(message)
        self.result["claimed_micro"] = credit

    def _attack_batch(self, rollup: Rollup, batch: BatchDirectory, block: int) -> None:
        self.narrator.step("A tampered batch is refused")
        copy = self.out / "tampered" / batch.path.name
        shutil.rmtree(copy.parent, ignore_errors=True)
        changed = with_larger_order(batch.path, copy)
        try:
            _native.prove_batch(copy, on_chain=True, security_bits=100)
        except InvalidBatch as error:
            self.narrator.say(f"on disk, {changed}: {error}")
        else:
            message = "a batch with a changed command was proven"
            raise Surprise(message)
        shutil.rmtree(copy.parent)
        submission = batch.submission()
        # The contract as it was before it took the batch: there the batch itself is good.
        rollup.check_batch(devnet_account(0).address, submission, block=block)
        self.narrator.say(f"at block {block}, before it, the contract would take the true batch")
        for attack, what in (
            (with_changed_command, "a changed command"),
            (with_larger_withdrawal, "a larger withdrawal"),
        ):
            forged, detail = attack(submission)
            reason = self._refusal(rollup, forged, block, what)
            self.narrator.say(f"with {what} ({detail}) it refuses: {reason}")

    def _attack_proof(self, rollup: Rollup, batch: BatchDirectory, block: int) -> None:
        self.narrator.step("A tampered proof is refused")
        submission = batch.submission()
        at = len(submission.proof) // 2
        forged = replace(submission, proof=with_changed_byte(submission.proof, at))
        reason = self._refusal(rollup, forged, block, "a changed proof")
        self.narrator.say(f"byte {at} of the proof changed: the contract refuses: {reason}")
        file = batch.proof_path.read_bytes()
        offset = len(file) - len(submission.proof) + at
        try:
            _native.verify_proof(with_changed_byte(file, offset))
        except InvalidProof as error:
            self.narrator.say(f"the same for the Rust verifier: {error}")
        else:
            message = "the Rust verifier accepts a changed proof"
            raise Surprise(message)

    def _refusal(self, rollup: Rollup, forged: BatchSubmission, block: int, what: str) -> str:
        try:
            rollup.check_batch(devnet_account(0).address, forged, block=block)
        except Reverted as error:
            self.result.setdefault("refused", {})[what] = error.name
            return error.name
        message = f"the contract accepts {what}"
        raise Surprise(message)

    def _rebuild(self, rollup: Rollup, venue: Venue, batch: BatchDirectory) -> None:
        self.narrator.step(
            "The state is rebuilt from the chain alone",
            f"zkperp rebuild --rpc {self.chain.url}",
        )
        with self.narrator.working("replaying the chain's data"):
            rebuilt = rebuild(rollup, venue.genesis_json)
        _expect("the rebuilt root is the batch's", holds=rebuilt.root == batch.new_root())
        self.narrator.say(
            f"{rebuilt.batches} batches, {rebuilt.summary['accounts']} accounts, "
            f"{rebuilt.summary['open_orders']} open orders; equal root {rebuilt.root.hex()}"
        )
        self.result["root"] = "0x" + rebuilt.root.hex()


def _expect(claim: str, *, holds: bool) -> None:
    if not holds:
        message = f"not so: {claim}"
        raise Surprise(message)


def _hex(felts: list[str]) -> str:
    return "".join(f"{int(felt):016x}" for felt in felts)
