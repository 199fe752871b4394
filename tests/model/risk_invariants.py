"""What holds of triggers, due accounts and deleveraging after every command (state.md § 10.6).

Lists are walked both ways, and health is computed anew for every account.
"""

from tests.model import triggers
from tests.model.deleveraging import (
    is_deleveraging,
    number_of,
    progress_of,
    target_of,
    unvisited,
)
from tests.model.due import due_accounts, entry_of, first_due, is_due
from tests.model.liquidation_formulas import stands_before
from tests.model.margin import markets_held, size_of, sums, tiers_of
from tests.model.pending import pending_markets
from tests.model.state import (
    DELEVERAGING,
    EMPTY,
    State,
    account_address,
    due_address,
    position_address,
    standing_address,
    triggers_address,
)
from tests.model.trigger_formulas import value_of
from zkperp._generated.constants import FUND_ACCOUNT, MARKETS_MAX, TIERS_MAX
from zkperp._generated.leaves import (
    AccountFelt,
    DeleveragingFelt,
    DueFelt,
    PositionFelt,
    StandingFelt,
)


def check(state: State, accounts: list[int]) -> None:
    """Assert every invariant of liquidation."""
    assert state.get(account_address(FUND_ACCOUNT), AccountFelt.STATUS) == 1
    listed = [at for market in range(MARKETS_MAX) for at in check_lists(state, market)]
    assert len(set(listed)) == len(listed)
    for account in accounts:
        held = [] if is_due(state, account) else markets_held(state, account)
        assert [one for one in listed if one[0] == account] == [(account, one) for one in held]
        for market in set(range(MARKETS_MAX)) - set(held):
            leaf = state.leaf(position_address(account, market))
            assert not any(leaf[PositionFelt.TRIGGER :])
    check_due(state, accounts)
    check_health(state, accounts)
    check_stamps(state, accounts)
    check_deleveraging(state)


def check_lists(state: State, market: int) -> list[tuple[int, int]]:
    """A market's lists are linked both ways and fall; return their members."""
    found = []
    tiers = len(tiers_of(state, market))
    for tier in range(TIERS_MAX):
        leaf = state.leaf(triggers_address(market, tier))
        assert leaf[4:] == (0, 0, 0, 0)
        assert tier < tiers or leaf == EMPTY
        for side in (triggers.LONG, triggers.SHORT):
            listed = triggers.list_of(tier, side)
            before, last = 0, None
            for account in triggers.members(state, market, listed):
                position = state.leaf(position_address(account, market))
                trigger = triggers.trigger_at(state, account, market)
                assert position[PositionFelt.PREV] == before
                assert position[PositionFelt.LIST] == listed
                assert triggers.own_list(state, account, market) == listed
                assert last is None or trigger <= last
                first = leaf[triggers.FIRST_TRIGGER[side]]
                assert before != 0 or first == position[PositionFelt.TRIGGER]
                found.append((account, market))
                before, last = account, trigger
            assert before != 0 or leaf[triggers.FIRST_TRIGGER[side]] == 0
    return sorted(found)


def check_due(state: State, accounts: list[int]) -> None:
    """The due list is linked both ways, sorted, the fund last, and has all due accounts."""
    listed = list(due_accounts(state))
    entries = [entry_of(state, account) for account in listed]
    assert all(map(stands_before, entries, entries[1:]))
    assert FUND_ACCOUNT not in listed[:-1]
    for before, account in zip([0, *listed], listed, strict=False):
        assert state.get(due_address(account), DueFelt.PREV) == before
        assert state.get(due_address(account), DueFelt.IS_DUE) == 1
    assert all(
        (account in listed) == (state.leaf(due_address(account)) != EMPTY) for account in accounts
    )


def check_health(state: State, accounts: list[int]) -> None:
    """Who is not due and has no crossed trigger is healthy; crossed ones are only where pending."""
    pending = pending_markets(state)
    for account in accounts:
        held = [] if is_due(state, account) else markets_held(state, account)
        crossed = [market for market in held if is_crossed(state, account, market)]
        assert all(pending >> market & 1 for market in crossed)
        may_owe = is_due(state, account) or (account == FUND_ACCOUNT and not held)
        assert may_owe or crossed or sums(state, account).maintenance >= 0
    if pending == 0 and first_due(state) == 0:
        # The promise: nobody is below maintenance when risk may be taken.
        may_owe_now = {FUND_ACCOUNT} if not markets_held(state, FUND_ACCOUNT) else set()
        asked = set(accounts) - may_owe_now
        assert all(sums(state, account).maintenance >= 0 for account in asked)


def is_crossed(state: State, account: int, market: int) -> bool:
    """Say whether a listed position's V is below its trigger."""
    value = value_of(triggers.exposure_of(state, account, market))
    return value < triggers.trigger_at(state, account, market)


def check_stamps(state: State, accounts: list[int]) -> None:
    """No position has been visited by a deleveraging that has not started (liquidation.md § 7)."""
    number = number_of(state)
    assert 0 <= number < 2**48
    for account in accounts:
        for market in range(MARKETS_MAX):
            leaf = state.leaf(standing_address(account, market))
            assert 0 <= leaf[StandingFelt.STAMP] <= number
            assert not any(leaf[StandingFelt.WAITING + 1 :])


def check_deleveraging(state: State) -> None:
    """What was visited and what is left are all lots of the opposite side (liquidation.md § 7)."""
    if not is_deleveraging(state):
        assert not any(state.leaf(DELEVERAGING)[: DeleveragingFelt.NUMBER])
        return
    account, market = target_of(state)
    progress = progress_of(state)
    size = size_of(state, account, market)
    left = sum(abs(size_of(state, one, market)) for one in unvisited(state))
    assert number_of(state) > 0
    # Whose liquidation has started it waits until it ends; the fund may be healthy.
    assert first_due(state) != 0
    assert is_due(state, account) or account == FUND_ACCOUNT
    assert pending_markets(state) == 0
    assert left == progress.total - progress.visited > 0
    assert 0 < progress.lots - progress.closed <= abs(size)
    assert progress == progress._replace(visited=0).after(progress.visited)
