"""What is hashed: messages, requests, the command-log chain (commands.md § 1, § 2, § 9).

The hash is a parameter, so that long tests can take the native one; this is Poseidon2 by the text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.model import poseidon2
from tests.model.commands import FURTHER_FIELDS, UNSIGNED_KINDS, Command
from tests.model.genesis import Venue
from tests.model.state import LOG, Felts, State, market_address
from zkperp._generated.codes import Kind
from zkperp._generated.constants import (
    DIGEST_FELTS,
    DOMAIN_LOG,
    DOMAIN_MESSAGE,
    DOMAIN_ORACLE,
    DOMAIN_QUOTE,
    DOMAIN_REQUEST,
    HEAD_ACCOUNT_SHIFT,
    HEAD_KEY_SHIFT,
    HEAD_MARKET_SHIFT,
    HEAD_SIDE_SHIFT,
    HEAD_TYPE_SHIFT,
    MESSAGE_FELTS,
    MESSAGE_SCALE_SHIFT,
    RECORD_CLIENT_ID_SIDE_SHIFT,
    RECORD_CONDITION_SHIFT,
    RECORD_MARKET_SHIFT,
    RECORD_OPTIONS_SHIFT,
)
from zkperp._generated.leaves import LogFelt, MarketFelt

NO_HASH: Felts = (0,) * DIGEST_FELTS


@dataclass(frozen=True)
class Hashes:
    """The two uses of Poseidon2."""

    compress: Callable[[Sequence[int]], list[int]] = poseidon2.compress
    sponge: Callable[[int, Sequence[int]], list[int]] = poseidon2.sponge


def address_words(address: bytes) -> Felts:
    """Return an L1 address as three felts: 7, 7 and 6 bytes, big-endian (batch.md § 1)."""
    return tuple(int.from_bytes(part, "big") for part in (address[:7], address[7:14], address[14:]))


def head_word(command: Command) -> int:
    """Return a command's head (commands.md § 1)."""
    return (
        command.kind
        + HEAD_KEY_SHIFT * command.key
        + HEAD_MARKET_SHIFT * command.market
        + HEAD_SIDE_SHIFT * command.side
        + HEAD_TYPE_SHIFT * command.order_type
        + HEAD_ACCOUNT_SHIFT * command.account
    )


def user_message(venue: Venue, command: Command) -> Felts:
    """Return the 12 felts that a user signs (commands.md § 2); a mass quote's entries follow."""
    further = further_words(command)
    if command.kind == Kind.QUOTE:
        further = (*further, len(command.quotes))
    words = (
        venue.chain_id,
        *venue.rollup,
        head_word(command),
        command.nonce,
        command.valid_until_ms,
        *further,
    )
    return (*words, *[0] * (MESSAGE_FELTS - len(words)))


def further_words(command: Command) -> Felts:
    """Return a user command's words after head and nonce (commands.md § 1)."""
    if command.kind == Kind.PLACE:
        lots = command.lots + RECORD_OPTIONS_SHIFT * command.options
        return (command.price_ticks, lots, command.expiry_ms, command.client_id)
    if command.kind == Kind.PLACE_CONDITIONAL:
        lots = command.lots + RECORD_OPTIONS_SHIFT * command.options
        trigger = command.trigger_ticks + RECORD_CONDITION_SHIFT * command.condition
        return (command.price_ticks, lots, command.expiry_ms, trigger, command.partner)
    return tuple(getattr(command, name) for name in FURTHER_FIELDS[Kind(command.kind)])


def quote_words(command: Command) -> Felts:
    """Return three felts for each entry of a mass quote (orders.md § 5)."""
    return tuple(
        word
        for client_id, side, price, lots, options in command.quotes
        for word in (
            client_id + RECORD_CLIENT_ID_SIDE_SHIFT * side,
            price,
            lots + RECORD_OPTIONS_SHIFT * options,
        )
    )


def quote_message(venue: Venue, command: Command) -> Felts:
    """Return the felts that are signed of a mass quote (orders.md § 5)."""
    entries = quote_words(command)
    return (*user_message(venue, command), *entries, *[0] * (-len(entries) % DIGEST_FELTS))


def oracle_message(venue: Venue, command: Command, multipliers: Felts) -> Felts:
    """Return the felts that an oracle signs: eight, then its entries (prices.md § 1).

    `multipliers` are those of the entries' markets, so that a price in another scale won't verify.
    """
    count = len(command.entries)
    start = (
        venue.chain_id,
        *venue.rollup,
        head_word(command),
        command.timestamp_ms,
        count,
        0,
    )
    entries = [
        price + RECORD_MARKET_SHIFT * market + MESSAGE_SCALE_SHIFT * multiplier
        for (market, price), multiplier in zip(command.entries, multipliers, strict=True)
    ]
    return (*start, *entries, *[0] * (-count % DIGEST_FELTS))


def message_hash(hashes: Hashes, venue: Venue, state: State, command: Command) -> Felts:
    """Return h of the log chain, which is also what is signed (commands.md § 2, § 9)."""
    if command.kind == Kind.REQUEST:
        return tuple(hashes.sponge(DOMAIN_REQUEST, command.words))
    if command.kind in UNSIGNED_KINDS:
        return NO_HASH
    if command.kind == Kind.ORACLE_REPORT:
        multipliers = tuple(
            state.get(market_address(entry.market), MarketFelt.MULTIPLIER)
            for entry in command.entries
        )
        message = oracle_message(venue, command, multipliers)
        return tuple(hashes.sponge(DOMAIN_ORACLE, message))
    if command.kind == Kind.QUOTE:
        return tuple(hashes.sponge(DOMAIN_QUOTE, quote_message(venue, command)))
    return tuple(hashes.sponge(DOMAIN_MESSAGE, user_message(venue, command)))


def extend_log(hashes: Hashes, state: State, digest: Felts, outcome: Felts) -> None:
    """Add a command to the log chain (commands.md § 9)."""
    leaf = state.leaf(LOG)
    chain = leaf[LogFelt.CHAIN0 : LogFelt.CHAIN0 + DIGEST_FELTS]
    link = hashes.sponge(DOMAIN_LOG, (*digest, *outcome, *chain))
    state.write(LOG, *link, leaf[LogFelt.COMMANDS] + 1)
