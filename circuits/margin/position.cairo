// What one position is worth, needs and owes (docs/spec/margin.md § 2, prices.md § 6).
//
// Scales: sizes in lots, V = mark_value in micro-USDC a lot, funding in 10^-6 micro-USDC a lot, fractions
// in ppm, money in micro-USDC. No quotient of a signed number is taken: `bias` per lot is added before
// the division and taken off after, and by F_MAX (state.md § 3) what is divided is never below 0.

from generated.constants import PPM
from generated.leaves import MarginLeaf
from lib.builtins import Muldiv
from lib.integers import is_nonnegative, magnitude, maximum

// Proven here: floor((s * (10^6 * V - F + entry) - lots * fraction * V) / 10^6), with s = sign * lots: for
// fraction 0 the value, else what is above a margin of this fraction.
// Assumes: `leaf` is a tier of the position's market; 0 <= lots <= the position limit, sign is 1 or -1,
// |entry| <= F_MAX, 0 <= fraction_ppm <= 10^6.
func position_sum{muldiv_ptr: Muldiv*}(
    leaf: MarginLeaf*, lots: felt, sign: felt, entry: felt, fraction_ppm: felt
) -> felt {
    tempvar bias = leaf.bias;
    assert muldiv_ptr.a = lots;
    assert muldiv_ptr.b = sign * (PPM * leaf.mark_value - leaf.funding + entry) - fraction_ppm *
        leaf.mark_value + PPM * bias;
    assert muldiv_ptr.e = 0;
    assert muldiv_ptr.c = PPM;
    let sum = muldiv_ptr.q - lots * bias;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    return sum;
}

// Proven here: the initial margin fraction: the tier's, or the account's own if that is greater.
// Assumes: both <= 10^6.
func initial_fraction{muldiv_ptr: Muldiv*}(leaf: MarginLeaf*, own_ppm: felt) -> felt {
    if (own_ppm == 0) {
        return leaf.imf_ppm;
    }
    return maximum(leaf.imf_ppm, own_ppm);
}

// Proven here: ceil(size * (F - entry) / 10^6), what the position owes to the market's clearing account.
// Assumes: `leaf` is a tier of the position's market; |size| <= the position limit, |entry| <= F_MAX.
func funding_owed{muldiv_ptr: Muldiv*}(leaf: MarginLeaf*, size: felt, entry: felt) -> felt {
    alloc_locals;
    if (size == 0) {
        return 0;
    }
    local since = leaf.funding - entry;
    if (since == 0) {
        return 0;
    }
    let is_long = is_nonnegative(size);
    local sign = 2 * is_long - 1;
    local lots = size * sign;
    assert muldiv_ptr.a = lots;
    assert muldiv_ptr.b = sign * since + PPM * leaf.bias;
    assert muldiv_ptr.e = PPM - 1;
    assert muldiv_ptr.c = PPM;
    let owed = muldiv_ptr.q - lots * leaf.bias;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    return owed;
}
