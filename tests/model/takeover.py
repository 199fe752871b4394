"""The fund account takes over what the book does not (docs/spec/liquidation.md § 5.4, § 6)."""

from tests.model.commands import Journal
from tests.model.due import is_due, touch
from tests.model.liquidation_formulas import Takeover
from tests.model.margin import (
    Standing,
    account_sums,
    fits_a_tier,
    funding_of,
    position_of,
    standing,
)
from tests.model.positions import Move, exchange, owed_by
from tests.model.state import State
from zkperp._generated.constants import BALANCE_MAX, FUND_ACCOUNT
from zkperp._generated.events import EventType


def fund_takes(state: State, account: int, market: int, lots: int, quote: int) -> bool:
    """Say whether the fund can take signed lots over and pay for them (§ 5.4)."""
    if account == FUND_ACCOUNT or is_due(state, FUND_ACCOUNT):
        return False
    old, now = position_of(state, FUND_ACCOUNT, market), standing(state, FUND_ACCOUNT)
    size = old.size + lots
    cash = now.collateral - owed_by(state, FUND_ACCOUNT, market) - quote
    if not fits_a_tier(state, market, size) or abs(cash) > BALANCE_MAX:
        return False
    new = old._replace(size=size, entry=funding_of(state, market))
    return account_sums(state, Standing(cash, now.positions | {market: new})).initial >= 0


def take_over(
    state: State, journal: Journal, account: int, market: int, *, sign: int, numbers: Takeover
) -> None:
    """Move lots and their quote between an account and the fund (§ 5.4)."""
    lots, quote = sign * numbers.lots, numbers.quote
    exchange(
        state,
        journal,
        market,
        Move(account, -lots, quote),
        Move(FUND_ACCOUNT, lots, -quote),
    )
    journal.emit(EventType.TAKEOVER, account, market, numbers.lots, quote)
    touch(state, journal, FUND_ACCOUNT)
