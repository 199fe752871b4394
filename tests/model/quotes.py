"""Many orders replaced by one command, all or nothing (docs/spec/orders.md § 5)."""

from tests.model.clearing import fire
from tests.model.client_ids import own_named
from tests.model.commands import Command, Journal, QuoteEntry, refuse
from tests.model.options import Options
from tests.model.orders import NewOrder, check_market, enter_order
from tests.model.removals import remove_order
from tests.model.state import CLOCK, Felts, State
from zkperp._generated.codes import OrderType, RemovalReason, Side
from zkperp._generated.leaves import ClockFelt
from zkperp._generated.refusals import Refusal


def quote(state: State, journal: Journal, command: Command, now: int) -> Felts:
    """Replace the sender's orders of these client ids by new ones, in the order given."""
    fire(state, journal, command.account, now)
    check_market(state, command.market)
    refuse(Refusal.BAD_EXPIRY, when=command.expiry_ms <= now)
    first = state.get(CLOCK, ClockFelt.NEXT_ORDER_ID)
    placed, resting, met = 0, 0, 0
    for entry in command.quotes:
        take_away(state, journal, command, entry)
        if entry.lots == 0:
            continue
        order = NewOrder(
            command.account,
            command.market,
            Side(entry.side),
            OrderType(command.order_type),
            entry.price_ticks,
            entry.lots,
            command.expiry_ms,
            Options.of(entry.options, entry.client_id),
        )
        _, matched = enter_order(state, journal, order, now, met=met)
        placed, resting, met = placed + 1, resting + matched.resting, matched.met
    return (0, first, placed, resting)


def take_away(state: State, journal: Journal, command: Command, entry: QuoteEntry) -> None:
    """Remove the order that an entry replaces, dead or not.

    Raises:
        RefusedError: CLIENT_ID_USED, it rests in another market.
    """
    named = own_named(state, command.account, entry.client_id)
    if named is not None:
        refuse(Refusal.CLIENT_ID_USED, when=named.market != command.market)
        remove_order(state, journal, named.market, named.slot, RemovalReason.REPLACED)
