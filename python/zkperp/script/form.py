"""A script's lines: JSON objects whose `do` names an action, each field known and of its type."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from zkperp._generated.codes import Condition, OrderType, SelfTrade
from zkperp._generated.refusals import Refusal
from zkperp.errors import InvalidInput
from zkperp.files import why

__all__ = ["Line", "expected_refusal", "micro_of", "read_script"]

_MICRO_DIGITS: Final = 6
_DIGITS_MAX: Final = 40
_WORD_END: Final = 1 << 64
_WHOLE_END: Final = 1 << 62
ACCEPTED: Final = "accepted"


@dataclass(frozen=True)
class Line:
    """One line of a script.

    Attributes:
        number: in the file, from 1.
        do: the action.
        fields: what else it says, of the types that the action asks for.
    """

    number: int
    do: str
    fields: Mapping[str, Any]

    def refuse(self, what: str) -> NoReturn:
        """Refuse this line.

        Raises:
            InvalidInput: it names the line.
        """
        message = f"line {self.number}: {what}"
        raise InvalidInput(message)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _WORD_END


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < _WHOLE_END


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_named(value: object) -> bool:
    return _is_text(value) or _is_number(value)


def _is_prices(value: object) -> bool:
    return isinstance(value, dict) and bool(value) and all(map(_is_number, value.values()))


def _is_keys(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_number, value))


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _is_usdc(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return False
    micro = micro_of(value)
    return micro is not None and micro < _WORD_END


def _is_expected(value: object) -> bool:
    return value == ACCEPTED or expected_refusal(value) is not None


def _is_signer(value: object) -> bool:
    return value is None or _is_named(value)


# A type: what a field must be, in words, and the test of it.
_Type = tuple[str, Callable[[object], bool]]
_NUMBER: Final[_Type] = ("a number, 0 .. 2^64 - 1", _is_number)
_WHOLE: Final[_Type] = ("a whole number, below 2^62 either way", _is_whole)
_NAME: Final[_Type] = ("a name", _is_text)
_NAMED: Final[_Type] = ("a name or a number", _is_named)
_USDC: Final[_Type] = ("an amount of USDC, with at most 6 decimals in a text", _is_usdc)
_PRICES: Final[_Type] = ("an object of markets and ticks", _is_prices)
_KEYS: Final[_Type] = ("a list of key numbers", _is_keys)
_OBJECT: Final[_Type] = ("an object", _is_object)
_SIGNER: Final[_Type] = ("an account, or null for no signature", _is_signer)
_EXPECTED: Final[_Type] = ('"accepted", or a refusal\'s name or number', _is_expected)

_FLAG: Final[_Type] = ("true or false", lambda value: isinstance(value, bool))


def _one_of(names: Sequence[str]) -> _Type:
    *others, last = names
    return (f"{', '.join(others)} or {last}", lambda value: value in names)


_SIDES: Final = _one_of(["buy", "sell"])
_ORDER_TYPES: Final = _one_of([kind.name.lower() for kind in OrderType])

# What an order may say beside its type, placed or quoted.
_OPTIONS: Final[Mapping[str, _Type]] = {
    "reduce_only": _FLAG,
    "stp": _one_of([mode.name.lower() for mode in SelfTrade]),
    "stp_owner": _FLAG,
}
_QUOTED: Final[Mapping[str, _Type]] = {
    "client_id": _NUMBER,
    "side": _SIDES,
    "price": _NUMBER,
    "lots": _NUMBER,
    **_OPTIONS,
}


def _is_quoted(value: object) -> bool:
    return (
        isinstance(value, dict)
        and "client_id" in value
        and all(name in _QUOTED and _QUOTED[name][1](found) for name, found in value.items())
    )


_QUOTES: Final[_Type] = (
    f"a list of objects with client_id and, but for a removal, {', '.join(list(_QUOTED)[1:])}",
    lambda value: isinstance(value, list) and all(map(_is_quoted, value)),
)

# What every command that a user signs may say besides.
_USER: Final[Mapping[str, _Type]] = {
    "key": _NUMBER,
    "nonce": _NUMBER,
    "valid_ms": _WHOLE,
    "signed_by": _SIGNER,
    "expect": _EXPECTED,
}
_ANY: Final[Mapping[str, _Type]] = {"expect": _EXPECTED}

# Each action: the fields that it must have, and those that it may have.
ACTIONS: Final[Mapping[str, tuple[Mapping[str, _Type], Mapping[str, _Type]]]] = {
    "venue": ({}, {"set": _OBJECT, "markets": _OBJECT}),
    "deposit": ({"account": _NAMED, "usdc": _USDC}, _ANY),
    "request_withdrawal": ({"account": _NAMED, "usdc": _USDC}, _ANY),
    "report": ({"prices": _PRICES}, {"keys": _KEYS, "age_ms": _WHOLE, "expect": _EXPECTED}),
    "tick": ({"market": _NAMED}, _ANY),
    "prices": ({"prices": _PRICES}, _ANY),
    "fund": ({}, _ANY),
    "time": ({"ms": _WHOLE}, _ANY),
    "sweep": ({}, _ANY),
    "liquidate": ({}, _ANY),
    "deleverage": ({"account": _NAMED}, _ANY),
    "trigger": ({}, _ANY),
    "liquidate_all": ({}, {}),
    "wait": ({"ms": _NUMBER}, {}),
    "place": (
        {"account": _NAMED, "market": _NAMED, "side": _SIDES, "price": _NUMBER, "lots": _NUMBER},
        {
            "type": _ORDER_TYPES,
            "expires_ms": _WHOLE,
            "client_id": _NUMBER,
            **_OPTIONS,
            "as": _NAME,
            **_USER,
        },
    ),
    "place_conditional": (
        {
            "account": _NAMED,
            "market": _NAMED,
            "condition": _one_of([condition.name.lower() for condition in Condition]),
            "trigger": _NUMBER,
            "side": _SIDES,
            "price": _NUMBER,
        },
        {
            "lots": _NUMBER,
            "type": _ORDER_TYPES,
            "expires_ms": _WHOLE,
            **_OPTIONS,
            "partner": _NAMED,
            "as": _NAME,
            **_USER,
        },
    ),
    "cancel_conditional": ({"account": _NAMED, "order": _NAMED}, _USER),
    "quote": (
        {"account": _NAMED, "market": _NAMED, "orders": _QUOTES},
        {"type": _ORDER_TYPES, "expires_ms": _WHOLE, **_USER},
    ),
    "cancel": ({"account": _NAMED, "order": _NAMED}, _USER),
    "cancel_named": ({"account": _NAMED, "client_id": _NUMBER}, _USER),
    "cancel_all": ({"account": _NAMED}, {"market": _NAMED, **_USER}),
    "set_deadline": ({"account": _NAMED, "ms": _WHOLE}, _USER),
    "amend": (
        {"account": _NAMED, "order": _NAMED, "price": _NUMBER, "lots": _NUMBER},
        _USER,
    ),
    "withdraw": ({"account": _NAMED, "usdc": _USDC}, _USER),
    "burn_nonce": ({"account": _NAMED, "nonce": _NUMBER}, _USER),
    "create_account": ({"account": _NAMED}, {"as": _NAME, "market": _NAMED, **_USER}),
    "transfer": ({"account": _NAMED, "to": _NAMED, "usdc": _USDC}, _USER),
    "set_leverage": ({"account": _NAMED, "market": _NAMED, "imf_ppm": _NUMBER}, _USER),
    "show": ({"account": _NAMED}, {}),
    "seal": ({}, {}),
}


def expected_refusal(value: object) -> Refusal | None:
    """Return the refusal of that name or number; None where there is none."""
    if isinstance(value, str):
        return Refusal.__members__.get(value.upper())
    if isinstance(value, int) and not isinstance(value, bool) and value in set(Refusal):
        return Refusal(value)
    return None


def micro_of(amount: str | int) -> int | None:
    """Return the micro-USDC of an amount of USDC; None where it is none."""
    whole, _, part = str(amount).partition(".")
    digits = whole.isdecimal() and whole.isascii() and len(whole) <= _DIGITS_MAX
    part_is_good = part == "" or (part.isdecimal() and part.isascii())
    if not digits or not part_is_good or len(part) > _MICRO_DIGITS:
        return None
    return int(whole + part.ljust(_MICRO_DIGITS, "0"))


def read_script(path: Path) -> list[Line]:
    """Read a script's lines; empty ones and those that begin with `#` are left out.

    Raises:
        InvalidInput: the file can't be read, or a line is of no action's form: it is named.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: {why(error)}"
        raise InvalidInput(message) from error
    lines = []
    for number, content in enumerate(text.splitlines(), 1):
        if not content.strip() or content.lstrip().startswith("#"):
            continue
        try:
            lines.append(_line(number, content))
        except InvalidInput as error:
            message = f"{path}, {error}"
            raise InvalidInput(message) from error
    if not lines:
        message = f"{path}: no line with an action"
        raise InvalidInput(message)
    return lines


def _line(number: int, content: str) -> Line:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        message = f"line {number}: not a JSON object on one line"
        raise InvalidInput(message) from error
    if not isinstance(found, dict) or not isinstance(found.get("do"), str):
        message = f"line {number}: not a JSON object with an action in do"
        raise InvalidInput(message)
    line = Line(number, found["do"], {name: found[name] for name in found if name != "do"})
    if line.do not in ACTIONS:
        line.refuse(f"no action {line.do!r}: one of {', '.join(ACTIONS)}")
    required, optional = ACTIONS[line.do]
    types = {**required, **optional}
    for name, value in line.fields.items():
        if name not in types:
            line.refuse(f"{line.do} has no field {name!r}: {', '.join(types) or 'none'}")
        words, is_good = types[name]
        if not is_good(value):
            line.refuse(f"{name} is not {words}")
    for name in required:
        if name not in line.fields:
            line.refuse(f"{name} is missing")
    return line
