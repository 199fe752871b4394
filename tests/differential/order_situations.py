"""Names for what flows of orders have met, so that a run can say that it met all of it."""

from collections.abc import Iterator
from itertools import pairwise

from tests.model.client_ids import Named, present
from tests.model.commands import Applied, Command, Event, Refused
from tests.model.state import State, market_address, order_address
from zkperp._generated.codes import Kind, OrderType, RemovalReason
from zkperp._generated.constants import ACCOUNT_BASE, CLIENT_ORDER_BASE, MATCH_STEPS_MAX
from zkperp._generated.events import EventType
from zkperp._generated.leaves import MarketFelt, OrderFelt
from zkperp._generated.refusals import Refusal

DEAD = (RemovalReason.CLEARED, RemovalReason.EXPIRED, RemovalReason.IDLE)
SLID = "slide to another price"
WALK = "64 dead makers and nothing else"
WALK_OF_A_QUOTE = "64 makers met by a quote's entries together"
SOLD_TO_CLEARED = "liquidation meets a cleared order"
SOLD_TO_IDLE = "liquidation meets an idle order"
OWNER = "self-trade of two accounts of one owner"
TAKER_CANCELLED = "self-trade that cancels the taker"
BOTH_CANCELLED = "self-trade that cancels both"
DECREMENTED = "self-trade that makes the maker smaller"
DECREMENTED_AWAY = "self-trade that makes both smaller, the maker to nothing"
FIRED = "dead man's switch fired"
FILLED = "fok filled by several"
QUOTE_REFUSED = "quote of several refused for an entry"
QUOTE_ELSEWHERE = "quote of an id in another market"
COLLISION = "client id refused for another with its low bits"
TWINS = "client id used again while its dead order stands"
SMALL = "less than a market's least, reduce-only"
SITUATIONS = (
    SLID,
    WALK,
    WALK_OF_A_QUOTE,
    SOLD_TO_CLEARED,
    SOLD_TO_IDLE,
    OWNER,
    TAKER_CANCELLED,
    BOTH_CANCELLED,
    DECREMENTED,
    DECREMENTED_AWAY,
    FIRED,
    FILLED,
    QUOTE_REFUSED,
    QUOTE_ELSEWHERE,
    COLLISION,
    TWINS,
    SMALL,
)
# Why an entry can be refused that has the form of one.
OF_AN_ENTRY = (
    Refusal.BAD_PRICE,
    Refusal.BAD_LOTS,
    Refusal.PRICE_BAND,
    Refusal.TOO_MANY_ORDERS,
    Refusal.CLIENT_ID_USED,
    Refusal.WOULD_NOT_REDUCE,
    Refusal.POSITION_LIMIT,
    Refusal.INITIAL_MARGIN,
    Refusal.WOULD_TAKE,
)


def order_situations(state: State, command: Command, result: Applied | Refused) -> Iterator[str]:
    """Name what a command met, by the state after it."""
    if isinstance(result, Refused):
        yield from of_refusal(state, command, result.code)
        return
    yield from of_removals(command, result)
    for event in result.events:
        yield from of_event(command, event)
    if has_twin(state, result):
        yield TWINS
    if any(is_both(*pair) for pair in pairwise(result.events)):
        yield BOTH_CANCELLED
    trades = sum(event.type == EventType.TRADE for event in result.events)
    if command.kind == Kind.PLACE:
        if command.order_type == OrderType.FOK and trades > 1:
            yield FILLED
        if command.lots < state.get(market_address(command.market), MarketFelt.LOTS_MIN):
            yield SMALL


def of_refusal(state: State, command: Command, code: Refusal) -> Iterator[str]:
    """Name what lies behind a refusal, which has changed nothing."""
    if command.kind == Kind.QUOTE and len(command.quotes) > 1 and code in OF_AN_ENTRY:
        yield QUOTE_REFUSED
    if code != Refusal.CLIENT_ID_USED:
        return
    if command.kind == Kind.PLACE:
        named = present(state, command.account, command.client_id)
        if named is not None and named.client_id != command.client_id:
            yield COLLISION
        return
    found = (present(state, command.account, entry.client_id) for entry in command.quotes)
    if any(named is not None and named.market != command.market for named in found):
        yield QUOTE_ELSEWHERE


def of_removals(command: Command, result: Applied) -> Iterator[str]:
    """Name what the dead makers met amount to."""
    removed = [event.values for event in result.events if event.type == EventType.ORDER_REMOVED]
    reasons = [values[4] for values in removed if values[4] in DEAD]
    if command.kind == Kind.LIQUIDATE:
        if RemovalReason.CLEARED in reasons:
            yield SOLD_TO_CLEARED
        if RemovalReason.IDLE in reasons:
            yield SOLD_TO_IDLE
    if len(reasons) == MATCH_STEPS_MAX:
        yield WALK_OF_A_QUOTE if command.kind == Kind.QUOTE else WALK


def of_event(command: Command, event: Event) -> Iterator[str]:
    """Name what an event alone does not tell."""
    if event.type == EventType.ORDER_RESTED:
        *_, price, _, client_id = event.values
        asked = [entry.price_ticks for entry in command.quotes if entry.client_id == client_id]
        if price not in (command.price_ticks, *asked):
            yield SLID
    elif event.type == EventType.ORDER_REMOVED and event.values[4] == RemovalReason.SELF_TRADE:
        if command.kind == Kind.PLACE and event.values[1] != command.account:
            yield OWNER
        if event.values[3] == 0:
            yield DECREMENTED_AWAY
    elif event.type == EventType.ORDER_REDUCED and command.kind == Kind.PLACE:
        yield DECREMENTED
    elif event.type == EventType.TAKER_STOPPED and event.values[4] == Refusal.SELF_TRADE:
        yield TAKER_CANCELLED
    elif event.type == EventType.ORDERS_CLEARED and command.kind != Kind.CANCEL_ALL:
        yield FIRED


def is_both(first: Event, second: Event) -> bool:
    """Say whether a maker was removed and its taker stopped, for being of one account or owner."""
    removed = first.type == EventType.ORDER_REMOVED and second.type == EventType.TAKER_STOPPED
    return (
        removed
        and first.values[4] == RemovalReason.SELF_TRADE
        and second.values[4] == Refusal.SELF_TRADE
    )


def has_twin(state: State, result: Applied) -> bool:
    """Say whether an entry was written anew while the order of the old one, its namesake, stands.

    Entries are of the last order under an id, so the leaves that changed tell.
    """
    for address, old, new in result.touched:
        if CLIENT_ORDER_BASE <= address < ACCOUNT_BASE and any(old):
            was, now = Named(*old[:4]), Named(*new[:4])
            stands = state.get(order_address(was.slot), OrderFelt.ORDER_ID) == was.order_id
            if was.client_id == now.client_id and was.order_id != now.order_id and stands:
                return True
    return False
