// cancel: a user takes an order of its own out of the book.
//
// Proven here: 1. admission (admission.cairo). 2. the order in the slot that the prover names is live and
// has the id that the user signed (3005): the id is compared, so a slot that was used again serves no
// old message. 3. it is the user's (3006). 4. its removal, dead or not.

from generated.codes import KIND_CANCEL
from generated.constants import NONCE_JUMP_MAX, ORDER_SLOTS_MAX, RECORD_ORDER_JUMP_SHIFT
from admission import Signed, admit
from lib.builtins import Muldiv, Poseidon2, Schnorr
from lib.integers import RANGE_TOP
from matching.removal import remove_counted
from registers import Environment, Registers

struct CancelAdvice {
    signed: Signed,
    order_id: felt,
    order_slot: felt,
}

func l2_cancel{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
    registers: Registers*,
}(env: Environment*, advice: CancelAdvice*) -> (
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
        KIND_CANCEL,
        order_id,
        0,
        0,
        0,
        0,
        0,
    );

    // The slot is advice, the id in its leaf proves it. A free leaf has id 0, which names no order:
    // the id has an inverse.
    tempvar order_slot = advice.order_slot;
    assert [range_check_ptr] = order_slot;
    assert [range_check_ptr + 1] = order_slot + (RANGE_TOP - (ORDER_SLOTS_MAX - 1));
    let range_check_ptr = range_check_ptr + 2;
    tempvar inverse = 1 / order_id;
    let slots = registers.slots;
    let (order, _, _) = remove_counted{slots=slots}(order_slot);
    assert order.order_id = order_id;
    assert order.account = signed.account;
    tempvar lots = order.lots;

    assert words[1] = order_id + RECORD_ORDER_JUMP_SHIFT * signed.nonce_step;
    tempvar registers = new Registers(
        time_ms=now_ms,
        next_order_id=registers.next_order_id,
        slots=slots,
        custody=registers.custody,
        fees=registers.fees,
        schedule=registers.schedule,
        requests=registers.requests,
        withdrawals=registers.withdrawals,
        commands=words + 2,
    );
    return (code=0, first=order_id, second=0, third=lots, next_advice=advice + CancelAdvice.SIZE);
}
