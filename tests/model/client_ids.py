"""Orders by the ids that their owners gave them (docs/spec/orders.md § 4)."""

from typing import NamedTuple

from tests.model.commands import refuse
from tests.model.open_orders import is_cleared, is_expired
from tests.model.state import (
    SCHEDULE,
    State,
    account_address,
    client_order_address,
    order_address,
)
from zkperp._generated.constants import NAMES_MAX
from zkperp._generated.leaves import AccountFelt, OrderFelt, ScheduleFelt
from zkperp._generated.refusals import Refusal


class Named(NamedTuple):
    """The last order that rested under an id with these low bits."""

    client_id: int
    order_id: int
    slot: int
    market: int


def page_of(state: State, account: int) -> int | None:
    """Return an account's page of client ids, if it has one."""
    names = state.get(account_address(account), AccountFelt.NAMES)
    return None if names == 0 else names - 1


def present(state: State, account: int, client_id: int) -> Named | None:
    """Return the entry where this client id belongs, if its order is still in the book."""
    page = page_of(state, account)
    if page is None:
        return None
    named = Named(*state.leaf(client_order_address(page, client_id))[: len(Named._fields)])
    stands = state.get(order_address(named.slot), OrderFelt.ORDER_ID) == named.order_id
    return named if named.order_id != 0 and stands else None


def own_named(state: State, account: int, client_id: int) -> Named | None:
    """Return the entry of exactly this client id, if its order is still in the book."""
    named = present(state, account, client_id)
    return named if named is not None and named.client_id == client_id else None


def check_client_id(state: State, account: int, client_id: int, now: int, *, rests: bool) -> None:
    """Check that a new order may have this client id.

    Raises:
        RefusedError: CLIENT_ID_USED or CLIENT_IDS_USED_UP.
    """
    if client_id == 0:
        return
    named = present(state, account, client_id)
    is_open = (
        named is not None
        and not is_cleared(state, named.market, named.slot, now)
        and not is_expired(state, named.slot, now)
    )
    refuse(Refusal.CLIENT_ID_USED, when=is_open)
    used_up = state.get(SCHEDULE, ScheduleFelt.NEXT_NAMES) == NAMES_MAX
    needs_page = rests and page_of(state, account) is None
    refuse(Refusal.CLIENT_IDS_USED_UP, when=needs_page and used_up)


def enter(state: State, account: int, named: Named) -> None:
    """Note an order that begins to rest under a client id; the account's first takes a page."""
    page = page_of(state, account)
    if page is None:
        page = state.get(SCHEDULE, ScheduleFelt.NEXT_NAMES)
        state.put(account_address(account), AccountFelt.NAMES, 1 + page)
        state.put(SCHEDULE, ScheduleFelt.NEXT_NAMES, page + 1)
    state.write(client_order_address(page, named.client_id), *named)
