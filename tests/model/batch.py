"""Batch data: records, public words, and their replay (docs/spec/batch.md § 1, § 2)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from tests.model.commands import (
    FURTHER_FIELDS,
    HEAD_FIELDS,
    UNSIGNED_KINDS,
    USER_KINDS,
    Applied,
    Command,
    Entry,
    Envelope,
    QuoteEntry,
    Refused,
)
from tests.model.genesis import Venue
from tests.model.messages import further_words, head_word, quote_words
from tests.model.state import CLOCK, LOG, SCHEDULE, Felts, State, key_address
from zkperp._generated.codes import KIND_WORDS, Kind
from zkperp._generated.constants import (
    ACCOUNT_BITS,
    DIGEST_FELTS,
    FORMAT_VERSION,
    HEAD_ACCOUNT_SHIFT,
    HEAD_BOUND,
    HEAD_KEY_SHIFT,
    HEAD_MARKET_SHIFT,
    HEAD_SIDE_SHIFT,
    HEAD_TYPE_SHIFT,
    KEY_BITS,
    KIND_BITS,
    MARKET_BITS,
    OPTION_NAMED,
    ORDER_TYPE_BITS,
    QUOTE_ENTRY_WORDS,
    QUOTES_BITS,
    RECORD_CLIENT_ID_JUMP_SHIFT,
    RECORD_CLIENT_ID_SIDE_SHIFT,
    RECORD_CODE_SHIFT,
    RECORD_CONDITION_SHIFT,
    RECORD_DEADLINE_JUMP_SHIFT,
    RECORD_DELTA_SHIFT,
    RECORD_ENTRIES_SHIFT,
    RECORD_FRACTION_JUMP_SHIFT,
    RECORD_MARKET_SHIFT,
    RECORD_OPTIONS_SHIFT,
    RECORD_ORDER_JUMP_SHIFT,
    RECORD_PRICE_JUMP_SHIFT,
    RECORD_QUOTES_JUMP_SHIFT,
    RECORD_QUOTES_SHIFT,
    RECORD_RECEIVER_JUMP_SHIFT,
    RECORD_TIME_SHIFT,
    REQUEST_WORDS,
    SIDE_BITS,
    TREE_DEPTH,
    WITHDRAWAL_WORDS,
)
from zkperp._generated.leaves import ClockFelt, KeyFelt, LogFelt, ScheduleFelt
from zkperp._generated.output import OUTPUT_WORDS, Output

# Where a head's fields lie: factor and width.
HEAD_PLACES = {
    "key": (HEAD_KEY_SHIFT, KEY_BITS),
    "market": (HEAD_MARKET_SHIFT, MARKET_BITS),
    "side": (HEAD_SIDE_SHIFT, SIDE_BITS),
    "order_type": (HEAD_TYPE_SHIFT, ORDER_TYPE_BITS),
    "account": (HEAD_ACCOUNT_SHIFT, ACCOUNT_BITS),
}
# Beside which further field the nonce's step stands, and its factor there.
JUMP_PLACES = {
    Kind.PLACE: RECORD_PRICE_JUMP_SHIFT,
    Kind.CANCEL: RECORD_ORDER_JUMP_SHIFT,
    Kind.AMEND: RECORD_ORDER_JUMP_SHIFT,
    Kind.TRANSFER: RECORD_RECEIVER_JUMP_SHIFT,
    Kind.SET_LEVERAGE: RECORD_FRACTION_JUMP_SHIFT,
    Kind.CANCEL_NAMED: RECORD_CLIENT_ID_JUMP_SHIFT,
    Kind.SET_DEADLINE: RECORD_DEADLINE_JUMP_SHIFT,
    Kind.PLACE_CONDITIONAL: RECORD_PRICE_JUMP_SHIFT,
    Kind.CANCEL_CONDITIONAL: RECORD_ORDER_JUMP_SHIFT,
}


class DataError(ValueError):
    """Batch data that are no batch's, or not the batch's of this state."""


def encode(envelope: Envelope, *, time_before: int, nonce_before: int, outcome: Felts) -> Felts:
    """Return an accepted command's record (batch.md § 2)."""
    command = envelope.command
    kind = Kind(command.kind)
    if kind == Kind.TIME:
        return (kind + RECORD_TIME_SHIFT * envelope.time_ms,)
    if kind == Kind.FUND:
        return (int(kind),)
    step = RECORD_DELTA_SHIFT * (envelope.time_ms - time_before)
    if kind == Kind.REQUEST:
        return (kind + RECORD_CODE_SHIFT * outcome[0] + step, outcome[1])
    head = head_word(command) + step
    if kind in UNSIGNED_KINDS:
        return (head,)
    if kind == Kind.ORACLE_REPORT:
        lag = envelope.time_ms - command.timestamp_ms
        return (head, lag + RECORD_ENTRIES_SHIFT * len(command.entries), *entry_words(command))
    return (head, *user_words(command, command.nonce - nonce_before))


