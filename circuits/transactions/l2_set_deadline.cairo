// set_deadline: a user says until when its orders live unless it says otherwise, the dead man's switch.
//
// Proven here: 1. admission (admission.cairo). 2. a deadline that has passed is fired first. 3. the new one is
// 0, none, or after now (1104), and below 2^44 (1001). 4. it is the account's from now on.

from generated.codes import KIND_SET_DEADLINE
from generated.constants import NONCE_JUMP_MAX, RECORD_DEADLINE_JUMP_SHIFT, TIME_MAX
from admission import Signed, admit
from lib.builtins import Muldiv, Poseidon2, Schnorr
from lib.integers import assert_at_least, assert_in_range
from registers import Environment, Registers
from state.accounts import read_account, write_cleared
from state.deadline import fire

struct SetDeadlineAdvice {
    signed: Signed,
    deadline_ms: felt,
}

func l2_set_deadline{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
    registers: Registers*,
}(env: Environment*, advice: SetDeadlineAdvice*) -> (
    code: felt, first: felt, second: felt, third: felt, next_advice: felt*
) {
    alloc_locals;
    let signed = &advice.signed;
    let words = registers.commands;
    local deadline_ms = advice.deadline_ms;
    let (local now_ms, _) = admit(
        &env.user_message,
        registers.time_ms,
        words,
        signed,
        NONCE_JUMP_MAX,
        KIND_SET_DEADLINE,
        deadline_ms,
        0,
        0,
        0,
        0,
        0,
    );
    assert words[1] = deadline_ms + RECORD_DEADLINE_JUMP_SHIFT * signed.nonce_step;
    assert_in_range(deadline_ms, TIME_MAX);
    assert_ahead(deadline_ms, now_ms);

    let leaf = read_account(signed.account);
    let leaf = fire(signed.account, leaf, now_ms, registers.next_order_id);
    write_cleared(signed.account, leaf.cleared, deadline_ms);

    tempvar registers = new Registers(
        time_ms=now_ms,
        next_order_id=registers.next_order_id,
        slots=registers.slots,
        custody=registers.custody,
        fees=registers.fees,
        schedule=registers.schedule,
        requests=registers.requests,
        withdrawals=registers.withdrawals,
        commands=words + 2,
    );
    return (
        code=0,
        first=deadline_ms,
        second=0,
        third=0,
        next_advice=advice + SetDeadlineAdvice.SIZE,
    );
}

// Proven here: the deadline is 0 or after now (1104).
// Assumes: both are below 2^60.
func assert_ahead{range_check_ptr}(deadline_ms: felt, now_ms: felt) {
    if (deadline_ms == 0) {
        return ();
    }
    assert_at_least(deadline_ms - 1, now_ms);
    return ();
}
