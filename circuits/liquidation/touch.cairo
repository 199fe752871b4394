// Keying and touching (docs/spec/liquidation.md § 2): what keeps an account's triggers such that one of
// them is crossed before the account falls below its maintenance margin.

from generated.constants import FUND_ACCOUNT
from lib.builtins import Muldiv
from lib.integers import is_nonnegative
from liquidation.due import become_due
from liquidation.lists import insert, unlist
from liquidation.parts import Part, find_parts
from liquidation.triggers import key_ratio, key_trigger
from registers import Lists
from state.due import read_due

// Proven here: touch(account): it becomes due, or is keyed, or stays as it is, as the rules say.
// Assumes: `collateral` and `positions` are the account's now, and its positions' leaves are those of now;
// a position whose size became 0 is unlisted.
func touch{muldiv_ptr: Muldiv*, state_ptr: felt*, lists: Lists*}(
    account: felt, positions: felt, collateral: felt
) {
    alloc_locals;
    let parts = find_parts(account, positions, 0);
    local parts: Part* = parts;
    local slack = collateral + parts.slack_sum;
    if (parts.misplaced == 0) {
        // Uses are not below 0, so what covers them is not either. No due account with positions gets
        // here: they stand in no list; and one without them is left as it is.
        let is_kept = is_nonnegative(slack - parts.use_sum);
        if (is_kept != 0) {
            return ();
        }
        tempvar muldiv_ptr = muldiv_ptr;
    } else {
        tempvar muldiv_ptr = muldiv_ptr;
    }
    return move(account, positions, collateral, parts, slack);
}

// Proven here: touch(account), where its triggers do not cover it as they stand.
func move{muldiv_ptr: Muldiv*, state_ptr: felt*, lists: Lists*}(
    account: felt, positions: felt, collateral: felt, parts: Part*, slack: felt
) {
    alloc_locals;
    let due = read_due(account);
    if (due.is_due != 0) {
        return ();
    }
    let is_healthy = is_nonnegative(slack);
    if (is_healthy != 0) {
        return key(account, parts, slack);
    }
    // The fund's debt without positions is paid by fees to come.
    if (positions == 0) {
        if (account == FUND_ACCOUNT) {
            return ();
        }
    }
    return become_due(account, parts, collateral, slack);
}

// Proven here: key(account): every position stands in its list, with half the slack, by notional, above
// its trigger.
// Assumes: slack = S >= 0; the parts are the account's now.
func key{muldiv_ptr: Muldiv*, state_ptr: felt*, lists: Lists*}(
    account: felt, parts: Part*, slack: felt
) {
    alloc_locals;
    let ratio = key_ratio(slack, parts.notional_sum);
    return key_parts(account, parts, ratio);
}

// Guarantees: each part leaves the list it stands in and enters its own, with its trigger. A list is of
// one market, so no part's move matters to another's.
func key_parts{muldiv_ptr: Muldiv*, state_ptr: felt*, lists: Lists*}(
    account: felt, part: Part*, ratio: felt
) {
    alloc_locals;
    if (part.lots == 0) {
        return ();
    }
    unlist(account, part.market);
    let trigger = key_trigger(part.value, ratio, part.leaf.mark_value);
    insert(account, part.market, part.list, trigger);
    return key_parts(account, part.rest, ratio);
}
