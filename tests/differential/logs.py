"""The log files of a batch directory, read by the text alone (docs/spec/batch.md § 2, § 5)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from tests.model import batch
from tests.model.commands import UNSIGNED_KINDS, USER_KINDS, Envelope, Event
from tests.model.state import Felts, State
from zkperp._generated.codes import Kind
from zkperp._generated.constants import (
    COMMAND_LOG_MAGIC,
    EVENT_LOG_MAGIC,
    KIND_BITS,
    LOG_FRAME_BYTES_MAX,
    LOG_HEADER_BYTES,
    LOG_VERSION,
    REQUEST_WORDS,
)
from zkperp._generated.events import EVENT_FIELDS, EventType
from zkperp._native import FIELD_MODULUS

SIGNATURE_WORDS = 10
# CRC-32C (Castagnoli), the polynomial's bits reversed.
CASTAGNOLI = 0x82F6_3B78


class LogError(ValueError):
    """Bytes are not a log of the kind asked for."""


@cache
def _table() -> tuple[int, ...]:
    entries = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (CASTAGNOLI if crc & 1 else 0)
        entries.append(crc)
    return tuple(entries)


def crc32c(data: bytes) -> int:
    """Return the checksum of the logs."""
    table, crc = _table(), 0xFFFF_FFFF
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFF_FFFF


def _check(what: str, *, holds: bool) -> None:
    if not holds:
        raise LogError(what)


def venue_of(data: bytes, magic: int) -> tuple[int, bytes]:
    """Return the chain's id and the contract's address from a log's header.

    Raises:
        LogError: the file is not such a log, or is damaged.
    """
    header = data[:LOG_HEADER_BYTES]
    _check("magic", holds=header[:4] == magic.to_bytes(4, "big"))
    _check("version", holds=int.from_bytes(header[4:6], "big") == LOG_VERSION)
    _check("header", holds=crc32c(header[:36]) == int.from_bytes(header[36:], "big"))
    return int.from_bytes(header[8:16], "big"), header[16:36]


def frames(data: bytes, magic: int) -> Iterator[Felts]:
    """Yield the words of each frame.

    Raises:
        LogError: the file is not such a log, or is damaged.
    """
    venue_of(data, magic)
    at = LOG_HEADER_BYTES
    while at < len(data):
        length, checksum = (int.from_bytes(data[at + i : at + i + 4], "big") for i in (0, 4))
        payload = data[at + 8 : at + 8 + length]
        _check(f"length at {at}", holds=length % 8 == 0 and length <= LOG_FRAME_BYTES_MAX)
        _check(f"end at {at}", holds=len(payload) == length)
        _check(f"checksum at {at}", holds=crc32c(payload) == checksum)
        yield tuple(int.from_bytes(payload[i : i + 8], "big") for i in range(0, length, 8))
        at += 8 + length


@dataclass(frozen=True)
class LoggedCommand:
    """An entry of the command log; `rest` is what follows the record."""

    record: Felts
    rest: Felts

    def envelope(self, state: State) -> Envelope:
        """Return the command as it came in, in the state before it.

        Raises:
            LogError: what follows the record is not as long as it has to be.
        """
        kind = Kind(self.record[0] % 2**KIND_BITS)
        request = self.rest if kind == Kind.REQUEST else ()
        proven = batch.decode(self.record, request, state)
        command = replace(proven.command, proven=False)
        if kind in UNSIGNED_KINDS:
            expected = REQUEST_WORDS * (kind == Kind.REQUEST)
            _check("words after the record", holds=len(self.rest) == expected)
            return Envelope(proven.time_ms, command)
        until, signature = self.rest[:-SIGNATURE_WORDS], self.rest[-SIGNATURE_WORDS:]
        is_user = kind in USER_KINDS
        lengths = (len(until), len(signature))
        _check("words after the record", holds=lengths == (is_user, SIGNATURE_WORDS))
        command = replace(
            command,
            valid_until_ms=until[0] if is_user else 0,
            signature=b"".join(word.to_bytes(8, "big") for word in signature),
        )
        return Envelope(proven.time_ms, command)


def commands(data: bytes) -> Iterator[LoggedCommand]:
    """Yield the entries of a command log."""
    for words in frames(data, COMMAND_LOG_MAGIC):
        length = batch.record_length(words)
        yield LoggedCommand(words[:length], words[length:])


@dataclass(frozen=True)
class LoggedEvents:
    """An entry of the event log."""

    number: int
    outcome: Felts
    events: tuple[Event, ...]


def events(data: bytes) -> Iterator[LoggedEvents]:
    """Yield the entries of an event log of accepted commands."""
    for words in frames(data, EVENT_LOG_MAGIC):
        found, at = [], 5
        while at < len(words):
            event, count = EventType(words[at] % 2**8), words[at] // 2**8
            _check("fields of an event", holds=count == len(EVENT_FIELDS[event]))
            found.append(Event(event, words[at + 1 : at + 1 + count]))
            at += 1 + count
        yield LoggedEvents(words[0], words[1:5], tuple(found))


def as_felts(event: Event) -> Event:
    """Return an event the way the log holds it: signed fields modulo the prime."""
    return Event(event.type, tuple(value % FIELD_MODULUS for value in event.values))
