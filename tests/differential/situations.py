"""Names for what a liquidating flow has met, so that a run can say that it met all of it.

A full or bankrupt fund is no event: it shows in the state that a command met or left.
"""

from collections.abc import Iterator

from tests.model.commands import Applied, Command, Event, Refused
from tests.model.deleveraging import is_deleveraging, is_visited, target_of, unvisited
from tests.model.due import is_due
from tests.model.margin import collateral_of, markets_held, size_of, sums
from tests.model.state import State, margin_address
from zkperp._generated.codes import Kind
from zkperp._generated.constants import FUND_ACCOUNT
from zkperp._generated.events import EventType
from zkperp._generated.leaves import MarginFelt
from zkperp._generated.refusals import Refusal

TAKEN_BY_A_DUE_FUND = "taken over by a fund that is due"
TAKEN_BY_A_BANKRUPT_FUND = "taken over by a bankrupt fund"
FULL_FUND = "deleveraging of a full fund"
FUND_S_TURN = "deleveraging of a fund that is due itself"
OF_ANOTHER = "deleveraging of another than the fund"
AT_THE_MARK = "deleveraging at the mark"
BELOW_THE_MARK = "deleveraging below the mark"
PASSED_OVER = "counterparty with a lower one left"
SKIPPED_ONE = "counterparty that was passed over"
VISITED_TWICE = "counterparty visited again"
DEBT_COVERED = "debt covered"
FUND_IN_DEBT = "fund left with a debt and no positions"
# What flows of liquidation can meet. A fund that neither takes over nor is full takes balances of
# 2^58 (liquidation.md § 5.5).
SITUATIONS = (
    TAKEN_BY_A_DUE_FUND,
    TAKEN_BY_A_BANKRUPT_FUND,
    FULL_FUND,
    FUND_S_TURN,
    AT_THE_MARK,
    BELOW_THE_MARK,
    PASSED_OVER,
    SKIPPED_ONE,
    VISITED_TWICE,
    DEBT_COVERED,
    FUND_IN_DEBT,
)


class Observer:
    """Follows a flow's deleveraging, and names what commands meet."""

    def __init__(self) -> None:
        # The highest account that the deleveraging in progress has visited.
        self.highest = 0

    def situations(
        self, state: State, command: Command, result: Applied | Refused
    ) -> tuple[str, ...]:
        """Return what a command met, by the state after it."""
        if isinstance(result, Refused):
            again = result.code == Refusal.BAD_COUNTERPARTY and stands_visited(state, command)
            return (VISITED_TWICE,) if again else ()
        found = [name for event in result.events for name in of_event(state, result, event)]
        if command.kind == Kind.DELEVERAGE:
            found += self.of_visit(state, command.account)
        return tuple(found)

    def of_visit(self, state: State, account: int) -> Iterator[str]:
        """Name what is odd in the order of counterparties."""
        if account < self.highest:
            yield SKIPPED_ONE
        self.highest = max(self.highest, account)
        if not is_deleveraging(state):
            self.highest = 0
        elif unvisited(state)[0] < account:
            yield PASSED_OVER


def stands_visited(state: State, command: Command) -> bool:
    """Say whether a counterparty was refused for having been visited alone."""
    account, market = target_of(state)
    opposite = size_of(state, account, market) * size_of(state, command.account, market) < 0
    return opposite and is_visited(state, command.account, market)


def of_event(state: State, result: Applied, event: Event) -> Iterator[str]:
    """Name what an event alone does not tell."""
    if event.type == EventType.TAKEOVER:
        account, market, lots, quote = event.values
        if is_due(state, FUND_ACCOUNT):
            yield TAKEN_BY_A_DUE_FUND
        if sums(state, FUND_ACCOUNT).tav < 0:
            yield TAKEN_BY_A_BANKRUPT_FUND
    elif event.type == EventType.DELEVERAGING:
        account, market, lots, quote, _ = event.values
        if account != FUND_ACCOUNT:
            yield OF_ANOTHER
            return
        yield FUND_S_TURN if result.outcome[1] == FUND_ACCOUNT else FULL_FUND
        sign = 1 if size_of(state, account, market) > 0 else -1
        value = state.get(margin_address(market, 0), MarginFelt.MARK_VALUE)
        yield AT_THE_MARK if quote == sign * lots * value else BELOW_THE_MARK
    elif event.type == EventType.DEBT_COVERED:
        yield DEBT_COVERED
    elif event == Event(EventType.RECOVERED, (FUND_ACCOUNT,)) and owes_alone(state):
        yield FUND_IN_DEBT


def owes_alone(state: State) -> bool:
    """Say whether the fund has a debt and no positions."""
    owes = collateral_of(state, FUND_ACCOUNT) < 0
    return owes and not markets_held(state, FUND_ACCOUNT)
