"""What goes in and comes out: envelopes, events, outcomes (docs/spec/commands.md § 1, § 10)."""

from dataclasses import dataclass, fields

from tests.model.state import Felts, Touched
from zkperp._generated.codes import Kind, OrderType
from zkperp._generated.constants import (
    ACCOUNT_BITS,
    AMOUNT_BITS,
    KEY_BITS,
    KEYS_MAX,
    LOTS_BITS,
    MARKET_BITS,
    NONCE_BITS,
    ORDER_ID_BITS,
    ORDER_TYPE_BITS,
    PRICE_BITS,
    SIDE_BITS,
    TIME_BITS,
)
from zkperp._generated.events import EventType
from zkperp._generated.refusals import Refusal

# Widths of all fields in bits, those of the head first (commands.md § 1).
WIDTHS = {
    "key": KEY_BITS,
    "market": MARKET_BITS,
    "side": SIDE_BITS,
    "order_type": ORDER_TYPE_BITS,
    "account": ACCOUNT_BITS,
    "nonce": NONCE_BITS,
    "valid_until_ms": TIME_BITS,
    "price_ticks": PRICE_BITS,
    "lots": LOTS_BITS,
    "expiry_ms": TIME_BITS,
    "order_id": ORDER_ID_BITS,
    "amount": AMOUNT_BITS,
    "timestamp_ms": TIME_BITS,
}
# The fields of the head that a kind uses.
HEAD_FIELDS = {
    Kind.ORACLE_PRICE: ("key", "market"),
    Kind.PLACE: ("key", "market", "side", "order_type", "account"),
    Kind.CANCEL: ("key", "account"),
    Kind.AMEND: ("key", "account"),
    Kind.WITHDRAW: ("key", "account"),
    Kind.BURN_NONCE: ("key", "account"),
}
# The further words of a kind, in the order they are signed.
FURTHER_FIELDS = {
    Kind.ORACLE_PRICE: ("price_ticks", "timestamp_ms"),
    Kind.PLACE: ("price_ticks", "lots", "expiry_ms"),
    Kind.CANCEL: ("order_id",),
    Kind.AMEND: ("order_id", "price_ticks", "lots"),
    Kind.WITHDRAW: ("amount",),
    Kind.BURN_NONCE: (),
}
USER_KINDS = (Kind.PLACE, Kind.CANCEL, Kind.AMEND, Kind.WITHDRAW, Kind.BURN_NONCE)
USER_FIELDS = ("nonce", "valid_until_ms")


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command of any kind; fields that the kind does not use are 0."""

    kind: int
    key: int = 0
    market: int = 0
    side: int = 0
    order_type: int = 0
    account: int = 0
    nonce: int = 0
    valid_until_ms: int = 0
    price_ticks: int = 0
    lots: int = 0
    expiry_ms: int = 0
    order_id: int = 0
    amount: int = 0
    timestamp_ms: int = 0
    # A request: its words, and its number by the caller's count (None: the next one).
    words: Felts = ()
    number: int | None = None
    signature: bytes = b""
    # Read from proven batch data: signature and valid_until_ms are not there, and were checked.
    proven: bool = False

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            # A string out of JSON would be multiplied in silence.
            if field.name in WIDTHS and not isinstance(value, int):
                raise TypeError(field.name)


@dataclass(frozen=True)
class Envelope:
    """A command and its program time."""

    time_ms: int
    command: Command


def is_malformed(command: Command) -> bool:
    """Say whether a signed command is refused for its form (commands.md § 4.1, § 7.1)."""
    try:
        kind = Kind(command.kind)
    except ValueError:
        return True
    used = HEAD_FIELDS[kind] + FURTHER_FIELDS[kind] + USER_FIELDS * (kind in USER_KINDS)
    if any(getattr(command, name) != 0 for name in WIDTHS if name not in used):
        return True
    if any(not 0 <= getattr(command, name) < 2 ** WIDTHS[name] for name in used):
        return True
    no_type = kind == Kind.PLACE and command.order_type > OrderType.MARKET
    return no_type or (kind in USER_KINDS and command.key >= KEYS_MAX)


@dataclass(frozen=True)
class Event:
    """What happened, with its fields in the order of commands.md § 10."""

    type: EventType
    values: tuple[int, ...]


@dataclass(frozen=True)
class Applied:
    """An accepted command."""

    events: tuple[Event, ...]
    outcome: Felts
    touched: tuple[Touched, ...]
    # What it adds to sections C and W of the batch data (batch.md § 1).
    record: Felts
    withdrawals: Felts


@dataclass(frozen=True)
class Refused:
    """A refused command: nothing has changed."""

    code: Refusal


class RefusedError(Exception):
    """Stops a command at the first check that fails."""

    def __init__(self, code: Refusal) -> None:
        super().__init__(code.name)
        self.code = code


def refuse(code: Refusal, *, when: bool) -> None:
    """Refuse the command for this reason if it holds.

    Raises:
        RefusedError: it holds.
    """
    if when:
        raise RefusedError(code)


class Journal:
    """What a command in progress has brought about beside its leaves."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.withdrawals: list[int] = []

    def emit(self, event: EventType, *values: int) -> None:
        """Append an event."""
        self.events.append(Event(event, values))
