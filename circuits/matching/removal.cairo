// Taking a resting order out of its queue (docs/spec/state.md § 8, remove).

from generated.leaves import LevelLeaf, OrderLeaf
from lib.builtins import Muldiv
from lib.integers import halve
from registers import Slots
from state.accounts import count_removed_order
from state.levels import read_level, remove_level, write_level_first, write_level_last
from state.orders import write_order_next, write_order_prev

// Guarantees: the order's neighbours, or its level, no longer lead to it; a level without orders is
// gone. The level's leaf before, and whether it is gone.
// Assumes: `order` is the leaf of a live order; the caller releases its slot first, and counts it.
func unlink_order{state_ptr: felt*, slots: Slots*}(order: OrderLeaf*) -> (
    level: LevelLeaf*, is_gone: felt
) {
    alloc_locals;
    if (order.prev == 0) {
        if (order.next == 0) {
            let level = remove_level(order.level);
            return (level=level, is_gone=1);
        }
        let level = write_level_first(order.level, order.next);
        write_order_prev(order.next, 0);
        return (level=level, is_gone=0);
    }
    write_order_next(order.prev, order.next);
    if (order.next == 0) {
        let level = write_level_last(order.level, order.prev);
        return (level=level, is_gone=0);
    }
    write_order_prev(order.next, order.prev);
    let level = read_level(order.level);
    return (level=level, is_gone=0);
}

// Guarantees: as `unlink_order`, and the owner has one open order less in the market.
func remove_order{state_ptr: felt*, slots: Slots*}(order: OrderLeaf*, market: felt) -> (
    level: LevelLeaf*, is_gone: felt
) {
    alloc_locals;
    let (level, is_gone) = unlink_order(order);
    count_removed_order(order.account, market);
    return (level=level, is_gone=is_gone);
}

// Proven here: market and side of a live level, from book = 1 + 2 * market + side.
func market_of{muldiv_ptr: Muldiv*}(level: LevelLeaf*) -> (market: felt, side: felt) {
    let (market, side) = halve(level.book - 1);
    return (market=market, side=side);
}
