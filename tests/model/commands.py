"""What goes in and comes out: envelopes, events, outcomes (docs/spec/commands.md § 1, § 10)."""

from dataclasses import dataclass, fields
from typing import NamedTuple

from tests.model.state import Felts, Touched
from zkperp._generated.codes import AccountType, CancelScope, Kind, OrderType
from zkperp._generated.constants import (
    ACCOUNT_BITS,
    AMOUNT_BITS,
    CLIENT_ID_BITS,
    FRACTION_BITS,
    KEY_BITS,
    KEYS_MAX,
    LOTS_BITS,
    MARKET_BITS,
    MARKETS_MAX,
    NONCE_BITS,
    OPTION_NAMED,
    OPTIONS_BITS,
    OPTIONS_END,
    ORACLE_KEYS_MAX,
    ORDER_ID_BITS,
    ORDER_TYPE_BITS,
    PRICE_BITS,
    QUOTES_MAX,
    SIDE_BITS,
    TIME_BITS,
)
from zkperp._generated.events import EventType
from zkperp._generated.refusals import Refusal

# A stop or a take-profit.
CONDITION_BITS = 1
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
    "options": OPTIONS_BITS,
    "expiry_ms": TIME_BITS,
    "client_id": CLIENT_ID_BITS,
    "order_id": ORDER_ID_BITS,
    "deadline_ms": TIME_BITS,
    "amount": AMOUNT_BITS,
    "to": ACCOUNT_BITS,
    "imf_ppm": FRACTION_BITS,
    "trigger_ticks": PRICE_BITS,
    "condition": CONDITION_BITS,
    "partner": ORDER_ID_BITS,
    "timestamp_ms": TIME_BITS,
}
# The fields of the head that a kind uses.
HEAD_FIELDS: dict[Kind, tuple[str, ...]] = {
    Kind.ORACLE_REPORT: ("key",),
    Kind.PLACE: ("key", "market", "side", "order_type", "account"),
    Kind.CANCEL: ("key", "account"),
    Kind.AMEND: ("key", "account"),
    Kind.WITHDRAW: ("key", "account"),
    Kind.BURN_NONCE: ("key", "account"),
    Kind.CREATE_ACCOUNT: ("key", "market", "order_type", "account"),
    Kind.TRANSFER: ("key", "account"),
    Kind.SET_LEVERAGE: ("key", "market", "account"),
    Kind.TICK: ("market",),
    Kind.TIME: (),
    Kind.FUND: (),
    Kind.SWEEP: (),
    Kind.LIQUIDATE: (),
    Kind.DELEVERAGE: ("account",),
    Kind.CANCEL_NAMED: ("key", "account"),
    Kind.CANCEL_ALL: ("key", "market", "order_type", "account"),
    Kind.SET_DEADLINE: ("key", "account"),
    Kind.QUOTE: ("key", "market", "order_type", "account"),
    Kind.PLACE_CONDITIONAL: ("key", "market", "side", "order_type", "account"),
    Kind.CANCEL_CONDITIONAL: ("key", "account"),
    Kind.TRIGGER: (),
}
# The further fields of a kind, in the order they are signed; entries follow them.
FURTHER_FIELDS: dict[Kind, tuple[str, ...]] = {
    Kind.ORACLE_REPORT: ("timestamp_ms",),
    Kind.PLACE: ("price_ticks", "lots", "options", "expiry_ms", "client_id"),
    Kind.CANCEL: ("order_id",),
    Kind.AMEND: ("order_id", "price_ticks", "lots"),
    Kind.WITHDRAW: ("amount",),
    Kind.BURN_NONCE: (),
    Kind.CREATE_ACCOUNT: (),
    Kind.TRANSFER: ("to", "amount"),
    Kind.SET_LEVERAGE: ("imf_ppm",),
    Kind.TICK: (),
    Kind.TIME: (),
    Kind.FUND: (),
    Kind.SWEEP: (),
    Kind.LIQUIDATE: (),
    Kind.DELEVERAGE: (),
    Kind.CANCEL_NAMED: ("client_id",),
    Kind.CANCEL_ALL: (),
    Kind.SET_DEADLINE: ("deadline_ms",),
    Kind.QUOTE: ("expiry_ms",),
    Kind.PLACE_CONDITIONAL: (
        "price_ticks",
        "lots",
        "options",
        "expiry_ms",
        "trigger_ticks",
        "condition",
        "partner",
    ),
    Kind.CANCEL_CONDITIONAL: ("order_id",),
    Kind.TRIGGER: (),
}
# Nobody signs these.
UNSIGNED_KINDS = (
    Kind.TIME,
    Kind.REQUEST,
    Kind.TICK,
    Kind.FUND,
    Kind.SWEEP,
    Kind.LIQUIDATE,
    Kind.DELEVERAGE,
    Kind.TRIGGER,
)
USER_KINDS = tuple(kind for kind in Kind if kind not in (*UNSIGNED_KINDS, Kind.ORACLE_REPORT))
USER_FIELDS = ("nonce", "valid_until_ms")
QUOTE_TYPES = (OrderType.POST_ONLY, OrderType.SLIDE)
CONDITIONAL_TYPES = (OrderType.GTT, OrderType.IOC, OrderType.MARKET)


