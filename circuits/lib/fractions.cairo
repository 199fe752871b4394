// Products and quotients that pass the field's size: over the integers, by the muldiv builtin.

from generated.constants import PPM
from lib.builtins import Muldiv

// Proven here: floor(a * b / c), over the integers, for 0 <= a, b < 2^62 and 0 < c < 2^62, a quotient
// below 2^62.
func multiply_floor{muldiv_ptr: Muldiv*}(a: felt, b: felt, c: felt) -> felt {
    assert muldiv_ptr.a = a;
    assert muldiv_ptr.b = b;
    assert muldiv_ptr.e = 0;
    assert muldiv_ptr.c = c;
    let quotient = muldiv_ptr.q;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    return quotient;
}

// Proven here: floor(amount * ppm / 10^6), for 0 <= amount, ppm < 2^62.
func ppm_floor{muldiv_ptr: Muldiv*}(amount: felt, ppm: felt) -> felt {
    return multiply_floor(amount, ppm, PPM);
}

// Proven here: ceil(amount * ppm / 10^6), for 0 <= amount, ppm < 2^62.
func ppm_ceil{muldiv_ptr: Muldiv*}(amount: felt, ppm: felt) -> felt {
    assert muldiv_ptr.a = amount;
    assert muldiv_ptr.b = ppm;
    assert muldiv_ptr.e = PPM - 1;
    assert muldiv_ptr.c = PPM;
    let quotient = muldiv_ptr.q;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    return quotient;
}
