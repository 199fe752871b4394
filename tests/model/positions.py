"""What moves lots and cash between two accounts (docs/spec/matching.md § 2, prices.md § 6)."""

from typing import NamedTuple

from tests.model.commands import Journal
from tests.model.funding import paid_of
from tests.model.margin import collateral_of, funding_of, position_of, size_of
from tests.model.state import (
    State,
    account_address,
    interest_address,
    position_address,
    standing_address,
)
from zkperp._generated.events import EventType
from zkperp._generated.leaves import AccountFelt, InterestFelt, PositionFelt, StandingFelt


class Move(NamedTuple):
    """What an account gets in an exchange: lots and cash, below 0 what it gives."""

    account: int
    lots: int
    cash: int


def owed_by(state: State, account: int, market: int) -> int:
    """Return what an account owes in funding (prices.md § 6)."""
    position = position_of(state, account, market)
    return paid_of(position.size, funding_of(state, market), position.entry)


def add_cash(state: State, account: int, amount: int) -> None:
    """Change an account's collateral."""
    collateral = collateral_of(state, account) + amount
    state.put(account_address(account), AccountFelt.COLLATERAL, collateral)


def pay_funding(state: State, journal: Journal, account: int, market: int) -> None:
    """Settle an account's funding in a market with its clearing account (prices.md § 6)."""
    paid = owed_by(state, account, market)
    add_cash(state, account, -paid)
    at = interest_address(market)
    state.put(at, InterestFelt.CLEARING, state.get_signed(at, InterestFelt.CLEARING) + paid)
    if paid != 0:
        journal.emit(EventType.FUNDING_PAID, account, market, -paid)


def raise_tenure(state: State, account: int, market: int) -> None:
    """Count that a position was closed or turned (conditional.md § 1)."""
    at = standing_address(account, market)
    state.put(at, StandingFelt.TENURE, state.get(at, StandingFelt.TENURE) + 1)


def move(state: State, journal: Journal, market: int, part: Move) -> None:
    """Make an exchange's change to one account, and keep its bitmap true (matching.md § 2)."""
    account = part.account
    pay_funding(state, journal, account, market)
    before = size_of(state, account, market)
    size = before + part.lots
    position = position_address(account, market)
    state.put(position, PositionFelt.SIZE, size)
    entry = funding_of(state, market) if size != 0 else 0
    state.put(position, PositionFelt.FUNDING, entry)
    if before != 0 and before * size <= 0:
        raise_tenure(state, account, market)
    add_cash(state, account, part.cash)
    at = account_address(account)
    others = state.get(at, AccountFelt.POSITIONS) & ~(1 << market)
    state.put(at, AccountFelt.POSITIONS, others | (size != 0) << market)


def interest_change(state: State, market: int, parts: tuple[Move, ...]) -> int:
    """Return by how much an exchange changes open interest (matching.md § 3)."""
    change = 0
    for part in parts:
        size = size_of(state, part.account, market)
        change += abs(size + part.lots) - abs(size)
    return change


def exchange(state: State, journal: Journal, market: int, *parts: Move) -> None:
    """Move lots and cash between accounts, in this order, and count open interest."""
    at = interest_address(market)
    interest = state.get(at, InterestFelt.OPEN_INTEREST) + interest_change(state, market, parts)
    for part in parts:
        move(state, journal, market, part)
    state.put(at, InterestFelt.OPEN_INTEREST, interest)