class Entry(NamedTuple):
    """What an oracle says of one market."""

    market: int
    price_ticks: int


class QuoteEntry(NamedTuple):
    """An order of a mass quote; without lots it only takes away what has this client id."""

    client_id: int
    side: int = 0
    price_ticks: int = 0
    lots: int = 0
    options: int = OPTION_NAMED


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command of any kind; fields that the kind does not use are 0."""

    kind: int
    key: int = 0
    market: int = 0
    side: int = 0
    # The head's type: an order's, that of the account to be made, or what is cancelled.
    order_type: int = 0
    account: int = 0
    nonce: int = 0
    valid_until_ms: int = 0
    price_ticks: int = 0
    lots: int = 0
    options: int = 0
    expiry_ms: int = 0
    client_id: int = 0
    order_id: int = 0
    deadline_ms: int = 0
    amount: int = 0
    to: int = 0
    imf_ppm: int = 0
    trigger_ticks: int = 0
    condition: int = 0
    # The conditional order that goes when this one fires, and this one when that; 0: none.
    partner: int = 0
    timestamp_ms: int = 0
    entries: tuple[Entry, ...] = ()
    quotes: tuple[QuoteEntry, ...] = ()
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
    """Say whether a command is refused for its form.

    That is commands.md § 4.1, § 11; prices.md § 1; orders.md § 1, § 3, § 5; conditional.md § 2.
    """
    try:
        kind = Kind(command.kind)
    except ValueError:
        return True
    used = HEAD_FIELDS[kind] + FURTHER_FIELDS[kind] + USER_FIELDS * (kind in USER_KINDS)
    if any(getattr(command, name) != 0 for name in WIDTHS if name not in used):
        return True
    if any(not 0 <= getattr(command, name) < 2 ** WIDTHS[name] for name in used):
        return True
    keys = KEYS_MAX if kind in USER_KINDS else ORACLE_KEYS_MAX
    no_entries = (kind == Kind.ORACLE_REPORT and not are_entries(command.entries)) or (
        kind == Kind.QUOTE and not are_quotes(command.quotes)
    )
    wrong_options = not are_options(command.options, command.client_id)
    if kind in (Kind.PLACE, Kind.PLACE_CONDITIONAL) and wrong_options:
        return True
    return no_entries or command.key >= keys or not has_a_type(command)


def are_options(options: int, client_id: int) -> bool:
    """Say whether options exist, and tell truly that there is a client id (orders.md § 1)."""
    return options < OPTIONS_END and (options & OPTION_NAMED != 0) == (client_id != 0)


def are_quotes(entries: tuple[QuoteEntry, ...]) -> bool:
    """Say whether entries have the form of a mass quote's (orders.md § 5.1)."""
    return 1 <= len(entries) <= QUOTES_MAX and all(map(is_quote, entries))


def is_quote(entry: QuoteEntry) -> bool:
    """Say whether an entry fits its widths, has a client id, and says nothing if it has no lots."""
    fits = all(0 <= value < 2 ** WIDTHS[name] for name, value in entry._asdict().items())
    named = entry.client_id != 0 and fits and are_options(entry.options, entry.client_id)
    return named and (entry.lots != 0 or entry == QuoteEntry(entry.client_id))


def are_entries(entries: tuple[Entry, ...]) -> bool:
    """Say whether entries have the form of a report's (prices.md § 1)."""
    markets = [entry.market for entry in entries]
    return (
        1 <= len(entries) <= MARKETS_MAX
        and markets == sorted(set(markets))
        and all(0 <= market < MARKETS_MAX for market in markets)
        and all(0 <= entry.price_ticks < 2**PRICE_BITS for entry in entries)
    )


def has_a_type(command: Command) -> bool:
    """Say whether the head's type exists; the types that are of no market name none."""
    everywhere = command.order_type == 0
    if command.kind == Kind.CREATE_ACCOUNT:
        return command.order_type <= AccountType.ISOLATED and not (everywhere and command.market)
    if command.kind == Kind.CANCEL_ALL:
        return command.order_type <= CancelScope.MARKET and not (everywhere and command.market)
    if command.kind == Kind.QUOTE:
        return command.order_type in QUOTE_TYPES
    if command.kind == Kind.PLACE_CONDITIONAL:
        return command.order_type in CONDITIONAL_TYPES
    return command.order_type <= OrderType.SLIDE


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
