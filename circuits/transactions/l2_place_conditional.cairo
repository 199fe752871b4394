// place_conditional: a user's new order that waits for the mark.
//
// Proven here: 1. admission (admission.cairo). 2. market, side, type (gtt, ioc or market), options (no client id)
// and condition are in range (1001). 3. a deadline that has passed is fired first. 4. market, price, lots,
// expiry and trigger are as they should be, and the trigger is not reached yet (1101, 1102, 1103, 1104,
// 4101, 1112). 5. a reduce-only order has a position to reduce (2009). 6. the account has room, and a slot is
// there (3014, 3015). 7. a partner is one (conditional/partners.cairo: 3005, 3006, 1113). 8. the order waits
// in its list at its place (conditional/lists.cairo). 9. nothing is to be liquidated (4104), and no
// conditional order has to fire (4108).
// Not proven here: order ids are not used up (3003); the batch's end proves next_order_id < 2^48.

from generated.codes import (
    KIND_PLACE_CONDITIONAL,
    KIND_PLACE_CONDITIONAL_WORDS,
    ORDER_TYPE_IOC,
    ORDER_TYPE_MARKET,
)
from generated.constants import (
    FORM_SIDE_SHIFT,
    HEAD_MARKET_SHIFT,
    HEAD_SIDE_SHIFT,
    HEAD_TYPE_SHIFT,
    MARKETS_MAX,
    NONCE_JUMP_MAX,
    ORDERS_CLEARED_SHIFT,
    RECORD_CONDITION_SHIFT,
    RECORD_OPTIONS_SHIFT,
    RECORD_PRICE_JUMP_SHIFT,
    TIME_MAX,
)
from generated.leaves import AccountLeaf, MarketLeaf, MarkLeaf, PositionLeaf
from admission import Signed, admit
from conditional.lists import insert_conditional
from conditional.partners import join_partner
from lib.builtins import Muldiv, Poseidon2, Schnorr
from lib.integers import RANGE_TOP, assert_at_least
from matching.incoming import mirror_key
from matching.options import split_options
from registers import Environment, Registers, Schedule, assert_calm
from state.accounts import read_account, read_position
from state.conditionals import write_terms
from state.deadline import fire
from state.markets import read_mark, read_market
from state.standing import count_waiting

struct PlaceConditionalAdvice {
    signed: Signed,
    market: felt,
    side: felt,
    order_type: felt,
    price_ticks: felt,
    lots: felt,
    options: felt,
    expiry_ms: felt,
    trigger_ticks: felt,
    condition: felt,
    // The partner's order id, 0: none.
    partner: felt,
    // Advice: its slot, and the slot behind which the new order stands, 0: at the head.
    partner_slot: felt,
    prev: felt,
}

func l2_place_conditional{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
    registers: Registers*,
}(env: Environment*, advice: PlaceConditionalAdvice*) -> (
    code: felt, first: felt, second: felt, third: felt, next_advice: felt*
) {
    alloc_locals;
    let signed = &advice.signed;
    let words = registers.commands;
    assert_calm(registers);
    // As sums they stand for the two each: lots <= lots_max < 2^40, trigger <= price_max < 2^32.
    local size = advice.lots + RECORD_OPTIONS_SHIFT * advice.options;
    local trigger = advice.trigger_ticks + RECORD_CONDITION_SHIFT * advice.condition;
    let (local now_ms, _) = admit(
        &env.user_message,
        registers.time_ms,
        words,
        signed,
        NONCE_JUMP_MAX,
        advice.market * HEAD_MARKET_SHIFT + advice.side * HEAD_SIDE_SHIFT + advice.order_type *
        HEAD_TYPE_SHIFT + KIND_PLACE_CONDITIONAL,
        advice.price_ticks,
        size,
        advice.expiry_ms,
        trigger,
        advice.partner,
        0,
    );
    assert words[1] = advice.price_ticks + RECORD_PRICE_JUMP_SHIFT * signed.nonce_step;
    assert words[2] = size;
    assert words[3] = advice.expiry_ms;
    assert words[4] = trigger;
    assert words[5] = advice.partner;

    local order_id = registers.next_order_id;
    let (reduce_only, direction) = assert_terms(advice, now_ms);
    local reduce_only = reduce_only;
    local direction = direction;
    let tenure = assert_account(advice, now_ms, order_id, reduce_only);
    let schedule = registers.schedule;
    let slot = wait{schedule=schedule}(advice, order_id, reduce_only, direction, tenure);
    write_terms(
        slot,
        advice.order_type + FORM_SIDE_SHIFT * advice.side,
        advice.price_ticks,
        size,
        advice.expiry_ms,
    );

    tempvar registers = new Registers(
        time_ms=now_ms,
        next_order_id=order_id + 1,
        slots=registers.slots,
        custody=registers.custody,
        fees=registers.fees,
        schedule=schedule,
        requests=registers.requests,
        withdrawals=registers.withdrawals,
        commands=words + KIND_PLACE_CONDITIONAL_WORDS,
    );
    return (
        code=0,
        first=order_id,
        second=0,
        third=advice.lots,
        next_advice=advice + PlaceConditionalAdvice.SIZE,
    );
}

