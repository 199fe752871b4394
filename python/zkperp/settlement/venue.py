"""A venue's file: its chain and contracts, what its first state is made of, its first requests.

JSON; docs/settlement.md lists the fields. Felts, amounts and hashes are strings. Nothing in it is
secret, and nothing is trusted: whoever acts on it compares it with the chain.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

from eth_utils.address import is_address, to_checksum_address

from zkperp import _native
from zkperp.errors import InvalidVenue
from zkperp.files import why

FORMAT: Final = "zkperp-venue"
VERSION: Final = 2
FILE_NAME: Final = "venue.json"
"""Its name beside the batch directories."""

_REQUEST_WORDS: Final = 12
_WORD_END: Final = 1 << 64


@dataclass(frozen=True)
class Venue:
    """One venue.

    Attributes:
        chain_id: its chain.
        token: the collateral.
        stark_verifier: verifier of the batch program's shape.
        program_verifier: verifier of the batch program.
        rollup: the venue's contract.
        block: the contract's history begins here, or a little later.
        genesis: what the first state is made of, as `_native.devnet_genesis` lays it out.
        seed: of the development keys.
        traders: accounts that own the flow's orders; a quarter as many and one more take.
        requests: 12 words each: the deposits with which it starts.
        request_times_s: time of each request's block; empty until they are queued.
        is_built_in: whether it is the built-in devnet, which `settle` deploys itself.
    """

    chain_id: int
    token: str
    stark_verifier: str
    program_verifier: str
    rollup: str
    block: int
    genesis: Mapping[str, Any]
    seed: int
    traders: int
    requests: tuple[tuple[int, ...], ...]
    request_times_s: tuple[int, ...] = ()
    is_built_in: bool = False

    @property
    def genesis_json(self) -> str:
        """The genesis as text, for the engine."""
        return json.dumps(self.genesis)

    @property
    def genesis_root(self) -> bytes:
        """Root of the first state, 32 bytes."""
        return _native.genesis_root(self.genesis_json)

    @property
    def genesis_time_ms(self) -> int:
        """Program time of the first state."""
        return int(self.genesis["start_time_ms"])

    @property
    def rollup_bytes(self) -> bytes:
        """The contract's address as 20 bytes."""
        return bytes.fromhex(self.rollup[2:])

    @property
    def first_flow_time_ms(self) -> int:
        """The earliest program time at which flow may begin: behind every request's block."""
        return max([self.genesis_time_ms, *(1000 * time_s for time_s in self.request_times_s)])

    def with_request_times(self, times_s: Sequence[int]) -> Venue:
        """The same once its requests are queued."""
        return replace(self, request_times_s=tuple(times_s))

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        content = {
            "format": FORMAT,
            "version": VERSION,
            "built_in": self.is_built_in,
            "chain_id": self.chain_id,
            "contracts": {
                "token": self.token,
                "stark_verifier": self.stark_verifier,
                "program_verifier": self.program_verifier,
                "rollup": self.rollup,
            },
            "block": self.block,
            "genesis": dict(self.genesis),
            "genesis_root": "0x" + self.genesis_root.hex(),
            "seed": self.seed,
            "traders": self.traders,
            "requests": [[str(word) for word in words] for words in self.requests],
            "request_times_s": list(self.request_times_s),
        }
        draft = path.with_name(f".{path.name}.draft")
        try:
            draft.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
            draft.replace(path)
        except OSError as error:
            message = f"{path}: {why(error)}"
            raise InvalidVenue(message) from error

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file.

        Raises:
            InvalidVenue: it is not there, or not of its form.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return cls._of(content)
        except (OSError, ValueError, KeyError) as error:
            message = f"{path}: {why(error)}"
            raise InvalidVenue(message) from error

    @classmethod
    def _of(cls, content: object) -> Self:
        if not isinstance(content, dict):
            message = "not a JSON object"
            raise InvalidVenue(message)
        if content["format"] != FORMAT or content["version"] != VERSION:
            message = f"no {FORMAT} file of version {VERSION}"
            raise InvalidVenue(message)
        names = ("token", "stark_verifier", "program_verifier", "rollup")
        requests = _list(content["requests"], "requests")
        venue = cls(
            chain_id=_number(content["chain_id"], "chain_id"),
            **{name: _address(content["contracts"], name) for name in names},
            block=_number(content["block"], "block"),
            genesis=_object(content["genesis"], "genesis"),
            seed=_number(content["seed"], "seed"),
            traders=_number(content["traders"], "traders"),
            requests=tuple(_numbers(words, "requests") for words in requests),
            request_times_s=_numbers(content["request_times_s"], "request_times_s"),
            is_built_in=bool(content["built_in"]),
        )
        if any(len(words) != _REQUEST_WORDS for words in venue.requests):
            message = f"requests: each has {_REQUEST_WORDS} words"
            raise InvalidVenue(message)
        if content["genesis_root"] != "0x" + venue.genesis_root.hex():
            message = "genesis_root is not what the genesis makes"
            raise InvalidVenue(message)
        return venue


def _object(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        message = f"{name}: not a JSON object"
        raise InvalidVenue(message)
    return value


def _list(value: object, name: str) -> list[Any]:
    if not isinstance(value, list):
        message = f"{name}: not a list"
        raise InvalidVenue(message)
    return value


def _number(value: object, name: str) -> int:
    """Read a number, or a decimal string, that a 64-bit word holds."""
    text = str(value)
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,20}", text) or int(text) >= _WORD_END:
        message = f"{name}: {value!r} is not a number from 0 to 2^64 - 1"
        raise InvalidVenue(message)
    return int(text)


def _numbers(value: object, name: str) -> tuple[int, ...]:
    return tuple(_number(item, name) for item in _list(value, name))


def _address(contracts: object, name: str) -> str:
    text = _object(contracts, "contracts")[name]
    if not is_address(text):
        message = f"contracts.{name}: {text!r} is not an address"
        raise InvalidVenue(message)
    return to_checksum_address(text)


def accounts_of(traders: int) -> int:
    """Return how many accounts flow of so many traders has."""
    return traders + traders // 4 + 1
