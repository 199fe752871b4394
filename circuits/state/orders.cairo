// Order leaves and the free list of order slots (docs/spec/state.md § 5, § 7).
// Every function assumes slot < 2^24: read from a leaf, or range-checked where it was advice.

from generated.constants import ORDER_BASE, ORDER_SLOTS_MAX
from generated.leaves import OrderLeaf
from lib.builtins import ACCESS_CELLS
from lib.integers import assert_at_least
from registers import Slots
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

// Guarantees: the leaf before; afterwards the slot is free and the first that will be used again.
// Assumes: the caller finds the leaf live (its id not 0), else a slot would be in the list twice.
func release_order{state_ptr: felt*, slots: Slots*}(slot: felt) -> OrderLeaf* {
    let access = cast(state_ptr, OrderAccess*);
    assert access.key = ORDER_BASE + slot;
    assert access.after = OrderLeaf(
        order_id=0, account=0, level=0, prev=0, next=slots.order_free, lots=0, expiry_ms=0, flags=0
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    tempvar slots = new Slots(
        order_free=slot,
        order_high=slots.order_high,
        level_free=slots.level_free,
        level_high=slots.level_high,
    );
    return &access.before;
}

// Proven here: an order slot is available.
// Assumes: order_high < 2^62.
func assert_order_slot_available{range_check_ptr, slots: Slots*}() {
    if (slots.order_free != 0) {
        return ();
    }
    assert_at_least(ORDER_SLOTS_MAX - 1, slots.order_high);
    return ();
}

// The slot that the next order gets.
func next_order_slot{slots: Slots*}() -> felt {
    if (slots.order_free != 0) {
        return slots.order_free;
    }
    return slots.order_high;
}

// Guarantees: a slot taken as the rule says and the new order, last in its queue, written to it.
// Assumes: a slot is available.
func add_order{state_ptr: felt*, slots: Slots*}(
    order_id: felt, account: felt, level: felt, prev: felt, lots: felt, expiry_ms: felt, flags: felt
) {
    alloc_locals;
    let slot = next_order_slot();
    let access = cast(state_ptr, OrderAccess*);
    assert access.key = ORDER_BASE + slot;
    assert access.after = OrderLeaf(
        order_id=order_id,
        account=account,
        level=level,
        prev=prev,
        next=0,
        lots=lots,
        expiry_ms=expiry_ms,
        flags=flags,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    // Follows from the invariants; a second lock on the door.
    assert access.before.order_id = 0;
    if (slots.order_free != 0) {
        tempvar slots = new Slots(
            order_free=access.before.next,
            order_high=slots.order_high,
            level_free=slots.level_free,
            level_high=slots.level_high,
        );
        return ();
    }
    tempvar slots = new Slots(
        order_free=0,
        order_high=slots.order_high + 1,
        level_free=slots.level_free,
        level_high=slots.level_high,
    );
    return ();
}
