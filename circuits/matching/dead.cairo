// When an order is dead (docs/spec/orders.md § 3): it never fills, fires or enters a price.

from generated.constants import ORDERS_CLEARED_SHIFT, SIGNED_BOUND
from generated.leaves import AccountLeaf, OrderLeaf
from lib.builtins import Muldiv
from lib.integers import is_nonnegative, minimum
from matching.options import is_reduce_only

// Proven here: 1 if the order, resting or waiting, is cleared or expired, else 0.
// Assumes: `leaf` is its account's, `orders` its position's packed count, both as they are now.
func is_dead{muldiv_ptr: Muldiv*}(
    order_id: felt, expiry_ms: felt, leaf: AccountLeaf*, orders: felt, now_ms: felt
) -> felt {
    // is_nonnegative (lib/integers.cairo), and is_counted (state/open_orders.cairo).
    tempvar one = 1;
    tempvar zero = 0;
    tempvar bound = SIGNED_BOUND;
    let lasting = muldiv_ptr;
    assert lasting.a = expiry_ms - now_ms - 1 + bound;
    assert lasting.b = one;
    assert lasting.e = zero;
    assert lasting.c = bound;
    let counted = muldiv_ptr + Muldiv.SIZE;
    assert counted.a = order_id * ORDERS_CLEARED_SHIFT + (ORDERS_CLEARED_SHIFT - 1) - orders +
        bound;
    assert counted.b = one;
    assert counted.e = zero;
    assert counted.c = bound;
    tempvar is_alive = lasting.q * counted.q;
    let muldiv_ptr = counted + Muldiv.SIZE;
    // Neither is below 0, and both are far below the modulus.
    if (is_alive * (leaf.cleared + leaf.deadline_ms) == 0) {
        return 1 - is_alive;
    }
    return is_cleared(order_id, leaf, now_ms);
}

// Proven here: 1 if its account has cleared the order with this id in every market, or has fallen silent;
// else 0.
func is_cleared{muldiv_ptr: Muldiv*}(order_id: felt, leaf: AccountLeaf*, now_ms: felt) -> felt {
    let is_newer = is_nonnegative(order_id - leaf.cleared);
    if (is_newer == 0) {
        return 1;
    }
    if (leaf.deadline_ms == 0) {
        return 0;
    }
    return is_nonnegative(now_ms - leaf.deadline_ms);
}

// Proven here: how many lots of the resting order may fill now: all, or, of a reduce-only one, those that
// reduce a position of `size`, 0 if it would not reduce (it is idle).
// Assumes: the order is alive; `sign` is 1 if it meets a buyer, so that it sells, else -1.
func fillable_lots{muldiv_ptr: Muldiv*}(order: OrderLeaf*, sign: felt, size: felt) -> felt {
    alloc_locals;
    let reduces = is_reduce_only(order.flags);
    if (reduces == 0) {
        return order.lots;
    }
    let would_reduce = is_nonnegative(sign * size - 1);
    if (would_reduce == 0) {
        return 0;
    }
    return minimum(sign * size, order.lots);
}
