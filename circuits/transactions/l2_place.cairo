// place: a user's new order.
//
// Proven here: 1. admission (admission.cairo). 2. market, side and type are in range (1001). 3. expiry
// is after now and below 2^44 for an order that may rest, 0 for others (1104, 1001). 4. everything of
// matching/enter.cairo, for this order with the next order id. 5. nothing is to be liquidated (4104).
// Not proven here: order ids are not used up (3003); the batch's end proves next_order_id < 2^48.

from generated.codes import (
    KIND_PLACE,
    ORDER_TYPE_IOC,
    ORDER_TYPE_MARKET,
    ORDER_TYPE_POST_ONLY,
)
from generated.constants import (
    HEAD_MARKET_SHIFT,
    HEAD_SIDE_SHIFT,
    HEAD_TYPE_SHIFT,
    MARKETS_MAX,
    NONCE_JUMP_MAX,
    RECORD_PRICE_JUMP_SHIFT,
    TIME_MAX,
)
from admission import Signed, admit
from lib.builtins import Muldiv, Poseidon2, Schnorr
from lib.integers import RANGE_TOP
from matching.enter import enter_order
from matching.incoming import Incoming
from registers import Environment, Registers, assert_calm

struct PlaceAdvice {
    signed: Signed,
    market: felt,
    side: felt,
    order_type: felt,
    price_ticks: felt,
    lots: felt,
    expiry_ms: felt,
    opens_level: felt,
    level_slot: felt,
}

func l2_place{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
    registers: Registers*,
}(env: Environment*, advice: PlaceAdvice*) -> (
    code: felt, first: felt, second: felt, third: felt, next_advice: felt*
) {
    alloc_locals;
    let signed = &advice.signed;
    let words = registers.commands;
    assert_calm(registers);
    local market = advice.market;
    local side = advice.side;
    local order_type = advice.order_type;
    local price_ticks = advice.price_ticks;
    local lots = advice.lots;
    local expiry_ms = advice.expiry_ms;
    assert side = side * side;
    let (local now_ms, _) = admit(
        env,
        registers.time_ms,
        words,
        signed,
        NONCE_JUMP_MAX,
        market * HEAD_MARKET_SHIFT + side * HEAD_SIDE_SHIFT + order_type * HEAD_TYPE_SHIFT +
        KIND_PLACE,
        price_ticks,
        lots,
        expiry_ms,
    );
    assert [range_check_ptr] = market;
    assert [range_check_ptr + 1] = market + (RANGE_TOP - (MARKETS_MAX - 1));

    // Types 0 gtt and 2 post_only may rest, and expire after now and below 2^44; 1 ioc and 3 market don't
    // rest, and have expiry 0.
    local rests;
    local is_market;
    local is_post_only;
    if (order_type * (order_type - ORDER_TYPE_POST_ONLY) == 0) {
        assert rests = 1;
        assert is_market = 0;
        assert is_post_only = order_type / ORDER_TYPE_POST_ONLY;
        assert [range_check_ptr + 2] = expiry_ms - now_ms - 1;
        assert [range_check_ptr + 3] = expiry_ms + (RANGE_TOP - TIME_MAX);
        tempvar range_check_ptr = range_check_ptr + 4;
    } else {
        assert rests = 0;
        assert is_post_only = 0;
        assert is_market * (ORDER_TYPE_MARKET - ORDER_TYPE_IOC) = order_type - ORDER_TYPE_IOC;
        assert is_market = is_market * is_market;
        assert expiry_ms = 0;
        tempvar range_check_ptr = range_check_ptr + 2;
    }

    tempvar order = new Incoming(
        now_ms=now_ms,
        oldest_ms=now_ms - env.config.tick_max_ms,
        order_id=registers.next_order_id,
        account=signed.account,
        market=market,
        side=side,
        rests=rests,
        is_market=is_market,
        is_post_only=is_post_only,
        price_ticks=price_ticks,
        lots=lots,
        expiry_ms=expiry_ms,
        opens_level=advice.opens_level,
        level_slot=advice.level_slot,
    );
    let slots = registers.slots;
    let (filled, resting, fees) = enter_order{slots=slots}(order, 0, registers.fees);

    assert words[1] = price_ticks + RECORD_PRICE_JUMP_SHIFT * signed.nonce_step;
    assert words[2] = lots;
    assert words[3] = expiry_ms;
    tempvar order_id = registers.next_order_id;
    tempvar registers = new Registers(
        time_ms=now_ms,
        next_order_id=order_id + 1,
        slots=slots,
        custody=registers.custody,
        fees=fees,
        schedule=registers.schedule,
        requests=registers.requests,
        withdrawals=registers.withdrawals,
        commands=words + 4,
    );
    return (
        code=0, first=order_id, second=filled, third=resting, next_advice=advice + PlaceAdvice.SIZE
    );
}
