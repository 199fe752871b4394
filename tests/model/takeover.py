"""The fund account takes over what the book does not (docs/spec/liquidation.md § 5.4, § 6)."""

from tests.model.commands import Journal
from tests.model.due import touch
from tests.model.liquidation_formulas import Takeover
from tests.model.margin import collateral_of, fits_a_tier, size_of
from tests.model.positions import Move, exchange, owed_by
from tests.model.state import State
from zkperp._generated.constants import BALANCE_MAX, FUND_ACCOUNT
from zkperp._generated.events import EventType


def fund_takes(state: State, account: int, market: int, lots: int, quote: int) -> bool:
    """Say whether the fund can hold signed lots more; its own health does not matter (§ 5.4)."""
    if account == FUND_ACCOUNT:
        return False
    size = size_of(state, FUND_ACCOUNT, market) + lots
    cash = collateral_of(state, FUND_ACCOUNT) - owed_by(state, FUND_ACCOUNT, market) - quote
    return fits_a_tier(state, market, size) and abs(cash) <= BALANCE_MAX


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
