// Market leaves (docs/spec/state.md § 3).

from generated.constants import MARKET_BASE, MARKET_STRIDE
from generated.leaves import MarketLeaf
from lib.builtins import ACCESS_CELLS
from state.accesses import MarketAccess

// Guarantees: the market's leaf; unchanged.
// Assumes: market < 32, range-checked or by the rules.
func read_market{state_ptr: felt*}(market: felt) -> MarketLeaf* {
    let access = cast(state_ptr, MarketAccess*);
    assert access.key = MARKET_BASE + MARKET_STRIDE * market;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Guarantees: the leaf before; afterwards it has this mark and is otherwise as it was.
// Assumes: market < 32, range-checked.
func write_mark{state_ptr: felt*}(market: felt, price_ticks: felt, time_ms: felt) -> MarketLeaf* {
    let access = cast(state_ptr, MarketAccess*);
    let before = access.before;
    assert access.key = MARKET_BASE + MARKET_STRIDE * market;
    assert access.after = MarketLeaf(
        multiplier=before.multiplier,
        mark_ticks=price_ticks,
        mark_time_ms=time_ms,
        imf_ppm=before.imf_ppm,
        taker_ppm=before.taker_ppm,
        maker_ppm=before.maker_ppm,
        price_max=before.price_max,
        lots_max=before.lots_max,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}
