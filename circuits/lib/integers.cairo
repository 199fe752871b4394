// Integers in the field: ranges and comparisons.
//
// A difference of two felts says something about their order only when both are bounded: here a
// signed integer x has |x| < SIGNED_BOUND = 2^61 and stands as x mod p, so differences stay below
// 2^62 in size, and no two integers of that size share a felt.

from generated.constants import RANGE_CHECK_BOUND, SIGNED_BOUND
from lib.builtins import Muldiv

// Where a bound is a constant and a check stands in the body that needs it: for 0 <= x < 2^63, as a
// cell that holds x says or another check does, x + (RANGE_TOP - max) fits a cell just when x <= max.
const RANGE_TOP = RANGE_CHECK_BOUND - 1;

// Proven here: 0 <= x <= max. If x were above max < 2^62, max - x would be one of the greatest 2^62
// felts, which no range_check cell holds.
// Assumes: 0 <= max < 2^62.
func assert_in_range{range_check_ptr}(x: felt, max: felt) {
    assert [range_check_ptr] = x;
    assert [range_check_ptr + 1] = max - x;
    let range_check_ptr = range_check_ptr + 2;
    return ();
}

// Proven here: a >= b.
// Assumes: |a|, |b| < 2^62 as signed integers, so that the wrapped a - b < 0 is above 2^62.
func assert_at_least{range_check_ptr}(a: felt, b: felt) {
    assert [range_check_ptr] = a - b;
    let range_check_ptr = range_check_ptr + 1;
    return ();
}

// Proven here: the answer, 1 for x >= 0 and 0 for x < 0; and -2^61 <= x < 2^61 (a run with another
// x has no proof). The prover has no say: (x + 2^61) = yes * 2^61 + r with r < 2^61 has one solution.
func is_nonnegative{muldiv_ptr: Muldiv*}(x: felt) -> felt {
    assert muldiv_ptr.a = x + SIGNED_BOUND;
    assert muldiv_ptr.b = 1;
    assert muldiv_ptr.e = 0;
    assert muldiv_ptr.c = SIGNED_BOUND;
    let yes = muldiv_ptr.q;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    return yes;
}

// Proven here: the lesser of two signed integers whose difference is below 2^61 in size.
func minimum{muldiv_ptr: Muldiv*}(x: felt, y: felt) -> felt {
    let x_is_least = is_nonnegative(y - x);
    return y + x_is_least * (x - y);
}

// Proven here: |x|, for a signed integer x.
func magnitude{muldiv_ptr: Muldiv*}(x: felt) -> felt {
    let yes = is_nonnegative(x);
    return x * (2 * yes - 1);
}

// Proven here: floor(x / 2) and the bit that is left over.
// Assumes: nothing; x is below 2^62 by the builtin.
func halve{muldiv_ptr: Muldiv*}(x: felt) -> (half: felt, bit: felt) {
    assert muldiv_ptr.a = x;
    assert muldiv_ptr.b = 1;
    assert muldiv_ptr.e = 0;
    assert muldiv_ptr.c = 2;
    let halving = muldiv_ptr;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    return (half=halving.q, bit=halving.r);
}

// Proven here: 0 for x = 0, else 1.
func is_not_zero(x: felt) -> felt {
    if (x == 0) {
        return 0;
    }
    return 1;
}

// Proven here: the greater of two signed integers whose difference is below 2^61 in size.
func maximum{muldiv_ptr: Muldiv*}(x: felt, y: felt) -> felt {
    let x_is_greatest = is_nonnegative(x - y);
    return y + x_is_greatest * (x - y);
}

// Proven here: max(-bound, min(bound, x)).
// Assumes: |x|, bound < 2^60, bound >= 0.
func clamp{muldiv_ptr: Muldiv*}(x: felt, bound: felt) -> felt {
    let least = minimum(x, bound);
    return maximum(least, -bound);
}

// Proven here: the middle one of three.
// Assumes: each below 2^60 in size.
func median3{muldiv_ptr: Muldiv*}(x: felt, y: felt, z: felt) -> felt {
    alloc_locals;
    let low = minimum(x, y);
    local low = low;
    // What is not the least of x and y is the other.
    let middle = minimum(x + y - low, z);
    return maximum(low, middle);
}

// Proven here: x / c rounded towards zero.
// Assumes: |x| < 2^61, 0 < c < 2^62.
func divide_trunc{muldiv_ptr: Muldiv*}(x: felt, c: felt) -> felt {
    alloc_locals;
    let is_above = is_nonnegative(x);
    local sign = 2 * is_above - 1;
    assert muldiv_ptr.a = sign * x;
    assert muldiv_ptr.b = 1;
    assert muldiv_ptr.e = 0;
    assert muldiv_ptr.c = c;
    let quotient = sign * muldiv_ptr.q;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    return quotient;
}
