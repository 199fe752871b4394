// forced withdrawal: L1 asks for an account's money, executed or proven impossible.
//
// Proven here: the first that holds decides: 1. no account (1002). 2. the sender is not its owner
// (5002). 3. some position's market is overdue (4102). 4. with free = I, nothing or more than free is
// wanted (2003). 5. more than custody is wanted (2004). 6. the balance would be below -BALANCE_MAX
// (2005). Else it is paid, and the account touched (liquidation/touch.cairo). All of it follows from
// the state: the prover has no say in the outcome.

from generated.codes import (
    REFUSAL_BALANCE_LIMIT,
    REFUSAL_INSUFFICIENT_CUSTODY,
    REFUSAL_INSUFFICIENT_FREE_COLLATERAL,
    REFUSAL_NOT_ACCOUNT_OWNER,
    REFUSAL_TICK_OVERDUE,
    REFUSAL_UNKNOWN_ACCOUNT,
)
from generated.constants import AMOUNT_MAX, BALANCE_MAX
from generated.leaves import AccountLeaf
from lib.builtins import Muldiv
from lib.integers import is_nonnegative, minimum
from liquidation.touch import touch
from margin.sums import count_overdue, sum_positions
from registers import Lists
from state.accounts import read_account, read_owner, write_account
from transactions.request import Request, is_sent_by
from withdrawals import pay_out

// Guarantees: code, amount done, custody after.
// Assumes: the words' ranges (requests.cairo).
func l1_forced_withdrawal{muldiv_ptr: Muldiv*, state_ptr: felt*, withdrawals: felt*, lists: Lists*}(
    request: Request*, oldest_ms: felt, custody: felt
) -> (code: felt, amount: felt, custody: felt) {
    alloc_locals;
    // A deposit's words are a key; here there is none (1001).
    assert request.key = 0;
    assert request.public_key.w0 = 0;
    assert request.public_key.w1 = 0;
    assert request.public_key.w2 = 0;
    assert request.public_key.w3 = 0;
    assert request.public_key.w4 = 0;

    let account = read_account(request.account);
    local account: AccountLeaf* = account;
    if (account.status == 0) {
        return (code=REFUSAL_UNKNOWN_ACCOUNT, amount=0, custody=custody);
    }
    let owner = read_owner(request.account);
    let is_owner = is_sent_by(request, owner);
    if (is_owner == 0) {
        return (code=REFUSAL_NOT_ACCOUNT_OWNER, amount=0, custody=custody);
    }
    let overdue = count_overdue(account.positions, 0, oldest_ms);
    if (overdue != 0) {
        return (code=REFUSAL_TICK_OVERDUE, amount=0, custody=custody);
    }
    let initial = sum_positions(request.account, account.positions, 0, 0, 0);
    local free = account.collateral + initial;
    let want = wanted(request.amount, free, custody);
    local want = want;
    let is_positive = is_nonnegative(want - 1);
    let is_free = is_nonnegative(free - want);
    if (is_positive * is_free == 0) {
        return (code=REFUSAL_INSUFFICIENT_FREE_COLLATERAL, amount=0, custody=custody);
    }
    let is_held = is_nonnegative(custody - want);
    if (is_held == 0) {
        return (code=REFUSAL_INSUFFICIENT_CUSTODY, amount=0, custody=custody);
    }
    let is_bounded = is_nonnegative(account.collateral - want + BALANCE_MAX);
    if (is_bounded == 0) {
        return (code=REFUSAL_BALANCE_LIMIT, amount=0, custody=custody);
    }
    write_account(
        account=request.account,
        status=account.status,
        collateral=account.collateral - want,
        positions=account.positions,
    );
    pay_out(request.owner0, request.owner1, request.owner2, want);
    touch(request.account, account.positions, account.collateral - want);
    return (code=0, amount=want, custody=custody - want);
}

// What is asked for: the amount, or for amount 0 as much as there is; possibly below 0.
func wanted{muldiv_ptr: Muldiv*}(amount: felt, free: felt, custody: felt) -> felt {
    if (amount != 0) {
        return amount;
    }
    let most = minimum(free, custody);
    return minimum(most, AMOUNT_MAX);
}
