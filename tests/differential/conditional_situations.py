"""Names for what flows of conditional orders have met, so that a run can say it met all of it."""

from collections.abc import Iterator

from tests.model.commands import Applied, Command, Event, Refused
from tests.model.margin import size_of
from tests.model.state import State
from zkperp._generated.codes import Kind, RemovalReason
from zkperp._generated.constants import (
    ACCOUNT_BASE,
    ACCOUNT_STRIDE,
    CLIENT_ORDER_BASE,
    CONDITIONAL_BASE,
    CONDITIONAL_STRIDE,
    MARKETS_MAX,
    POSITION_STRIDE,
    RECORD_OPTIONS_SHIFT,
    STANDING_LEAF,
)
from zkperp._generated.events import EventType
from zkperp._generated.leaves import StandingFelt, TermsFelt
from zkperp._generated.refusals import Refusal

CLOSED = "closed"
TURNED = "turned"
LIQUIDATED = "liquidated"
TAKEN_OVER = "taken over"
DELEVERAGED = "deleveraged"
FILLS = "triggered order fills"
RESTS = "triggered order rests"
TIED_FIRES = "tied order fires"
CLAMPED = "triggered order's limit moved into the band"
CASCADE = "eight orders fire after one tick"
CALM_AGAIN = "nothing crossed is left"
LIQUIDATION_FIRST = "trigger has to wait for liquidation"


def orphaned_by(cause: str) -> str:
    """Return the name of a tied order's end, by what became of its position."""
    return f"orphaned: position {cause}"


def rejected_for(code: Refusal) -> str:
    """Return the name of a triggered order's rejection."""
    return f"rejected when triggered: {code.name.lower()}"


def waits(kind: Kind) -> str:
    """Return the name of a command's refusal while triggered orders wait."""
    return f"refused while an order has to fire: {kind.name.lower()}"


CAUSES = (CLOSED, TURNED, LIQUIDATED, TAKEN_OVER, DELEVERAGED)
# A book is full with 2^24 orders: test_rules_firing brings that about.
CODES = (
    Refusal.TOO_MANY_ORDERS,
    Refusal.WOULD_NOT_REDUCE,
    Refusal.ISOLATED_ELSEWHERE,
    Refusal.POSITION_LIMIT,
    Refusal.TICK_OVERDUE,
    Refusal.INITIAL_MARGIN,
)
# Funding is rarely due just then.
RISKY = (
    Kind.PLACE,
    Kind.AMEND,
    Kind.WITHDRAW,
    Kind.CREATE_ACCOUNT,
    Kind.TRANSFER,
    Kind.SET_LEVERAGE,
    Kind.TICK,
    Kind.QUOTE,
    Kind.PLACE_CONDITIONAL,
)
SITUATIONS = (
    FILLS,
    RESTS,
    TIED_FIRES,
    CLAMPED,
    CASCADE,
    CALM_AGAIN,
    LIQUIDATION_FIRST,
    *map(orphaned_by, CAUSES),
    *map(rejected_for, CODES),
    *map(waits, RISKY),
)


class ConditionalObserver:
    """Follows what becomes of positions, and how many orders one tick fires."""

    def __init__(self) -> None:
        # What a position's tenure ended by, at last.
        self.ends: dict[tuple[int, int], str] = {}
        self.fired = 0

    def situations(
        self, state: State, command: Command, result: Applied | Refused
    ) -> Iterator[str]:
        """Name what a command met, by the state after it."""
        if isinstance(result, Refused):
            if result.code == Refusal.TRIGGER_DUE:
                yield waits(Kind(command.kind))
            if result.code == Refusal.LIQUIDATION_PENDING and command.kind == Kind.TRIGGER:
                yield LIQUIDATION_FIRST
            return
        if command.kind == Kind.TRIGGER:
            yield from self.of_trigger(result)
        self.note_ends(state, command, result)
        if command.kind == Kind.TICK:
            self.fired = 0

    def of_trigger(self, result: Applied) -> Iterator[str]:
        """Name what a turn of the first triggered order came to."""
        code, order_id, filled, resting = result.outcome
        if order_id == 0:
            yield CALM_AGAIN
        for event in result.events:
            yield from self.of_event(result, event)
        if any(event.type == EventType.TRIGGERED for event in result.events):
            self.fired += 1
            if self.fired == 8:
                yield CASCADE
            if code == 0 and filled > 0:
                yield FILLS
            if code == 0 and resting > 0:
                yield RESTS

    def of_event(self, result: Applied, event: Event) -> Iterator[str]:
        """Name what an event of a trigger alone does not tell."""
        if event.type == EventType.TRIGGERED:
            *_, limit = event.values
            terms = [leaf.old for leaf in result.touched if is_terms(leaf.address)]
            sizes = {leaf[TermsFelt.SIZE] % RECORD_OPTIONS_SHIFT for leaf in terms}
            if sizes == {0}:
                yield TIED_FIRES
            if limit not in {leaf[TermsFelt.PRICE_TICKS] for leaf in terms}:
                yield CLAMPED
        elif event.type == EventType.CONDITIONAL_REJECTED:
            yield rejected_for(Refusal(event.values[3]))
        elif event.type == EventType.CONDITIONAL_REMOVED:
            _, account, market, reason = event.values
            if reason == RemovalReason.ORPHANED:
                yield orphaned_by(self.ends[account, market])

    def note_ends(self, state: State, command: Command, result: Applied) -> None:
        """Remember by what tenures ended."""
        for address, old, new in result.touched:
            account, place = divmod(address - ACCOUNT_BASE, ACCOUNT_STRIDE)
            market, rest = divmod(place - STANDING_LEAF, POSITION_STRIDE)
            if address < ACCOUNT_BASE or rest != 0 or not 0 <= market < MARKETS_MAX:
                continue
            if old[StandingFelt.TENURE] != new[StandingFelt.TENURE]:
                self.ends[account, market] = end_of(state, command, result, account, market)


def is_terms(address: int) -> bool:
    """Say whether an address is that of a conditional order's terms."""
    inside = CONDITIONAL_BASE <= address < CLIENT_ORDER_BASE
    return inside and (address - CONDITIONAL_BASE) % CONDITIONAL_STRIDE == 1


def end_of(state: State, command: Command, result: Applied, account: int, market: int) -> str:
    """Say what a command did to a position that it closed or turned."""
    first = (event.values[0] for event in result.events if event.type == EventType.TAKEOVER)
    if account in first:
        return TAKEN_OVER
    if command.kind == Kind.DELEVERAGE:
        return DELEVERAGED
    if command.kind == Kind.LIQUIDATE and result.outcome[1] == account:
        return LIQUIDATED
    return TURNED if size_of(state, account, market) != 0 else CLOSED
