"""The local chain, and nodes that are not there."""

import socket
from pathlib import Path

import pytest

from zkperp.chain import (
    TRANSACTION_GAS_MAX,
    Chain,
    ChainUnreachable,
    Devnet,
    DevnetFailed,
    NotOurContract,
    Rollup,
    Token,
    TransactionFailed,
    TransactionRefused,
    deploy_token,
)
from zkperp.chain.deploy import code_holder
from zkperp.chain.devnet import ANVIL_VARIABLE, CHAIN_ID


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_two_chains_are_the_same_chain() -> None:
    found = []
    for _ in range(2):
        with Devnet(timestamp_s=1_700_000_000) as devnet:
            chain = devnet.chain
            assert chain.chain_id == CHAIN_ID
            assert chain.block_time_s(0) == 1_700_000_000
            found.append((devnet.account(1).address, deploy_token(chain, devnet.account(0))))
    assert found[0] == found[1]
    assert found[0][0] == "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


def test_a_transaction_may_not_ask_for_more_gas_than_the_cap() -> None:
    with Devnet() as devnet:
        token = Token(devnet.chain, deploy_token(devnet.chain, devnet.account(0)))
        owner = devnet.account(0)
        data = token.encode("mint", owner.address, 1)
        with pytest.raises(TransactionRefused):
            devnet.chain.send(owner, data, to=token.address, gas=TRANSACTION_GAS_MAX + 1)
        devnet.chain.send(owner, data, to=token.address, gas=TRANSACTION_GAS_MAX)
        assert token.balance(owner.address) == 1


def test_a_transaction_out_of_gas_says_so() -> None:
    with Devnet() as devnet:
        token = Token(devnet.chain, deploy_token(devnet.chain, devnet.account(0)))
        owner = devnet.account(0)
        data = token.encode("mint", owner.address, 1)
        with pytest.raises((TransactionFailed, TransactionRefused), match=r"(?i)out ?of ?gas"):
            devnet.chain.send(owner, data, to=token.address, gas=30_000)
        assert token.balance(owner.address) == 0


def test_an_address_without_our_contract_is_named() -> None:
    with Devnet() as devnet:
        with pytest.raises(NotOurContract, match="no contract at"):
            Rollup(devnet.chain, devnet.account(3).address)
        with pytest.raises(NotOurContract, match="is no address"):
            Rollup(devnet.chain, "0x12")
        other = devnet.chain.deploy(devnet.account(0), code_holder(b"\0"))
        with pytest.raises(NotOurContract, match="does not answer"):
            Rollup(devnet.chain, other).state()


def test_a_chain_that_is_down_is_unreachable() -> None:
    with pytest.raises(ChainUnreachable):
        Chain(f"http://127.0.0.1:{free_port()}")
    with Devnet() as devnet:
        chain = devnet.chain
    with pytest.raises(ChainUnreachable):
        chain.block_number()


def test_a_missing_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DevnetFailed, match="nowhere"):
        Devnet(anvil=tmp_path / "nowhere")
    monkeypatch.setenv(ANVIL_VARIABLE, str(tmp_path / "elsewhere"))
    with pytest.raises(DevnetFailed, match="elsewhere"):
        Devnet()
    monkeypatch.delenv(ANVIL_VARIABLE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DevnetFailed, match="no anvil"):
        Devnet()


def test_a_program_that_ends_is_noticed() -> None:
    with pytest.raises(DevnetFailed, match="does not answer"):
        Devnet(anvil=Path("/bin/true"))


def test_there_are_ten_accounts() -> None:
    with Devnet() as devnet, pytest.raises(DevnetFailed, match=r"0 \.\. 9"):
        devnet.account(10)
