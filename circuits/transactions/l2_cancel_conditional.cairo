// cancel_conditional: a user takes an order of its own away that waits for the mark.
//
// Proven here: 1. admission (admission.cairo). 2. the order in the slot that the prover names waits and has
// the id that the user signed (3005): the id is compared, so a slot that was used again serves no old
// message. 3. it is the user's (3006). 4. it is dropped, dead or not (conditional/lists.cairo).

from generated.codes import KIND_CANCEL_CONDITIONAL, KIND_CANCEL_CONDITIONAL_WORDS
from generated.constants import NONCE_JUMP_MAX, RECORD_OPTIONS_SHIFT, RECORD_ORDER_JUMP_SHIFT
from admission import Signed, admit
from conditional.lists import assert_slot, drop_conditional
from lib.builtins import Muldiv, Poseidon2, Schnorr
from registers import Environment, Registers

struct CancelConditionalAdvice {
    signed: Signed,
    order_id: felt,
    order_slot: felt,
}

func l2_cancel_conditional{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
    registers: Registers*,
}(env: Environment*, advice: CancelConditionalAdvice*) -> (
    code: felt, first: felt, second: felt, third: felt, next_advice: felt*
) {
    alloc_locals;
    let signed = &advice.signed;
    let words = registers.commands;
    local order_id = advice.order_id;
    let (local now_ms, _) = admit(
        &env.user_message,
        registers.time_ms,
        words,
        signed,
        NONCE_JUMP_MAX,
        KIND_CANCEL_CONDITIONAL,
        order_id,
        0,
        0,
        0,
        0,
        0,
    );

    // The slot is advice, the id in its leaf proves it. A free leaf has id 0, which names no order:
    // the id has an inverse.
    assert_slot(advice.order_slot);
    tempvar inverse = 1 / order_id;
    let schedule = registers.schedule;
    let (order, terms) = drop_conditional{schedule=schedule}(advice.order_slot);
    assert order.order_id = order_id;
    assert order.account = signed.account;
    // Its lots, the low part of its size.
    assert muldiv_ptr.a = terms.size;
    assert muldiv_ptr.b = 1;
    assert muldiv_ptr.e = 0;
    assert muldiv_ptr.c = RECORD_OPTIONS_SHIFT;
    tempvar lots = muldiv_ptr.r;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;

    assert words[1] = order_id + RECORD_ORDER_JUMP_SHIFT * signed.nonce_step;
    tempvar registers = new Registers(
        time_ms=now_ms,
        next_order_id=registers.next_order_id,
        slots=registers.slots,
        custody=registers.custody,
        fees=registers.fees,
        schedule=schedule,
        requests=registers.requests,
        withdrawals=registers.withdrawals,
        commands=words + KIND_CANCEL_CONDITIONAL_WORDS,
    );
    return (
        code=0,
        first=order_id,
        second=0,
        third=lots,
        next_advice=advice + CancelConditionalAdvice.SIZE,
    );
}
