"""Interfaces and code of our contracts, as `make generate` packages them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Final, cast

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.crypto import keccak

from zkperp.chain.errors import Reverted

PACKAGED: Final[Mapping[str, str]] = {
    "DevToken": "src/DevToken.sol",
    "FractionTree": "src/verifier/FractionTree.sol",
    "ProgramVerifier": "src/ProgramVerifier.sol",
    "Rollup": "src/Rollup.sol",
    "StarkVerifier": "src/verifier/StarkVerifier.sol",
}
"""Contracts that are packaged, with their source below contracts/."""

_BUILT_IN_ERRORS: Final = [
    {"type": "error", "name": "Error", "inputs": [{"name": "message", "type": "string"}]},
    {"type": "error", "name": "Panic", "inputs": [{"name": "code", "type": "uint256"}]},
]


@dataclass(frozen=True)
class Artifact:
    """One contract.

    Attributes:
        abi: its interface, as solc writes it.
        init_code: what deploys it, constructor arguments to be appended.
        code_bytes: length of its code on chain.
    """

    abi: Sequence[Mapping[str, Any]]
    init_code: bytes
    code_bytes: int

    @cached_property
    def functions(self) -> Mapping[str, Mapping[str, Any]]:
        """The functions by name; ours are not overloaded."""
        return {entry["name"]: entry for entry in self.abi if entry["type"] == "function"}

    @cached_property
    def events(self) -> Mapping[bytes, Mapping[str, Any]]:
        """The events by their first topic."""
        entries = [entry for entry in self.abi if entry["type"] == "event"]
        return {_signature_hash(entry): entry for entry in entries}

    def selector(self, function: str) -> bytes:
        """Return the four bytes that begin a call of the named function."""
        return _signature_hash(self.functions[function])[:4]

    def types(self, function: str) -> list[str]:
        """Return the types of a function's arguments."""
        return input_types(self.functions[function])


def _signature_hash(entry: Mapping[str, Any]) -> bytes:
    return keccak(text=f"{entry['name']}({','.join(input_types(entry))})")


def input_types(entry: Mapping[str, Any]) -> list[str]:
    """Return the types of the arguments of an ABI entry without structs."""
    return [argument["type"] for argument in entry["inputs"]]


@cache
def artifact(name: str) -> Artifact:
    """Return a packaged contract."""
    source = files("zkperp._generated") / "contracts" / f"{name}.json"
    content = json.loads(source.read_text(encoding="utf-8"))
    return Artifact(content["abi"], bytes.fromhex(content["bytecode"][2:]), content["code_bytes"])


@cache
def _errors() -> Mapping[bytes, Mapping[str, Any]]:
    """Return every error of our contracts by its selector."""
    entries = [entry for name in PACKAGED for entry in artifact(name).abi] + _BUILT_IN_ERRORS
    return {_signature_hash(entry)[:4]: entry for entry in entries if entry["type"] == "error"}


def refusal(data: bytes) -> Reverted:
    """Decode what a call answered when it reverted; an error unknown to us keeps its bytes."""
    entry = _errors().get(data[:4])
    if entry is None:
        return Reverted("unknown error" if data else "no reason", {"data": "0x" + data.hex()}, data)
    try:
        values = decode(input_types(entry), data[4:])
    except DecodingError:
        return Reverted(cast(str, entry["name"]), {"data": "0x" + data.hex()}, data)
    arguments = {
        argument["name"]: "0x" + value.hex() if isinstance(value, bytes) else value
        for argument, value in zip(entry["inputs"], values, strict=True)
    }
    return Reverted(entry["name"], arguments, data)
