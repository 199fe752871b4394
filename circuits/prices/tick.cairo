// The formulas of a tick (docs/spec/prices.md § 4). Prices in ticks, below 2^32; fractions in ppm, signed,
// at most 10^6 in size, so that every product here is below 2^53. All quotients of signed numbers are
// rounded towards zero.

from generated.constants import PPM, PREMIUM_PPM_MAX
from lib.builtins import Muldiv
from lib.fractions import multiply_floor, ppm_ceil, ppm_floor
from lib.integers import clamp, divide_trunc, maximum, median3, minimum

// Proven here: the sum of premiums, each for as long as it counted: until now, but no longer than a tick
// may be late.
// Assumes: sampled_ms <= now_ms < 2^45, |premium_sum| < 2^60.
func sample_premium{muldiv_ptr: Muldiv*}(
    premium_sum: felt, premium_ppm: felt, sampled_ms: felt, now_ms: felt, tick_max_ms: felt
) -> felt {
    let elapsed_ms = minimum(now_ms - sampled_ms, tick_max_ms);
    return premium_sum + premium_ppm * elapsed_ms;
}

// Proven here: how far the book is above (or below) the index, in ppm.
// Assumes: bid, ask: impact prices, 0 where there is none; index >= 1.
func premium{muldiv_ptr: Muldiv*}(bid: felt, ask: felt, index: felt) -> felt {
    alloc_locals;
    // Without a bid, 0 - index is below 0 already.
    let above = maximum(0, bid - index);
    local above = above;
    let below = premium_below(ask, index);
    let premium_ppm = divide_trunc((above - below) * PPM, index);
    return clamp(premium_ppm, PREMIUM_PPM_MAX);
}

// How far the ask is below the index, in ticks; 0 without an ask.
func premium_below{muldiv_ptr: Muldiv*}(ask: felt, index: felt) -> felt {
    if (ask == 0) {
        return 0;
    }
    return maximum(0, index - ask);
}

// Proven here: the premium's moving average after this tick; 0 at the first.
// Assumes: tick_ms <= now_ms < 2^45, tick_ms is 0 just before the first; 1 <= window_ms < 2^30.
func next_basis{muldiv_ptr: Muldiv*}(
    basis_ppm: felt, premium_ppm: felt, tick_ms: felt, now_ms: felt, cap_ppm: felt, window_ms: felt
) -> felt {
    alloc_locals;
    if (tick_ms == 0) {
        return 0;
    }
    let weight_ms = minimum(now_ms - tick_ms, window_ms);
    local weight_ms = weight_ms;
    let target = clamp(premium_ppm, cap_ppm);
    let change = divide_trunc((target - basis_ppm) * weight_ms, window_ms);
    return basis_ppm + change;
}

// Proven here: the mark: the middle one of the index, the index moved by the basis, and the middle of the
// impact prices, within 1 .. price_max.
// Assumes: index >= 1; impact prices are 0 where there is none.
func mark_price{muldiv_ptr: Muldiv*}(
    index: felt, basis_ppm: felt, bid: felt, ask: felt, price_max: felt
) -> felt {
    alloc_locals;
    let moved = divide_trunc(index * basis_ppm, PPM);
    local moved = index + moved;
    let middle = middle_price(bid, ask, index);
    let mark = median3(moved, index, middle);
    let mark = minimum(mark, price_max);
    return maximum(mark, 1);
}

// The middle of the impact prices, rounded down; the index where one is missing.
func middle_price{muldiv_ptr: Muldiv*}(bid: felt, ask: felt, index: felt) -> felt {
    if (bid * ask == 0) {
        return index;
    }
    return multiply_floor(bid + ask, 1, 2);
}

// Proven here: the least price of a sell order and the greatest of a buy order.
// Assumes: 1 <= mark <= price_max, band_ppm <= 10^6.
func price_bands{muldiv_ptr: Muldiv*}(mark: felt, band_ppm: felt, price_max: felt) -> (
    low: felt, high: felt
) {
    alloc_locals;
    let low = ppm_ceil(mark, PPM - band_ppm);
    let low = maximum(low, 1);
    local low = low;
    let high = ppm_floor(mark, PPM + band_ppm);
    let high = minimum(high, price_max);
    return (low=low, high=high);
}
