// Leaves of conditional orders, and of a market's two lists of them (docs/spec/conditional.md § 1).
// Every function assumes slot < 2^24, market < 32: read from a leaf, or range-checked where they were advice.
// Direction is 0 (rising) or 1 (falling).

from generated.constants import (
    CONDITIONAL_BASE,
    CONDITIONAL_STRIDE,
    MARKET_BASE,
    MARKET_STRIDE,
    STOPS_LEAF,
)
from generated.leaves import ConditionalLeaf, StopsLeaf, TermsLeaf
from lib.builtins import ACCESS_CELLS
from state.accesses import ConditionalAccess, StopsAccess, TermsAccess

// Guarantees: the order's leaf; unchanged.
func read_conditional{state_ptr: felt*}(slot: felt) -> ConditionalLeaf* {
    let access = cast(state_ptr, ConditionalAccess*);
    assert access.key = CONDITIONAL_BASE + CONDITIONAL_STRIDE * slot;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: afterwards the order of this access, whose key is written, has these neighbours in its list, and
// this partner.
func write_links{state_ptr: felt*}(prev: felt, next: felt, partner: felt) {
    let access = cast(state_ptr, ConditionalAccess*);
    let before = access.before;
    assert access.after = ConditionalLeaf(
        order_id=before.order_id,
        account=before.account,
        list=before.list,
        key=before.key,
        prev=prev,
        next=next,
        partner=partner,
        tenure=before.tenure,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return ();
}

// Guarantees: the leaf before; afterwards this is the order before it in its list.
func write_prev{state_ptr: felt*}(slot: felt, prev: felt) -> ConditionalLeaf* {
    let access = cast(state_ptr, ConditionalAccess*);
    let before = &access.before;
    assert access.key = CONDITIONAL_BASE + CONDITIONAL_STRIDE * slot;
    write_links(prev, before.next, before.partner);
    return before;
}

// Guarantees: the leaf before; afterwards this is the order behind it in its list.
func write_next{state_ptr: felt*}(slot: felt, next: felt) -> ConditionalLeaf* {
    let access = cast(state_ptr, ConditionalAccess*);
    let before = &access.before;
    assert access.key = CONDITIONAL_BASE + CONDITIONAL_STRIDE * slot;
    write_links(before.prev, next, before.partner);
    return before;
}

// Guarantees: the leaf before; afterwards this is its partner.
func write_partner{state_ptr: felt*}(slot: felt, partner: felt) -> ConditionalLeaf* {
    let access = cast(state_ptr, ConditionalAccess*);
    let before = &access.before;
    assert access.key = CONDITIONAL_BASE + CONDITIONAL_STRIDE * slot;
    write_links(before.prev, before.next, partner);
    return before;
}

// Guarantees: the order's terms; unchanged.
func read_terms{state_ptr: felt*}(slot: felt) -> TermsLeaf* {
    let access = cast(state_ptr, TermsAccess*);
    assert access.key = CONDITIONAL_BASE + CONDITIONAL_STRIDE * slot + 1;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: the leaf before; afterwards these are the order's terms.
func write_terms{state_ptr: felt*}(
    slot: felt, form: felt, price_ticks: felt, size: felt, expiry_ms: felt
) -> TermsLeaf* {
    let access = cast(state_ptr, TermsAccess*);
    assert access.key = CONDITIONAL_BASE + CONDITIONAL_STRIDE * slot + 1;
    assert access.after = TermsLeaf(
        form=form,
        price_ticks=price_ticks,
        size=size,
        expiry_ms=expiry_ms,
        reserved4=0,
        reserved5=0,
        reserved6=0,
        reserved7=0,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: where the market's two lists begin; unchanged.
func read_stops{state_ptr: felt*}(market: felt) -> StopsLeaf* {
    let access = cast(state_ptr, StopsAccess*);
    assert access.key = MARKET_BASE + STOPS_LEAF + MARKET_STRIDE * market;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: the first order of the list before; afterwards it is `first`, with this key.
func write_head{state_ptr: felt*}(market: felt, direction: felt, first: felt, key: felt) -> felt {
    let access = cast(state_ptr, StopsAccess*);
    let before = &access.before;
    assert access.key = MARKET_BASE + STOPS_LEAF + MARKET_STRIDE * market;
    let state_ptr = state_ptr + ACCESS_CELLS;
    if (direction == 0) {
        assert access.after = StopsLeaf(
            rising_first=first,
            rising_key=key,
            falling_first=before.falling_first,
            falling_key=before.falling_key,
            reserved4=before.reserved4,
            reserved5=before.reserved5,
            reserved6=before.reserved6,
            reserved7=before.reserved7,
        );
        return before.rising_first;
    }
    assert access.after = StopsLeaf(
        rising_first=before.rising_first,
        rising_key=before.rising_key,
        falling_first=first,
        falling_key=key,
        reserved4=before.reserved4,
        reserved5=before.reserved5,
        reserved6=before.reserved6,
        reserved7=before.reserved7,
    );
    return before.falling_first;
}
