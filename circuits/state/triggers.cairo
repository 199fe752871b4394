// Leaves of the trigger lists: where they begin, and how positions are linked (docs/spec/liquidation.md
// § 1).
// Every function assumes account < 2^32, market < 32 and tier < 4, read from a leaf or range-checked where
// they were advice.

from generated.constants import (
    ACCOUNT_BASE,
    ACCOUNT_STRIDE,
    MARKET_BASE,
    MARKET_STRIDE,
    POSITION_LEAF,
    POSITION_STRIDE,
    TRIGGERS_LEAF,
)
from generated.leaves import PositionLeaf, TriggersLeaf
from lib.builtins import ACCESS_CELLS
from state.accesses import PositionAccess, TriggersAccess

// Guarantees: where the two lists of a tier begin; unchanged.
func read_triggers{state_ptr: felt*}(market: felt, tier: felt) -> TriggersLeaf* {
    let access = cast(state_ptr, TriggersAccess*);
    assert access.key = MARKET_BASE + TRIGGERS_LEAF + MARKET_STRIDE * market + tier;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: the first account of the list before; afterwards it is `first`, with this trigger.
// Assumes: side is 0 (long) or 1 (short).
func write_first{state_ptr: felt*}(
    market: felt, tier: felt, side: felt, first: felt, trigger: felt
) -> felt {
    let access = cast(state_ptr, TriggersAccess*);
    let before = &access.before;
    assert access.key = MARKET_BASE + TRIGGERS_LEAF + MARKET_STRIDE * market + tier;
    let state_ptr = state_ptr + ACCESS_CELLS;
    if (side == 0) {
        assert access.after = TriggersLeaf(
            long_first=first,
            long_trigger=trigger,
            short_first=before.short_first,
            short_trigger=before.short_trigger,
            reserved4=before.reserved4,
            reserved5=before.reserved5,
            reserved6=before.reserved6,
            reserved7=before.reserved7,
        );
        return before.long_first;
    }
    assert access.after = TriggersLeaf(
        long_first=before.long_first,
        long_trigger=before.long_trigger,
        short_first=first,
        short_trigger=trigger,
        reserved4=before.reserved4,
        reserved5=before.reserved5,
        reserved6=before.reserved6,
        reserved7=before.reserved7,
    );
    return before.short_first;
}

// Guarantees: the leaf before; afterwards the position stands in this list, with this trigger and between
// these accounts.
func write_listing{state_ptr: felt*}(
    account: felt, market: felt, trigger: felt, prev: felt, next: felt, list: felt
) -> PositionLeaf* {
    let access = cast(state_ptr, PositionAccess*);
    let before = &access.before;
    assert access.key = ACCOUNT_BASE + POSITION_LEAF + ACCOUNT_STRIDE * account +
        POSITION_STRIDE * market;
    assert access.after = PositionLeaf(
        size=before.size,
        orders=before.orders,
        funding=before.funding,
        imf_ppm=before.imf_ppm,
        trigger=trigger,
        prev=prev,
        next=next,
        list=list,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: the leaf before; afterwards this is the account before it in its list.
func write_prev{state_ptr: felt*}(account: felt, market: felt, prev: felt) -> PositionLeaf* {
    let access = cast(state_ptr, PositionAccess*);
    let before = &access.before;
    assert access.key = ACCOUNT_BASE + POSITION_LEAF + ACCOUNT_STRIDE * account +
        POSITION_STRIDE * market;
    assert access.after = PositionLeaf(
        size=before.size,
        orders=before.orders,
        funding=before.funding,
        imf_ppm=before.imf_ppm,
        trigger=before.trigger,
        prev=prev,
        next=before.next,
        list=before.list,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: the leaf before; afterwards this is the account behind it in its list.
func write_next{state_ptr: felt*}(account: felt, market: felt, next: felt) -> PositionLeaf* {
    let access = cast(state_ptr, PositionAccess*);
    let before = &access.before;
    assert access.key = ACCOUNT_BASE + POSITION_LEAF + ACCOUNT_STRIDE * account +
        POSITION_STRIDE * market;
    assert access.after = PositionLeaf(
        size=before.size,
        orders=before.orders,
        funding=before.funding,
        imf_ppm=before.imf_ppm,
        trigger=before.trigger,
        prev=before.prev,
        next=next,
        list=before.list,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}
