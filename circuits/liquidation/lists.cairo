// The trigger lists: positions of one market, side and tier, by falling trigger (docs/spec/liquidation.md
// § 1).
//
// The place of an insertion is advice, the account before. What it names is proven: both neighbours stand
// in that list and are linked to each other, and the trigger belongs between theirs; of equal triggers
// those that stand there already come first. As the lists are sorted, one place alone passes.

from generated.constants import ACCOUNT_BITS
from lib.builtins import Muldiv
from lib.integers import halve, is_nonnegative
from registers import Lists
from state.triggers import write_first, write_listing, write_next, write_prev

const ACCOUNT_BOUND = 2 ** ACCOUNT_BITS;

// Guarantees: the number of a list, 1 + 2 * tier + side, from the position's sign (1 long, -1 short).
func list_number(tier: felt, sign: felt) -> felt {
    return 1 + 2 * tier + (1 - sign) / 2;
}

// Proven here: tier and side (0 long, 1 short) of a list.
func tier_and_side{muldiv_ptr: Muldiv*}(list: felt) -> (tier: felt, side: felt) {
    let (tier, side) = halve(list - 1);
    return (tier=tier, side=side);
}

// Guarantees: the position stands in no list, and the neighbours it had are linked to each other.
// Assumes: the lists' invariants (state.md § 10).
func unlist{muldiv_ptr: Muldiv*, state_ptr: felt*}(account: felt, market: felt) {
    alloc_locals;
    let before = write_listing(account, market, 0, 0, 0, 0);
    if (before.list == 0) {
        return ();
    }
    local prev = before.prev;
    local next = before.next;
    if (prev != 0) {
        write_next(prev, market, next);
        if (next != 0) {
            write_prev(next, market, prev);
            return ();
        }
        return ();
    }
    let (local tier, local side) = tier_and_side(before.list);
    if (next != 0) {
        let first = write_prev(next, market, 0);
        write_first(market, tier, side, next, first.trigger);
        return ();
    }
    write_first(market, tier, side, 0, 0);
    return ();
}

// Proven here: the position stands in this list with this trigger, behind every one with a trigger as
// high or higher and before every other.
// Assumes: it stands in no list; |trigger| < 2^60, as those in the list.
func insert{muldiv_ptr: Muldiv*, state_ptr: felt*, lists: Lists*}(
    account: felt, market: felt, list: felt, trigger: felt
) {
    alloc_locals;
    local prev = lists.places[0];
    tempvar lists = new Lists(
        due_first=lists.due_first, places=lists.places + 1, next_names=lists.next_names
    );
    local lists: Lists* = lists;
    let next = link_before(account, market, list, trigger, prev);
    local next = next;
    link_behind(account, market, list, trigger, next);
    write_listing(account, market, trigger, prev, next, list);
    return ();
}

// Proven here: `prev` is an account in the list whose trigger is as high or higher, or 0 for the list's
// beginning; `account` now follows there. What followed before.
func link_before{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    account: felt, market: felt, list: felt, trigger: felt, prev: felt
) -> felt {
    alloc_locals;
    if (prev == 0) {
        let (tier, side) = tier_and_side(list);
        let next = write_first(market, tier, side, account, trigger);
        return next;
    }
    assert_account(prev);
    let before = write_next(prev, market, account);
    assert before.list = list;
    local next = before.next;
    let is_high = is_nonnegative(before.trigger - trigger);
    assert is_high = 1;
    return next;
}

// Proven here: `next` is 0 for the list's end, or its trigger is lower; `account` now precedes it.
// Assumes: `next` follows in the list where `account` goes.
func link_behind{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    account: felt, market: felt, list: felt, trigger: felt, next: felt
) {
    alloc_locals;
    if (next == 0) {
        return ();
    }
    let behind = write_prev(next, market, account);
    // Follows from the invariants; a second lock on the door.
    assert behind.list = list;
    let is_lower = is_nonnegative(trigger - 1 - behind.trigger);
    assert is_lower = 1;
    return ();
}

// Proven here: 0 <= account < 2^32, for an account that advice names.
func assert_account{muldiv_ptr: Muldiv*}(account: felt) {
    assert muldiv_ptr.a = account;
    assert muldiv_ptr.b = 1;
    assert muldiv_ptr.e = 0;
    assert muldiv_ptr.c = ACCOUNT_BOUND;
    assert muldiv_ptr.q = 0;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    return ();
}
