// The lists of conditional orders: those of one market and direction, by rising key, of equal keys the older
// one first (docs/spec/conditional.md § 1).
//
// The place of an insertion is advice, the slot before. What it names is proven: both neighbours stand in
// that list and are linked to each other, and the key belongs between theirs, behind its equals. As the lists
// are sorted, one place alone passes.

from generated.constants import CONDITIONAL_BASE, CONDITIONAL_SLOTS_MAX, CONDITIONAL_STRIDE, KEY_TAIL
from generated.leaves import ConditionalLeaf, StopsLeaf, TermsLeaf
from lib.builtins import ACCESS_CELLS, Muldiv
from lib.integers import assert_at_least, assert_in_range, halve, is_nonnegative
from lib.powers import power_of_two
from registers import Schedule, with_waiting
from state.accesses import ConditionalAccess
from state.conditionals import (
    read_stops,
    write_head,
    write_next,
    write_partner,
    write_prev,
    write_terms,
)
from state.standing import uncount_waiting

// Proven here: market and direction of a list, from list = 1 + 2 * market + direction.
// Assumes: the list of a living order.
func market_of{muldiv_ptr: Muldiv*}(list: felt) -> (market: felt, direction: felt) {
    let (market, direction) = halve(list - 1);
    return (market=market, direction=direction);
}

// Proven here: the order that fires next by this mark: the head of the rising list if that is crossed, else of
// the falling one if that is, else 0. Of it the prover has no say.
// Assumes: market < 32; 0 <= mark_ticks < 2^32; keys are below 2^32, as check 1112 leaves them.
func crossed_head{muldiv_ptr: Muldiv*, state_ptr: felt*}(market: felt, mark_ticks: felt) -> felt {
    alloc_locals;
    let stops = read_stops(market);
    local stops: StopsLeaf* = stops;
    if (stops.rising_first != 0) {
        let rises = is_nonnegative(mark_ticks - stops.rising_key);
        if (rises != 0) {
            return stops.rising_first;
        }
        tempvar muldiv_ptr = muldiv_ptr;
    } else {
        tempvar muldiv_ptr = muldiv_ptr;
    }
    if (stops.falling_first != 0) {
        let falls = is_nonnegative(KEY_TAIL - mark_ticks - stops.falling_key);
        return falls * stops.falling_first;
    }
    return 0;
}

// Proven here: 2^market if a list of the market is crossed by this mark, else 0.
// Assumes: as `crossed_head`.
func crossed_bit{muldiv_ptr: Muldiv*, state_ptr: felt*}(market: felt, mark_ticks: felt) -> felt {
    alloc_locals;
    let head = crossed_head(market, mark_ticks);
    if (head == 0) {
        return 0;
    }
    let bit = power_of_two(market);
    return bit;
}

// Proven here: the slot was advice, and is one of the region.
func assert_slot{range_check_ptr}(slot: felt) {
    assert_in_range(slot, CONDITIONAL_SLOTS_MAX - 1);
    return ();
}

