"""What the actions about conditional orders send (docs/spec/conditional.md)."""

from __future__ import annotations

from zkperp._generated.codes import Condition, OrderType
from zkperp.script.form import Line
from zkperp.script.orders import DAY_MS, options_of, side_of
from zkperp.script.result import Result
from zkperp.script.session import Session

__all__ = ["cancel", "place"]


def place(session: Session, line: Line) -> Result:
    """Send a stop or a take-profit, and name it; without lots it is tied to its position."""
    fields = line.fields
    partner = session.names.order(line, fields["partner"]) if "partner" in fields else 0
    sent = session.user(
        line,
        "place_conditional",
        market=session.names.market(line, fields["market"]),
        side=side_of(fields["side"]),
        type=OrderType[fields.get("type", "market").upper()],
        price_ticks=fields["price"],
        lots=fields.get("lots", 0),
        expiry_ms=max(0, session.now_ms + fields.get("expires_ms", DAY_MS)),
        options=options_of(fields),
        trigger_ticks=fields["trigger"],
        condition=Condition[fields["condition"].upper()],
        partner=partner,
    )
    if "as" in fields and sent["refusal"] is None:
        session.names.orders[fields["as"]] = sent["order_id"]
    return Result(line, [sent])


def cancel(session: Session, line: Line) -> Result:
    """Take a conditional order back by its name in the script, or its id."""
    order = session.names.order(line, line.fields["order"])
    return Result(line, [session.user(line, "cancel_conditional", order_id=order)])
