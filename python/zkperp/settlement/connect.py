"""A venue's contract on its chain, found to be the venue's before anything is done with it."""

from __future__ import annotations

from zkperp.chain import Chain, Rollup
from zkperp.chain.devnet import devnet_account
from zkperp.settlement.devnet import built_in_plan, built_in_shape
from zkperp.settlement.errors import GenesisMismatch, WrongChain, WrongRollup
from zkperp.settlement.venue import Venue


def connect(chain: Chain, venue: Venue) -> Rollup:
    """Return a venue's contract.

    Raises:
        WrongChain: the node's chain is another.
        NotOurContract: there is no contract.
        GenesisMismatch: the contract's venue began from another state.
    """
    if chain.chain_id != venue.chain_id:
        raise WrongChain(venue.chain_id, chain.chain_id)
    rollup = Rollup(chain, venue.rollup)
    check_genesis(rollup, venue.genesis_root)
    return rollup


def check_genesis(rollup: Rollup, genesis_root: bytes) -> None:
    """Refuse a contract that began from another root."""
    found = rollup.root_of(0)
    if found != genesis_root:
        message = (
            f"{rollup.address} began from root 0x{found.hex()}, these parameters make "
            f"0x{genesis_root.hex()}: name the venue's file, or its seed"
        )
        raise GenesisMismatch(message)


def check_program(rollup: Rollup) -> None:
    """Refuse a contract whose verifier is not of the built-in batch program in its shape."""
    found, expected = rollup.program(), built_in_shape()[1]
    if found.digest != expected.digest:
        message = (
            f"{rollup.address} verifies the program 0x{found.digest.hex()}, "
            f"the built-in batch program is 0x{expected.digest.hex()}"
        )
        raise WrongRollup(message)
    if found != expected:
        message = f"{rollup.address} verifies the batch program in another shape: {found}"
        raise WrongRollup(message)


def deploy_built_in(chain: Chain, venue: Venue) -> Rollup:
    """Return the built-in devnet's contract, deployed if it is not there.

    A deployment that broke off is carried on.

    Args:
        chain: a local chain.
        venue: the built-in devnet, as `replay` wrote it beside its batches.

    Raises:
        WrongChain: the node's chain is no local one.
        DeploymentInterrupted: the local chain's first account has done something else: a fresh
            chain is needed.
        WrongRollup: this version deploys the devnet elsewhere.
    """
    if chain.chain_id != venue.chain_id:
        raise WrongChain(venue.chain_id, chain.chain_id)
    plan = built_in_plan(venue.genesis_root, venue.genesis_time_ms)
    if plan.rollup != venue.rollup:
        message = (
            f"the batches are for a contract at {venue.rollup}, this version's devnet is at "
            f"{plan.rollup}: replay again"
        )
        raise WrongRollup(message)
    plan.deploy(chain, devnet_account(0))
    return connect(chain, venue)
