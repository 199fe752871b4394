// amend: a user changes what shall remain of an order of its own, or its price.
//
// Proven here: 1. admission (admission.cairo). 2. the order in the slot that the prover names is live and
// has the id that the user signed (3005), is the user's (3006) and not expired (3007). 3. less at the
// same price keeps its place; 1 <= lots (1103), the rest of 1102 and 1103 holds as it held before.
// 4. anything else is removal and then everything of matching/enter.cairo, with the old id, expiry and
// flags. Which of the two follows from price and lots.

from generated.codes import KIND_AMEND
from generated.constants import (
    HEAD_ACCOUNT_SHIFT,
    HEAD_KEY_SHIFT,
    LOTS_MAX,
    NONCE_JUMP_MAX,
    ORDER_SLOTS_MAX,
    RECORD_DELTA_SHIFT,
    RECORD_ORDER_JUMP_SHIFT,
)
from generated.leaves import LevelLeaf, OrderLeaf
from admission import Authorisation, admit, advance_time
from lib.builtins import Muldiv, Poseidon2, Schnorr
from lib.integers import assert_at_least, assert_in_range, is_nonnegative, is_not_zero
from lib.sponge import Digest
from matching.enter import enter_order
from matching.incoming import Incoming, mirror_key
from matching.removal import market_of, remove_order
from registers import Done, Environment, Registers, Slots
from state.levels import read_level
from state.orders import read_order, release_order, write_order_lots

struct AmendAdvice {
    kind: felt,
    delta_ms: felt,
    authorisation: Authorisation,
    order_id: felt,
    price_ticks: felt,
    lots: felt,
    order_slot: felt,
    opens_level: felt,
    level_slot: felt,
}

func l2_amend{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    schnorr_ptr: Schnorr*,
    registers: Registers*,
}(env: Environment*, advice: AmendAdvice*) -> Done* {
    alloc_locals;
    let now_ms = advance_time(registers.time_ms, advice.delta_ms);
    local now_ms = now_ms;
    let authorisation = &advice.authorisation;
    local head = KIND_AMEND + HEAD_KEY_SHIFT * authorisation.key + HEAD_ACCOUNT_SHIFT *
        authorisation.account;
    let (message, _) = admit(
        env,
        now_ms,
        authorisation,
        NONCE_JUMP_MAX,
        head,
        advice.order_id,
        advice.price_ticks,
        advice.lots,
    );
    local message: Digest* = message;

    // The slot is advice, the id in its leaf proves it. A free leaf has id 0, which names no order.
    assert_in_range(advice.order_slot, ORDER_SLOTS_MAX - 1);
    let is_named = is_not_zero(advice.order_id);
    assert is_named = 1;
    let order = read_order(advice.order_slot);
    local order: OrderLeaf* = order;
    assert order.order_id = advice.order_id;
    assert order.account = authorisation.account;
    assert_at_least(order.expiry_ms, now_ms + 1);

    let slots = registers.slots;
    let (filled, resting, fees) = change_order{slots=slots}(advice, now_ms, order, registers.fees);

    let words = registers.commands;
    assert words[0] = head + RECORD_DELTA_SHIFT * advice.delta_ms;
    assert words[1] = advice.order_id + RECORD_ORDER_JUMP_SHIFT * authorisation.nonce_step;
    assert words[2] = advice.price_ticks;
    assert words[3] = advice.lots;
    tempvar registers = new Registers(
        time_ms=now_ms,
        next_order_id=registers.next_order_id,
        slots=slots,
        custody=registers.custody,
        fees=fees,
        requests=registers.requests,
        withdrawals=registers.withdrawals,
        commands=words + 4,
    );
    tempvar done = new Done(
        message=message, code=0, first=advice.order_id, second=filled, third=resting
    );
    return done;
}

// Proven here: the order is reduced in its place, or removed and entered anew, as price and lots say.
// Guarantees: lots filled, lots resting, the venue's fees after.
// Assumes: `order` is the live leaf in advice.order_slot, its owner the sender.
func change_order{range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    advice: AmendAdvice*, now_ms: felt, order: OrderLeaf*, fees: felt
) -> (filled: felt, resting: felt, fees: felt) {
    alloc_locals;
    let level = read_level(order.level);
    local level: LevelLeaf* = level;
    // Below 2^40, so that the comparison with the order's lots has one answer.
    assert_in_range(advice.lots - 1, LOTS_MAX - 1);
    let (local market, local side) = market_of(level);
    let old_price = mirror_key(level.key, 1 - side);
    if (advice.price_ticks == old_price) {
        let is_less = is_nonnegative(order.lots - advice.lots - 1);
        if (is_less != 0) {
            write_order_lots(advice.order_slot, advice.lots);
            return (filled=0, resting=advice.lots, fees=fees);
        }
        return replace_order(advice, now_ms, order, market, side, fees);
    }
    return replace_order(advice, now_ms, order, market, side, fees);
}

// Proven here: the order goes, and comes back with its id, expiry and flags.
func replace_order{range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    advice: AmendAdvice*, now_ms: felt, order: OrderLeaf*, market: felt, side: felt, fees: felt
) -> (filled: felt, resting: felt, fees: felt) {
    alloc_locals;
    release_order(advice.order_slot);
    remove_order(order, market);
    tempvar incoming = new Incoming(
        now_ms=now_ms,
        order_id=order.order_id,
        account=order.account,
        market=market,
        side=side,
        rests=1,
        is_market=0,
        is_post_only=order.flags,
        price_ticks=advice.price_ticks,
        lots=advice.lots,
        expiry_ms=order.expiry_ms,
        opens_level=advice.opens_level,
        level_slot=advice.level_slot,
    );
    return enter_order(incoming, fees);
}
