//! Integers modulo n, the prime order of the group, in constant time.

use std::ops::{Add, Mul, Neg, Sub};

use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use thiserror::Error;
use zeroize::Zeroize;

/// Bytes of an encoding, one little-endian integer.
pub(crate) const ENCODED_BYTES: usize = 40;

/// 64-bit words of a scalar, least significant first.
const WORDS: usize = 5;
type Words = [u64; WORDS];

/// n, 319 bits (eprint 2022/274, "EcGFp5 Definition").
const ORDER: Words = [
    0xe80f_d996_948b_ffe1,
    0xe888_5c39_d724_a09c,
    0x7fff_ffe6_cfb8_0639,
    0x7fff_fff1_0000_0016,
    0x7fff_fffd_8000_0007,
];
/// -1/n mod 2^64.
const MINUS_INVERSE: u64 = 0xd78b_ef72_057b_7bdf;
/// 2^640 mod n, the square of the Montgomery radix.
const RADIX_SQUARED: Words = [
    0xa010_01dc_e33d_c739,
    0x6c32_28d3_3f62_accf,
    0xd1d7_96cc_91cf_8525,
    0xaadf_ff5d_1574_c1d8,
    0x4aca_13b2_8ca2_51f5,
];

/// 40 bytes whose integer is not below n.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the scalar is not below the order of the group")]
pub struct NotBelowOrder;

/// An integer in [0, n).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scalar(Words);

impl Scalar {
    /// 0.
    pub const ZERO: Self = Self([0; WORDS]);
    /// 1.
    pub const ONE: Self = Self::from_u128(1);

    /// A small integer.
    #[must_use]
    pub const fn from_u128(value: u128) -> Self {
        Self([value as u64, (value >> 64) as u64, 0, 0, 0])
    }

    /// The integer of words that the caller knows to be below n.
    pub(crate) const fn from_words(words: Words) -> Self {
        Self(words)
    }

    /// Reads an encoding.
    ///
    /// # Errors
    /// [`NotBelowOrder`] for n and above.
    pub fn from_bytes(bytes: &[u8; ENCODED_BYTES]) -> Result<Self, NotBelowOrder> {
        let words = words_of(bytes);
        let (_, below) = minus(&words, &ORDER);
        if below {
            Ok(Self(words))
        } else {
            Err(NotBelowOrder)
        }
    }

    /// The little-endian integer of 64 bytes, mod n. Of uniform bytes the bias is below 2^-192.
    #[must_use]
    pub fn from_bytes_reduced(bytes: &[u8; 64]) -> Self {
        let (low, high) = bytes.split_at(ENCODED_BYTES);
        // In Montgomery form a value is multiplied by 2^320, which the high part is anyway.
        let low = montgomery(&montgomery(&words_of(low), &RADIX_SQUARED), &Self::ONE.0);
        Self(low) + Self(montgomery(&words_of(high), &RADIX_SQUARED))
    }

    /// The one encoding.
    #[must_use]
    pub fn to_bytes(self) -> [u8; ENCODED_BYTES] {
        let mut bytes = [0; ENCODED_BYTES];
        for (chunk, word) in bytes.as_chunks_mut().0.iter_mut().zip(self.0) {
            *chunk = word.to_le_bytes();
        }
        bytes
    }

    /// Whether this is 0, in constant time.
    #[must_use]
    pub fn is_zero(&self) -> Choice {
        self.0.ct_eq(&[0; WORDS])
    }

    /// `count` bits from bit `at` up, `count` < 64; above the number there are zeros.
    #[must_use]
    pub(crate) const fn bits(&self, at: usize, count: usize) -> u64 {
        let (word, shift) = (at / 64, at % 64);
        if word >= WORDS {
            return 0;
        }
        let low = self.0[word] >> shift;
        let high = if shift + count > 64 && word + 1 < WORDS {
            self.0[word + 1] << (64 - shift)
        } else {
            0
        };
        (low | high) & ((1 << count) - 1)
    }

    /// 64 digits d_i in [-15, 16] with self = sum of 32^i d_i, in constant time.
    pub(crate) fn signed_digits(&self) -> [i8; 64] {
        let mut carry = 0;
        std::array::from_fn(|i| {
            let digit = self.bits(5 * i, 5) as i8 + carry;
            // 1 when the digit is above 16: 16 - digit is then negative.
            carry = ((16 - digit) as u8 >> 7) as i8;
            digit - (carry << 5)
        })
    }
}

/// The words of up to 40 bytes, zero-filled.
fn words_of(bytes: &[u8]) -> Words {
    let mut words = [0; WORDS];
    for (word, chunk) in words.iter_mut().zip(bytes.as_chunks().0) {
        *word = u64::from_le_bytes(*chunk);
    }
    words
}

/// a - b mod 2^320, and whether it borrowed.
const fn minus(a: &Words, b: &Words) -> (Words, bool) {
    let (mut difference, mut borrow, mut i) = ([0; WORDS], false, 0);
    while i < WORDS {
        let (partial, first) = a[i].overflowing_sub(b[i]);
        let (word, second) = partial.overflowing_sub(borrow as u64);
        difference[i] = word;
        borrow = first | second;
        i += 1;
    }
    (difference, borrow)
}

