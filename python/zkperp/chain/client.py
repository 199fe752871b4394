"""A chain through its JSON-RPC: calls, signed transactions, typed failures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, cast

import requests
from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address
from web3 import HTTPProvider, Web3
from web3.exceptions import (
    ContractLogicError,
    TimeExhausted,
    Web3Exception,
    Web3RPCError,
)
from web3.types import RPCEndpoint, TxParams, TxReceipt, Wei

from zkperp.chain.artifacts import Artifact, artifact, refusal
from zkperp.chain.errors import (
    ChainError,
    ChainUnreachable,
    NotOurContract,
    TransactionFailed,
    TransactionRefused,
)

TRANSACTION_GAS_MAX: Final = 2**24
"""EIP-7825: no transaction may ask for more."""

_GAS_MARGIN_PERCENT: Final = 20
"""Above the node's estimate: another's transaction before ours may cost us a new storage slot."""

Block = int | None
"""A block's number; None: the latest."""


@dataclass(frozen=True)
class Receipt:
    """A mined transaction.

    Attributes:
        transaction: its hash.
        block: its block.
        gas_used: its gas, that of the calldata included.
        calldata_bytes: bytes of its input.
        raw: all that the node says, for the events.
    """

    transaction: str
    block: int
    gas_used: int
    calldata_bytes: int
    raw: TxReceipt


