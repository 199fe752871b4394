// What an account is worth and what margin it needs (docs/spec/commands.md § 6, matching.md § 3, § 4).
//
// Scales: sizes in lots, prices in ticks, money in micro-USDC. A value is size * mark * multiplier, at
// most 2^52 in size by the market's product rule; a fraction of it goes through muldiv.

from lib.builtins import Muldiv
from lib.fractions import ppm_ceil, ppm_floor
from lib.integers import halve, is_nonnegative, magnitude
from generated.leaves import MarketLeaf
from state.accounts import read_position
from state.markets import read_market

// Sums over positions.
struct Portfolio {
    // Sum of size * mark * multiplier, signed, at most 2^57 in size.
    value: felt,
    // Sum of the initial margins, each rounded up.
    margin: felt,
    // Number of positions whose price is stale.
    stale: felt,
}

// Proven here: value and initial margin of one position at the market's mark.
// Assumes: |size| <= lots_max.
func position_margin{muldiv_ptr: Muldiv*}(market: MarketLeaf*, size: felt) -> (
    value: felt, margin: felt
) {
    alloc_locals;
    local value = size * market.mark_ticks * market.multiplier;
    let notional = magnitude(value);
    let margin = ppm_ceil(notional, market.imf_ppm);
    return (value=value, margin=margin);
}

// Proven here: the sums over exactly the positions whose bit is set in `positions`; bit 0 stands for
// market number `market`. None can be left out: the bits are taken off one by one until none is left.
// Assumes: positions * 2^market < 2^32; marks are not after now_ms.
// Not proven here: that bits are set exactly where sizes are not 0; every fill keeps that.
func sum_positions{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    account: felt, positions: felt, market: felt, oldest_ms: felt, sums: Portfolio
) -> Portfolio {
    alloc_locals;
    if (positions == 0) {
        return sums;
    }
    let (local rest, bit) = halve(positions);
    if (bit == 0) {
        return sum_positions(account, rest, market + 1, oldest_ms, sums);
    }
    let position = read_position(account, market);
    let leaf = read_market(market);
    let is_fresh = is_nonnegative(leaf.mark_time_ms - oldest_ms);
    let (value, margin) = position_margin(leaf, position.size);
    return sum_positions(
        account,
        rest,
        market + 1,
        oldest_ms,
        Portfolio(
            value=sums.value + value, margin=sums.margin + margin, stale=sums.stale + 1 - is_fresh
        ),
    );
}

// Proven here: the taker's fee for a notional, rounded up.
func taker_fee{muldiv_ptr: Muldiv*}(market: MarketLeaf*, notional: felt) -> felt {
    return ppm_ceil(notional, market.taker_ppm);
}

// Proven here: the maker's fee for a notional, rounded up; a rebate is a fee below 0, so its size is
// rounded down.
func maker_fee{muldiv_ptr: Muldiv*}(market: MarketLeaf*, notional: felt) -> felt {
    let is_fee = is_nonnegative(market.maker_ppm);
    if (is_fee != 0) {
        return ppm_ceil(notional, market.maker_ppm);
    }
    let rebate = ppm_floor(notional, -market.maker_ppm);
    return -rebate;
}

// Proven here: 1 if adding `lots` on side `sign` only reduces a position of this size, else 0.
// Assumes: lots >= 1.
func only_reduces{muldiv_ptr: Muldiv*}(size: felt, sign: felt, lots: felt) -> felt {
    return is_nonnegative(-sign * size - lots);
}
