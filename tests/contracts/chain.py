"""A local chain for tests of the contracts: anvil with the gas cap of one transaction on."""

from __future__ import annotations

import json
import socket
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any, Self, cast

ROOT = Path(__file__).resolve().parents[2]
ANVIL = ROOT / "node_modules" / ".bin" / "anvil"
ARTIFACTS = ROOT / "target" / "contracts" / "out"

TRANSACTION_GAS_MAX = 2**24
"""EIP-7825: no transaction may ask for more."""

CODE_BYTES_MAX = 24_576
"""EIP-170: no contract's code may be longer."""


class RpcError(Exception):
    """The node answered with an error."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error.get("message", "no message"))
        self.data: str = error.get("data") or "0x"


class Chain:
    """One anvil process and its JSON-RPC."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [str(ANVIL), "--hardfork", "osaka", "--enable-tx-gas-limit", "--silent"]
        self._process = subprocess.Popen([*command, "--port", str(port)])
        self._url = f"http://127.0.0.1:{port}"
        self.sender = self._first_account()

    def _first_account(self) -> str:
        for _ in range(200):
            try:
                return cast(list[str], self.rpc("eth_accounts"))[0]
            except OSError:
                time.sleep(0.05)
        message = "anvil does not answer"
        raise TimeoutError(message)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def rpc(self, method: str, *params: object) -> object:
        """Return the result of one call; raise RpcError for an error."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        request = urllib.request.Request(
            self._url, json.dumps(body).encode(), {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=120) as response:
            answer = json.load(response)
        if "error" in answer:
            raise RpcError(answer["error"])
        return cast(object, answer["result"])

    def send(self, data: bytes, *, to: str | None = None) -> dict[str, Any]:
        """Send a transaction with the most gas one may have; return its receipt."""
        transaction = {
            "from": self.sender,
            "data": "0x" + data.hex(),
            "gas": hex(TRANSACTION_GAS_MAX),
        }
        if to is not None:
            transaction["to"] = to
        name = self.rpc("eth_sendTransaction", transaction)
        for _ in range(600):
            receipt = self.rpc("eth_getTransactionReceipt", name)
            if receipt is not None:
                return cast(dict[str, Any], receipt)
            time.sleep(0.02)
        message = "no receipt"
        raise TimeoutError(message)

    def call(self, to: str, data: bytes) -> bytes:
        """Return what a call returns; raise RpcError when it reverts."""
        transaction = {
            "from": self.sender,
            "to": to,
            "data": "0x" + data.hex(),
            "gas": hex(TRANSACTION_GAS_MAX),
        }
        return bytes.fromhex(cast(str, self.rpc("eth_call", transaction, "latest"))[2:])

    def deploy(self, init_code: bytes) -> str:
        """Deploy and return the address."""
        receipt = self.send(init_code)
        assert receipt["status"] == "0x1", receipt
        return cast(str, receipt["contractAddress"])


def artifact(name: str) -> dict[str, Any]:
    """Return forge's output for the contract in the file of its name."""
    path = ARTIFACTS / f"{name}.sol" / f"{name}.json"
    return cast(dict[str, Any], json.loads(path.read_text()))


def code_bytes(name: str) -> int:
    """Return the length of a contract's code."""
    return len(bytes.fromhex(artifact(name)["deployedBytecode"]["object"][2:]))


def init_code(code: bytes) -> bytes:
    """Return what deploys a contract with exactly this code."""
    # PUSH2 length, DUP1, PUSH1 10, PUSH0, CODECOPY, PUSH0, RETURN.
    return b"\x61" + len(code).to_bytes(2, "big") + bytes.fromhex("80600a5f395ff3") + code


def words(*values: int) -> bytes:
    """Return the values as 32-byte words."""
    return b"".join(value.to_bytes(32, "big") for value in values)


def byte_arrays(*arrays: bytes) -> bytes:
    """Return the ABI encoding of arguments that are all `bytes`."""
    heads, tails = [], b""
    for array in arrays:
        heads.append(32 * len(arrays) + len(tails))
        tails += words(len(array)) + array + bytes(-len(array) % 32)
    return words(*heads) + tails