// Proven here: statements 2 and 4; whether the order is reduce-only, and its direction: a stop that sells and
// a take-profit that buys wait for a falling mark.
// Not proven here: the partner's id is below 2^48; that of an order is, and it is compared.
func assert_terms{range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*}(
    advice: PlaceConditionalAdvice*, now_ms: felt
) -> (reduce_only: felt, direction: felt) {
    alloc_locals;
    local market = advice.market;
    tempvar side = advice.side;
    tempvar condition = advice.condition;
    tempvar order_type = advice.order_type;
    assert side = side * side;
    assert condition = condition * condition;
    assert order_type * (order_type - ORDER_TYPE_IOC) * (order_type - ORDER_TYPE_MARKET) = 0;
    local direction = side + condition - 2 * side * condition;
    tempvar expiry_ms = advice.expiry_ms;
    assert [range_check_ptr] = market;
    assert [range_check_ptr + 1] = market + (RANGE_TOP - (MARKETS_MAX - 1));
    assert [range_check_ptr + 2] = expiry_ms - now_ms - 1;
    assert [range_check_ptr + 3] = expiry_ms + (RANGE_TOP - TIME_MAX);
    let (options, named, _) = split_options(advice.options);
    assert named = 0;
    local reduce_only = options.reduce_only;

    let leaf = read_market(market);
    local leaf: MarketLeaf* = leaf;
    assert leaf.status = 1;
    tempvar price_max = leaf.price_max;
    tempvar price_ticks = advice.price_ticks;
    tempvar lots = advice.lots;
    local trigger_ticks = advice.trigger_ticks;
    assert [range_check_ptr + 4] = price_ticks - 1;
    assert [range_check_ptr + 5] = price_max - price_ticks;
    // lots_min is 1 or more: a tied order, of no lots, is reduce-only.
    assert [range_check_ptr + 6] = lots - leaf.lots_min * (1 - reduce_only);
    assert [range_check_ptr + 7] = leaf.lots_max - lots;
    assert [range_check_ptr + 8] = trigger_ticks - 1;
    assert [range_check_ptr + 9] = price_max - trigger_ticks;
    // Both bands are 0 before the first tick: the greater has an inverse.
    tempvar inverse = 1 / leaf.price_high;
    let mark = read_mark(market);
    // The key is above the mark's: the difference of the two, mirrored where a fall is waited for.
    assert [range_check_ptr + 10] = (trigger_ticks - mark.mark_ticks) * (1 - 2 * direction) - 1;
    let range_check_ptr = range_check_ptr + 11;
    return (reduce_only=reduce_only, direction=direction);
}

// Proven here: statements 3, 5 and the first half of 6.
// Guarantees: the account's conditional orders in the market are one more; the position's tenure.
// Assumes: market and side are in range.
func assert_account{range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*}(
    advice: PlaceConditionalAdvice*, now_ms: felt, next_order_id: felt, reduce_only: felt
) -> felt {
    alloc_locals;
    local account = advice.signed.account;
    local market = advice.market;
    let leaf = read_account(account);
    let leaf = fire(account, leaf, now_ms, next_order_id);
    local cleared = leaf.cleared;
    let position = read_position(account, market);
    // The position's own `cleared`, the high part of its count.
    assert muldiv_ptr.a = position.orders;
    assert muldiv_ptr.b = 1;
    assert muldiv_ptr.e = 0;
    assert muldiv_ptr.c = ORDERS_CLEARED_SHIFT;
    local position_cleared = muldiv_ptr.q;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    // A bid reduces a size below 0, an ask one above: sign * size <= -1.
    assert_at_least(reduce_only * ((2 * advice.side - 1) * position.size - 1), 0);
    return count_waiting(account, market, cleared, position_cleared);
}

// Proven here: statements 7, 8 and the other half of 6; the order's slot.
// Assumes: statements 2 and 4; `tenure` is its position's.
func wait{range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*, schedule: Schedule*}(
    advice: PlaceConditionalAdvice*,
    order_id: felt,
    reduce_only: felt,
    direction: felt,
    tenure: felt,
) -> felt {
    alloc_locals;
    local account = advice.signed.account;
    local list = 1 + 2 * advice.market + direction;
    let key = mirror_key(advice.trigger_ticks, direction);
    if (advice.partner == 0) {
        let slot = insert_conditional(order_id, account, list, key, advice.prev, 0, tenure);
        return slot;
    }
    let slot = insert_conditional(
        order_id, account, list, key, advice.prev, advice.partner_slot, tenure
    );
    local slot = slot;
    local schedule: Schedule* = schedule;
    assert reduce_only = 1;
    // The list of the market's other direction.
    join_partner(
        advice.partner_slot, advice.partner, account, list + 1 - 2 * direction, advice.side, slot
    );
    return slot;
}
