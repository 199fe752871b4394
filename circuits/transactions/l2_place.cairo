// place: a user's new order.
//
// Proven here: 1. admission (admission.cairo). 2. market, side, type and options are in range, and a client
// id is there, 1 .. 2^48 - 1, just where the options say so (1001). 3. expiry is after now and below 2^44 for
// an order that may rest, 0 for others (1104, 1001). 4. everything of matching/enter.cairo, for this order
// with the next order id. 5. a fill-or-kill order is filled (3010). 6. nothing is to be liquidated (4104),
// and no conditional order has to fire (4108).
// Not proven here: order ids are not used up (3003); the batch's end proves next_order_id < 2^48.

from generated.codes import (
    KIND_PLACE,
    KIND_PLACE_WORDS,
    ORDER_TYPE_FOK,
    ORDER_TYPE_IOC,
    ORDER_TYPE_MARKET,
    ORDER_TYPE_POST_ONLY,
    ORDER_TYPE_SLIDE,
)
from generated.constants import (
    CLIENT_ID_MAX,
    FLAGS_CLIENT_ID_SHIFT,
    FLAG_POST_ONLY,
    FLAG_SLIDE,
    HEAD_MARKET_SHIFT,
    HEAD_SIDE_SHIFT,
    HEAD_TYPE_SHIFT,
    MARKETS_MAX,
    NONCE_JUMP_MAX,
    RECORD_OPTIONS_SHIFT,
    RECORD_PRICE_JUMP_SHIFT,
    TIME_MAX,
)
from admission import Signed, admit
from lib.builtins import Muldiv, Poseidon2, Schnorr
from lib.integers import RANGE_TOP
from matching.enter import enter_order
from matching.incoming import Incoming
from matching.options import FLAGS_OPTIONS_SHIFT, Options, split_options
from registers import Environment, Registers, assert_calm

struct PlaceAdvice {
    signed: Signed,
    market: felt,
    side: felt,
    order_type: felt,
    price_ticks: felt,
    lots: felt,
    options: felt,
    expiry_ms: felt,
    client_id: felt,
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
    local client_id = advice.client_id;
    // As a sum it stands for the two: lots <= lots_max < 2^40.
    local lots_and_options = lots + RECORD_OPTIONS_SHIFT * advice.options;
    assert side = side * side;
    let (local now_ms, _) = admit(
        &env.user_message,
        registers.time_ms,
        words,
        signed,
        NONCE_JUMP_MAX,
        market * HEAD_MARKET_SHIFT + side * HEAD_SIDE_SHIFT + order_type * HEAD_TYPE_SHIFT +
        KIND_PLACE,
        price_ticks,
        lots_and_options,
        expiry_ms,
        client_id,
        0,
        0,
    );
    assert [range_check_ptr] = market;
    assert [range_check_ptr + 1] = market + (RANGE_TOP - (MARKETS_MAX - 1));

    let (local options: Options*, local named, local unnamed) = split_options(advice.options);

    // Types 0 gtt, 2 post_only and 5 slide may rest, and expire after now and below 2^44; 1 ioc, 3 market and
    // 4 fok don't rest, and have expiry 0. Each quotient is 1 for its type, and 0 for the two others.
    local rests;
    local is_market;
    local is_post_only;
    local slides;
    if (order_type * (order_type - ORDER_TYPE_POST_ONLY) * (order_type - ORDER_TYPE_SLIDE) == 0) {
        assert rests = 1;
        assert is_market = 0;
        assert is_post_only = order_type * (ORDER_TYPE_SLIDE - order_type) / (
            ORDER_TYPE_POST_ONLY * (ORDER_TYPE_SLIDE - ORDER_TYPE_POST_ONLY)
        );
        assert slides = order_type * (order_type - ORDER_TYPE_POST_ONLY) / (
            ORDER_TYPE_SLIDE * (ORDER_TYPE_SLIDE - ORDER_TYPE_POST_ONLY)
        );
        assert [range_check_ptr + 2] = expiry_ms - now_ms - 1;
        assert [range_check_ptr + 3] = expiry_ms + (RANGE_TOP - TIME_MAX);
        tempvar range_check_ptr = range_check_ptr + 4;
    } else {
        assert rests = 0;
        assert is_post_only = 0;
        assert slides = 0;
        assert (order_type - ORDER_TYPE_IOC) * (order_type - ORDER_TYPE_MARKET) * (
            order_type - ORDER_TYPE_FOK
        ) = 0;
        assert is_market = (order_type - ORDER_TYPE_IOC) * (ORDER_TYPE_FOK - order_type) / (
            (ORDER_TYPE_MARKET - ORDER_TYPE_IOC) * (ORDER_TYPE_FOK - ORDER_TYPE_MARKET)
        );
        assert expiry_ms = 0;
        tempvar range_check_ptr = range_check_ptr + 2;
    }

    if (named == 0) {
        assert client_id = 0;
        tempvar range_check_ptr = range_check_ptr;
    } else {
        assert [range_check_ptr] = client_id - 1;
        assert [range_check_ptr + 1] = client_id + (RANGE_TOP - CLIENT_ID_MAX);
        assert words[4] = client_id;
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
        slides=slides,
        options=options,
        client_id=client_id,
        flags=FLAG_POST_ONLY * is_post_only + (FLAG_POST_ONLY + FLAG_SLIDE) * slides +
        FLAGS_OPTIONS_SHIFT * unnamed + FLAGS_CLIENT_ID_SHIFT * client_id,
        price_ticks=price_ticks,
        lots=lots,
        expiry_ms=expiry_ms,
        opens_level=advice.opens_level,
        level_slot=advice.level_slot,
    );
    let slots = registers.slots;
    let (filled, resting, fees, _) = enter_order{slots=slots}(order, 0, 0, registers.fees);
    if (order_type == ORDER_TYPE_FOK) {
        assert filled = lots;
    }

    assert words[1] = price_ticks + RECORD_PRICE_JUMP_SHIFT * signed.nonce_step;
    assert words[2] = lots_and_options;
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
        commands=words + KIND_PLACE_WORDS + named,
    );
    return (
        code=0, first=order_id, second=filled, third=resting, next_advice=advice + PlaceAdvice.SIZE
    );
}
