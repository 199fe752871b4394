"""Money in and out: withdrawals, and the requests from L1 (docs/spec/commands.md § 6, § 8)."""

from collections.abc import Callable
from functools import cache

from tests.model.commands import Command, Journal, refuse
from tests.model.due import touch
from tests.model.ecgfp5 import Gfp5
from tests.model.margin import collateral_of, holds_overdue, sums
from tests.model.schnorr import key_validity
from tests.model.state import (
    CLOCK,
    MONEY,
    Felts,
    State,
    account_address,
    key_address,
    owner_address,
)
from zkperp._generated.codes import RequestKind, WithdrawalOrigin
from zkperp._generated.constants import (
    ACCOUNT_MAX,
    AMOUNT_BITS,
    AMOUNT_MAX,
    BALANCE_MAX,
    CUSTODY_MAX,
    KEYS_MAX,
    REQUEST_WORDS,
    P,
)
from zkperp._generated.events import EventType
from zkperp._generated.leaves import (
    AccountFelt,
    ClockFelt,
    KeyFelt,
    MoneyFelt,
    OwnerFelt,
)
from zkperp._generated.refusals import Refusal

KeyRule = Callable[[Felts], bool]
OWNER_BITS = (56, 56, 48)


@cache
def is_public_key(limbs: Felts) -> bool:
    """Say whether limbs encode a group element other than the neutral (signature.md § 2)."""
    valid, _ = key_validity(Gfp5.of(*limbs))
    return valid


def owner_of(state: State, account: int) -> Felts:
    """Return the account's L1 address as three felts."""
    return state.leaf(owner_address(account))[OwnerFelt.OWNER0 : OwnerFelt.OWNER2 + 1]


def record_withdrawal(
    state: State,
    journal: Journal,
    account: int,
    owner: Felts,
    *,
    amount: int,
    origin: WithdrawalOrigin,
) -> None:
    """Make a withdrawal record (commands.md § 6)."""
    made = state.get(MONEY, MoneyFelt.WITHDRAWALS)
    state.put(MONEY, MoneyFelt.WITHDRAWALS, made + 1)
    journal.withdrawals += [*owner, amount]
    journal.emit(EventType.WITHDRAWAL, account, amount, origin)


def pay_out(
    state: State, journal: Journal, account: int, amount: int, origin: WithdrawalOrigin
) -> None:
    """Take money from an account and record it for its owner (commands.md § 6, effect)."""
    change_cash(state, account, -amount)
    record_withdrawal(
        state, journal, account, owner_of(state, account), amount=amount, origin=origin
    )


def change_cash(state: State, account: int, amount: int) -> None:
    """Add to collateral and custody alike."""
    collateral = collateral_of(state, account) + amount
    state.put(account_address(account), AccountFelt.COLLATERAL, collateral)
    state.put(MONEY, MoneyFelt.CUSTODY, state.get(MONEY, MoneyFelt.CUSTODY) + amount)


def withdraw(state: State, journal: Journal, command: Command, now: int) -> Felts:
    """Execute a user's withdrawal (commands.md § 6)."""
    account, amount = command.account, command.amount
    refuse(Refusal.BAD_AMOUNT, when=amount == 0)
    refuse(Refusal.TICK_OVERDUE, when=holds_overdue(state, account, now))
    free = sums(state, account).initial
    refuse(Refusal.INSUFFICIENT_FREE_COLLATERAL, when=amount > free)
    refuse(Refusal.INSUFFICIENT_CUSTODY, when=amount > state.get(MONEY, MoneyFelt.CUSTODY))
    left = collateral_of(state, account) - amount
    refuse(Refusal.BALANCE_LIMIT, when=left < -BALANCE_MAX)
    pay_out(state, journal, account, amount, WithdrawalOrigin.USER)
    touch(state, journal, account)
    return (0, amount, 0, 0)


