"""Spoils a flow's envelopes: times, signatures, nonces, single fields at edge values."""

import random
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from tests.model.commands import (
    UNSIGNED_KINDS,
    WIDTHS,
    Command,
    Entry,
    Envelope,
    QuoteEntry,
)
from tests.model.desk import BAD
from tests.model.state import CLOCK, State
from zkperp._generated.codes import Kind
from zkperp._generated.constants import FUND_ACCOUNT
from zkperp._generated.leaves import ClockFelt

# Numbers at which something may change.
EDGES = (0, 1, 2, 13, 14, 15, 16, 31, 32, 255, 256)
EDGES += tuple(2**bits + d for bits in (14, 24, 28, 32, 40, 44, 48, 52, 58) for d in (-1, 0, 1))


class Spoiler:
    """Changes something in an envelope, at random."""

    def __init__(self, rng: random.Random, state: State, markets: Sequence[object]) -> None:
        self.rng, self.state, self.markets = rng, state, markets

    def spoil(self, envelope: Envelope) -> Envelope:
        """Return an envelope with something changed, which may be wrong then."""
        rng, command = self.rng, envelope.command
        if rng.randrange(100) < 15:
            at = envelope.time_ms + rng.choice((-(10**6), -20, -1, 4095, 4096, 11_000, 2**44))
            return replace(envelope, time_ms=max(0, at))
        if command.kind == Kind.REQUEST:
            command = self.spoil_request(command)
        elif command.kind == Kind.TICK:
            command = replace(
                command, market=rng.choice((31, 32, rng.randrange(len(self.markets))))
            )
        elif command.kind in (Kind.SWEEP, Kind.LIQUIDATE, Kind.DELEVERAGE, Kind.TRIGGER):
            command = replace(command, account=rng.choice((1, FUND_ACCOUNT, *EDGES)))
        elif command.kind not in UNSIGNED_KINDS:
            command = self.spoil_signed(command)
        return replace(envelope, command=command)

    def spoil_request(self, command: Command) -> Command:
        """Return a request with another number or another word."""
        rng = self.rng
        if rng.randrange(2) == 0:
            number = self.state.get(CLOCK, ClockFelt.REQUESTS_DONE)
            return replace(command, number=number + rng.randrange(2))
        words = list(command.words)
        words[rng.randrange(12)] = rng.choice((*EDGES, 2**64 - 2**32))
        return replace(command, words=tuple(words))

    def spoil_signed(self, command: Command) -> Command:
        """Return a signed command with a bad signature, another kind, or another field."""
        rng = self.rng
        way = rng.randrange(6)
        if way == 0:
            return replace(command, signature=BAD)
        if way == 1:
            kind = rng.choice((0, *range(4, 12), *range(17, 23), 24, 63))
            return replace(command, kind=kind, entries=(), quotes=())
        if command.entries and way == 2:
            return replace(command, entries=self.spoil_entries(command.entries))
        if command.quotes and way < 4:
            return replace(command, quotes=self.spoil_quotes(command.quotes))
        name = rng.choice([field.name for field in fields(command) if field.name in WIDTHS])
        value = rng.choice((*EDGES, getattr(command, name) + rng.choice((-1, 1))))
        changed: dict[str, Any] = {name: max(0, value)}
        return replace(command, **changed)

    def spoil_quotes(self, entries: tuple[QuoteEntry, ...]) -> tuple[QuoteEntry, ...]:
        """Return other entries, of another form, or too many."""
        rng = self.rng
        at = rng.randrange(len(entries))
        name = rng.choice(QuoteEntry._fields)
        value = rng.choice((*EDGES, 2**47, getattr(entries[at], name) + rng.choice((-1, 1))))
        one = entries[at]._replace(**{name: max(0, value)})
        changed = (*entries[:at], one, *entries[at + 1 :])
        fill = tuple(QuoteEntry(2**40 + n) for n in range(32))
        return rng.choice((changed, changed, changed, entries + fill, ()))

    def spoil_entries(self, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        """Return entries of another form, market or price."""
        market, price = entries[-1]
        one = self.rng.choice(
            (
                Entry(market, 0),
                Entry(market, 2**32),
                Entry(market, 2**32 - 1),
                Entry(31, price),
                Entry(32, price),
            )
        )
        changed: tuple[tuple[Entry, ...], ...] = (
            (*entries[:-1], one),
            (*entries, entries[-1]),
            entries[::-1],
            (),
        )
        return self.rng.choice(changed)
