"""The venue's contracts from Python: deploy them, call them, read their events.

    with Devnet() as devnet:
        chain = Chain(devnet.url)
        operator = devnet.account(0)
        token = deploy_token(chain, operator)
        ...
        rollup = Rollup(chain, deployment.rollup)
        rollup.deposit(devnet.account(1), 1_000_000)

`client` signs and sends, `plan` and `deploy` set a venue up, `rollup` calls and reads it, `events`
reads its history, `devnet` runs a local chain. What a contract refuses raises `Reverted` with its
name.
"""

from zkperp.chain.client import TRANSACTION_GAS_MAX, Chain, Receipt
from zkperp.chain.deploy import (
    Deployment,
    ProgramShape,
    Shape,
    deploy_rollup,
    deploy_stark_verifier,
    deploy_token,
)
from zkperp.chain.devnet import Devnet
from zkperp.chain.errors import (
    ChainError,
    ChainUnreachable,
    DeploymentInterrupted,
    DevnetFailed,
    NotOurContract,
    Reverted,
    TransactionFailed,
    TransactionRefused,
)
from zkperp.chain.events import (
    AccountOpened,
    BatchAccepted,
    Claimed,
    Event,
    Genesis,
    RequestQueued,
    SubmittedBatch,
    WithdrawalCredited,
    read_batches,
    read_events,
)
from zkperp.chain.plan import VenuePlan, contract_address, deploy_venue, plan_venue
from zkperp.chain.rollup import NO_KEY, BatchSubmission, Rollup, RollupState, Token

__all__ = [
    "NO_KEY",
    "TRANSACTION_GAS_MAX",
    "AccountOpened",
    "BatchAccepted",
    "BatchSubmission",
    "Chain",
    "ChainError",
    "ChainUnreachable",
    "Claimed",
    "Deployment",
    "DeploymentInterrupted",
    "Devnet",
    "DevnetFailed",
    "Event",
    "Genesis",
    "NotOurContract",
    "ProgramShape",
    "Receipt",
    "RequestQueued",
    "Reverted",
    "Rollup",
    "RollupState",
    "Shape",
    "SubmittedBatch",
    "Token",
    "TransactionFailed",
    "TransactionRefused",
    "VenuePlan",
    "WithdrawalCredited",
    "contract_address",
    "deploy_rollup",
    "deploy_stark_verifier",
    "deploy_token",
    "deploy_venue",
    "plan_venue",
    "read_batches",
    "read_events",
]