def entry_words(command: Command) -> Felts:
    """Return a report's entries as its record has them."""
    return tuple(price + RECORD_MARKET_SHIFT * market for market, price in command.entries)


def user_words(command: Command, jump: int) -> Felts:
    """Return a user command's words after the first."""
    kind = Kind(command.kind)
    if kind == Kind.BURN_NONCE:
        return (command.nonce,)
    if kind == Kind.QUOTE:
        count = RECORD_QUOTES_SHIFT * len(command.quotes)
        return (
            command.expiry_ms + count + RECORD_QUOTES_JUMP_SHIFT * jump,
            *quote_words(command),
        )
    further = further_words(command)
    if kind == Kind.PLACE and command.client_id == 0:
        further = further[:-1]
    if kind not in JUMP_PLACES:
        return (jump, *further)
    return (further[0] + JUMP_PLACES[kind] * jump, *further[1:])


def decode(words: Sequence[int], request: Felts, state: State) -> Envelope:
    """Return the envelope of a record, as a proven command, in the state before it.

    Args:
        words: the record.
        request: the next request of section R, for a record that takes one.
        state: the state before, which holds the old time and the key's nonce.
    """
    kind = Kind(words[0] % 2**KIND_BITS)
    if kind == Kind.TIME:
        return Envelope(words[0] // RECORD_TIME_SHIFT, Command(kind=kind, proven=True))
    if kind == Kind.FUND:
        due = state.get(SCHEDULE, ScheduleFelt.FUNDING_DUE_MS)
        return Envelope(due, Command(kind=kind, proven=True))
    head, delta = words[0] % HEAD_BOUND, words[0] // RECORD_DELTA_SHIFT
    now = state.get(CLOCK, ClockFelt.TIME_MS) + delta
    if kind == Kind.REQUEST:
        return Envelope(now, Command(kind=kind, words=request, proven=True))
    fields = {
        name: head // factor % 2**bits
        for name, (factor, bits) in HEAD_PLACES.items()
        if name in HEAD_FIELDS[kind]
    }
    if kind == Kind.ORACLE_REPORT:
        timestamp = now - words[1] % RECORD_ENTRIES_SHIFT
        entries = tuple(Entry(*divmod(word, RECORD_MARKET_SHIFT)) for word in words[2:])
        report = Command(
            kind=kind, proven=True, timestamp_ms=timestamp, entries=entries, key=fields["key"]
        )
        return Envelope(now, report)
    if kind in USER_KINDS:
        nonce = state.get(key_address(fields["account"], fields["key"]), KeyFelt.NONCE)
        fields |= user_fields(kind, words, nonce)
    if kind == Kind.QUOTE:
        quotes = tuple(quote_entries(words))
        return Envelope(now, Command(kind=kind, proven=True, quotes=quotes, **fields))
    return Envelope(now, Command(kind=kind, proven=True, **fields))


def user_fields(kind: Kind, words: Sequence[int], nonce: int) -> dict[str, int]:
    """Return a user command's fields by the words after the first, and the nonce before it."""
    if kind == Kind.BURN_NONCE:
        return {"nonce": words[1]}
    if kind == Kind.QUOTE:
        jump, expiry = words[1] // RECORD_QUOTES_JUMP_SHIFT, words[1] % RECORD_QUOTES_SHIFT
        return {"nonce": nonce + jump, "expiry_ms": expiry}
    if kind in JUMP_PLACES:
        jump, first = divmod(words[1], JUMP_PLACES[kind])
        further = [first, *words[2:]]
    else:
        jump, further = words[1], list(words[2:])
    if kind == Kind.PLACE:
        price, packed, expiry, *named = further
        options, lots = divmod(packed, RECORD_OPTIONS_SHIFT)
        further = [price, lots, options, expiry, *(named or (0,))]
    elif kind == Kind.PLACE_CONDITIONAL:
        price, packed, expiry, awaited, partner = further
        options, lots = divmod(packed, RECORD_OPTIONS_SHIFT)
        condition, trigger = divmod(awaited, RECORD_CONDITION_SHIFT)
        further = [price, lots, options, expiry, trigger, condition, partner]
    return dict(zip(FURTHER_FIELDS[kind], further, strict=True)) | {"nonce": nonce + jump}


def quote_entries(words: Sequence[int]) -> Iterator[QuoteEntry]:
    """Yield the entries of a mass quote's record."""
    for at in range(KIND_WORDS[Kind.QUOTE], len(words), QUOTE_ENTRY_WORDS):
        side, client_id = divmod(words[at], RECORD_CLIENT_ID_SIDE_SHIFT)
        options, lots = divmod(words[at + 2], RECORD_OPTIONS_SHIFT)
        yield QuoteEntry(client_id, side, words[at + 1], lots, options)


def record_length(words: Sequence[int]) -> int:
    """Return how many words the record at the beginning of these has (batch.md § 2).

    Raises:
        ValueError: the kind does not exist.
    """
    kind = Kind(words[0] % 2**KIND_BITS)
    if kind == Kind.ORACLE_REPORT and len(words) > 1:
        return KIND_WORDS[kind] + words[1] // RECORD_ENTRIES_SHIFT
    if kind == Kind.QUOTE and len(words) > 1:
        count = words[1] // RECORD_QUOTES_SHIFT % 2**QUOTES_BITS
        return KIND_WORDS[kind] + QUOTE_ENTRY_WORDS * count
    if kind == Kind.PLACE and len(words) > 2:
        named = words[2] // RECORD_OPTIONS_SHIFT & OPTION_NAMED
        return KIND_WORDS[kind] + (named != 0)
    return KIND_WORDS[kind]


class Sealed(NamedTuple):
    """A closed batch: its roots, and its public words with the batch data."""

    old_root: Felts
    new_root: Felts
    output: Felts


@dataclass
class OpenBatch:
    """The batch in progress: what was true at its start, and its three sections."""

    requests_before: int
    log_before: Felts
    first_time_ms: int
    commands: int = 0
    requests: list[int] = field(default_factory=list)
    withdrawals: list[int] = field(default_factory=list)
    records: list[int] = field(default_factory=list)

    @classmethod
    def start(cls, state: State) -> "OpenBatch":
        """Return an empty batch on top of a state."""
        clock = state.leaf(CLOCK)
        return cls(clock[ClockFelt.REQUESTS_DONE], log_chain(state), clock[ClockFelt.TIME_MS])

    def add(self, command: Command, applied: Applied) -> None:
        """Append an accepted command to the sections."""
        self.commands += 1
        if command.kind == Kind.REQUEST:
            self.requests += command.words
        self.withdrawals += applied.withdrawals
        self.records += applied.record

    def output(self, venue: Venue, state: State) -> Felts:
        """Return the public words and the batch data, at the sealed state (batch.md § 1)."""
        clock = state.leaf(CLOCK)
        return (
            FORMAT_VERSION,
            venue.chain_id,
            *venue.rollup,
            TREE_DEPTH,
            clock[ClockFelt.BATCH_NUMBER],
            self.requests_before,
            len(self.requests) // REQUEST_WORDS,
            len(self.withdrawals) // WITHDRAWAL_WORDS,
            self.commands,
            len(self.records),
            *self.log_before,
            *log_chain(state),
            self.first_time_ms,
            clock[ClockFelt.TIME_MS],
            *self.requests,
            *self.withdrawals,
            *self.records,
        )


def log_chain(state: State) -> Felts:
    """Return the end of the command-log chain."""
    return state.leaf(LOG)[LogFelt.CHAIN0 : LogFelt.CHAIN0 + DIGEST_FELTS]


class Replayer(Protocol):
    """What replay needs of a model at the old root."""

    state: State

    def apply(self, envelope: Envelope) -> Applied | Refused:
        """Apply a command."""

    def seal(self) -> Sealed:
        """Close the batch."""


def sections(output: Sequence[int]) -> tuple[Felts, Felts, Felts]:
    """Return sections R, W and C of public words with batch data (batch.md § 1).

    Raises:
        DataError: the length is not what the counts say.
    """
    if len(output) < OUTPUT_WORDS:
        message = f"{len(output)} words are no batch"
        raise DataError(message)
    lengths = (
        output[Output.REQUESTS_COUNT] * REQUEST_WORDS,
        output[Output.WITHDRAWALS_COUNT] * WITHDRAWAL_WORDS,
        output[Output.COMMAND_WORDS],
    )
    ends = [OUTPUT_WORDS + sum(lengths[: i + 1]) for i in range(3)]
    if len(output) != ends[-1]:
        message = f"{len(output)} words where the counts say {ends[-1]}"
        raise DataError(message)
    starts = [OUTPUT_WORDS, *ends]
    r, w, c = (tuple(output[at:end]) for at, end in zip(starts, ends, strict=False))
    return r, w, c


def records_of(words: Sequence[int]) -> Iterator[Felts]:
    """Yield section C's records one by one (batch.md § 2).

    Raises:
        DataError: a kind does not exist, or the last record is cut off.
    """
    at = 0
    while at < len(words):
        try:
            length = record_length(words[at : at + 3])
        except ValueError as error:
            message = f"word {at} of section C begins no record"
            raise DataError(message) from error
        if at + length > len(words):
            message = "the last record is cut off"
            raise DataError(message)
        yield tuple(words[at : at + length])
        at += length


def replay(model: Replayer, output: Sequence[int]) -> Sealed:
    """Bring a model at the old root to the new one, from the public words alone (batch.md § 2).

    Hashes of messages are not in the data, so the log chain's end is taken from the public words.

    Raises:
        DataError: the data are not a batch's on top of this state.
    """
    r, _, c = sections(output)
    queue = [r[at : at + REQUEST_WORDS] for at in range(0, len(r), REQUEST_WORDS)]
    for record in records_of(c):
        takes_request = Kind(record[0] % 2**KIND_BITS) == Kind.REQUEST
        if takes_request and not queue:
            message = "section R is too short"
            raise DataError(message)
        request = queue.pop(0) if takes_request else ()
        result = model.apply(decode(record, request, model.state))
        if isinstance(result, Refused) or result.record != record:
            message = f"record {record} does not follow: {result}"
            raise DataError(message)
    chain = output[Output.LOG_AFTER : Output.LOG_AFTER + DIGEST_FELTS]
    model.state.write(LOG, *chain, model.state.get(LOG, LogFelt.COMMANDS))
    sealed = model.seal()
    if sealed.output != tuple(output):
        message = "the replayed batch has other public words"
        raise DataError(message)
    return sealed
