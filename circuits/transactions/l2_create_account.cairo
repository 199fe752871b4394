// create_account: a user opens a sub-account of its own, cross or isolated.
//
// Proven here: 1. admission (admission.cairo). 2. type and market are in range, and a cross account names no
// market (1001). 3. the sender is no sub-account (1107). 4. an isolated account's market exists (1101). 5.
// the next sub-account is open, with the sender as its master, the sender's owner, and the key that signed.
// 6. nothing is to be liquidated (4104), no conditional order has to fire (4108), and the sender is not the
// fund (2008).
// Not proven here: sub-accounts are not used up (3009); the batch's end proves next_sub_account < 2^32.

from generated.codes import KIND_CREATE_ACCOUNT
from generated.constants import (
    FUND_ACCOUNT,
    HEAD_MARKET_SHIFT,
    HEAD_TYPE_SHIFT,
    MARKETS_MAX,
    NONCE_JUMP_MAX,
)
from admission import Signed, admit
from lib.builtins import Muldiv, Poseidon2, Schnorr
from lib.integers import assert_in_range
from lib.signature_builtin import PublicKey
from registers import Environment, Registers, Schedule, assert_calm
from state.accounts import open_sub_account, read_account, read_owner, write_owner
from state.markets import read_market

struct CreateAccountAdvice {
    signed: Signed,
    market: felt,
    account_type: felt,
}

func l2_create_account{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
    registers: Registers*,
}(env: Environment*, advice: CreateAccountAdvice*) -> (
    code: felt, first: felt, second: felt, third: felt, next_advice: felt*
) {
    alloc_locals;
    let signed = &advice.signed;
    let words = registers.commands;
    assert_calm(registers);
    // Not the fund: the difference has an inverse.
    tempvar is_other = 1 / (signed.account - FUND_ACCOUNT);
    local account_type = advice.account_type;
    local market = advice.market;
    let (local now_ms, _) = admit(
        &env.user_message,
        registers.time_ms,
        words,
        signed,
        NONCE_JUMP_MAX,
        KIND_CREATE_ACCOUNT + market * HEAD_MARKET_SHIFT + account_type * HEAD_TYPE_SHIFT,
        0,
        0,
        0,
        0,
        0,
        0,
    );
    assert words[1] = signed.nonce_step;
    // The key that signed stands in the signature's instance.
    local public_key: PublicKey* = cast(schnorr_ptr - Schnorr.SIZE, PublicKey*);

    let account = read_account(signed.account);
    assert account.master = 0;
    let mode = assert_mode(account_type, market);
    local mode = mode;
    local schedule: Schedule* = registers.schedule;
    local id = schedule.next_sub_account;
    let owner = read_owner(signed.account);
    write_owner(id, owner.owner0, owner.owner1, owner.owner2);
    open_sub_account(id, mode, signed.account, signed.key, public_key);

    tempvar next_schedule = new Schedule(
        funding_due_ms=schedule.funding_due_ms,
        next_sub_account=id + 1,
        pending=schedule.pending,
        crossed=schedule.crossed,
        waiting_free=schedule.waiting_free,
        waiting_high=schedule.waiting_high,
    );
    tempvar registers = new Registers(
        time_ms=now_ms,
        next_order_id=registers.next_order_id,
        slots=registers.slots,
        custody=registers.custody,
        fees=registers.fees,
        schedule=next_schedule,
        requests=registers.requests,
        withdrawals=registers.withdrawals,
        commands=words + 2,
    );
    return (code=0, first=id, second=mode, third=0, next_advice=advice + CreateAccountAdvice.SIZE);
}

// Proven here: statements 2 and 4; the new account's mode.
func assert_mode{range_check_ptr, state_ptr: felt*}(account_type: felt, market: felt) -> felt {
    if (account_type == 0) {
        assert market = 0;
        return 0;
    }
    assert account_type = 1;
    assert_in_range(market, MARKETS_MAX - 1);
    let leaf = read_market(market);
    assert leaf.status = 1;
    return market + 1;
}
