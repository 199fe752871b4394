// The leaf `due` of an account (docs/spec/liquidation.md § 4).
// Every function assumes account < 2^32, read from a leaf or range-checked where it was advice.

from generated.constants import ACCOUNT_BASE, ACCOUNT_STRIDE, DUE_LEAF
from generated.leaves import DueLeaf
from lib.builtins import ACCESS_CELLS
from state.accesses import DueAccess

// Guarantees: the leaf; unchanged.
func read_due{state_ptr: felt*}(account: felt) -> DueLeaf* {
    let access = cast(state_ptr, DueAccess*);
    assert access.key = ACCOUNT_BASE + DUE_LEAF + ACCOUNT_STRIDE * account;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: the leaf before; afterwards it is this one.
func write_due{state_ptr: felt*}(
    account: felt, prev: felt, next: felt, tav: felt, mmr: felt, is_due: felt
) -> DueLeaf* {
    let access = cast(state_ptr, DueAccess*);
    let before = &access.before;
    assert access.key = ACCOUNT_BASE + DUE_LEAF + ACCOUNT_STRIDE * account;
    assert access.after = DueLeaf(
        prev=prev,
        next=next,
        tav=tav,
        mmr=mmr,
        is_due=is_due,
        reserved5=before.reserved5,
        reserved6=before.reserved6,
        reserved7=before.reserved7,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: the leaf before; afterwards this is the account before it in the list.
func write_due_prev{state_ptr: felt*}(account: felt, prev: felt) -> DueLeaf* {
    let access = cast(state_ptr, DueAccess*);
    let before = &access.before;
    assert access.key = ACCOUNT_BASE + DUE_LEAF + ACCOUNT_STRIDE * account;
    assert access.after = DueLeaf(
        prev=prev,
        next=before.next,
        tav=before.tav,
        mmr=before.mmr,
        is_due=before.is_due,
        reserved5=before.reserved5,
        reserved6=before.reserved6,
        reserved7=before.reserved7,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: the leaf before; afterwards this is the account behind it in the list.
func write_due_next{state_ptr: felt*}(account: felt, next: felt) -> DueLeaf* {
    let access = cast(state_ptr, DueAccess*);
    let before = &access.before;
    assert access.key = ACCOUNT_BASE + DUE_LEAF + ACCOUNT_STRIDE * account;
    assert access.after = DueLeaf(
        prev=before.prev,
        next=next,
        tav=before.tav,
        mmr=before.mmr,
        is_due=before.is_due,
        reserved5=before.reserved5,
        reserved6=before.reserved6,
        reserved7=before.reserved7,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}
