// The packed count of a position's orders (docs/spec/orders.md § 3): orders = open_orders + 2^9 * cleared,
// open_orders <= 256, cleared < 2^48. It is split only where its low part is asked for: for an order id i,
// i >= cleared just when 2^9 * i + 511 >= orders.
// Every function assumes account < 2^32 and market < 32, and order ids below 2^48.

from generated.constants import (
    ACCOUNT_BASE,
    ACCOUNT_STRIDE,
    ORDERS_CLEARED_SHIFT,
    POSITION_LEAF,
    POSITION_STRIDE,
    SIGNED_BOUND,
)
from generated.leaves import PositionLeaf
from lib.builtins import ACCESS_CELLS, Muldiv
from lib.integers import is_nonnegative
from state.accesses import PositionAccess

// Proven here: 1 if the order with this id is one of those that `orders` counts, else 0: it is cleared.
func is_counted{muldiv_ptr: Muldiv*}(order_id: felt, orders: felt) -> felt {
    return is_nonnegative(
        order_id * ORDERS_CLEARED_SHIFT + (ORDERS_CLEARED_SHIFT - 1) - orders
    );
}

// Proven here: `orders` after its account's own `cleared`: no order, from that id on, where that is above
// the position's; else as it is.
func count_anew{muldiv_ptr: Muldiv*}(orders: felt, cleared: felt) -> felt {
    if (cleared == 0) {
        return orders;
    }
    let is_above = is_nonnegative(cleared * ORDERS_CLEARED_SHIFT - orders - 1);
    return orders + is_above * (cleared * ORDERS_CLEARED_SHIFT - orders);
}

// Guarantees: afterwards the position counts one more order, after its account's `cleared`.
// Not proven here: there is room (3001), which is asked before matching.
func count_order{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    account: felt, market: felt, cleared: felt
) {
    alloc_locals;
    let access = cast(state_ptr, PositionAccess*);
    local before: PositionLeaf* = &access.before;
    assert access.key = ACCOUNT_BASE + POSITION_LEAF + ACCOUNT_STRIDE * account +
        POSITION_STRIDE * market;
    let orders = count_anew(before.orders, cleared);
    write_orders(orders + 1);
    return ();
}

// Guarantees: afterwards the position counts the order with this id no more, if it did.
// Assumes: an order of the account with this id has just left the market's book.
func uncount_order{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    account: felt, market: felt, order_id: felt
) {
    let access = cast(state_ptr, PositionAccess*);
    let before = access.before;
    assert access.key = ACCOUNT_BASE + POSITION_LEAF + ACCOUNT_STRIDE * account +
        POSITION_STRIDE * market;
    // is_counted, above.
    tempvar one = 1;
    tempvar orders = before.orders;
    assert muldiv_ptr.a = order_id * ORDERS_CLEARED_SHIFT + (
        ORDERS_CLEARED_SHIFT - 1 + SIGNED_BOUND
    ) - orders;
    assert muldiv_ptr.b = one;
    assert muldiv_ptr.e = 0;
    assert muldiv_ptr.c = SIGNED_BOUND;
    assert access.after = PositionLeaf(
        size=before.size,
        orders=orders - muldiv_ptr.q,
        funding=before.funding,
        imf_ppm=before.imf_ppm,
        trigger=before.trigger,
        prev=before.prev,
        next=before.next,
        list=before.list,
    );
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return ();
}

// Guarantees: afterwards the position has this packed count.
func set_orders{state_ptr: felt*}(account: felt, market: felt, orders: felt) {
    let access = cast(state_ptr, PositionAccess*);
    assert access.key = ACCOUNT_BASE + POSITION_LEAF + ACCOUNT_STRIDE * account +
        POSITION_STRIDE * market;
    write_orders(orders);
    return ();
}

// Guarantees: afterwards the position of this access, whose key is written, has these orders.
func write_orders{state_ptr: felt*}(orders: felt) {
    let access = cast(state_ptr, PositionAccess*);
    let before = access.before;
    assert access.after = PositionLeaf(
        size=before.size,
        orders=orders,
        funding=before.funding,
        imf_ppm=before.imf_ppm,
        trigger=before.trigger,
        prev=before.prev,
        next=before.next,
        list=before.list,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return ();
}
