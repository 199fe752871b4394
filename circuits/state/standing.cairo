// What stands beside a position: the last deleveraging that visited it, its tenure and its conditional orders
// (docs/spec/conditional.md § 1). `waiting` is packed as a position's `orders` (state/open_orders.cairo):
// conditional orders + 2^9 * cleared.
// Every function assumes account < 2^32 and market < 32, read from a leaf or range-checked.

from generated.constants import (
    ACCOUNT_BASE,
    ACCOUNT_STRIDE,
    CONDITIONALS_MAX,
    ORDERS_CLEARED_SHIFT,
    POSITION_STRIDE,
    STANDING_LEAF,
)
from generated.leaves import StandingLeaf
from lib.builtins import ACCESS_CELLS, Muldiv
from lib.integers import assert_in_range
from state.accesses import StandingAccess
from state.open_orders import count_anew, is_counted

// Guarantees: the leaf beside the position; unchanged.
func read_standing{state_ptr: felt*}(account: felt, market: felt) -> StandingLeaf* {
    let access = cast(state_ptr, StandingAccess*);
    assert access.key = ACCOUNT_BASE + STANDING_LEAF + ACCOUNT_STRIDE * account +
        POSITION_STRIDE * market;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: the leaf beside the position, for the access to come, which `write_standing` finishes.
func find_standing{state_ptr: felt*}(account: felt, market: felt) -> StandingLeaf* {
    let access = cast(state_ptr, StandingAccess*);
    assert access.key = ACCOUNT_BASE + STANDING_LEAF + ACCOUNT_STRIDE * account +
        POSITION_STRIDE * market;
    return &access.before;
}

// Guarantees: afterwards the leaf of this access, whose key is written, has these three felts.
func write_standing{state_ptr: felt*}(stamp: felt, tenure: felt, waiting: felt) {
    let access = cast(state_ptr, StandingAccess*);
    let before = access.before;
    assert access.after = StandingLeaf(
        stamp=stamp,
        tenure=tenure,
        waiting=waiting,
        reserved3=before.reserved3,
        reserved4=before.reserved4,
        reserved5=before.reserved5,
        reserved6=before.reserved6,
        reserved7=before.reserved7,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return ();
}

// Guarantees: the number of the last deleveraging that had visited the position; afterwards that is
// `number`.
func stamp_position{state_ptr: felt*}(account: felt, market: felt, number: felt) -> felt {
    alloc_locals;
    let before = find_standing(account, market);
    local before: StandingLeaf* = before;
    write_standing(number, before.tenure, before.waiting);
    return before.stamp;
}

// Proven here: fewer than 64 conditional orders of the account wait in the market (3014), after the greater of
// its account's `cleared` and its position's.
// Guarantees: afterwards one more does; the position's tenure.
// Assumes: the two are those of the leaves now, below 2^48.
func count_waiting{range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*}(
    account: felt, market: felt, account_cleared: felt, position_cleared: felt
) -> felt {
    alloc_locals;
    let before = find_standing(account, market);
    local before: StandingLeaf* = before;
    let waiting = count_anew(before.waiting, account_cleared);
    let waiting = count_anew(waiting, position_cleared);
    // The number, the low part of the count.
    assert muldiv_ptr.a = waiting;
    assert muldiv_ptr.b = 1;
    assert muldiv_ptr.e = 0;
    assert muldiv_ptr.c = ORDERS_CLEARED_SHIFT;
    assert_in_range(muldiv_ptr.r, CONDITIONALS_MAX - 1);
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    write_standing(before.stamp, before.tenure, waiting + 1);
    return before.tenure;
}

// Guarantees: afterwards the conditional order with this id is counted no more, if it was.
// Assumes: an order of the account with this id has just left the market's waiting ones.
func uncount_waiting{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    account: felt, market: felt, order_id: felt
) {
    alloc_locals;
    let before = find_standing(account, market);
    local before: StandingLeaf* = before;
    let counted = is_counted(order_id, before.waiting);
    write_standing(before.stamp, before.tenure, before.waiting - counted);
    return ();
}
