"""The JSON forms of tests/vectors/rules: every integer a decimal string, bytes as hex."""

from collections.abc import Mapping
from typing import Any

from tests.model.commands import Applied, Command, Envelope, Event, Refused
from tests.model.messages import address_words
from tests.model.state import EMPTY, Felts, Leaf, Market, Venue
from zkperp._generated.codes import Kind
from zkperp._generated.events import EVENT_FIELDS, EventType

Json = dict[str, Any]

# Names that are written otherwise in the vectors than in Python.
_RENAMED = {"type": "order_type"}
_BACK = {new: old for old, new in _RENAMED.items()}
_NUMBERS = (
    "key",
    "market",
    "side",
    "order_type",
    "account",
    "nonce",
    "valid_until_ms",
    "price_ticks",
    "lots",
    "expiry_ms",
    "order_id",
    "amount",
    "timestamp_ms",
)
_MARKET_FIELDS = ("multiplier", "imf_ppm", "taker_ppm", "maker_ppm", "price_max", "lots_max")


def words(values: Felts) -> list[str]:
    """Return integers as the vectors hold them."""
    return [str(int(value)) for value in values]


def integers(values: list[str]) -> Felts:
    """Return integers of the vectors."""
    return tuple(int(value) for value in values)


def venue_of(json: Json) -> Venue:
    """Return the venue of a vector."""
    markets = (
        Market(**{name: int(market[name]) for name in _MARKET_FIELDS}) for market in json["markets"]
    )
    return Venue(
        int(json["chain_id"]),
        address_words(bytes.fromhex(json["rollup"].removeprefix("0x"))),
        int(json["start_time_ms"]),
        int(json["staleness_ms"]),
        integers(json["oracle_key"]),
        tuple(markets),
    )


def venue_json(venue: Venue) -> Json:
    """Return a venue as a vector holds it."""
    limbs = zip(venue.rollup, (7, 7, 6), strict=True)
    return {
        "chain_id": str(venue.chain_id),
        "rollup": "0x" + b"".join(limb.to_bytes(size, "big") for limb, size in limbs).hex(),
        "start_time_ms": str(venue.start_time_ms),
        "staleness_ms": str(venue.staleness_ms),
        "oracle_key": words(venue.oracle_key),
        "markets": [
            {name: str(getattr(market, name)) for name in _MARKET_FIELDS}
            for market in venue.markets
        ],
    }


def envelope_of(json: Json) -> Envelope:
    """Return the envelope of a step; what a kind does not use may be left out."""
    command = {_RENAMED.get(name, name): value for name, value in json["command"].items()}
    kind = command["kind"]
    numbers: Json = {name: int(command[name]) for name in _NUMBERS if name in command}
    return Envelope(
        int(json["time_ms"]),
        Command(
            kind=Kind[kind.upper()] if kind.upper() in Kind.__members__ else int(kind),
            words=integers(command.get("words", [])),
            number=int(command["number"]) if "number" in command else None,
            signature=bytes.fromhex(command.get("signature", "")),
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
            json[_BACK.get(name, name)] = str(getattr(command, name))
    if command.kind == Kind.REQUEST:
        json["words"] = words(command.words)
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
