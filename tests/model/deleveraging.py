"""Lots that nobody took are closed against all opposite positions (liquidation.md § 5.5, § 7)."""

from tests.model.commands import Journal, refuse
from tests.model.due import touch
from tests.model.liquidation_formulas import Progress, Takeover
from tests.model.margin import size_of
from tests.model.positions import Move, exchange
from tests.model.state import (
    DELEVERAGING,
    Felts,
    State,
    interest_address,
    signed,
    standing_address,
)
from zkperp._generated.constants import (
    ACCOUNT_BASE,
    ACCOUNT_STRIDE,
    MARKETS_MAX,
    POSITION_LEAF,
    POSITION_STRIDE,
)
from zkperp._generated.events import EventType
from zkperp._generated.leaves import DeleveragingFelt, InterestFelt, StandingFelt
from zkperp._generated.refusals import Refusal


def is_deleveraging(state: State) -> bool:
    """Say whether a deleveraging is under way."""
    return state.get(DELEVERAGING, DeleveragingFelt.TARGET) != 0


def target_of(state: State) -> tuple[int, int]:
    """Return the account and market that are deleveraged."""
    return divmod(state.get(DELEVERAGING, DeleveragingFelt.TARGET) - 1, MARKETS_MAX)


def progress_of(state: State) -> Progress:
    """Return how far the deleveraging has come."""
    _, lots, quote, total, visited, closed, paid, _ = state.leaf(DELEVERAGING)
    return Progress(lots, signed(quote), total, visited, closed, signed(paid))


def number_of(state: State) -> int:
    """Return how many deleveragings have started, which is the number of the last one."""
    return state.get(DELEVERAGING, DeleveragingFelt.NUMBER)


def begin(state: State, journal: Journal, account: int, market: int, numbers: Takeover) -> None:
    """Note what has to be closed against all positions of the opposite side (§ 5.5)."""
    total = state.get(interest_address(market), InterestFelt.OPEN_INTEREST) // 2
    target = 1 + market + MARKETS_MAX * account
    start = Progress(numbers.lots, numbers.quote, total)
    state.write(DELEVERAGING, target, *start, number_of(state) + 1)
    journal.emit(EventType.DELEVERAGING, account, market, numbers.lots, numbers.quote, total)


def opposite_holders(state: State, market: int, sign: int) -> list[int]:
    """Return the accounts whose position in a market has the other sign, ascending."""
    place = POSITION_LEAF + POSITION_STRIDE * market
    accounts = [
        (address - ACCOUNT_BASE) // ACCOUNT_STRIDE
        for address in {**state.leaves, **state.pending}
        if address >= ACCOUNT_BASE and (address - ACCOUNT_BASE) % ACCOUNT_STRIDE == place
    ]
    return sorted(one for one in accounts if size_of(state, one, market) * sign < 0)


def is_visited(state: State, account: int, market: int) -> bool:
    """Say whether a position bears the number of the last deleveraging (§ 7)."""
    return state.get(standing_address(account, market), StandingFelt.STAMP) == number_of(state)


def unvisited(state: State) -> list[int]:
    """Return whose shares are missing, ascending (§ 7)."""
    account, market = target_of(state)
    holders = opposite_holders(state, market, size_of(state, account, market))
    return [one for one in holders if not is_visited(state, one, market)]


def may_be_visited(state: State, counterparty: int) -> bool:
    """Say whether an account has a share to give that it has not given (§ 7)."""
    account, market = target_of(state)
    opposite = size_of(state, account, market) * size_of(state, counterparty, market) < 0
    return opposite and not is_visited(state, counterparty, market)


def deleverage(state: State, journal: Journal, counterparty: int) -> Felts:
    """Close a counterparty's share (§ 7)."""
    refuse(Refusal.NOTHING_DUE, when=not is_deleveraging(state))
    refuse(Refusal.BAD_COUNTERPARTY, when=not may_be_visited(state, counterparty))
    account, market = target_of(state)
    state.put(standing_address(counterparty, market), StandingFelt.STAMP, number_of(state))
    before = progress_of(state)
    after = before.after(abs(size_of(state, counterparty, market)))
    lots, pay = after.closed - before.closed, after.paid - before.paid
    if lots > 0:
        signed_lots = lots if size_of(state, account, market) > 0 else -lots
        exchange(
            state,
            journal,
            market,
            Move(account, -signed_lots, pay),
            Move(counterparty, signed_lots, -pay),
        )
        journal.emit(EventType.DELEVERAGED, account, counterparty, market, lots, pay)
        touch(state, journal, account)
        touch(state, journal, counterparty)
    if after.visited == after.total:
        state.write(DELEVERAGING, *[0] * DeleveragingFelt.NUMBER, number_of(state))
    else:
        target = state.get(DELEVERAGING, DeleveragingFelt.TARGET)
        state.write(DELEVERAGING, target, *after, number_of(state))
    return (0, counterparty, lots, 0)
