"""All orders of an account dead at once: on its word, or for its silence (orders.md § 3)."""

from tests.model.commands import Command, Journal, refuse
from tests.model.open_orders import is_silent, write_count
from tests.model.state import CLOCK, Felts, State, account_address, market_address
from zkperp._generated.codes import CancelScope
from zkperp._generated.constants import ALL_MARKETS
from zkperp._generated.events import EventType
from zkperp._generated.leaves import AccountFelt, ClockFelt, MarketFelt
from zkperp._generated.refusals import Refusal


def clear_account(state: State, journal: Journal, account: int) -> int:
    """Clear an account's orders in all markets; return the id below which they are dead."""
    below = state.get(CLOCK, ClockFelt.NEXT_ORDER_ID)
    state.put(account_address(account), AccountFelt.CLEARED, below)
    journal.emit(EventType.ORDERS_CLEARED, account, ALL_MARKETS, below)
    return below


def fire(state: State, journal: Journal, account: int, now: int) -> None:
    """Let a dead man's switch that has passed do its work, once."""
    if is_silent(state, account, now):
        clear_account(state, journal, account)
        state.put(account_address(account), AccountFelt.DEADLINE_MS, 0)


def cancel_all(state: State, journal: Journal, command: Command, now: int) -> Felts:
    """Clear the sender's orders, in one market or in all."""
    account, market = command.account, command.market
    fire(state, journal, account, now)
    if command.order_type == CancelScope.ACCOUNT:
        return (0, clear_account(state, journal, account), 0, 0)
    status = state.get(market_address(market), MarketFelt.STATUS)
    refuse(Refusal.UNKNOWN_MARKET, when=status == 0)
    below = state.get(CLOCK, ClockFelt.NEXT_ORDER_ID)
    write_count(state, account, market, 0, below)
    journal.emit(EventType.ORDERS_CLEARED, account, market, below)
    return (0, below, 0, 0)


def set_deadline(state: State, journal: Journal, command: Command, now: int) -> Felts:
    """Say until when the sender's orders live unless it says so again; 0: for good."""
    account, deadline = command.account, command.deadline_ms
    fire(state, journal, account, now)
    refuse(Refusal.BAD_EXPIRY, when=deadline != 0 and deadline <= now)
    state.put(account_address(account), AccountFelt.DEADLINE_MS, deadline)
    journal.emit(EventType.DEADLINE_SET, account, deadline)
    return (0, deadline, 0, 0)
