"""A venue whose verifier is the double, with real deposits and real batches of generated flow."""

from __future__ import annotations

import json
from pathlib import Path

from eth_account.signers.local import LocalAccount

from tests.chain.venue import AcceptingVenue
from zkperp import _native
from zkperp.chain import Devnet
from zkperp.settlement.batches import BatchDirectory, batch_directories
from zkperp.settlement.deposits import queue_deposits
from zkperp.settlement.devnet import deposit_requests
from zkperp.settlement.venue import Venue

SEED = 3
TRADERS = 4
DEPOSIT_MICRO = 1_000_000_000_000
PROGRAM_DIGEST = bytes(range(32))


def proof_file(output: bytes, old_root: bytes, new_root: bytes, proof: bytes) -> bytes:
    """A proof file with this statement; who takes it apart does not ask whether it is true."""

    def integer(value: int, size: int) -> bytes:
        return value.to_bytes(size, "big")

    program = integer(9, 4) + PROGRAM_DIGEST + bytes([3, 0, 1, 2])
    shape = integer(2, 4) + 9 * integer(1, 4) + bytes([2, 5, 6])
    values = integer(7, 4) + integer(5, 4) + integer(6, 4) + b"\x01" + old_root + new_root
    values += integer(len(output) // 8, 4) + output
    return b"ZKPF" + integer(1, 2) + program + shape + values + proof


class FlowVenue:
    """The venue, its deposits queued."""

    def __init__(self, devnet: Devnet, operator: LocalAccount | None = None) -> None:
        start_ms = 1000 * devnet.chain.block_time_s()
        self.genesis = _native.devnet_genesis(SEED, start_ms)
        self.accepting = AcceptingVenue(
            devnet,
            operator=operator,
            genesis_root=_native.genesis_root(self.genesis),
            genesis_time_ms=start_ms,
        )
        self.rollup = self.accepting.rollup
        self.operator = operator or self.accepting.operator
        requests = deposit_requests(SEED, TRADERS, DEPOSIT_MICRO)
        times = queue_deposits(self.rollup, devnet.account(0), SEED, requests)
        self.venue = Venue(
            chain_id=devnet.chain.chain_id,
            token=self.rollup.token().address,
            stark_verifier=self.accepting.verifier,
            program_verifier=self.accepting.verifier,
            rollup=self.rollup.address,
            block=0,
            genesis=json.loads(self.genesis),
            seed=SEED,
            traders=TRADERS,
            requests=requests,
            request_times_s=tuple(times),
        )

    def replay(
        self, out: Path, *, batches: int = 3, later_ms: int = 0, orders: int = 8
    ) -> list[BatchDirectory]:
        """Seal batches whose flow begins so much later than the deposits; one withdrawal."""
        _native.replay_flow(
            out,
            venue=self.genesis,
            chain_id=self.venue.chain_id,
            rollup=self.venue.rollup_bytes,
            requests=self.venue.requests,
            flow=None,
            market="BTC-USD",
            traders=TRADERS,
            batch_orders=orders,
            batches=batches,
            seed=SEED,
            start_time_ms=self.venue.first_flow_time_ms + later_ms,
            withdrawals=[(2, 1_500_000)],
        )
        return batch_directories(out)

    def prove(self, *batches: BatchDirectory) -> None:
        """Write what stands for a proof, and make the double accept it."""
        for batch in batches:
            read = _native.read_batch(batch.path)
            proof = b"proof of " + batch.path.name.encode()
            content = proof_file(read["output"], read["old_root"], read["new_root"], proof)
            batch.proof_path.write_bytes(content)
            self.accepting.allow(batch.submission())
