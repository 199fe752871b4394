"""A resting order goes, or shrinks, other than by a fill (docs/spec/commands.md § 10)."""

from tests.model import books
from tests.model.commands import Journal
from tests.model.options import client_id_of
from tests.model.state import State, order_address
from zkperp._generated.codes import RemovalReason
from zkperp._generated.events import EventType
from zkperp._generated.leaves import OrderFelt


def remove_order(
    state: State, journal: Journal, market: int, slot: int, reason: RemovalReason
) -> int:
    """Remove an order, with its event; return its lots."""
    leaf = state.leaf(order_address(slot))
    order_id, account, lots = (
        leaf[OrderFelt.ORDER_ID],
        leaf[OrderFelt.ACCOUNT],
        leaf[OrderFelt.LOTS],
    )
    books.remove(state, slot)
    client_id = client_id_of(leaf[OrderFelt.FLAGS])
    journal.emit(EventType.ORDER_REMOVED, order_id, account, market, lots, reason, client_id)
    return lots


def reduce_order(state: State, journal: Journal, market: int, slot: int, lots: int) -> None:
    """Leave an order so many lots, in its place in the queue, with its event."""
    state.put(order_address(slot), OrderFelt.LOTS, lots)
    leaf = state.leaf(order_address(slot))
    order_id, account = leaf[OrderFelt.ORDER_ID], leaf[OrderFelt.ACCOUNT]
    client_id = client_id_of(leaf[OrderFelt.FLAGS])
    journal.emit(EventType.ORDER_REDUCED, order_id, account, market, lots, client_id)
