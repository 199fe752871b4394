// Taking a resting order out of its queue (docs/spec/state.md § 8, remove).

from generated.constants import ORDER_BASE
from generated.leaves import LevelLeaf, OrderLeaf
from lib.builtins import ACCESS_CELLS, Muldiv
from registers import Slots
from state.accesses import OrderAccess
from state.levels import read_level, remove_level, write_level_first, write_level_last
from state.open_orders import uncount_order
from state.orders import write_order_next, write_order_prev

// Guarantees: the order's slot is free and the first that will be used again; the order's neighbours,
// or its level, no longer lead to it; a level without orders is gone. The order's leaf and its level's
// before, and whether the level is gone.
// Assumes: the caller finds the leaf live (its id not 0), else a slot would be in the list twice, and
// counts the order off its owner's.
func remove_order{state_ptr: felt*, slots: Slots*}(slot: felt) -> (
    order: OrderLeaf*, level: LevelLeaf*, is_gone: felt
) {
    let access = cast(state_ptr, OrderAccess*);
    let order = &access.before;
    tempvar zero = 0;
    assert access.key = ORDER_BASE + slot;
    assert access.after.order_id = zero;
    assert access.after.account = zero;
    assert access.after.level = zero;
    assert access.after.prev = zero;
    assert access.after.next = slots.order_free;
    assert access.after.lots = zero;
    assert access.after.expiry_ms = zero;
    assert access.after.flags = zero;
    let state_ptr = state_ptr + ACCESS_CELLS;

    if (order.prev == 0) {
        if (order.next == 0) {
            let level = remove_level(order.level, slots.level_free);
            tempvar slots = new Slots(
                order_free=slot,
                order_high=slots.order_high,
                level_free=order.level,
                level_high=slots.level_high,
                lists=slots.lists,
            );
            return (order=order, level=level, is_gone=1);
        }
    }
    let level = unlink_order(order);
    tempvar slots = new Slots(
        order_free=slot,
        order_high=slots.order_high,
        level_free=slots.level_free,
        level_high=slots.level_high,
        lists=slots.lists,
    );
    return (order=order, level=level, is_gone=0);
}

// Guarantees: as `remove_order`; and its owner's count, which has it no more. The market.
// Assumes: the caller finds the leaf live.
func remove_counted{muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(slot: felt) -> (
    order: OrderLeaf*, level: LevelLeaf*, market: felt
) {
    alloc_locals;
    let (order, level, _) = remove_order(slot);
    local order: OrderLeaf* = order;
    local level: LevelLeaf* = level;
    let (market, _) = market_of(level);
    local market = market;
    uncount_order(order.account, market, order.order_id);
    return (order=order, level=level, market=market);
}

// Guarantees: the order is gone, and its owner counts it no more; whether its level is gone.
// Assumes: `maker` is the live order in `slot`.
func drop_order{muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    slot: felt, maker: OrderLeaf*, market: felt
) -> felt {
    alloc_locals;
    let (_, _, local is_gone) = remove_order(slot);
    uncount_order(maker.account, market, maker.order_id);
    return is_gone;
}

// Guarantees: the neighbours of an order that is not alone no longer lead to it; its level's leaf
// before.
func unlink_order{state_ptr: felt*}(order: OrderLeaf*) -> LevelLeaf* {
    alloc_locals;
    if (order.prev == 0) {
        let level = write_level_first(order.level, order.next);
        local level: LevelLeaf* = level;
        write_order_prev(order.next, 0);
        return level;
    }
    write_order_next(order.prev, order.next);
    if (order.next == 0) {
        return write_level_last(order.level, order.prev);
    }
    write_order_prev(order.next, order.prev);
    return read_level(order.level);
}

// Proven here: market and side of a live level, from book = 1 + 2 * market + side.
func market_of{muldiv_ptr: Muldiv*}(level: LevelLeaf*) -> (market: felt, side: felt) {
    tempvar one = 1;
    assert muldiv_ptr.a = level.book - 1;
    assert muldiv_ptr.b = one;
    assert muldiv_ptr.e = 0;
    assert muldiv_ptr.c = 2;
    let halving = muldiv_ptr;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    return (market=halving.q, side=halving.r);
}
