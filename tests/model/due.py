"""Accounts below their maintenance margin, in order (liquidation.md § 2, § 4)."""

from collections.abc import Iterator

from tests.model import triggers
from tests.model.commands import Journal
from tests.model.liquidation_formulas import stands_before
from tests.model.margin import markets_held, size_of, sums
from tests.model.state import RISK, State, due_address
from zkperp._generated.constants import FUND_ACCOUNT, MARKETS_MAX
from zkperp._generated.events import EventType
from zkperp._generated.leaves import DueFelt, RiskFelt


def first_due(state: State) -> int:
    """Return the account that is liquidated next, or 0."""
    return state.get(RISK, RiskFelt.DUE_FIRST)


def is_due(state: State, account: int) -> bool:
    """Say whether an account stands in the due list."""
    return state.get(due_address(account), DueFelt.IS_DUE) == 1


def due_accounts(state: State) -> Iterator[int]:
    """Yield the due list."""
    account = first_due(state)
    while account != 0:
        yield account
        account = state.get(due_address(account), DueFelt.NEXT)


def entry_of(state: State, account: int) -> tuple[int, int, int]:
    """Return what a due account is sorted by: TAV and MMR when it became due, and its number."""
    at = due_address(account)
    return state.get_signed(at, DueFelt.TAV), state.get(at, DueFelt.MMR), account


def link(state: State, before: int, after: int) -> None:
    """Make two accounts neighbours; 0 before is the list's beginning, 0 after its end."""
    if before != 0:
        state.put(due_address(before), DueFelt.NEXT, after)
    else:
        state.put(RISK, RiskFelt.DUE_FIRST, after)
    if after != 0:
        state.put(due_address(after), DueFelt.PREV, before)


def become_due(state: State, journal: Journal, account: int) -> None:
    """Take an account out of the trigger lists and into the due list (§ 4)."""
    of = sums(state, account)
    triggers.unlist_all(state, account)
    state.write(due_address(account), 0, 0, of.tav, of.requirement, 1)
    before, after = 0, 0
    for other in due_accounts(state):
        if stands_before(entry_of(state, account), entry_of(state, other)):
            after = other
            break
        before = other
    link(state, before, account)
    link(state, account, after)
    journal.emit(EventType.LIQUIDATION_DUE, account, of.tav, of.requirement)


def leave(state: State, account: int) -> None:
    """Take an account out of the due list (§ 5.1)."""
    leaf = state.leaf(due_address(account))
    link(state, leaf[DueFelt.PREV], leaf[DueFelt.NEXT])
    state.write(due_address(account))


def touch(state: State, journal: Journal, account: int) -> None:
    """See to an account's triggers after its cash or a size has changed (§ 2)."""
    if is_due(state, account):
        return
    for market in range(MARKETS_MAX):
        if size_of(state, account, market) == 0:
            triggers.unlist(state, account, market)
    may_owe = account == FUND_ACCOUNT and not markets_held(state, account)
    if sums(state, account).maintenance < 0:
        if not may_owe:
            become_due(state, journal, account)
    elif not triggers.is_keyed(state, account):
        triggers.key(state, account)
