"""A venue while a script runs on it: time, names, nonces, signatures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from zkperp import _native
from zkperp._generated.refusals import REFUSAL_TEXT, Refusal
from zkperp.script.form import Line
from zkperp.script.names import Names
from zkperp.settlement.keys import trader_account
from zkperp.settlement.venue import Venue

VALID_MS: Final = 60_000
"""How long a signed command holds that names no other time."""

_ACCOUNT_END: Final = 1 << 32
_KEY_END: Final = 1 << 8


@dataclass
class Session:
    """A venue while a script runs on it.

    Attributes:
        venue: what it is.
        desk: the engine, with the keys of the venue's seed.
        names: what the script has named.
        out: folder that sealed batches go to.
        now_ms: program time of the next command.
        requests: those executed so far, 12 words each.
        is_open: whether a command was accepted since the last seal.
    """

    venue: Venue
    desk: _native.Desk
    names: Names
    out: Path | None
    now_ms: int
    requests: list[tuple[int, ...]] = field(default_factory=list)
    is_open: bool = False

    def send(
        self, command: Mapping[str, Any], *, signer: int | None = None, signed: bool = True
    ) -> dict[str, Any]:
        """Send a command at the script's time."""
        values = {name: _decimal(value) for name, value in command.items()}
        step = json.dumps({"time_ms": str(self.now_ms), "command": values})
        return self._told(json.loads(self.desk.apply(step, signer, signed=signed)))

    def reach(self) -> list[dict[str, Any]]:
        """Send what has to come before a command at the script's time."""
        return [self._told(result) for result in json.loads(self.desk.reach(self.now_ms))]

    def _told(self, result: dict[str, Any]) -> dict[str, Any]:
        if result["refusal"] is None:
            self.is_open = True
        else:
            refusal = Refusal(result["refusal"])
            text = REFUSAL_TEXT[refusal]
            result["refusal"] = {
                "code": refusal.value,
                "name": refusal.name.lower(),
                "text": text,
            }
        return result

    def request(self, words: Sequence[int]) -> dict[str, Any]:
        """Queue a request on L1 and execute it."""
        result = self.send({"kind": "request", "words": list(words)})
        if result["refusal"] is None:
            self.requests.append(tuple(words))
        return result

    def user(self, line: Line, kind: str, **fields: object) -> dict[str, Any]:
        """Send a command of a line's account, signed as the line says."""
        account = self.names.account(line, line.fields["account"])
        key = line.fields.get("key", 0)
        command = {
            "kind": kind,
            "account": account,
            "key": key,
            "nonce": line.fields.get("nonce", self._next_nonce(account, key)),
            "valid_until_ms": max(0, self.now_ms + line.fields.get("valid_ms", VALID_MS)),
            **fields,
        }
        signer = line.fields.get("signed_by", account)
        if signer is None:
            return self.send(command, signed=False)
        by_other = "signed_by" in line.fields
        named = self.names.account(line, signer) if by_other else None
        return self.send(command, signer=named)

    def _next_nonce(self, account: int, key: int) -> int:
        is_narrow = account < _ACCOUNT_END and key < _KEY_END
        return 1 + (self.desk.nonce(account, key) if is_narrow else 0)

    def owner(self, account: int) -> bytes:
        """Return a depositor's L1 address."""
        return bytes.fromhex(trader_account(self.venue.seed, account).address[2:])

    def seal(self) -> dict[str, Any]:
        """Seal the open batch."""
        sealed: dict[str, Any] = json.loads(self.desk.seal(self.out))
        self.is_open = False
        return sealed


def _decimal(value: object) -> object:
    """Bring a command's numbers to decimal strings."""
    if isinstance(value, list):
        return [_decimal(item) for item in value]
    if isinstance(value, dict):
        return {name: _decimal(item) for name, item in value.items()}
    return value if isinstance(value, str) else str(value)