/// a + b, which the caller knows to be below 2^320.
const fn plus(a: &Words, b: &Words) -> Words {
    let (mut sum, mut carry, mut i) = ([0; WORDS], 0, 0);
    while i < WORDS {
        let wide = (a[i] as u128)
            .wrapping_add(b[i] as u128)
            .wrapping_add(carry);
        sum[i] = wide as u64;
        carry = wide >> 64;
        i += 1;
    }
    sum
}

/// a mod n, for a < 2n.
fn reduced_once(a: &Words) -> Words {
    let (difference, below) = minus(a, &ORDER);
    let below = Choice::from(u8::from(below));
    std::array::from_fn(|i| u64::conditional_select(&difference[i], &a[i], below))
}

/// a b / 2^320 mod n, for a < 2^320 and b < n (Montgomery, word by word).
fn montgomery(a: &Words, b: &Words) -> Words {
    let mut sum = [0_u64; WORDS];
    for &word in a {
        let mut carry = 0;
        for (limb, &other) in sum.iter_mut().zip(b) {
            (*limb, carry) = multiply_add(word, other, *limb, carry);
        }
        let top = carry;
        // Adding this multiple of n clears the lowest word, which is then shifted out.
        let factor = sum[0].wrapping_mul(MINUS_INVERSE);
        let (_, mut carry) = multiply_add(factor, ORDER[0], sum[0], 0);
        for i in 1..WORDS {
            (sum[i - 1], carry) = multiply_add(factor, ORDER[i], sum[i], carry);
        }
        // The sum stays below 2n < 2^320, so this does not carry.
        sum[WORDS - 1] = top.wrapping_add(carry);
    }
    reduced_once(&sum)
}

/// a b + c + d as low and high word.
#[inline(always)]
const fn multiply_add(a: u64, b: u64, c: u64, d: u64) -> (u64, u64) {
    let wide = (a as u128)
        .wrapping_mul(b as u128)
        .wrapping_add(c as u128)
        .wrapping_add(d as u128);
    (wide as u64, (wide >> 64) as u64)
}

impl Add for Scalar {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(reduced_once(&plus(&self.0, &other.0)))
    }
}

impl Neg for Scalar {
    type Output = Self;

    fn neg(self) -> Self {
        Self(reduced_once(&minus(&ORDER, &self.0).0))
    }
}

impl Sub for Scalar {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Scalar {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self(montgomery(&montgomery(&self.0, &other.0), &RADIX_SQUARED))
    }
}

impl Zeroize for Scalar {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUS_ONE: Scalar = Scalar(minus(&ORDER, &Scalar::ONE.0).0);

    #[test]
    fn the_order_and_above_are_no_scalars() {
        assert_eq!(Scalar::from_bytes(&MINUS_ONE.to_bytes()), Ok(MINUS_ONE));
        assert_eq!(
            Scalar::from_bytes(&Scalar(ORDER).to_bytes()),
            Err(NotBelowOrder)
        );
        assert_eq!(Scalar::from_bytes(&[0xff; 40]), Err(NotBelowOrder));
    }

    #[test]
    fn the_ring_wraps_at_the_order() {
        assert_eq!(MINUS_ONE + Scalar::ONE, Scalar::ZERO);
        assert_eq!(MINUS_ONE + MINUS_ONE, -Scalar::from_u128(2));
        assert_eq!(MINUS_ONE * MINUS_ONE, Scalar::ONE);
        assert_eq!(-Scalar::ZERO, Scalar::ZERO);
        assert_eq!(Scalar::ZERO - Scalar::ONE, MINUS_ONE);
        assert!(bool::from(Scalar::ZERO.is_zero()) && !bool::from(MINUS_ONE.is_zero()));
    }

    #[test]
    fn the_largest_512_bits_reduce_as_their_parts_do() {
        // 2^512 - 1 = (2^128)^4 - 1.
        let wide = Scalar::from_u128(u128::MAX) + Scalar::ONE;
        let fourth = wide * wide * wide * wide;
        assert_eq!(
            Scalar::from_bytes_reduced(&[0xff; 64]),
            fourth - Scalar::ONE
        );
    }

    #[test]
    fn signed_digits_and_nibbles_rebuild_the_scalar() {
        let sixteen = Scalar::from_u128(16);
        let half = Scalar::from_bytes_reduced(&[0xa7; 64]);
        for s in [Scalar::ZERO, Scalar::ONE, MINUS_ONE, half, sixteen] {
            let signed = s
                .signed_digits()
                .iter()
                .rev()
                .fold(Scalar::ZERO, |sum, &digit| {
                    let size = Scalar::from_u128(u128::from(digit.unsigned_abs()));
                    let digit = if digit < 0 { -size } else { size };
                    sum * Scalar::from_u128(32) + digit
                });
            assert_eq!(signed, s);
            let nibbles = (0..96).rev().fold(Scalar::ZERO, |sum, i| {
                sum * sixteen + Scalar::from_u128(u128::from(s.bits(4 * i, 4)))
            });
            assert_eq!(nibbles, s);
        }
    }
}
