"""Lots that nobody took are closed against all opposite positions (liquidation.md § 5.5, § 7)."""

from tests.model.commands import Journal, refuse
from tests.model.due import touch
from tests.model.liquidation_formulas import Progress, Takeover
from tests.model.margin import size_of
from tests.model.positions import Move, exchange
from tests.model.state import DELEVERAGING, Felts, State, interest_address, signed
from zkperp._generated.constants import (
    ACCOUNT_BASE,
    ACCOUNT_STRIDE,
    MARKETS_MAX,
    POSITION_LEAF,
    POSITION_STRIDE,
)
from zkperp._generated.events import EventType
from zkperp._generated.leaves import DeleveragingFelt, InterestFelt
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


def begin(state: State, journal: Journal, account: int, market: int, numbers: Takeover) -> None:
    """Note what has to be closed against all positions of the opposite side (§ 5.5)."""
    total = state.get(interest_address(market), InterestFelt.OPEN_INTEREST) // 2
    target = 1 + market + MARKETS_MAX * account
    state.write(DELEVERAGING, target, numbers.lots, numbers.quote, total)
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


def next_counterparty(state: State) -> int | None:
    """Return whose share is next: the lowest account of the opposite side above the last (§ 7)."""
    account, market = target_of(state)
    last = state.get(DELEVERAGING, DeleveragingFelt.LAST)
    holders = opposite_holders(state, market, size_of(state, account, market))
    return next((one for one in holders if one > last), None)


def deleverage(state: State, journal: Journal, counterparty: int) -> Felts:
    """Close a counterparty's share (§ 7)."""
    refuse(Refusal.NOTHING_DUE, when=not is_deleveraging(state))
    refuse(Refusal.BAD_COUNTERPARTY, when=counterparty != next_counterparty(state))
    account, market = target_of(state)
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
        touch(state, journal, counterparty)
    if after.visited == after.total:
        state.write(DELEVERAGING)
    else:
        target = state.get(DELEVERAGING, DeleveragingFelt.TARGET)
        state.write(DELEVERAGING, target, *after, counterparty)
    return (0, counterparty, lots, 0)