class Chain:
    """One chain behind one node.

    Args:
        url: the node's JSON-RPC address, http or https.
        timeout_s: how long one answer, and the mining of one transaction, may take.

    Raises:
        ChainUnreachable: no node answers, here and in every method.
    """

    def __init__(self, url: str, *, timeout_s: int = 120) -> None:
        provider = HTTPProvider(
            url, request_kwargs={"timeout": timeout_s}, exception_retry_configuration=None
        )
        self.web3: Final = Web3(provider)
        self.url: Final = url
        self._timeout_s = timeout_s
        with self.failures():
            self.chain_id: Final = self.web3.eth.chain_id

    @contextmanager
    def failures(self) -> Iterator[None]:
        """Turn whatever the node and web3 raise into errors of ours."""
        try:
            yield
        except ContractLogicError as error:
            raise refusal(_revert_data(error.data)) from error
        except Web3RPCError as error:
            raise TransactionRefused(_node_message(error)) from error
        except (requests.ConnectionError, requests.Timeout) as error:
            message = f"{self.url}: no answer"
            raise ChainUnreachable(message) from error
        except (requests.RequestException, TimeExhausted) as error:
            message = f"{self.url}: {error}"
            raise ChainUnreachable(message) from error
        except (Web3Exception, ValueError) as error:
            message = f"{self.url}: {error}"
            raise ChainError(message) from error

    def transactions(self, address: str) -> int:
        """Return how many transactions an address has sent, waiting ones counted."""
        with self.failures():
            return self.web3.eth.get_transaction_count(to_checksum_address(address), "pending")

    def has_code(self, address: str, *, block: Block = None) -> bool:
        """Return whether a contract is at an address."""
        where = to_checksum_address(address)
        with self.failures():
            return bool(self.web3.eth.get_code(where, "latest" if block is None else block))

    def balance_wei(self, address: str) -> int:
        """Return an address's ether in wei."""
        with self.failures():
            return int(self.web3.eth.get_balance(to_checksum_address(address)))

    def rpc(self, method: str, *params: object) -> object:
        """Return the result of one JSON-RPC call."""
        with self.failures():
            return self.web3.manager.request_blocking(RPCEndpoint(method), list(params))

    def block_number(self) -> int:
        """Return the number of the latest block."""
        with self.failures():
            return self.web3.eth.block_number

    def block_time_s(self, block: Block = None) -> int:
        """Return a block's time in seconds since 1970."""
        with self.failures():
            found = self.web3.eth.get_block("latest" if block is None else block)
            return int(found["timestamp"])

    def send(
        self,
        sender: LocalAccount,
        data: bytes,
        *,
        to: str | None = None,
        gas: int | None = None,
        value_wei: int = 0,
    ) -> Receipt:
        """Sign and send a transaction, and wait until it is mined.

        Args:
            sender: who signs and pays.
            data: its input.
            to: the contract; None: `data` deploys one.
            gas: its limit; None: the node's estimate and a fifth more.
            value_wei: ether that goes with it.

        Raises:
            Reverted: a contract refuses; nothing was sent unless `gas` was given.
            TransactionFailed: mined without effect.
            TransactionRefused: the node does not take it.
        """
        with self.failures():
            transaction = self._prepare(sender, data, to, value_wei)
            if gas is None:
                # Without a price, so that a lack of ether is not called a lack of gas.
                unpriced = {k: v for k, v in transaction.items() if not k.startswith("max")}
                estimate = self.web3.eth.estimate_gas(cast(TxParams, unpriced))
                gas = min(estimate * (100 + _GAS_MARGIN_PERCENT) // 100, TRANSACTION_GAS_MAX)
            transaction["gas"] = gas
            self._check_funds(sender.address, gas * int(transaction["maxFeePerGas"]) + value_wei)
            signed = sender.sign_transaction(cast(dict[str, Any], transaction))
            name = self.web3.eth.send_raw_transaction(signed.raw_transaction)
            raw = self.web3.eth.wait_for_transaction_receipt(
                name, timeout=self._timeout_s, poll_latency=0.05
            )
        receipt = Receipt(name.to_0x_hex(), raw["blockNumber"], raw["gasUsed"], len(data), raw)
        if raw["status"] != 1:
            self._raise_reason(transaction, receipt, gas)
        return receipt

    def _prepare(
        self, sender: LocalAccount, data: bytes, to: str | None, value_wei: int
    ) -> TxParams:
        base_fee = self.web3.eth.get_block("latest")["baseFeePerGas"]
        tip = self.web3.eth.max_priority_fee
        transaction: TxParams = {
            "from": sender.address,
            "data": data,
            "value": Wei(value_wei),
            "chainId": self.chain_id,
            "nonce": self.web3.eth.get_transaction_count(sender.address, "pending"),
            "maxFeePerGas": Wei(2 * base_fee + tip),
            "maxPriorityFeePerGas": tip,
        }
        if to is not None:
            transaction["to"] = to_checksum_address(to)
        return transaction

    def _check_funds(self, sender: str, cost_wei: int) -> None:
        """Refuse what a sender may not be able to pay."""
        balance = self.balance_wei(sender)
        if balance < cost_wei:
            message = f"{sender} has {balance} wei, the transaction may cost {cost_wei}"
            raise TransactionRefused(message)

    def _raise_reason(self, transaction: TxParams, receipt: Receipt, gas: int) -> None:
        """Ask for the reason of a failed transaction by the same call on the block before it."""
        again: TxParams = {
            "from": transaction["from"],
            "data": transaction["data"],
            "gas": gas,
        }
        if "to" in transaction:
            again["to"] = transaction["to"]
        with self.failures():
            self.web3.eth.call(again, receipt.block - 1)
        raise TransactionFailed(receipt.transaction, receipt.gas_used, gas)

    def deploy(self, sender: LocalAccount, init_code: bytes) -> str:
        """Deploy a contract and return its address."""
        receipt = self.send(sender, init_code)
        address = receipt.raw["contractAddress"]
        if address is None:
            message = f"transaction {receipt.transaction} deployed nothing"
            raise ChainError(message)
        return address


class Contract:
    """One deployed contract of ours.

    Args:
        chain: its chain.
        address: its address.
        name: its name among the packaged contracts.

    Raises:
        NotOurContract: no contract is at the address.
    """

    def __init__(self, chain: Chain, address: str, name: str) -> None:
        self.chain: Final = chain
        self.name: Final = name
        try:
            self.address: Final[ChecksumAddress] = to_checksum_address(address)
        except ValueError as error:
            message = f"{address} is no address"
            raise NotOurContract(message) from error
        self.artifact: Final[Artifact] = artifact(name)
        with chain.failures():
            code = chain.web3.eth.get_code(self.address)
        if not code:
            message = f"no contract at {self.address} on chain {chain.chain_id}"
            raise NotOurContract(message)

    def encode(self, function: str, *arguments: object) -> bytes:
        """Return the calldata of a call."""
        types = self.artifact.types(function)
        return self.artifact.selector(function) + encode(types, arguments)

    def call(
        self, function: str, *arguments: object, block: Block = None, sender: str | None = None
    ) -> tuple[Any, ...]:
        """Return what a call returns, changing nothing."""
        transaction: TxParams = {"to": self.address, "data": self.encode(function, *arguments)}
        transaction["gas"] = TRANSACTION_GAS_MAX
        if sender is not None:
            transaction["from"] = to_checksum_address(sender)
        with self.chain.failures():
            answer = self.chain.web3.eth.call(transaction, "latest" if block is None else block)
        types = [output["type"] for output in self.artifact.functions[function]["outputs"]]
        return self._decode(types, bytes(answer), function)

    def _decode(self, types: Sequence[str], answer: bytes, function: str) -> tuple[Any, ...]:
        try:
            values = decode(types, answer)
        except DecodingError as error:
            message = f"{self.address} does not answer {function} as a {self.name} does"
            raise NotOurContract(message) from error
        return tuple(
            to_checksum_address(value) if kind == "address" else value
            for kind, value in zip(types, values, strict=True)
        )

    def transact(
        self, sender: LocalAccount, function: str, *arguments: object, gas: int | None = None
    ) -> Receipt:
        """Send a transaction that calls the contract."""
        data = self.encode(function, *arguments)
        return self.chain.send(sender, data, to=self.address, gas=gas)


def _revert_data(data: str | dict[str, str] | None) -> bytes:
    if isinstance(data, dict):
        data = data.get("data")
    if not isinstance(data, str) or not data.startswith("0x"):
        return b""
    return bytes.fromhex(data[2:])


def _node_message(error: Web3RPCError) -> str:
    answer = error.rpc_response or {}
    found = answer.get("error")
    return str(found.get("message", error)) if isinstance(found, dict) else str(error)


__all__ = ["TRANSACTION_GAS_MAX", "Block", "Chain", "Contract", "Receipt"]
