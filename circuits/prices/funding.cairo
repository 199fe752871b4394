// The formulas of funding (docs/spec/prices.md § 5).

from generated.constants import FUNDING_PERIOD_MS, FUNDING_RATE_HOURS, PPM
from lib.builtins import Muldiv
from lib.fractions import multiply_floor
from lib.integers import clamp, divide_trunc

// Proven here: the rate of the hour in ppm, signed, from the hour's sum of premiums.
// Assumes: |premium_sum| < 2^60; interest, clamp and greatest rate < 2^16.
func hourly_rate{muldiv_ptr: Muldiv*}(
    premium_sum: felt, interest_ppm: felt, clamp_ppm: felt, rate_max_ppm: felt
) -> felt {
    alloc_locals;
    let average = divide_trunc(premium_sum, FUNDING_PERIOD_MS);
    local average = average;
    let towards_interest = clamp(interest_ppm - average, clamp_ppm);
    let rate = clamp(average + towards_interest, rate_max_ppm);
    return divide_trunc(rate, FUNDING_RATE_HOURS);
}

// Proven here: the cumulative funding after the hour, 10^-6 micro-USDC a lot, within `bound`.
// Assumes: |funding| <= bound < 2^59, |hourly_ppm| < 2^13, index * multiplier <= 2^32.
func next_funding{muldiv_ptr: Muldiv*}(
    funding: felt, hourly_ppm: felt, index_ticks: felt, multiplier: felt, bound: felt
) -> felt {
    return clamp(funding + hourly_ppm * index_ticks * multiplier, bound);
}

// Proven here: F_MAX = 10^6 * (floor(bias / 2) - price_max * multiplier).
// Assumes: bias <= 2^40 is at least 4 * price_max * multiplier.
func funding_bound{muldiv_ptr: Muldiv*}(bias: felt, price_max: felt, multiplier: felt) -> felt {
    let half = multiply_floor(bias, 1, 2);
    return PPM * (half - price_max * multiplier);
}