def is_admitted(words: Felts) -> bool:
    """Say whether the contract admits these words (commands.md § 8)."""
    if len(words) != REQUEST_WORDS or any(not 0 <= word < P for word in words):
        return False
    kind, account, *owner, amount, key = words[:7]
    return (
        kind in (RequestKind.DEPOSIT, RequestKind.FORCED_WITHDRAWAL)
        and 1 <= account <= ACCOUNT_MAX
        and all(limb < 2**bits for limb, bits in zip(owner, OWNER_BITS, strict=True))
        and amount < 2**AMOUNT_BITS
        and key < 2**8
        and (kind == RequestKind.DEPOSIT or not any(words[6:]))
    )


def request(state: State, journal: Journal, command: Command, now: int, key_rule: KeyRule) -> Felts:
    """Execute a request; it always has an outcome (commands.md § 8)."""
    refuse(Refusal.MALFORMED, when=not is_admitted(command.words))
    number = state.get(CLOCK, ClockFelt.REQUESTS_DONE)
    refuse(Refusal.REQUEST_OUT_OF_ORDER, when=command.number not in (None, number))
    state.put(CLOCK, ClockFelt.REQUESTS_DONE, number + 1)
    if command.words[0] == RequestKind.DEPOSIT:
        return deposit(state, journal, number, command.words, key_rule)
    return forced_withdrawal(state, journal, number, command.words, now)


def deposit(state: State, journal: Journal, number: int, words: Felts, key_rule: KeyRule) -> Felts:
    """Credit an account, open it and set its key (commands.md § 8)."""
    _, account, *sender, amount, key = words[:7]
    owner, public_key = tuple(sender), words[7:12]
    code, credited = 0, 0
    if state.get(account_address(account), AccountFelt.STATUS) == 0:
        state.put(account_address(account), AccountFelt.STATUS, 1)
        state.write(owner_address(account), *owner)
    if owner_of(state, account) != owner:
        code = Refusal.NOT_ACCOUNT_OWNER
    else:
        if any(public_key) and (key >= KEYS_MAX or not key_rule(public_key)):
            code = Refusal.BAD_KEY
        elif any(public_key):
            nonce = state.get(key_address(account, key), KeyFelt.NONCE)
            state.write(key_address(account, key), *public_key, nonce)
            journal.emit(EventType.KEY_SET, account, key)
        room = min(
            BALANCE_MAX - collateral_of(state, account),
            CUSTODY_MAX - state.get(MONEY, MoneyFelt.CUSTODY),
        )
        credited = max(0, min(amount, room))
        change_cash(state, account, credited)
        if credited < amount and code == 0:
            code = Refusal.DEPOSIT_CAPPED
    returned = amount - credited
    journal.emit(EventType.DEPOSIT, number, account, credited, returned, code)
    if returned > 0:
        origin = WithdrawalOrigin.RETURNED
        record_withdrawal(state, journal, account, owner, amount=returned, origin=origin)
    return (code, credited, 0, 0)


def forced_withdrawal(state: State, journal: Journal, number: int, words: Felts, now: int) -> Felts:
    """Pay the owner, or say why not (commands.md § 8)."""
    _, account, *sender, amount = words[:6]
    custody = state.get(MONEY, MoneyFelt.CUSTODY)
    free = sums(state, account).initial
    want = amount if amount != 0 else min(free, custody, AMOUNT_MAX)
    code = 0
    if state.get(account_address(account), AccountFelt.STATUS) != 1:
        code = Refusal.UNKNOWN_ACCOUNT
    elif owner_of(state, account) != tuple(sender):
        code = Refusal.NOT_ACCOUNT_OWNER
    elif holds_overdue(state, account, now):
        code = Refusal.TICK_OVERDUE
    elif want <= 0 or want > free:
        code = Refusal.INSUFFICIENT_FREE_COLLATERAL
    elif want > custody:
        code = Refusal.INSUFFICIENT_CUSTODY
    elif collateral_of(state, account) - want < -BALANCE_MAX:
        code = Refusal.BALANCE_LIMIT
    if code != 0:
        journal.emit(EventType.REQUEST_REJECTED, number, account, code)
        return (code, 0, 0, 0)
    pay_out(state, journal, account, want, WithdrawalOrigin.FORCED)
    touch(state, journal, account)
    return (0, want, 0, 0)
