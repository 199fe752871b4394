// place: a user's new order.
//
// Proven here: 1. admission (admission.cairo). 2. market, side and type are in range (1001). 3. expiry
// is after now and below 2^44 for an order that may rest, 0 for others (1104, 1001). 4. everything of
// matching/enter.cairo, for this order with the next order id.
// Not proven here: order ids are not used up (3003); the batch's end proves next_order_id < 2^48.

from generated.codes import KIND_PLACE
from generated.constants import (
    HEAD_ACCOUNT_SHIFT,
    HEAD_KEY_SHIFT,
    HEAD_MARKET_SHIFT,
    HEAD_SIDE_SHIFT,
    HEAD_TYPE_SHIFT,
    MARKETS_MAX,
    NONCE_JUMP_MAX,
    RECORD_DELTA_SHIFT,
    RECORD_PRICE_JUMP_SHIFT,
    TIME_MAX,
)
from admission import Authorisation, admit, advance_time
from lib.builtins import Muldiv, Poseidon2, Schnorr
from lib.integers import assert_at_least, assert_in_range, halve
from lib.sponge import Digest
from matching.enter import enter_order
from matching.incoming import Incoming
from registers import Done, Environment, Registers, Slots

struct PlaceAdvice {
    kind: felt,
    delta_ms: felt,
    authorisation: Authorisation,
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
}(env: Environment*, advice: PlaceAdvice*) -> Done* {
    alloc_locals;
    let now_ms = advance_time(registers.time_ms, advice.delta_ms);
    local now_ms = now_ms;
    let authorisation = &advice.authorisation;
    assert_in_range(advice.market, MARKETS_MAX - 1);
    assert advice.side = advice.side * advice.side;
    // Types: 0 gtt, 1 ioc, 2 post_only, 3 market: the low bit means "never rests".
    let (local is_special, local never_rests) = halve(advice.order_type);
    assert is_special = is_special * is_special;
    assert_expiry(advice.expiry_ms, now_ms, never_rests);

    local head = KIND_PLACE + HEAD_KEY_SHIFT * authorisation.key + HEAD_MARKET_SHIFT *
        advice.market + HEAD_SIDE_SHIFT * advice.side + HEAD_TYPE_SHIFT * advice.order_type +
        HEAD_ACCOUNT_SHIFT * authorisation.account;
    let (message, _) = admit(
        env,
        now_ms,
        authorisation,
        NONCE_JUMP_MAX,
        head,
        advice.price_ticks,
        advice.lots,
        advice.expiry_ms,
    );
    local message: Digest* = message;

    tempvar order = new Incoming(
        now_ms=now_ms,
        order_id=registers.next_order_id,
        account=authorisation.account,
        market=advice.market,
        side=advice.side,
        rests=1 - never_rests,
        is_market=is_special * never_rests,
        is_post_only=is_special * (1 - never_rests),
        price_ticks=advice.price_ticks,
        lots=advice.lots,
        expiry_ms=advice.expiry_ms,
        opens_level=advice.opens_level,
        level_slot=advice.level_slot,
    );
    let slots = registers.slots;
    let (filled, resting, fees) = enter_order{slots=slots}(order, registers.fees);

    let words = registers.commands;
    assert words[0] = head + RECORD_DELTA_SHIFT * advice.delta_ms;
    assert words[1] = advice.price_ticks + RECORD_PRICE_JUMP_SHIFT * authorisation.nonce_step;
    assert words[2] = advice.lots;
    assert words[3] = advice.expiry_ms;
    tempvar done = new Done(
        message=message, code=0, first=registers.next_order_id, second=filled, third=resting
    );
    tempvar registers = new Registers(
        time_ms=now_ms,
        next_order_id=registers.next_order_id + 1,
        slots=slots,
        custody=registers.custody,
        fees=fees,
        requests=registers.requests,
        withdrawals=registers.withdrawals,
        commands=words + 4,
    );
    return done;
}

// Proven here: an order that may rest expires after now and below 2^44; another has expiry 0.
func assert_expiry{range_check_ptr}(expiry_ms: felt, now_ms: felt, never_rests: felt) {
    if (never_rests != 0) {
        assert expiry_ms = 0;
        return ();
    }
    assert_at_least(expiry_ms, now_ms + 1);
    assert_at_least(TIME_MAX, expiry_ms);
    return ();
}
