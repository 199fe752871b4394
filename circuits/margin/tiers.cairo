// Margin tiers of a market (docs/spec/margin.md § 1): which one a size belongs to, and what a tick or
// funding changes in all of them.

from generated.constants import MARGIN_LEAF, MARKET_BASE, MARKET_STRIDE, SIGNED_BOUND, TIERS_MAX
from generated.leaves import MarginLeaf
from lib.builtins import ACCESS_CELLS, Muldiv
from lib.integers import is_nonnegative
from state.accesses import MarginAccess
from state.markets import read_margin

// Proven here: the first tier, from `tier` on, that has room for `lots`, its number, and 1; or 0 where the
// tiers end before. The prover has no say: tiers are read one after the other until one has room or there is none.
// Assumes: `leaf` is the leaf of `tier`, its lots_upto not 0; |lots| < 2^60, tier < TIERS_MAX.
func find_tier{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    market: felt, tier: felt, leaf: MarginLeaf*, lots: felt
) -> (leaf: MarginLeaf*, tier: felt, is_found: felt) {
    // is_nonnegative, of lib/integers.cairo.
    tempvar one = 1;
    assert muldiv_ptr.a = leaf.lots_upto - lots + SIGNED_BOUND;
    assert muldiv_ptr.b = one;
    assert muldiv_ptr.e = 0;
    assert muldiv_ptr.c = SIGNED_BOUND;
    tempvar fits = muldiv_ptr.q;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    if (fits != 0) {
        return (leaf=leaf, tier=tier, is_found=1);
    }
    return find_higher_tier(market, tier, lots);
}

// Proven here: as `find_tier`, from the tier above `tier` on.
func find_higher_tier{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    market: felt, tier: felt, lots: felt
) -> (leaf: MarginLeaf*, tier: felt, is_found: felt) {
    if (tier == TIERS_MAX - 1) {
        return (leaf=cast(0, MarginLeaf*), tier=tier, is_found=0);
    }
    let leaf = read_margin(market, tier + 1);
    if (leaf.lots_upto == 0) {
        return (leaf=leaf, tier=tier, is_found=0);
    }
    return find_tier(market, tier + 1, leaf, lots);
}

// Guarantees: every tier of the market, from `tier` on, has this mark and time; none is left out, since
// they are read one after the other until one is missing or the last one is written.
// Assumes: mark_value <= 2^32, by the market's product rule.
func write_tier_marks{state_ptr: felt*}(market: felt, tier: felt, mark_value: felt, tick_ms: felt) {
    if (tier == TIERS_MAX) {
        return ();
    }
    let access = cast(state_ptr, MarginAccess*);
    let before = &access.before;
    assert access.key = MARKET_BASE + MARGIN_LEAF + MARKET_STRIDE * market + tier;
    if (before.lots_upto == 0) {
        assert access.after = access.before;
        let state_ptr = state_ptr + ACCESS_CELLS;
        return ();
    }
    assert access.after = MarginLeaf(
        lots_upto=before.lots_upto,
        mark_value=mark_value,
        funding=before.funding,
        imf_ppm=before.imf_ppm,
        mmf_ppm=before.mmf_ppm,
        cmf_ppm=before.cmf_ppm,
        tick_ms=tick_ms,
        bias=before.bias,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return write_tier_marks(market, tier + 1, mark_value, tick_ms);
}

// Guarantees: every tier of the market, from `tier` on, has this cumulative funding; none is left out.
func write_tier_funding{state_ptr: felt*}(market: felt, tier: felt, funding: felt) {
    if (tier == TIERS_MAX) {
        return ();
    }
    let access = cast(state_ptr, MarginAccess*);
    let before = &access.before;
    assert access.key = MARKET_BASE + MARGIN_LEAF + MARKET_STRIDE * market + tier;
    if (before.lots_upto == 0) {
        assert access.after = access.before;
        let state_ptr = state_ptr + ACCESS_CELLS;
        return ();
    }
    assert access.after = MarginLeaf(
        lots_upto=before.lots_upto,
        mark_value=before.mark_value,
        funding=funding,
        imf_ppm=before.imf_ppm,
        mmf_ppm=before.mmf_ppm,
        cmf_ppm=before.cmf_ppm,
        tick_ms=before.tick_ms,
        bias=before.bias,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return write_tier_funding(market, tier + 1, funding);
}
