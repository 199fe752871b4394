// cancel_named: a user takes an order of its own out of the book, by the id that it chose.
//
// Proven here: 1. admission (admission.cairo). 2. the client id is 1 .. 2^48 - 1 (3005, 1001), the account has
// a page, and the entry at the id's place is of this id and present (3005): its slot holds the order with its
// order id. Where the entry is follows from account and id, so the prover names nothing. 3. the order's removal.

from generated.codes import KIND_CANCEL_NAMED
from generated.constants import CLIENT_ID_MAX, NONCE_JUMP_MAX, RECORD_CLIENT_ID_JUMP_SHIFT
from admission import Signed, admit
from lib.builtins import Muldiv, Poseidon2, Schnorr
from lib.integers import assert_in_range
from matching.removal import remove_order
from registers import Environment, Registers
from state.accounts import read_account
from state.client_orders import read_entry
from state.open_orders import uncount_order

struct CancelNamedAdvice {
    signed: Signed,
    client_id: felt,
}

func l2_cancel_named{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
    registers: Registers*,
}(env: Environment*, advice: CancelNamedAdvice*) -> (
    code: felt, first: felt, second: felt, third: felt, next_advice: felt*
) {
    alloc_locals;
    let signed = &advice.signed;
    let words = registers.commands;
    local client_id = advice.client_id;
    let (local now_ms, _) = admit(
        &env.user_message,
        registers.time_ms,
        words,
        signed,
        NONCE_JUMP_MAX,
        KIND_CANCEL_NAMED,
        client_id,
        0,
        0,
        0,
        0,
        0,
    );
    assert words[1] = client_id + RECORD_CLIENT_ID_JUMP_SHIFT * signed.nonce_step;
    assert_in_range(client_id - 1, CLIENT_ID_MAX - 1);

    // Neither names nor the order's id is 0, which a free leaf has: both have an inverse.
    let account = read_account(signed.account);
    tempvar has_page = 1 / account.names;
    let entry = read_entry(account.names, client_id);
    local order_id = entry.order_id;
    local market = entry.market;
    tempvar has_order = 1 / order_id;
    assert entry.client_id = client_id;
    let slots = registers.slots;
    let (order, _, _) = remove_order{slots=slots}(entry.slot);
    assert order.order_id = order_id;
    // Follows from the invariants; a second lock on the door.
    assert order.account = signed.account;
    local lots = order.lots;
    uncount_order(signed.account, market, order_id);

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
    return (
        code=0, first=order_id, second=0, third=lots, next_advice=advice + CancelNamedAdvice.SIZE
    );
}
