// Leaves of an account's subtree (docs/spec/state.md § 6). A nonce rises in admission.cairo; what every
// order touches stands in matching/enter.cairo.
// Every function assumes account < 2^32, market < 32 and key < 14, each range-checked where it was
// advice; leaves and the book hold no others. Reserved felts stay as they are.

from generated.constants import (
    ACCOUNT_BASE,
    ACCOUNT_LEAF,
    ACCOUNT_STRIDE,
    KEY_LEAF,
    OWNER_LEAF,
    POSITION_LEAF,
    POSITION_STRIDE,
)
from generated.leaves import AccountLeaf, KeyLeaf, OwnerLeaf, PositionLeaf
from lib.builtins import ACCESS_CELLS
from lib.signature_builtin import PublicKey
from state.accesses import AccountAccess, KeyAccess, OwnerAccess, PositionAccess

// Guarantees: the account leaf; unchanged.
func read_account{state_ptr: felt*}(account: felt) -> AccountLeaf* {
    let access = cast(state_ptr, AccountAccess*);
    assert access.key = ACCOUNT_BASE + ACCOUNT_LEAF + ACCOUNT_STRIDE * account;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: afterwards the leaf has these felts; the others stay.
func write_account{state_ptr: felt*}(
    account: felt, status: felt, collateral: felt, positions: felt
) {
    let access = cast(state_ptr, AccountAccess*);
    let before = access.before;
    assert access.key = ACCOUNT_BASE + ACCOUNT_LEAF + ACCOUNT_STRIDE * account;
    assert access.after = AccountLeaf(
        status=status,
        collateral=collateral,
        positions=positions,
        mode=before.mode,
        master=before.master,
        cleared=before.cleared,
        deadline_ms=before.deadline_ms,
        names=before.names,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return ();
}

// The account that made this one, or the account itself.
func master_of(account: felt, leaf: AccountLeaf*) -> felt {
    if (leaf.master == 0) {
        return account;
    }
    return leaf.master;
}

// Guarantees: the owner leaf; unchanged.
func read_owner{state_ptr: felt*}(account: felt) -> OwnerLeaf* {
    let access = cast(state_ptr, OwnerAccess*);
    assert access.key = ACCOUNT_BASE + OWNER_LEAF + ACCOUNT_STRIDE * account;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: afterwards the account has this owner.
func write_owner{state_ptr: felt*}(account: felt, owner0: felt, owner1: felt, owner2: felt) {
    let access = cast(state_ptr, OwnerAccess*);
    let before = access.before;
    assert access.key = ACCOUNT_BASE + OWNER_LEAF + ACCOUNT_STRIDE * account;
    assert access.after = OwnerLeaf(
        owner0=owner0,
        owner1=owner1,
        owner2=owner2,
        reserved3=before.reserved3,
        reserved4=before.reserved4,
        reserved5=before.reserved5,
        reserved6=before.reserved6,
        reserved7=before.reserved7,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return ();
}

// Guarantees: afterwards the key is this one; its nonce stays.
func write_key{state_ptr: felt*}(account: felt, key: felt, public_key: PublicKey*) {
    let access = cast(state_ptr, KeyAccess*);
    let before = access.before;
    assert access.key = ACCOUNT_BASE + KEY_LEAF + ACCOUNT_STRIDE * account + key;
    assert access.after = KeyLeaf(
        key0=public_key.w0,
        key1=public_key.w1,
        key2=public_key.w2,
        key3=public_key.w3,
        key4=public_key.w4,
        nonce=before.nonce,
        reserved6=before.reserved6,
        reserved7=before.reserved7,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return ();
}

// Guarantees: the account, unused so far, is open, has this mode and master, and this key with no nonce
// used.
func open_sub_account{state_ptr: felt*}(
    account: felt, mode: felt, master: felt, key: felt, public_key: PublicKey*
) {
    let access = cast(state_ptr, AccountAccess*);
    assert access.key = ACCOUNT_BASE + ACCOUNT_LEAF + ACCOUNT_STRIDE * account;
    // Follows from the invariants; a second lock on the door.
    assert access.before.status = 0;
    assert access.after = AccountLeaf(
        status=1,
        collateral=0,
        positions=0,
        mode=mode,
        master=master,
        cleared=0,
        deadline_ms=0,
        names=0,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;

    let key_access = cast(state_ptr, KeyAccess*);
    assert key_access.key = ACCOUNT_BASE + KEY_LEAF + ACCOUNT_STRIDE * account + key;
    assert key_access.after = KeyLeaf(
        key0=public_key.w0,
        key1=public_key.w1,
        key2=public_key.w2,
        key3=public_key.w3,
        key4=public_key.w4,
        nonce=0,
        reserved6=0,
        reserved7=0,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return ();
}

// Guarantees: the position leaf; unchanged.
func read_position{state_ptr: felt*}(account: felt, market: felt) -> PositionLeaf* {
    let access = cast(state_ptr, PositionAccess*);
    assert access.key = ACCOUNT_BASE + POSITION_LEAF + ACCOUNT_STRIDE * account +
        POSITION_STRIDE * market;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: the leaf before; afterwards the position has this size, has paid its funding up to `funding`,
// and has `orders_change` more open orders, 0 or -1, where one that it counts has gone; its own leverage
// stays, and its place in a trigger list.
func write_position{state_ptr: felt*}(
    account: felt, market: felt, size: felt, funding: felt, orders_change: felt
) -> PositionLeaf* {
    let access = cast(state_ptr, PositionAccess*);
    let before = access.before;
    assert access.key = ACCOUNT_BASE + POSITION_LEAF + ACCOUNT_STRIDE * account +
        POSITION_STRIDE * market;
    assert access.after = PositionLeaf(
        size=size,
        orders=before.orders + orders_change,
        funding=funding,
        imf_ppm=before.imf_ppm,
        trigger=before.trigger,
        prev=before.prev,
        next=before.next,
        list=before.list,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: afterwards the position has this leverage of its own; its size.
func write_leverage{state_ptr: felt*}(account: felt, market: felt, imf_ppm: felt) -> felt {
    let access = cast(state_ptr, PositionAccess*);
    let before = access.before;
    assert access.key = ACCOUNT_BASE + POSITION_LEAF + ACCOUNT_STRIDE * account +
        POSITION_STRIDE * market;
    assert access.after = PositionLeaf(
        size=before.size,
        orders=before.orders,
        funding=before.funding,
        imf_ppm=imf_ppm,
        trigger=before.trigger,
        prev=before.prev,
        next=before.next,
        list=before.list,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return before.size;
}

// Guarantees: afterwards orders of the account with ids below `cleared` are dead, and from `deadline_ms` on, if
// that is not 0, all of them; the leaf then.
func write_cleared{state_ptr: felt*}(
    account: felt, cleared: felt, deadline_ms: felt
) -> AccountLeaf* {
    let access = cast(state_ptr, AccountAccess*);
    let before = &access.before;
    assert access.key = ACCOUNT_BASE + ACCOUNT_LEAF + ACCOUNT_STRIDE * account;
    assert access.after = AccountLeaf(
        status=before.status,
        collateral=before.collateral,
        positions=before.positions,
        mode=before.mode,
        master=before.master,
        cleared=cleared,
        deadline_ms=deadline_ms,
        names=before.names,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.after;
}

// Guarantees: afterwards this is 1 + the account's page of client ids, of which it had none.
func write_names{state_ptr: felt*}(account: felt, names: felt) {
    let access = cast(state_ptr, AccountAccess*);
    let before = &access.before;
    assert access.key = ACCOUNT_BASE + ACCOUNT_LEAF + ACCOUNT_STRIDE * account;
    assert before.names = 0;
    assert access.after = AccountLeaf(
        status=before.status,
        collateral=before.collateral,
        positions=before.positions,
        mode=before.mode,
        master=before.master,
        cleared=before.cleared,
        deadline_ms=before.deadline_ms,
        names=names,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return ();
}
