"""The JSON forms of tests/vectors/rules: every integer a decimal string, bytes as hex."""

from collections.abc import Mapping
from typing import Any

from tests.model.commands import (
    Applied,
    Command,
    Entry,
    Envelope,
    Event,
    QuoteEntry,
    Refused,
)
from tests.model.genesis import Market, Venue
from tests.model.messages import address_words
from tests.model.position_sums import Tier
from tests.model.state import EMPTY, Felts, Leaf
from zkperp._generated.codes import Kind
from zkperp._generated.events import EVENT_FIELDS, EventType

Json = dict[str, Any]

_NUMBERS = (
    "key",
    "market",
    "side",
    "account",
    "nonce",
    "valid_until_ms",
    "price_ticks",
    "lots",
    "options",
    "expiry_ms",
    "client_id",
    "order_id",
    "deadline_ms",
    "amount",
    "to",
    "imf_ppm",
    "trigger_ticks",
    "condition",
    "partner",
    "timestamp_ms",
)
_VENUE_FIELDS = (
    "chain_id",
    "start_time_ms",
    "staleness_ms",
    "tick_max_ms",
    "quorum",
    "deviation_ppm",
    "basis_cap_ppm",
    "basis_window_ms",
)
_MARKET_FIELDS = (
    "multiplier",
    "price_max",
    "lots_max",
    "lots_min",
    "taker_ppm",
    "maker_ppm",
    "oi_max",
    "impact_quote",
    "band_ppm",
    "interest_ppm",
    "clamp_ppm",
    "rate_max_ppm",
    "liquidation_ppm",
    "bonus_ppm",
)


def words(values: Felts) -> list[str]:
    """Return integers as the vectors hold them."""
    return [str(int(value)) for value in values]


def integers(values: list[str]) -> Felts:
    """Return integers of the vectors."""
    return tuple(int(value) for value in values)


def venue_of(json: Json) -> Venue:
    """Return the venue of a vector."""
    return Venue(
        **{name: int(json[name]) for name in _VENUE_FIELDS},
        rollup=address_words(bytes.fromhex(json["rollup"].removeprefix("0x"))),
        oracle_keys=tuple(integers(key) for key in json["oracle_keys"]),
        fund_key=integers(json["fund_key"]),
        markets=tuple(_market_of(market) for market in json["markets"]),
    )


def _market_of(json: Json) -> Market:
    tiers = (Tier(**{name: int(value) for name, value in tier.items()}) for tier in json["tiers"])
    return Market(**{name: int(json[name]) for name in _MARKET_FIELDS}, tiers=tuple(tiers))


def venue_json(venue: Venue) -> Json:
    """Return a venue as a vector holds it."""
    limbs = zip(venue.rollup, (7, 7, 6), strict=True)
    return {
        **{name: str(getattr(venue, name)) for name in _VENUE_FIELDS},
        "rollup": "0x" + b"".join(limb.to_bytes(size, "big") for limb, size in limbs).hex(),
        "oracle_keys": [words(key) for key in venue.oracle_keys],
        "fund_key": words(venue.fund_key),
        "markets": [_market_json(market) for market in venue.markets],
    }


def _market_json(market: Market) -> Json:
    tiers = [{name: str(value) for name, value in tier._asdict().items()} for tier in market.tiers]
    return {name: str(getattr(market, name)) for name in _MARKET_FIELDS} | {"tiers": tiers}


def envelope_of(json: Json) -> Envelope:
    """Return the envelope of a step; what a kind does not use may be left out."""
    command = json["command"]
    name = command["kind"]
    kind = Kind[name.upper()] if name.upper() in Kind.__members__ else int(name)
    numbers: Json = {name: int(command[name]) for name in _NUMBERS if name in command}
    if "type" in command:
        numbers["order_type"] = int(command["type"])
    listed: list[dict[str, int]] = [
        {name: int(value) for name, value in entry.items()} for entry in command.get("entries", [])
    ]
    is_quote = kind == Kind.QUOTE
    return Envelope(
        int(json["time_ms"]),
        Command(
            kind=kind,
            words=integers(command.get("words", [])),
            number=int(command["number"]) if "number" in command else None,
            signature=bytes.fromhex(command.get("signature", "")),
            entries=() if is_quote else tuple(Entry(**entry) for entry in listed),
            quotes=tuple(QuoteEntry(**entry) for entry in listed) if is_quote else (),
            **numbers,
        ),
    )


def envelope_json(envelope: Envelope) -> Json:
    """Return an envelope as a step holds it, without fields that are 0."""
    command = envelope.command
    known = command.kind in Kind.__members__.values()
    json: Json = {"kind": Kind(command.kind).name.lower() if known else str(command.kind)}
    for name in _NUMBERS:
        if getattr(command, name) != 0:
            json[name] = str(getattr(command, name))
    if command.order_type != 0:
        json["type"] = str(command.order_type)
    if command.kind == Kind.REQUEST:
        json["words"] = words(command.words)
    if command.kind in (Kind.ORACLE_REPORT, Kind.QUOTE):
        listed = command.quotes if command.kind == Kind.QUOTE else command.entries
        entries = (entry._asdict() for entry in listed)
        json["entries"] = [{name: str(n) for name, n in entry.items()} for entry in entries]
    if command.number is not None:
        json["number"] = str(command.number)
    if command.signature:
        json["signature"] = command.signature.hex()
    return {"time_ms": str(envelope.time_ms), "command": json}


def event_json(event: Event) -> dict[str, str]:
    """Return an event; signed fields keep their sign."""
    names = EVENT_FIELDS[EventType(event.type)]
    return {"type": event.type.name.lower()} | dict(zip(names, words(event.values), strict=True))


def leaves_json(leaves: Mapping[int, Leaf]) -> list[Json]:
    """Return leaves by ascending address."""
    return [{"addr": str(at), "leaf": words(leaves[at])} for at in sorted(leaves)]


def result_json(result: Applied | Refused) -> Json:
    """Return `{"code"}` or `{"post"}` of a step."""
    if isinstance(result, Refused):
        return {"code": str(int(result.code))}
    return {
        "post": {
            "events": [event_json(event) for event in result.events],
            "outcome": words(result.outcome),
            "changed": leaves_json({leaf.address: leaf.new for leaf in result.touched}),
            "data": words(result.record),
            "withdrawals": words(result.withdrawals),
        }
    }


def state_json(leaves: Mapping[int, Leaf]) -> list[Json]:
    """Return every leaf that is not empty."""
    return leaves_json({at: leaf for at, leaf in leaves.items() if leaf != EMPTY})
