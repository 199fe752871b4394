"""Accounts of one owner: making them, moving money between them, leverage (commands.md § 11)."""

from tests.model.commands import Command, Journal, refuse
from tests.model.due import touch
from tests.model.margin import (
    collateral_of,
    holds_overdue,
    size_of,
    sums,
)
from tests.model.state import (
    SCHEDULE,
    Felts,
    State,
    account_address,
    key_address,
    margin_address,
    market_address,
    owner_address,
    position_address,
)
from zkperp._generated.codes import AccountType
from zkperp._generated.constants import BALANCE_MAX, FUND_ACCOUNT, IMF_PPM_MAX, SUB_ACCOUNT_END
from zkperp._generated.events import EventType
from zkperp._generated.leaves import (
    AccountFelt,
    KeyFelt,
    MarginFelt,
    MarketFelt,
    PositionFelt,
    ScheduleFelt,
)
from zkperp._generated.refusals import Refusal


def master_of(state: State, account: int) -> int:
    """Return the account that made this one, or itself."""
    return state.get(account_address(account), AccountFelt.MASTER) or account


def create_account(state: State, journal: Journal, command: Command) -> Felts:
    """Make a sub-account that has the sender's owner and the key that signed."""
    sender, market = command.account, command.market
    isolated = command.order_type == AccountType.ISOLATED
    is_sub = state.get(account_address(sender), AccountFelt.MASTER) != 0
    refuse(Refusal.NOT_MASTER, when=is_sub)
    status = state.get(market_address(market), MarketFelt.STATUS)
    refuse(Refusal.UNKNOWN_MARKET, when=isolated and status == 0)
    new = state.get(SCHEDULE, ScheduleFelt.NEXT_SUB_ACCOUNT)
    refuse(Refusal.ACCOUNTS_USED_UP, when=new == SUB_ACCOUNT_END)
    state.put(SCHEDULE, ScheduleFelt.NEXT_SUB_ACCOUNT, new + 1)
    mode = 1 + market if isolated else 0
    state.write(account_address(new), 1, 0, 0, mode, sender)
    state.write(owner_address(new), *state.leaf(owner_address(sender)))
    public_key = state.leaf(key_address(sender, command.key))[KeyFelt.KEY0 : KeyFelt.KEY4 + 1]
    state.write(key_address(new, command.key), *public_key, 0)
    journal.emit(EventType.ACCOUNT_CREATED, sender, new, mode)
    return (0, new, mode, 0)


def transfer(state: State, journal: Journal, command: Command, now: int) -> Felts:
    """Move money to an account of the same master, or to the fund."""
    sender, receiver, amount = command.account, command.to, command.amount
    refuse(Refusal.BAD_AMOUNT, when=amount == 0)
    is_open = state.get(account_address(receiver), AccountFelt.STATUS) == 1
    same_master = master_of(state, receiver) == master_of(state, sender)
    related = is_open and (same_master or receiver == FUND_ACCOUNT)
    refuse(Refusal.BAD_RECEIVER, when=receiver == sender or not related)
    refuse(Refusal.TICK_OVERDUE, when=holds_overdue(state, sender, now))
    free = sums(state, sender).initial
    refuse(Refusal.INSUFFICIENT_FREE_COLLATERAL, when=amount > free)
    left = collateral_of(state, sender) - amount
    there = collateral_of(state, receiver) + amount
    refuse(Refusal.BALANCE_LIMIT, when=left < -BALANCE_MAX or there > BALANCE_MAX)
    state.put(account_address(sender), AccountFelt.COLLATERAL, left)
    state.put(account_address(receiver), AccountFelt.COLLATERAL, there)
    journal.emit(EventType.TRANSFER, sender, receiver, amount)
    touch(state, journal, sender)
    return (0, receiver, amount, 0)


def set_leverage(state: State, journal: Journal, command: Command, now: int) -> Felts:
    """Choose an account's own initial margin in a market."""
    account, market, imf = command.account, command.market, command.imf_ppm
    status = state.get(market_address(market), MarketFelt.STATUS)
    refuse(Refusal.UNKNOWN_MARKET, when=status == 0)
    least = state.get(margin_address(market, 0), MarginFelt.IMF_PPM)
    refuse(Refusal.BAD_LEVERAGE, when=imf != 0 and not least <= imf <= IMF_PPM_MAX)
    state.put(position_address(account, market), PositionFelt.IMF_PPM, imf)
    if size_of(state, account, market) != 0:
        refuse(Refusal.TICK_OVERDUE, when=holds_overdue(state, account, now))
        refuse(Refusal.INITIAL_MARGIN, when=sums(state, account).initial < 0)
    journal.emit(EventType.LEVERAGE_SET, account, market, imf)
    return (0, market, imf, 0)
