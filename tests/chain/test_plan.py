"""A venue's addresses before it is deployed, and a deployment that was broken off."""

from collections.abc import Iterator

import pytest

from tests.chain.venue import GENESIS_ROOT, START_MS, shape, stand_in
from tests.contracts.chain import ROOT
from tests.contracts.stark_verifier import Vector
from zkperp.chain import (
    DeploymentInterrupted,
    Devnet,
    Rollup,
    VenuePlan,
    contract_address,
    plan_venue,
)
from zkperp.chain.devnet import devnet_account

VECTOR = Vector.load(ROOT / "tests/vectors/proof/fibonacci.json")


@pytest.fixture
def devnet() -> Iterator[Devnet]:
    with Devnet() as running:
        yield running


def plan() -> VenuePlan:
    return plan_venue(
        devnet_account(0).address,
        0,
        shape=shape(VECTOR),
        program=stand_in(VECTOR),
        genesis_root=GENESIS_ROOT,
        genesis_time_ms=START_MS,
    )


def test_an_address_follows_from_sender_and_number() -> None:
    # The four cases of RLP's number: none, one byte as itself, one byte with a length, two bytes.
    sender = "0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0"
    assert contract_address(sender, 0) == "0xcd234A471b72ba2F1Ccf0A70FCABA648a5eeCD8d"
    assert contract_address(sender, 1) == "0x343c43A37D37dfF08AE8C4A11544c718AbB4fCF8"
    assert len({contract_address(sender, n) for n in (0x7F, 0x80, 0xFF, 0x100)}) == 4


def test_contracts_are_where_the_plan_says(devnet: Devnet) -> None:
    devnet.chain.send(devnet_account(1), b"", to=devnet_account(2).address, value_wei=1)
    planned = plan()
    deployment = planned.deploy(devnet.chain, devnet_account(0))
    rollup = Rollup(devnet.chain, planned.rollup)
    assert (rollup.verifier(), rollup.token().address) == (planned.program_verifier, planned.token)
    assert devnet.chain.has_code(planned.stark_verifier)
    assert deployment.block <= devnet.chain.block_number()
    # Again: nothing is sent, and the contract's block is found.
    sent = devnet.chain.transactions(devnet_account(0).address)
    again = planned.deploy(devnet.chain, devnet_account(0))
    assert devnet.chain.transactions(devnet_account(0).address) == sent
    assert devnet.chain.has_code(planned.rollup, block=again.block)
    assert not devnet.chain.has_code(planned.rollup, block=again.block - 1)


def test_a_deployment_is_carried_on(devnet: Devnet) -> None:
    planned, sender = plan(), devnet_account(0)
    for code in planned.init_codes[:2]:
        devnet.chain.deploy(sender, code)
    planned.deploy(devnet.chain, sender)
    assert Rollup(devnet.chain, planned.rollup).state().root == GENESIS_ROOT


def test_other_transactions_in_between_are_refused(devnet: Devnet) -> None:
    planned, sender = plan(), devnet_account(0)
    devnet.chain.send(sender, b"", to=devnet_account(2).address, value_wei=1)
    with pytest.raises(DeploymentInterrupted, match="transaction 0 of") as refused:
        planned.deploy(devnet.chain, sender)
    assert refused.value.transaction == 0
