// amend: a user changes what shall remain of an order of its own, or its price.
//
// Proven here: 1. admission (admission.cairo). 2. the order in the slot that the prover names is live and
// has the id that the user signed (3005), is the user's (3006) and, the account's deadline having been
// looked at, neither cleared nor expired (3007). 3. less at the same price keeps its place; it is not too
// little (1103), and the rest of 1102 and 1103 holds as it held before. 4. anything else is removal and then
// everything of matching/enter.cairo, with the old id, expiry, flags and client id. Which of the two follows
// from price and lots. 5. nothing is to be liquidated (4104), and no conditional order has to fire (4108).

from generated.codes import KIND_AMEND
from generated.constants import (
    LOTS_MAX,
    NONCE_JUMP_MAX,
    ORDER_SLOTS_MAX,
    RECORD_ORDER_JUMP_SHIFT,
)
from generated.leaves import AccountLeaf, LevelLeaf, MarketLeaf, OrderLeaf
from admission import Signed, admit
from lib.builtins import Muldiv, Poseidon2, Schnorr
from lib.integers import RANGE_TOP, is_nonnegative
from matching.dead import is_dead
from matching.enter import enter_order
from matching.incoming import Incoming, mirror_key
from matching.options import is_reduce_only, split_flags
from matching.removal import market_of, remove_order
from registers import Environment, Registers, Slots, assert_calm
from state.accounts import read_account, read_position
from state.deadline import fire
from state.levels import read_level
from state.markets import read_market
from state.orders import read_order, write_order_lots

struct AmendAdvice {
    signed: Signed,
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
}(env: Environment*, advice: AmendAdvice*) -> (
    code: felt, first: felt, second: felt, third: felt, next_advice: felt*
) {
    alloc_locals;
    let signed = &advice.signed;
    let words = registers.commands;
    assert_calm(registers);
    local order_id = advice.order_id;
    local price_ticks = advice.price_ticks;
    local lots = advice.lots;
    let (local now_ms, _) = admit(
        &env.user_message,
        registers.time_ms,
        words,
        signed,
        NONCE_JUMP_MAX,
        KIND_AMEND,
        order_id,
        price_ticks,
        lots,
        0,
        0,
        0,
    );

    // The slot is advice, the id in its leaf proves it. A free leaf has id 0, which names no order:
    // the id has an inverse.
    tempvar order_slot = advice.order_slot;
    assert [range_check_ptr] = order_slot;
    assert [range_check_ptr + 1] = order_slot + (RANGE_TOP - (ORDER_SLOTS_MAX - 1));
    tempvar inverse = 1 / order_id;
    let range_check_ptr = range_check_ptr + 2;
    let order = read_order(order_slot);
    local order: OrderLeaf* = order;
    assert order.order_id = order_id;
    assert order.account = signed.account;
    let leaf = read_account(signed.account);
    let leaf = fire(signed.account, leaf, now_ms, registers.next_order_id);

    let slots = registers.slots;
    let (filled, resting, fees) = change_order{slots=slots}(
        advice, now_ms, now_ms - env.config.tick_max_ms, order, leaf, registers.fees
    );

    assert words[1] = order_id + RECORD_ORDER_JUMP_SHIFT * signed.nonce_step;
    assert words[2] = price_ticks;
    assert words[3] = lots;
    tempvar registers = new Registers(
        time_ms=now_ms,
        next_order_id=registers.next_order_id,
        slots=slots,
        custody=registers.custody,
        fees=fees,
        schedule=registers.schedule,
        requests=registers.requests,
        withdrawals=registers.withdrawals,
        commands=words + 4,
    );
    return (
        code=0, first=order_id, second=filled, third=resting, next_advice=advice + AmendAdvice.SIZE
    );
}

// Proven here: the order is neither cleared nor expired, and is reduced in its place, or removed and entered
// anew, as price and lots say.
// Guarantees: lots filled, lots resting, the venue's fees after.
// Assumes: `order` is the live leaf in advice.order_slot, its owner the sender, whose leaf is `leaf`.
func change_order{range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    advice: AmendAdvice*,
    now_ms: felt,
    oldest_ms: felt,
    order: OrderLeaf*,
    leaf: AccountLeaf*,
    fees: felt,
) -> (filled: felt, resting: felt, fees: felt) {
    alloc_locals;
    let level = read_level(order.level);
    local level: LevelLeaf* = level;
    // Below 2^40, so that the comparison with the order's lots has one answer.
    tempvar lots = advice.lots;
    assert [range_check_ptr] = lots - 1;
    assert [range_check_ptr + 1] = lots + (RANGE_TOP - LOTS_MAX);
    let range_check_ptr = range_check_ptr + 2;
    let (local market, local side) = market_of(level);
    let position = read_position(order.account, market);
    let dead = is_dead(order.order_id, order.expiry_ms, leaf, position.orders, now_ms);
    assert dead = 0;
    let old_price = mirror_key(level.key, 1 - side);
    if (advice.price_ticks == old_price) {
        let is_less = is_nonnegative(order.lots - advice.lots - 1);
        if (is_less != 0) {
            let market_leaf = read_market(market);
            assert_enough(order, advice.lots, market_leaf);
            write_order_lots(advice.order_slot, advice.lots);
            return (filled=0, resting=advice.lots, fees=fees);
        }
        return replace_order(advice, now_ms, oldest_ms, order, market, side, fees);
    }
    return replace_order(advice, now_ms, oldest_ms, order, market, side, fees);
}

// Proven here: the lots are not below the market's least order, or the order is reduce-only (1103).
func assert_enough{range_check_ptr, muldiv_ptr: Muldiv*}(
    order: OrderLeaf*, lots: felt, market: MarketLeaf*
) {
    let reduces = is_reduce_only(order.flags);
    if (reduces == 0) {
        assert [range_check_ptr] = lots - market.lots_min;
        let range_check_ptr = range_check_ptr + 1;
        return ();
    }
    return ();
}

// Proven here: the order goes, and comes back with its id, expiry, flags and client id.
func replace_order{range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    advice: AmendAdvice*,
    now_ms: felt,
    oldest_ms: felt,
    order: OrderLeaf*,
    market: felt,
    side: felt,
    fees: felt,
) -> (filled: felt, resting: felt, fees: felt) {
    alloc_locals;
    remove_order(advice.order_slot);
    let flags = split_flags(order.flags);
    tempvar incoming = new Incoming(
        now_ms=now_ms,
        oldest_ms=oldest_ms,
        order_id=order.order_id,
        account=order.account,
        market=market,
        side=side,
        rests=1,
        is_market=0,
        is_post_only=flags.post_only - flags.slides,
        slides=flags.slides,
        options=flags.options,
        client_id=flags.client_id,
        flags=order.flags,
        price_ticks=advice.price_ticks,
        lots=advice.lots,
        expiry_ms=order.expiry_ms,
        opens_level=advice.opens_level,
        level_slot=advice.level_slot,
    );
    // The position still counts the order that went: nothing writes its leaf in between.
    let (filled, resting, fees, _) = enter_order(incoming, 1, 0, fees);
    return (filled=filled, resting=resting, fees=fees);
}
