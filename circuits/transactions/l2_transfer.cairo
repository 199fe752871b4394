// transfer: a user moves collateral between accounts of one master.
//
// Proven here: 1. admission (admission.cairo). 2. 1 <= amount < 2^58 and the receiver is in range (1105,
// 1001). 3. the receiver is another open account, of the sender's master or the fund (1109). 4. no market of
// a position of the sender's is overdue (4102). 5. amount <= I, its free collateral (2003). 6. both balances
// stay within BALANCE_MAX (2005). 7. nothing is to be liquidated (4104), no conditional order has to fire
// (4108), and the sender is not the fund (2008). 8. the sender is touched (liquidation/touch.cairo).

from generated.codes import KIND_TRANSFER
from generated.constants import (
    ACCOUNT_BITS,
    AMOUNT_MAX,
    BALANCE_MAX,
    FUND_ACCOUNT,
    NONCE_JUMP_MAX,
    RECORD_RECEIVER_JUMP_SHIFT,
)
from generated.leaves import AccountLeaf
from admission import Signed, admit
from lib.builtins import Muldiv, Poseidon2, Schnorr
from lib.integers import assert_at_least, assert_in_range
from liquidation.touch import touch
from margin.sums import sum_positions
from registers import Environment, Registers, assert_calm, with_lists
from state.accounts import master_of, read_account, write_account

struct TransferAdvice {
    signed: Signed,
    to: felt,
    amount: felt,
}

func l2_transfer{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
    registers: Registers*,
}(env: Environment*, advice: TransferAdvice*) -> (
    code: felt, first: felt, second: felt, third: felt, next_advice: felt*
) {
    alloc_locals;
    let signed = &advice.signed;
    let words = registers.commands;
    assert_calm(registers);
    // Not the fund: the difference has an inverse.
    tempvar is_other = 1 / (signed.account - FUND_ACCOUNT);
    local to = advice.to;
    local amount = advice.amount;
    let (local now_ms, _) = admit(
        &env.user_message,
        registers.time_ms,
        words,
        signed,
        NONCE_JUMP_MAX,
        KIND_TRANSFER,
        to,
        amount,
        0,
        0,
        0,
        0,
    );
    assert words[1] = to + RECORD_RECEIVER_JUMP_SHIFT * signed.nonce_step;
    assert words[2] = amount;
    assert_in_range(to, 2 ** ACCOUNT_BITS - 1);
    assert_in_range(amount - 1, AMOUNT_MAX - 1);
    // Not the sender: the difference has an inverse.
    tempvar inverse = 1 / (to - signed.account);

    let account = read_account(signed.account);
    local account: AccountLeaf* = account;
    let receiver = read_account(to);
    local receiver: AccountLeaf* = receiver;
    assert receiver.status = 1;
    assert_open_to(signed.account, account, to, receiver);

    let initial = sum_positions(
        signed.account, account.positions, 0, now_ms - env.config.tick_max_ms, 0
    );
    assert_at_least(account.collateral + initial, amount);
    assert_at_least(account.collateral - amount, -BALANCE_MAX);
    assert_at_least(BALANCE_MAX, receiver.collateral + amount);
    write_account(
        account=signed.account,
        status=account.status,
        collateral=account.collateral - amount,
        positions=account.positions,
    );
    write_account(
        account=to,
        status=receiver.status,
        collateral=receiver.collateral + amount,
        positions=receiver.positions,
    );

    let lists = registers.slots.lists;
    touch{lists=lists}(signed.account, account.positions, account.collateral - amount);
    let slots = with_lists(registers.slots, lists);
    tempvar registers = new Registers(
        time_ms=now_ms,
        next_order_id=registers.next_order_id,
        slots=slots,
        custody=registers.custody,
        fees=registers.fees,
        schedule=registers.schedule,
        requests=registers.requests,
        withdrawals=registers.withdrawals,
        commands=words + 3,
    );
    return (code=0, first=to, second=amount, third=0, next_advice=advice + TransferAdvice.SIZE);
}

// Proven here: the receiver is the fund, or of the sender's master.
func assert_open_to(account: felt, sender: AccountLeaf*, to: felt, receiver: AccountLeaf*) {
    alloc_locals;
    if (to == FUND_ACCOUNT) {
        return ();
    }
    let master = master_of(account, sender);
    local master = master;
    let other_master = master_of(to, receiver);
    assert other_master = master;
    return ();
}
