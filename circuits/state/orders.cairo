// Order leaves (docs/spec/state.md § 5). New ones are written in matching/resting.cairo, freed ones in
// matching/removal.cairo.
// Every function assumes slot < 2^24: read from a leaf, or range-checked where it was advice.

from generated.constants import ORDER_BASE
from generated.leaves import OrderLeaf
from lib.builtins import ACCESS_CELLS
from state.accesses import OrderAccess

// Guarantees: the order's leaf; unchanged.
func read_order{state_ptr: felt*}(slot: felt) -> OrderLeaf* {
    let access = cast(state_ptr, OrderAccess*);
    assert access.key = ORDER_BASE + slot;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: afterwards the order has these lots, and is otherwise as it was.
func write_order_lots{state_ptr: felt*}(slot: felt, lots: felt) {
    let access = cast(state_ptr, OrderAccess*);
    let before = access.before;
    assert access.key = ORDER_BASE + slot;
    assert access.after = OrderLeaf(
        order_id=before.order_id,
        account=before.account,
        level=before.level,
        prev=before.prev,
        next=before.next,
        lots=lots,
        expiry_ms=before.expiry_ms,
        flags=before.flags,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return ();
}

// Guarantees: afterwards this is the order before it in its queue.
func write_order_prev{state_ptr: felt*}(slot: felt, prev: felt) {
    let access = cast(state_ptr, OrderAccess*);
    let before = access.before;
    assert access.key = ORDER_BASE + slot;
    assert access.after = OrderLeaf(
        order_id=before.order_id,
        account=before.account,
        level=before.level,
        prev=prev,
        next=before.next,
        lots=before.lots,
        expiry_ms=before.expiry_ms,
        flags=before.flags,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return ();
}

// Guarantees: afterwards this is the order behind it in its queue.
func write_order_next{state_ptr: felt*}(slot: felt, next: felt) {
    let access = cast(state_ptr, OrderAccess*);
    let before = access.before;
    assert access.key = ORDER_BASE + slot;
    assert access.after = OrderLeaf(
        order_id=before.order_id,
        account=before.account,
        level=before.level,
        prev=before.prev,
        next=next,
        lots=before.lots,
        expiry_ms=before.expiry_ms,
        flags=before.flags,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return ();
}
