"""What is hashed: messages, requests, the command-log chain (docs/spec/commands.md § 1, § 2, § 9).

The hash is a parameter, so that long tests can take the native one; this is Poseidon2 by the text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.model import poseidon2
from tests.model.commands import FURTHER_FIELDS, Command
from tests.model.state import LOG, Felts, State, Venue, market_address
from zkperp._generated.codes import Kind
from zkperp._generated.constants import (
    DIGEST_FELTS,
    DOMAIN_LOG,
    DOMAIN_MESSAGE,
    DOMAIN_ORACLE,
    DOMAIN_REQUEST,
    HEAD_ACCOUNT_SHIFT,
    HEAD_KEY_SHIFT,
    HEAD_MARKET_SHIFT,
    HEAD_SIDE_SHIFT,
    HEAD_TYPE_SHIFT,
    MESSAGE_FELTS,
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
    """Return the 12 felts that a user signs (commands.md § 2)."""
    further = [getattr(command, name) for name in FURTHER_FIELDS[Kind(command.kind)]]
    words = (
        venue.chain_id,
        *venue.rollup,
        head_word(command),
        command.nonce,
        command.valid_until_ms,
        *further,
    )
    return (*words, *[0] * (MESSAGE_FELTS - len(words)))


def oracle_message(venue: Venue, command: Command, multiplier: int) -> Felts:
    """Return the 8 felts that an oracle signs (commands.md § 2)."""
    return (
        venue.chain_id,
        *venue.rollup,
        head_word(command),
        command.price_ticks,
        command.timestamp_ms,
        multiplier,
    )


def message_hash(hashes: Hashes, venue: Venue, state: State, command: Command) -> Felts:
    """Return h of the log chain, which is also what is signed (commands.md § 2, § 9)."""
    match command.kind:
        case Kind.TIME:
            return NO_HASH
        case Kind.REQUEST:
            return tuple(hashes.sponge(DOMAIN_REQUEST, command.words))
        case Kind.ORACLE_PRICE:
            multiplier = state.get(market_address(command.market), MarketFelt.MULTIPLIER)
            message = oracle_message(venue, command, multiplier)
            return tuple(hashes.sponge(DOMAIN_ORACLE, message))
    return tuple(hashes.sponge(DOMAIN_MESSAGE, user_message(venue, command)))


def extend_log(hashes: Hashes, state: State, digest: Felts, outcome: Felts) -> None:
    """Add a command to the log chain (commands.md § 9)."""
    leaf = state.leaf(LOG)
    chain = leaf[LogFelt.CHAIN0 : LogFelt.CHAIN0 + DIGEST_FELTS]
    link = hashes.sponge(DOMAIN_LOG, (*digest, *outcome, *chain))
    state.write(LOG, *link, leaf[LogFelt.COMMANDS] + 1)
