// One step of the first due account's liquidation (docs/spec/liquidation.md § 5): it recovers, or its worst
// position meets the book, or goes to the fund, or is to be deleveraged. Which follows from the state.

from generated.constants import FUND_ACCOUNT
from generated.leaves import AccountLeaf
from lib.builtins import Muldiv
from lib.integers import is_nonnegative
from liquidation.due import leave_due
from liquidation.exchange import add_cash, touch_account
from liquidation.meeting import meet_best
from liquidation.parts import Part, find_parts, part_value, sum_values
from liquidation.takeover import take_over
from liquidation.touch import key
from liquidation.victim import Victim
from registers import Slots, with_lists
from state.accounts import read_account

// Proven here: the step. The market that it happened in and the lots that changed hands, 0 where none did;
// the venue's fees after.
// Assumes: some account is due, nothing is pending, and no deleveraging runs.
func liquidate_first{muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    now_ms: felt, fees: felt
) -> (market: felt, lots: felt, fees: felt) {
    alloc_locals;
    local account = slots.lists.due_first;
    let leaf = read_account(account);
    local leaf: AccountLeaf* = leaf;
    let parts = find_parts(account, leaf.positions, 0);
    local parts: Part* = parts;
    local slack = leaf.collateral + parts.slack_sum;
    let is_healthy = is_nonnegative(slack);
    if (is_healthy != 0) {
        recover(account, parts, slack);
        return (market=0, lots=0, fees=fees);
    }
    if (leaf.positions == 0) {
        cover_debt(account, leaf.collateral);
        return (market=0, lots=0, fees=fees);
    }
    let tav = sum_values(parts, leaf.collateral);
    local tav = tav;
    let value = part_value(parts);
    let (worst, margin) = greatest_margin(parts.rest, parts, value - parts.slack);
    tempvar victim = new Victim(
        account=account,
        collateral=leaf.collateral,
        parts=parts,
        tav=tav,
        slack=slack,
        part=worst,
        margin=margin,
    );
    local victim: Victim* = victim;
    local market = worst.market;
    let has_value = is_nonnegative(tav);
    if (has_value != 0) {
        let (is_met, local lots, local fees) = meet_best(victim, now_ms, fees);
        if (is_met != 0) {
            return (market=market, lots=lots, fees=fees);
        }
        let lots = take_over(victim);
        return (market=market, lots=lots, fees=fees);
    }
    let lots = take_over(victim);
    return (market=market, lots=lots, fees=fees);
}

// Guarantees: a due account that is healthy again is due no more, and keyed.
func recover{muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    account: felt, parts: Part*, slack: felt
) {
    alloc_locals;
    let lists = slots.lists;
    leave_due{lists=lists}();
    key{lists=lists}(account, parts, slack);
    let slots = with_lists(slots, lists);
    return ();
}

// Guarantees: an account that owes `-collateral` and has no positions is due no more; the fund has paid,
// and is touched; or, if it is the fund, it waits for fees to come.
func cover_debt{muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    account: felt, collateral: felt
) {
    alloc_locals;
    let lists = slots.lists;
    leave_due{lists=lists}();
    if (account == FUND_ACCOUNT) {
        let slots = with_lists(slots, lists);
        return ();
    }
    add_cash(account, -collateral);
    add_cash(FUND_ACCOUNT, collateral);
    touch_account{lists=lists}(FUND_ACCOUNT);
    let slots = with_lists(slots, lists);
    return ();
}

// Proven here: of `best` and the parts from `part` on, the one with the greatest maintenance margin, of
// equal ones the first, which is that of the lowest market; and that margin. No part can be left out.
// Assumes: `best` stands before `part`, with this margin.
func greatest_margin{muldiv_ptr: Muldiv*}(part: Part*, best: Part*, margin: felt) -> (
    part: Part*, margin: felt
) {
    alloc_locals;
    if (part.lots == 0) {
        return (part=best, margin=margin);
    }
    let value = part_value(part);
    local own = value - part.slack;
    let is_greater = is_nonnegative(own - margin - 1);
    if (is_greater != 0) {
        return greatest_margin(part.rest, part, own);
    }
    return greatest_margin(part.rest, best, margin);
}
