// Market leaves (docs/spec/state.md § 3).
// Every function assumes market < 32 and tier < 4: range-checked where they were advice, or by the rules.

from generated.constants import (
    FUNDING_LEAF,
    INTEREST_LEAF,
    MARGIN_LEAF,
    MARKET_BASE,
    MARKET_LEAF,
    MARKET_STRIDE,
    MARK_LEAF,
    PRICING_LEAF,
)
from generated.leaves import (
    FundingLeaf,
    InterestLeaf,
    MarginLeaf,
    MarketLeaf,
    MarkLeaf,
    PricingLeaf,
)
from lib.builtins import ACCESS_CELLS
from state.accesses import (
    FundingAccess,
    InterestAccess,
    MarginAccess,
    MarkAccess,
    MarketAccess,
    PricingAccess,
)

// Guarantees: the market's leaf; unchanged.
func read_market{state_ptr: felt*}(market: felt) -> MarketLeaf* {
    let access = cast(state_ptr, MarketAccess*);
    assert access.key = MARKET_BASE + MARKET_LEAF + MARKET_STRIDE * market;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: afterwards the market has these bands, and is otherwise as it was.
func write_bands{state_ptr: felt*}(market: felt, price_low: felt, price_high: felt) {
    let access = cast(state_ptr, MarketAccess*);
    let before = access.before;
    assert access.key = MARKET_BASE + MARKET_LEAF + MARKET_STRIDE * market;
    assert access.after = MarketLeaf(
        multiplier=before.multiplier,
        status=before.status,
        price_low=price_low,
        price_high=price_high,
        price_max=before.price_max,
        lots_max=before.lots_max,
        taker_ppm=before.taker_ppm,
        lots_min=before.lots_min,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return ();
}

// Guarantees: what fills change in the market; unchanged.
func read_interest{state_ptr: felt*}(market: felt) -> InterestLeaf* {
    let access = cast(state_ptr, InterestAccess*);
    assert access.key = MARKET_BASE + INTEREST_LEAF + MARKET_STRIDE * market;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: afterwards the market has this open interest and this clearing account.
func write_interest{state_ptr: felt*}(market: felt, open_interest: felt, clearing: felt) {
    let access = cast(state_ptr, InterestAccess*);
    let before = access.before;
    assert access.key = MARKET_BASE + INTEREST_LEAF + MARKET_STRIDE * market;
    assert access.after = InterestLeaf(
        open_interest=open_interest,
        oi_max=before.oi_max,
        clearing=clearing,
        maker_ppm=before.maker_ppm,
        reserved4=before.reserved4,
        reserved5=before.reserved5,
        reserved6=before.reserved6,
        reserved7=before.reserved7,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return ();
}

// Guarantees: the prices of the market's last tick; unchanged.
func read_mark{state_ptr: felt*}(market: felt) -> MarkLeaf* {
    let access = cast(state_ptr, MarkAccess*);
    assert access.key = MARKET_BASE + MARK_LEAF + MARKET_STRIDE * market;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: afterwards these are the prices of the market's last tick.
func write_mark{state_ptr: felt*}(
    market: felt, index_ticks: felt, mark_ticks: felt, tick_ms: felt, basis_ppm: felt
) {
    let access = cast(state_ptr, MarkAccess*);
    let before = access.before;
    assert access.key = MARKET_BASE + MARK_LEAF + MARKET_STRIDE * market;
    assert access.after = MarkLeaf(
        index_ticks=index_ticks,
        mark_ticks=mark_ticks,
        tick_ms=tick_ms,
        basis_ppm=basis_ppm,
        reserved4=before.reserved4,
        reserved5=before.reserved5,
        reserved6=before.reserved6,
        reserved7=before.reserved7,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return ();
}

// Guarantees: the market's premium and funding; unchanged.
func read_funding{state_ptr: felt*}(market: felt) -> FundingLeaf* {
    let access = cast(state_ptr, FundingAccess*);
    assert access.key = MARKET_BASE + FUNDING_LEAF + MARKET_STRIDE * market;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: afterwards the market's premium and funding are these.
func write_funding{state_ptr: felt*}(
    market: felt,
    premium_ppm: felt,
    premium_sum: felt,
    sampled_ms: felt,
    funding: felt,
    rate_ppm: felt,
) {
    let access = cast(state_ptr, FundingAccess*);
    let before = access.before;
    assert access.key = MARKET_BASE + FUNDING_LEAF + MARKET_STRIDE * market;
    assert access.after = FundingLeaf(
        premium_ppm=premium_ppm,
        premium_sum=premium_sum,
        sampled_ms=sampled_ms,
        funding=funding,
        rate_ppm=rate_ppm,
        reserved5=before.reserved5,
        reserved6=before.reserved6,
        reserved7=before.reserved7,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return ();
}

// Guarantees: the market's parameters of ticks and funding; unchanged.
func read_pricing{state_ptr: felt*}(market: felt) -> PricingLeaf* {
    let access = cast(state_ptr, PricingAccess*);
    assert access.key = MARKET_BASE + PRICING_LEAF + MARKET_STRIDE * market;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: one of the market's margin tiers, all zeros if there is none; unchanged.
func read_margin{state_ptr: felt*}(market: felt, tier: felt) -> MarginLeaf* {
    let access = cast(state_ptr, MarginAccess*);
    assert access.key = MARKET_BASE + MARGIN_LEAF + MARKET_STRIDE * market + tier;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}
