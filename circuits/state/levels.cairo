// Level leaves and the free list of level slots (docs/spec/state.md § 4, § 7).
// Every function assumes slot < 2^24: read from a leaf, or range-checked where it was advice.

from generated.constants import LEVEL_BASE, LEVEL_SLOTS_MAX
from generated.leaves import LevelLeaf
from lib.builtins import ACCESS_CELLS
from lib.integers import assert_at_least
from registers import Slots
from state.accesses import LevelAccess

// Guarantees: the level's leaf; unchanged.
func read_level{state_ptr: felt*}(slot: felt) -> LevelLeaf* {
    let access = cast(state_ptr, LevelAccess*);
    assert access.key = LEVEL_BASE + slot;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: the leaf before; afterwards this is its oldest order.
func write_level_first{state_ptr: felt*}(slot: felt, first: felt) -> LevelLeaf* {
    let access = cast(state_ptr, LevelAccess*);
    let before = access.before;
    assert access.key = LEVEL_BASE + slot;
    assert access.after = LevelLeaf(
        book=before.book,
        key=before.key,
        prev=before.prev,
        next=before.next,
        first=first,
        last=before.last,
        reserved6=before.reserved6,
        reserved7=before.reserved7,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: the leaf before; afterwards this is its newest order.
func write_level_last{state_ptr: felt*}(slot: felt, last: felt) -> LevelLeaf* {
    let access = cast(state_ptr, LevelAccess*);
    let before = access.before;
    assert access.key = LEVEL_BASE + slot;
    assert access.after = LevelLeaf(
        book=before.book,
        key=before.key,
        prev=before.prev,
        next=before.next,
        first=before.first,
        last=last,
        reserved6=before.reserved6,
        reserved7=before.reserved7,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: the leaf before; afterwards this is the next better level.
func write_level_prev{state_ptr: felt*}(slot: felt, prev: felt) -> LevelLeaf* {
    let access = cast(state_ptr, LevelAccess*);
    let before = access.before;
    assert access.key = LEVEL_BASE + slot;
    assert access.after = LevelLeaf(
        book=before.book,
        key=before.key,
        prev=prev,
        next=before.next,
        first=before.first,
        last=before.last,
        reserved6=before.reserved6,
        reserved7=before.reserved7,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: the leaf before; afterwards this is the next worse level.
func write_level_next{state_ptr: felt*}(slot: felt, next: felt) -> LevelLeaf* {
    let access = cast(state_ptr, LevelAccess*);
    let before = access.before;
    assert access.key = LEVEL_BASE + slot;
    assert access.after = LevelLeaf(
        book=before.book,
        key=before.key,
        prev=before.prev,
        next=next,
        first=before.first,
        last=before.last,
        reserved6=before.reserved6,
        reserved7=before.reserved7,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Proven here: a level slot is available.
// Assumes: level_high < 2^62.
func assert_level_slot_available{range_check_ptr, slots: Slots*}() {
    if (slots.level_free != 0) {
        return ();
    }
    assert_at_least(LEVEL_SLOTS_MAX - 1, slots.level_high);
    return ();
}

// The slot that the next level gets.
func next_level_slot{slots: Slots*}() -> felt {
    if (slots.level_free != 0) {
        return slots.level_free;
    }
    return slots.level_high;
}

// Guarantees: a slot taken as the rule says and a level with one order written to it.
// Assumes: a slot is available; the caller links the neighbours.
func add_level{state_ptr: felt*, slots: Slots*}(
    book: felt, key: felt, prev: felt, next: felt, order: felt
) {
    alloc_locals;
    let slot = next_level_slot();
    let access = cast(state_ptr, LevelAccess*);
    assert access.key = LEVEL_BASE + slot;
    assert access.after = LevelLeaf(
        book=book, key=key, prev=prev, next=next, first=order, last=order, reserved6=0, reserved7=0
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    // Follows from the invariants; a second lock on the door.
    assert access.before.book = 0;
    if (slots.level_free != 0) {
        tempvar slots = new Slots(
            order_free=slots.order_free,
            order_high=slots.order_high,
            level_free=access.before.next,
            level_high=slots.level_high,
        );
        return ();
    }
    tempvar slots = new Slots(
        order_free=slots.order_free,
        order_high=slots.order_high,
        level_free=0,
        level_high=slots.level_high + 1,
    );
    return ();
}

// Guarantees: the leaf before; afterwards its neighbours are linked to each other, and the slot is
// free and the first that will be used again.
// Assumes: the level is live and its last order is being removed.
func remove_level{state_ptr: felt*, slots: Slots*}(slot: felt) -> LevelLeaf* {
    alloc_locals;
    local access: LevelAccess* = cast(state_ptr, LevelAccess*);
    assert access.key = LEVEL_BASE + slot;
    assert access.after = LevelLeaf(
        book=0, key=0, prev=0, next=slots.level_free, first=0, last=0, reserved6=0, reserved7=0
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    tempvar slots = new Slots(
        order_free=slots.order_free,
        order_high=slots.order_high,
        level_free=slot,
        level_high=slots.level_high,
    );
    write_level_next(access.before.prev, access.before.next);
    write_level_prev(access.before.next, access.before.prev);
    return &access.before;
}
