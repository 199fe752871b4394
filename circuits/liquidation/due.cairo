// The list of due accounts, the one that covers the least of its maintenance margin first, the fund last of
// all (docs/spec/liquidation.md § 4). As in the trigger lists, the place of an insertion is advice that is
// proven.

from generated.constants import FUND_ACCOUNT
from lib.builtins import Muldiv
from lib.integers import is_nonnegative
from liquidation.lists import assert_account, unlist
from liquidation.parts import Part, sum_values
from margin.health import split_product
from registers import Lists
from state.due import write_due, write_due_next, write_due_prev

// What the list is sorted by: whether it is the fund, value over maintenance margin as they were at entry,
// then the account.
struct DueKey {
    account: felt,
    tav: felt,
    mmr: felt,
}

// Proven here: the account's positions stand in no trigger list, and the account in the due list where
// it belongs.
// Assumes: it is not due; slack = S < 0; `parts` and `collateral` are the account's now.
func become_due{muldiv_ptr: Muldiv*, state_ptr: felt*, lists: Lists*}(
    account: felt, parts: Part*, collateral: felt, slack: felt
) {
    alloc_locals;
    unlist_parts(account, parts);
    let tav = sum_values(parts, collateral);
    local tav = tav;
    tempvar key = new DueKey(account=account, tav=tav, mmr=tav - slack);
    local key: DueKey* = key;
    local prev = lists.places[0];
    local places: felt* = lists.places + 1;
    let (next, due_first) = link_due_before(key, prev, lists.due_first);
    local next = next;
    tempvar lists = new Lists(
        due_first=due_first, places=places, next_names=lists.next_names
    );
    local lists: Lists* = lists;
    link_due_behind(key, next);
    let before = write_due(account, prev, next, tav, key.mmr, 1);
    // Who calls has seen it; a second lock on the door.
    assert before.is_due = 0;
    return ();
}

func unlist_parts{muldiv_ptr: Muldiv*, state_ptr: felt*}(account: felt, part: Part*) {
    alloc_locals;
    if (part.lots == 0) {
        return ();
    }
    unlist(account, part.market);
    return unlist_parts(account, part.rest);
}

// Proven here: `prev` is a due account that stands before the new one, or 0 for the list's beginning; the
// new one follows there now. What followed before, and the list's first account now.
func link_due_before{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    key: DueKey*, prev: felt, due_first: felt
) -> (next: felt, due_first: felt) {
    alloc_locals;
    if (prev == 0) {
        return (next=due_first, due_first=key.account);
    }
    assert_account(prev);
    let before = write_due_next(prev, key.account);
    assert before.is_due = 1;
    local next = before.next;
    tempvar other = new DueKey(account=prev, tav=before.tav, mmr=before.mmr);
    let is_before = stands_before(other, key);
    assert is_before = 1;
    return (next=next, due_first=due_first);
}

// Proven here: `next` is 0 for the list's end, or the new account stands before it; so it is linked now.
// Assumes: `next` follows in the list where the new account goes.
func link_due_behind{muldiv_ptr: Muldiv*, state_ptr: felt*}(key: DueKey*, next: felt) {
    alloc_locals;
    if (next == 0) {
        return ();
    }
    let behind = write_due_prev(next, key.account);
    // Follows from the invariants; a second lock on the door.
    assert behind.is_due = 1;
    tempvar other = new DueKey(account=next, tav=behind.tav, mmr=behind.mmr);
    let is_before = stands_before(key, other);
    assert is_before = 1;
    return ();
}

// Proven here: 1 if b is the fund; 0 if a is. Of others 1 if a.tav / a.mmr < b.tav / b.mmr, by the cross
// products, or these are equal and a's number is the lower one; else 0. Products of up to 120 bits are compared
// by quotient and remainder at 2^61.
// Assumes: the accounts differ; |tav| < 2^61, 0 <= mmr < 2^59 of both.
func stands_before{muldiv_ptr: Muldiv*}(a: DueKey*, b: DueKey*) -> felt {
    alloc_locals;
    if (a.account == FUND_ACCOUNT) {
        return 0;
    }
    if (b.account == FUND_ACCOUNT) {
        return 1;
    }
    let (local high_a, local low_a) = split_product(a.tav, b.mmr);
    let (local high_b, local low_b) = split_product(b.tav, a.mmr);
    if (high_a != high_b) {
        return is_nonnegative(high_b - high_a);
    }
    if (low_a != low_b) {
        return is_nonnegative(low_b - low_a);
    }
    return is_nonnegative(b.account - a.account - 1);
}

// Guarantees: the first due account is due no more; the next one is first.
func leave_due{state_ptr: felt*, lists: Lists*}() {
    alloc_locals;
    let before = write_due(lists.due_first, 0, 0, 0, 0, 0);
    local next = before.next;
    tempvar lists = new Lists(due_first=next, places=lists.places, next_names=lists.next_names);
    local lists: Lists* = lists;
    if (next == 0) {
        return ();
    }
    write_due_prev(next, 0);
    return ();
}