// Proven here: a slot is available (3015).
// Guarantees: the slot that the rule says, the head of the free list or else the lowest one never used; its
// leaf is this order, behind every order of the list with its key or a lower one and before every other.
// Assumes: 1 <= key < 2^32, as those in the list; the list is of a market below 32; `prev` is advice.
func insert_conditional{
    range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*, schedule: Schedule*
}(
    order_id: felt, account: felt, list: felt, key: felt, prev: felt, partner: felt, tenure: felt
) -> felt {
    alloc_locals;
    local free = schedule.waiting_free;
    local slot;
    local high;
    if (free != 0) {
        assert slot = free;
        assert high = schedule.waiting_high;
    } else {
        assert slot = schedule.waiting_high;
        assert high = slot + 1;
    }
    // Of a free list's slot it follows; of one never used it says that it is there.
    assert_slot(slot);
    let next = link_before(slot, list, key, prev);
    local next = next;
    link_behind(slot, list, key, next);

    let access = cast(state_ptr, ConditionalAccess*);
    assert access.key = CONDITIONAL_BASE + CONDITIONAL_STRIDE * slot;
    // Follows from the invariants; a second lock on the door.
    assert access.before.order_id = 0;
    assert access.after = ConditionalLeaf(
        order_id=order_id,
        account=account,
        list=list,
        key=key,
        prev=prev,
        next=next,
        partner=partner,
        tenure=tenure,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    let changed = with_waiting(schedule, access.before.next, high);
    let schedule = changed;
    return slot;
}

// Proven here: `prev` is a slot of an order in the list whose key is as low or lower, or 0 for the list's
// beginning; `slot` now follows there. What followed before.
func link_before{range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*}(
    slot: felt, list: felt, key: felt, prev: felt
) -> felt {
    if (prev == 0) {
        let (market, direction) = market_of(list);
        let next = write_head(market, direction, slot, key);
        return next;
    }
    assert_slot(prev);
    let before = write_next(prev, slot);
    // A free leaf stands in list 0.
    assert before.list = list;
    assert_at_least(key, before.key);
    return before.next;
}

// Proven here: `next` is 0 for the list's end, or its key is higher; `slot` now precedes it.
// Assumes: `next` follows in the list where `slot` goes.
func link_behind{range_check_ptr, state_ptr: felt*}(
    slot: felt, list: felt, key: felt, next: felt
) {
    if (next == 0) {
        return ();
    }
    let behind = write_prev(next, slot);
    // Follows from the invariants; a second lock on the door.
    assert behind.list = list;
    assert_at_least(behind.key, key + 1);
    return ();
}

// Guarantees: the order has left its list, whose neighbours are linked to each other; its partner has none any
// more; its owner's count, if it had it, has it no more; both leaves are zeros, and its slot is the first
// that will be used again. Both leaves before.
// Assumes: the slot is below 2^24, and the caller finds its leaf live (order_id is not 0), else it would be in
// the free list twice; the lists' invariants (state.md § 10).
func drop_conditional{muldiv_ptr: Muldiv*, state_ptr: felt*, schedule: Schedule*}(slot: felt) -> (
    order: ConditionalLeaf*, terms: TermsLeaf*
) {
    alloc_locals;
    let access = cast(state_ptr, ConditionalAccess*);
    local order: ConditionalLeaf* = &access.before;
    assert access.key = CONDITIONAL_BASE + CONDITIONAL_STRIDE * slot;
    assert access.after = ConditionalLeaf(
        order_id=0,
        account=0,
        list=0,
        key=0,
        prev=0,
        next=schedule.waiting_free,
        partner=0,
        tenure=0,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    let changed = with_waiting(schedule, slot, schedule.waiting_high);
    let schedule = changed;
    local schedule: Schedule* = schedule;
    let terms = write_terms(slot, 0, 0, 0, 0);
    local terms: TermsLeaf* = terms;

    let (local market, direction) = market_of(order.list);
    unlink(market, direction, order.prev, order.next);
    leave_partner(order.partner);
    uncount_waiting(order.account, market, order.order_id);
    return (order=order, terms=terms);
}

// Guarantees: the two neighbours are linked to each other, or the list begins with the one behind.
func unlink{state_ptr: felt*}(market: felt, direction: felt, prev: felt, next: felt) {
    alloc_locals;
    if (prev != 0) {
        write_next(prev, next);
        if (next != 0) {
            write_prev(next, prev);
            return ();
        }
        return ();
    }
    if (next != 0) {
        let first = write_prev(next, 0);
        write_head(market, direction, next, first.key);
        return ();
    }
    write_head(market, direction, 0, 0);
    return ();
}

// Guarantees: the partner, if there is one, has none any more.
func leave_partner{state_ptr: felt*}(partner: felt) {
    if (partner == 0) {
        return ();
    }
    write_partner(partner, 0);
    return ();
}
