"""What the actions about orders send (docs/spec/orders.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from zkperp._generated.codes import CancelScope, OrderType, SelfTrade, Side
from zkperp._generated.constants import (
    OPTION_NAMED,
    OPTION_REDUCE_ONLY,
    OPTION_STP,
    OPTION_STP_OWNER,
)
from zkperp.script.form import Line
from zkperp.script.result import Result
from zkperp.script.session import Session

__all__ = [
    "DAY_MS",
    "amend",
    "cancel",
    "cancel_all",
    "cancel_named",
    "options_of",
    "place",
    "quote",
    "set_deadline",
    "side_of",
]

DAY_MS: Final = 86_400_000
"""How long an order lives that names no other time."""

_RESTING: Final = ("gtt", "post_only", "slide")


def options_of(fields: Mapping[str, Any]) -> int:
    """Return the options of an order."""
    options = OPTION_STP * SelfTrade[fields.get("stp", "cancel_maker").upper()]
    if fields.get("reduce_only"):
        options += OPTION_REDUCE_ONLY
    if fields.get("stp_owner"):
        options += OPTION_STP_OWNER
    if "client_id" in fields:
        options += OPTION_NAMED
    return options


def side_of(name: str) -> Side:
    """Return the side that a script calls `buy` or `sell`."""
    return Side.BID if name == "buy" else Side.ASK


def _expiry_ms(session: Session, fields: Mapping[str, Any], order_type: str) -> int:
    expires_ms = fields.get("expires_ms", DAY_MS if order_type in _RESTING else None)
    return 0 if expires_ms is None else max(0, session.now_ms + expires_ms)


def place(session: Session, line: Line) -> Result:
    """Send a new order, and name it."""
    fields = line.fields
    order_type = fields.get("type", "gtt")
    sent = session.user(
        line,
        "place",
        market=session.names.market(line, fields["market"]),
        side=side_of(fields["side"]),
        type=OrderType[order_type.upper()],
        price_ticks=fields["price"],
        lots=fields["lots"],
        expiry_ms=_expiry_ms(session, fields, order_type),
        options=options_of(fields),
        client_id=fields.get("client_id", 0),
    )
    if "as" in fields and sent["refusal"] is None:
        session.names.orders[fields["as"]] = sent["order_id"]
    return Result(line, [sent])


def cancel(session: Session, line: Line) -> Result:
    """Cancel an order by its name in the script, or its id."""
    order = session.names.order(line, line.fields["order"])
    return Result(line, [session.user(line, "cancel", order_id=order)])


def cancel_named(session: Session, line: Line) -> Result:
    """Cancel an order by its client id."""
    client_id = line.fields["client_id"]
    return Result(line, [session.user(line, "cancel_named", client_id=client_id)])


def cancel_all(session: Session, line: Line) -> Result:
    """Declare all orders dead: of the account, or of it in a market."""
    market, scope = 0, CancelScope.ACCOUNT
    if "market" in line.fields:
        market, scope = session.names.market(line, line.fields["market"]), CancelScope.MARKET
    return Result(line, [session.user(line, "cancel_all", type=scope, market=market)])


def set_deadline(session: Session, line: Line) -> Result:
    """Set the dead man's switch so many ms ahead; 0 takes it back."""
    ms = line.fields["ms"]
    deadline_ms = max(1, session.now_ms + ms) if ms else 0
    return Result(line, [session.user(line, "set_deadline", deadline_ms=deadline_ms)])


def amend(session: Session, line: Line) -> Result:
    """Amend an order."""
    fields = line.fields
    order = session.names.order(line, fields["order"])
    price, lots = fields["price"], fields["lots"]
    return Result(line, [session.user(line, "amend", order_id=order, price_ticks=price, lots=lots)])


def quote(session: Session, line: Line) -> Result:
    """Replace many orders at once; an entry with a client id alone takes its order away."""
    fields = line.fields
    order_type = fields.get("type", "post_only")
    entries = [
        {
            "client_id": entry["client_id"],
            "side": side_of(entry.get("side", "buy")),
            "price_ticks": entry.get("price", 0),
            "lots": entry.get("lots", 0),
            "options": options_of(entry),
        }
        for entry in fields["orders"]
    ]
    sent = session.user(
        line,
        "quote",
        market=session.names.market(line, fields["market"]),
        type=OrderType[order_type.upper()],
        expiry_ms=_expiry_ms(session, fields, order_type),
        entries=entries,
    )
    return Result(line, [sent])
