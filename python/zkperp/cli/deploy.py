"""`zkperp deploy`: a venue of your own on a development chain."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from eth_account.signers.local import LocalAccount

from zkperp import _native
from zkperp.chain import Chain, Rollup, deploy_venue
from zkperp.cli.options import (
    DEFAULT_DEPOSIT,
    DEFAULT_SEED,
    DEFAULT_TRADERS,
    MICRO,
    Deposit,
    KeyFile,
    Rpc,
    Seed,
    Traders,
)
from zkperp.cli.terminal import Json, counting, report, working
from zkperp.files import check_target
from zkperp.settlement.connect import connect
from zkperp.settlement.deposits import queue_deposits
from zkperp.settlement.devnet import built_in_shape, deposit_requests
from zkperp.settlement.keys import operator_account
from zkperp.settlement.venue import Venue


def deploy(
    rpc: Rpc,
    out: Annotated[Path, typer.Option(help="Venue file to write.")],
    traders: Traders = DEFAULT_TRADERS,
    deposit: Deposit = DEFAULT_DEPOSIT,
    seed: Seed = DEFAULT_SEED,
    key_file: KeyFile = None,
    as_json: Json = False,
) -> None:
    """Deploy a venue: token, verifiers, contract; queue the traders' deposits; write its file.

    The operator's key is in --key-file or in ZKPERP_OPERATOR_KEY; without either it is the local
    chains' first account, whose key is public. The traders' keys follow from --seed: development
    only. If it breaks off, the same command with the same --out carries on.

    Example: zkperp deploy --rpc http://127.0.0.1:8545 --out venue.json
    """
    operator = operator_account(key_file)
    chain = Chain(rpc)
    if out.exists():
        venue = Venue.load(out)
        rollup = connect(chain, venue)
    else:
        check_target(out)
        with working("deploying the venue's contracts"):
            venue = _deploy(chain, operator, traders, deposit * MICRO, seed)
            rollup = Rollup(chain, venue.rollup)
        venue.save(out)
    with counting("queueing deposits", len(venue.requests)) as progress:
        times = queue_deposits(rollup, operator, venue.seed, venue.requests, progress=progress)
    venue = venue.with_request_times(times)
    venue.save(out)
    result: dict[str, Any] = {
        "venue": str(out),
        "chain_id": venue.chain_id,
        "token": venue.token,
        "stark_verifier": venue.stark_verifier,
        "program_verifier": venue.program_verifier,
        "rollup": venue.rollup,
        "operator": rollup.operator(),
        "genesis_root": "0x" + venue.genesis_root.hex(),
        "genesis_time_ms": venue.genesis_time_ms,
        "accounts": len(venue.requests),
    }
    lines = [
        f"{out}: a venue on chain {venue.chain_id} with {len(venue.requests)} accounts",
        f"rollup {venue.rollup}, token {venue.token}",
        f"verifiers {venue.stark_verifier}, {venue.program_verifier}",
        f"operator {result['operator']}",
        f"genesis root {result['genesis_root']}",
    ]
    report(result, lines, as_json=as_json)


def _deploy(
    chain: Chain, operator: LocalAccount, traders: int, deposit_micro: int, seed: int
) -> Venue:
    """Deploy the contracts; program time begins where the chain's clock is."""
    start_time_ms = 1000 * chain.block_time_s()
    genesis = _native.devnet_genesis(seed, start_time_ms)
    shape, program = built_in_shape()
    deployment = deploy_venue(
        chain,
        operator,
        shape=shape,
        program=program,
        genesis_root=_native.genesis_root(genesis),
        genesis_time_ms=start_time_ms,
    )
    return Venue(
        chain_id=deployment.chain_id,
        token=deployment.token,
        stark_verifier=deployment.stark_verifier,
        program_verifier=deployment.program_verifier,
        rollup=deployment.rollup,
        block=deployment.block,
        genesis=json.loads(genesis),
        seed=seed,
        traders=traders,
        requests=deposit_requests(seed, traders, deposit_micro),
    )
