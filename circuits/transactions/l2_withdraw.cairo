// withdraw: a user takes collateral out, to the account's L1 owner.
//
// Proven here: 1. admission (admission.cairo). 2. 1 <= amount < 2^58 (1105, 1001). 3. no position's market is
// overdue (4102). 4. amount <= I, the free collateral over all positions (2003). 5. amount <= custody (2004).
// 6. the balance stays within BALANCE_MAX (2005). 7. nothing is to be liquidated (4104), no conditional order
// has to fire (4108), and the sender is not the fund (2008). 8. the sender is touched
// (liquidation/touch.cairo).
// Not proven here: that the contract pays; it does when it accepts the batch.

from generated.codes import KIND_WITHDRAW
from generated.constants import AMOUNT_MAX, BALANCE_MAX, FUND_ACCOUNT, NONCE_JUMP_MAX
from generated.leaves import AccountLeaf
from admission import Signed, admit
from lib.builtins import Muldiv, Poseidon2, Schnorr
from lib.integers import assert_at_least, assert_in_range
from liquidation.touch import touch
from margin.sums import sum_positions
from registers import Environment, Registers, assert_calm, with_lists
from state.accounts import read_account, read_owner, write_account
from withdrawals import pay_out

struct WithdrawAdvice {
    signed: Signed,
    amount: felt,
}

func l2_withdraw{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
    registers: Registers*,
}(env: Environment*, advice: WithdrawAdvice*) -> (
    code: felt, first: felt, second: felt, third: felt, next_advice: felt*
) {
    alloc_locals;
    let signed = &advice.signed;
    let words = registers.commands;
    assert_calm(registers);
    // Not the fund: the difference has an inverse.
    tempvar is_other = 1 / (signed.account - FUND_ACCOUNT);
    let (local now_ms, _) = admit(
        &env.user_message,
        registers.time_ms,
        words,
        signed,
        NONCE_JUMP_MAX,
        KIND_WITHDRAW,
        advice.amount,
        0,
        0,
        0,
        0,
        0,
    );

    assert_in_range(advice.amount - 1, AMOUNT_MAX - 1);
    let account = read_account(signed.account);
    local account: AccountLeaf* = account;
    let initial = sum_positions(
        signed.account, account.positions, 0, now_ms - env.config.tick_max_ms, 0
    );
    assert_at_least(account.collateral + initial, advice.amount);
    assert_at_least(registers.custody, advice.amount);
    assert_at_least(account.collateral - advice.amount, -BALANCE_MAX);
    write_account(
        account=signed.account,
        status=account.status,
        collateral=account.collateral - advice.amount,
        positions=account.positions,
    );
    let owner = read_owner(signed.account);
    let withdrawals = registers.withdrawals;
    pay_out{withdrawals=withdrawals}(owner.owner0, owner.owner1, owner.owner2, advice.amount);
    local withdrawals: felt* = withdrawals;

    let lists = registers.slots.lists;
    touch{lists=lists}(
        signed.account, account.positions, account.collateral - advice.amount
    );
    let slots = with_lists(registers.slots, lists);

    assert words[1] = signed.nonce_step;
    assert words[2] = advice.amount;
    tempvar registers = new Registers(
        time_ms=now_ms,
        next_order_id=registers.next_order_id,
        slots=slots,
        custody=registers.custody - advice.amount,
        fees=registers.fees,
        schedule=registers.schedule,
        requests=registers.requests,
        withdrawals=withdrawals,
        commands=words + 3,
    );
    return (
        code=0,
        first=advice.amount,
        second=0,
        third=0,
        next_advice=advice + WithdrawAdvice.SIZE,
    );
}
