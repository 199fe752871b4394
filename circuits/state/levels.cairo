// Level leaves (docs/spec/state.md § 4). New ones are written in matching/resting.cairo.
// Every function assumes slot < 2^24: read from a leaf, or range-checked where it was advice.

from generated.constants import LEVEL_BASE
from generated.leaves import LevelLeaf
from lib.builtins import ACCESS_CELLS
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

// Guarantees: the leaf before; afterwards its neighbours are linked to each other, and its slot is free
// with the old head of the free list behind it. The caller makes it the new head.
// Assumes: the level is live and its last order is being removed.
func remove_level{state_ptr: felt*}(slot: felt, level_free: felt) -> LevelLeaf* {
    let access = cast(state_ptr, LevelAccess*);
    tempvar zero = 0;
    assert access.key = LEVEL_BASE + slot;
    assert access.after.book = zero;
    assert access.after.key = zero;
    assert access.after.prev = zero;
    assert access.after.next = level_free;
    assert access.after.first = zero;
    assert access.after.last = zero;
    assert access.after.reserved6 = zero;
    assert access.after.reserved7 = zero;
    tempvar prev = access.before.prev;
    tempvar next = access.before.next;

    let better = cast(state_ptr + ACCESS_CELLS, LevelAccess*);
    assert better.key = LEVEL_BASE + prev;
    assert better.after.book = better.before.book;
    assert better.after.key = better.before.key;
    assert better.after.prev = better.before.prev;
    assert better.after.next = next;
    assert better.after.first = better.before.first;
    assert better.after.last = better.before.last;
    assert better.after.reserved6 = better.before.reserved6;
    assert better.after.reserved7 = better.before.reserved7;

    let worse = cast(state_ptr + 2 * ACCESS_CELLS, LevelAccess*);
    assert worse.key = LEVEL_BASE + next;
    assert worse.after.book = worse.before.book;
    assert worse.after.key = worse.before.key;
    assert worse.after.prev = prev;
    assert worse.after.next = worse.before.next;
    assert worse.after.first = worse.before.first;
    assert worse.after.last = worse.before.last;
    assert worse.after.reserved6 = worse.before.reserved6;
    assert worse.after.reserved7 = worse.before.reserved7;

    let state_ptr = state_ptr + 3 * ACCESS_CELLS;
    return &access.before;
}
