// cancel: a user takes an order of its own out of the book.
//
// Proven here: 1. admission (admission.cairo). 2. the order in the slot that the prover names is live and
// has the id that the user signed (3005): the id is compared, so a slot that was used again serves no
// old message. 3. it is the user's (3006). 4. its removal.

from generated.codes import KIND_CANCEL
from generated.constants import (
    HEAD_ACCOUNT_SHIFT,
    HEAD_KEY_SHIFT,
    NONCE_JUMP_MAX,
    ORDER_SLOTS_MAX,
    RECORD_DELTA_SHIFT,
    RECORD_ORDER_JUMP_SHIFT,
)
from generated.leaves import OrderLeaf
from admission import Authorisation, admit, advance_time
from lib.builtins import Muldiv, Poseidon2, Schnorr
from lib.integers import assert_in_range, is_not_zero
from lib.sponge import Digest
from matching.removal import market_of, unlink_order
from registers import Done, Environment, Registers, Slots
from state.accounts import count_removed_order
from state.orders import release_order

struct CancelAdvice {
    kind: felt,
    delta_ms: felt,
    authorisation: Authorisation,
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
}(env: Environment*, advice: CancelAdvice*) -> Done* {
    alloc_locals;
    let now_ms = advance_time(registers.time_ms, advice.delta_ms);
    local now_ms = now_ms;
    let authorisation = &advice.authorisation;
    local head = KIND_CANCEL + HEAD_KEY_SHIFT * authorisation.key + HEAD_ACCOUNT_SHIFT *
        authorisation.account;
    let (message, _) = admit(
        env, now_ms, authorisation, NONCE_JUMP_MAX, head, advice.order_id, 0, 0
    );
    local message: Digest* = message;

    // The slot is advice, the id in its leaf proves it. A free leaf has id 0, which names no order.
    assert_in_range(advice.order_slot, ORDER_SLOTS_MAX - 1);
    let is_named = is_not_zero(advice.order_id);
    assert is_named = 1;
    let slots = registers.slots;
    let order = release_order{slots=slots}(advice.order_slot);
    local order: OrderLeaf* = order;
    assert order.order_id = advice.order_id;
    assert order.account = authorisation.account;
    let (level, _) = unlink_order{slots=slots}(order);
    let (market, _) = market_of(level);
    count_removed_order(order.account, market);

    let words = registers.commands;
    assert words[0] = head + RECORD_DELTA_SHIFT * advice.delta_ms;
    assert words[1] = advice.order_id + RECORD_ORDER_JUMP_SHIFT * authorisation.nonce_step;
    tempvar registers = new Registers(
        time_ms=now_ms,
        next_order_id=registers.next_order_id,
        slots=slots,
        custody=registers.custody,
        fees=registers.fees,
        requests=registers.requests,
        withdrawals=registers.withdrawals,
        commands=words + 2,
    );
    tempvar done = new Done(
        message=message, code=0, first=advice.order_id, second=0, third=order.lots
    );
    return done;
}
