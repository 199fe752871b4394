// cancel_all: a user's orders are dead, all of them or those in one market, however many there are.
//
// Proven here: 1. admission (admission.cairo). 2. type and market are in range, and one for all markets names
// none (1001). 3. a deadline that has passed is fired first. 4. the market exists (1101). 5. orders with ids
// below the next one's are dead from now on: by the account's leaf, or by the position's, which counts none.

from generated.codes import CANCEL_SCOPE_ACCOUNT, CANCEL_SCOPE_MARKET, KIND_CANCEL_ALL
from generated.constants import (
    HEAD_MARKET_SHIFT,
    HEAD_TYPE_SHIFT,
    MARKETS_MAX,
    NONCE_JUMP_MAX,
    ORDERS_CLEARED_SHIFT,
)
from generated.leaves import AccountLeaf
from admission import Signed, admit
from lib.builtins import Muldiv, Poseidon2, Schnorr
from lib.integers import assert_in_range
from registers import Environment, Registers
from state.accounts import read_account, write_cleared
from state.deadline import fire
from state.markets import read_market
from state.open_orders import set_orders

struct CancelAllAdvice {
    signed: Signed,
    market: felt,
    scope: felt,
}

func l2_cancel_all{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
    registers: Registers*,
}(env: Environment*, advice: CancelAllAdvice*) -> (
    code: felt, first: felt, second: felt, third: felt, next_advice: felt*
) {
    alloc_locals;
    let signed = &advice.signed;
    let words = registers.commands;
    local market = advice.market;
    local scope = advice.scope;
    let (local now_ms, _) = admit(
        &env.user_message,
        registers.time_ms,
        words,
        signed,
        NONCE_JUMP_MAX,
        KIND_CANCEL_ALL + market * HEAD_MARKET_SHIFT + scope * HEAD_TYPE_SHIFT,
        0,
        0,
        0,
        0,
        0,
        0,
    );
    assert words[1] = signed.nonce_step;

    local cleared = registers.next_order_id;
    let leaf = read_account(signed.account);
    let leaf = fire(signed.account, leaf, now_ms, cleared);
    clear_scope(signed.account, leaf, scope, market, cleared);

    tempvar registers = new Registers(
        time_ms=now_ms,
        next_order_id=cleared,
        slots=registers.slots,
        custody=registers.custody,
        fees=registers.fees,
        schedule=registers.schedule,
        requests=registers.requests,
        withdrawals=registers.withdrawals,
        commands=words + 2,
    );
    return (
        code=0, first=cleared, second=0, third=0, next_advice=advice + CancelAllAdvice.SIZE
    );
}

// Proven here: statements 2, 4 and 5.
// Assumes: `leaf` is the account's leaf now; cleared < 2^48.
func clear_scope{range_check_ptr, state_ptr: felt*}(
    account: felt, leaf: AccountLeaf*, scope: felt, market: felt, cleared: felt
) {
    alloc_locals;
    if (scope == CANCEL_SCOPE_ACCOUNT) {
        assert market = 0;
        write_cleared(account, cleared, leaf.deadline_ms);
        return ();
    }
    assert scope = CANCEL_SCOPE_MARKET;
    assert_in_range(market, MARKETS_MAX - 1);
    local range_check_ptr = range_check_ptr;
    let market_leaf = read_market(market);
    assert market_leaf.status = 1;
    set_orders(account, market, ORDERS_CLEARED_SHIFT * cleared);
    return ();
}
