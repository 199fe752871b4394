"""The built-in devnet: one venue that is the same on every fresh local chain.

Chain id 31337; the local chain's first account deploys the contracts with its first transactions,
so the addresses are known before there is a chain, and none is needed to seal and prove batches.

Its program time begins in May 2033. A local chain's clock can be moved forward and never back:
from there on it can be brought to any batch, whatever the clock says where the chain was started.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Final

from zkperp import _native
from zkperp.chain import ProgramShape, Shape, VenuePlan, plan_venue
from zkperp.chain.devnet import CHAIN_ID, devnet_account
from zkperp.settlement.keys import trader_account
from zkperp.settlement.venue import Venue, accounts_of

START_TIME_MS: Final = 2_000_000_000_000
"""Program time of its first state: 18 May 2033, 03:33:20 UTC."""


@cache
def built_in_shape() -> tuple[Shape, ProgramShape]:
    """Return what the verifiers of the batch program are made of."""
    found = _native.venue_shape()
    shape = Shape(found["data"], found["programs"], found["digest"])
    program = ProgramShape(
        found["program_digest"],
        found["capacities"],
        found["output_capacity"],
        has_state=found["has_state"],
    )
    return shape, program


def deposit_requests(seed: int, traders: int, deposit_micro: int) -> tuple[tuple[int, ...], ...]:
    """Return the requests of all accounts' deposits, with the development keys of a seed."""
    owners = [
        bytes.fromhex(trader_account(seed, number).address[2:])
        for number in range(1, accounts_of(traders) + 1)
    ]
    return tuple(map(tuple, _native.deposit_requests(seed, owners, deposit_micro)))


def built_in_plan(genesis_root: bytes, genesis_time_ms: int) -> VenuePlan:
    """Return what deploys the built-in devnet."""
    shape, program = built_in_shape()
    return plan_venue(
        devnet_account(0).address,
        0,
        shape=shape,
        program=program,
        genesis_root=genesis_root,
        genesis_time_ms=genesis_time_ms,
    )


def built_in_venue(
    *,
    traders: int,
    deposit_micro: int,
    seed: int,
    start_time_ms: int = START_TIME_MS,
) -> Venue:
    """Return the built-in devnet of a seed, its chain not needed."""
    genesis = _native.devnet_genesis(seed, start_time_ms)
    plan = built_in_plan(_native.genesis_root(genesis), start_time_ms)
    return Venue(
        chain_id=CHAIN_ID,
        token=plan.token,
        stark_verifier=plan.stark_verifier,
        program_verifier=plan.program_verifier,
        rollup=plan.rollup,
        block=0,
        genesis=json.loads(genesis),
        seed=seed,
        traders=traders,
        requests=deposit_requests(seed, traders, deposit_micro),
        is_built_in=True,
    )
