//! GF(p^5) = GF(p)\[z\] / (z^5 - 3), in constant time but for what is named `vartime`.
//!
//! Source: Pornin, eprint 2022/274, "Field Operations": inverse, Legendre symbol and square root go
//! through the norm a^r, r = 1 + p + p^2 + p^3 + p^4, which lies in GF(p).

use std::ops::{Add, Mul, Neg, Sub};

use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use thiserror::Error;
use zkperp_field::{F, P, PrimeCharacteristicRing, PrimeField64};

use crate::gfp::{Fp, ProductSum};

/// Bytes of an encoding: five coefficients of 8 bytes, little-endian, lowest power of z first.
pub(crate) const ENCODED_BYTES: usize = 40;

/// 40 bytes that hold a coefficient >= p, so another name of an element that has one already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("coefficient {index} of the encoding is {value}, not below p")]
pub struct NotCanonical {
    /// Which of the five, by its power of z.
    pub index: usize,
    /// The coefficient as it stands.
    pub value: u64,
}

/// An element, by its coefficients c0 + c1 z + ... + c4 z^4.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gfp5([Fp; 5]);

impl Gfp5 {
    /// 0.
    pub const ZERO: Self = Self([Fp::ZERO; 5]);
    /// 1.
    pub const ONE: Self = Self([Fp::ONE, Fp::ZERO, Fp::ZERO, Fp::ZERO, Fp::ZERO]);

    /// The element of coefficients that the caller knows to be below p.
    pub(crate) const fn from_canonical(coefficients: [u64; 5]) -> Self {
        let [c0, c1, c2, c3, c4] = coefficients;
        Self([
            Fp::new(c0),
            Fp::new(c1),
            Fp::new(c2),
            Fp::new(c3),
            Fp::new(c4),
        ])
    }

    /// The element of five felts of the proof's field.
    #[must_use]
    pub fn from_felts(felts: [F; 5]) -> Self {
        Self(felts.map(|felt| Fp::new(felt.as_canonical_u64())))
    }

    /// The coefficients as felts of the proof's field.
    #[must_use]
    pub fn to_felts(self) -> [F; 5] {
        self.0.map(|c| F::from_u64(c.value()))
    }

    /// The coefficients, each in [0, p).
    #[must_use]
    pub const fn coefficients(self) -> [u64; 5] {
        let [c0, c1, c2, c3, c4] = self.0;
        [c0.value(), c1.value(), c2.value(), c3.value(), c4.value()]
    }

    /// Reads an encoding.
    ///
    /// # Errors
    /// [`NotCanonical`] when a coefficient is not below p.
    pub fn from_bytes(bytes: &[u8; ENCODED_BYTES]) -> Result<Self, NotCanonical> {
        let mut coefficients = [Fp::ZERO; 5];
        for (index, (c, word)) in coefficients.iter_mut().zip(bytes.as_chunks().0).enumerate() {
            let value = u64::from_le_bytes(*word);
            if value >= P {
                return Err(NotCanonical { index, value });
            }
            *c = Fp::new(value);
        }
        Ok(Self(coefficients))
    }

    /// The one encoding.
    #[must_use]
    pub fn to_bytes(self) -> [u8; ENCODED_BYTES] {
        let mut bytes = [0; ENCODED_BYTES];
        for (word, c) in bytes.as_chunks_mut().0.iter_mut().zip(self.0) {
            *word = c.value().to_le_bytes();
        }
        bytes
    }

    /// Whether this is 0.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self == Self::ZERO
    }

    /// 2 self.
    #[must_use]
    #[inline(always)]
    pub fn double(self) -> Self {
        Self(self.0.map(Fp::double))
    }

    /// self / 2.
    #[must_use]
    pub(crate) fn half(self) -> Self {
        Self(self.0.map(Fp::half))
    }

    /// The product with a small integer.
    #[must_use]
    #[inline(always)]
    pub fn times_small(self, factor: u32) -> Self {
        Self(self.0.map(|c| c.times_small(factor)))
    }

    /// The product with `factor` z.
    #[inline(always)]
    pub(crate) fn times_small_z(self, factor: u32) -> Self {
        let [c0, c1, c2, c3, c4] = self.0;
        let wrapped = factor.wrapping_mul(3);
        Self([
            c4.times_small(wrapped),
            c0.times_small(factor),
            c1.times_small(factor),
            c2.times_small(factor),
            c3.times_small(factor),
        ])
    }

    #[inline(always)]
    fn times_base(self, factor: Fp) -> Self {
        Self(self.0.map(|c| c.times(factor)))
    }

    /// self^2.
    #[must_use]
    #[inline]
    pub fn square(self) -> Self {
        let [a0, a1, a2, a3, a4] = self.0;
        let (a0_2, a1_2) = (a0.double(), a1.double());
        let (a3_3, a4_3) = (a3.double().plus(a3), a4.double().plus(a4));
        let (a3_6, a4_6) = (a3_3.double(), a4_3.double());
        Self([
            ProductSum::of(a0, a0).and(a1, a4_6).and(a2, a3_6).reduced(),
            ProductSum::of(a0_2, a1)
                .and(a2, a4_6)
                .and(a3, a3_3)
                .reduced(),
            ProductSum::of(a0_2, a2).and(a1, a1).and(a3, a4_6).reduced(),
            ProductSum::of(a0_2, a3)
                .and(a1_2, a2)
                .and(a4, a4_3)
                .reduced(),
            ProductSum::of(a0_2, a4).and(a1_2, a3).and(a2, a2).reduced(),
        ])
    }

    /// self^(2^count).
    fn squared(self, count: u32) -> Self {
        (0..count).fold(self, |power, _| power.square())
    }

    /// self^p: coefficient i times 3^(i (p-1)/5), since z^p = 3^((p-1)/5) z.
    #[inline]
    fn frobenius(self) -> Self {
        self.scaled_by_powers(&FROBENIUS)
    }

    /// self^(p^2).
    #[inline]
    fn frobenius_twice(self) -> Self {
        self.scaled_by_powers(&FROBENIUS_TWICE)
    }

    #[inline]
    fn scaled_by_powers(self, powers: &[Fp; 5]) -> Self {
        Self(std::array::from_fn(|i| self.0[i].times(powers[i])))
    }

    /// self^(r-1), the factor that takes self to its norm; and the norm, in GF(p).
    #[inline]
    fn cofactor_and_norm(self) -> (Self, Fp) {
        let once = self.frobenius();
        let pair = once * once.frobenius();
        let cofactor = pair * pair.frobenius_twice();
        let [a0, a1, a2, a3, a4] = self.0;
        let [b0, b1, b2, b3, b4] = cofactor.0;
        let wrapped = ProductSum::of(a1, b4).and(a2, b3).and(a3, b2).and(a4, b1);
        let norm = a0.times(b0).plus(wrapped.reduced().times_small(3));
        (cofactor, norm)
    }

    /// 1/self, and 0 for 0.
    #[must_use]
    pub fn inverse(self) -> Self {
        let (cofactor, norm) = self.cofactor_and_norm();
        cofactor.times_base(norm.inverse())
    }

    /// Whether this is the square of a nonzero element. The degree is odd, so that is decided by
    /// the norm.
    #[must_use]
    pub fn is_nonzero_square(self) -> bool {
        self.cofactor_and_norm().1.legendre() == Fp::ONE
    }

    /// A square root, or `None` for a non-square. Its time depends on the value: public data only.
    #[must_use]
    pub fn sqrt_vartime(self) -> Option<Self> {
        // (r-1)/2 = p (p+1)/2 (1 + p^2), and a = a^r / (a^((r-1)/2))^2.
        let root_of_norm = self.cofactor_and_norm().1.sqrt_vartime()?;
        // (p+1)/2 = 2^63 - 2^31 + 1.
        let run = self.power_of_32_ones();
        let power = (run.squared(31) * self).frobenius();
        let power = power * power.frobenius_twice();
        Some(power.inverse().times_base(root_of_norm))
    }

    /// self^(2^32 - 1).
    fn power_of_32_ones(self) -> Self {
        [1, 2, 4, 8, 16]
            .into_iter()
            .fold(self, |run, ones| run.squared(ones) * run)
    }

    /// Replaces every element by its inverse, at three multiplications each and one inversion.
    /// All must be nonzero: one zero makes all of them zero.
    pub(crate) fn invert_all(elements: &mut [Self]) {
        let mut product = Self::ONE;
        let before: Vec<Self> = elements
            .iter()
            .map(|element| {
                let before = product;
                product = before * *element;
                before
            })
            .collect();
        let mut inverse = product.inverse();
        for (element, before) in elements.iter_mut().zip(before).rev() {
            (*element, inverse) = (inverse * before, inverse * *element);
        }
    }
}

/// 3^(i (p-1)/5).
const FROBENIUS: [Fp; 5] = powers(Fp::new(1_041_288_259_238_279_555));
/// 3^(2 i (p-1)/5).
const FROBENIUS_TWICE: [Fp; 5] = powers(FROBENIUS[2]);

const fn powers(base: Fp) -> [Fp; 5] {
    let square = base.square();
    [Fp::ONE, base, square, square.times(base), square.square()]
}

impl Add for Gfp5 {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i].plus(other.0[i])))
    }
}

impl Sub for Gfp5 {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i].minus(other.0[i])))
    }
}

impl Neg for Gfp5 {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        Self::ZERO - self
    }
}

impl Mul for Gfp5 {
    type Output = Self;

    #[inline]
    fn mul(self, other: Self) -> Self {
        let [a0, a1, a2, a3, a4] = self.0;
        let [b0, b1, b2, b3, b4] = other.0;
        let [t1, t2, t3, t4] = [b1, b2, b3, b4].map(|b| b.double().plus(b));
        Self([
            ProductSum::of(a0, b0)
                .and(a1, t4)
                .and(a2, t3)
                .and(a3, t2)
                .and(a4, t1)
                .reduced(),
            ProductSum::of(a0, b1)
                .and(a1, b0)
                .and(a2, t4)
                .and(a3, t3)
                .and(a4, t2)
                .reduced(),
            ProductSum::of(a0, b2)
                .and(a1, b1)
                .and(a2, b0)
                .and(a3, t4)
                .and(a4, t3)
                .reduced(),
            ProductSum::of(a0, b3)
                .and(a1, b2)
                .and(a2, b1)
                .and(a3, b0)
                .and(a4, t4)
                .reduced(),
            ProductSum::of(a0, b4)
                .and(a1, b3)
                .and(a2, b2)
                .and(a3, b1)
                .and(a4, b0)
                .reduced(),
        ])
    }
}

impl ConstantTimeEq for Gfp5 {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl ConditionallySelectable for Gfp5 {
    fn conditional_select(a: &Self, b: &Self, choice: Choice) -> Self {
        Self(std::array::from_fn(|i| {
            Fp::conditional_select(&a.0[i], &b.0[i], choice)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Elements without pattern, from one multiplicative sequence.
    fn elements(count: usize) -> Vec<Gfp5> {
        let mut word = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = || {
            word = word.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1);
            (word ^ (word >> 29)) % P
        };
        (0..count)
            .map(|_| Gfp5::from_canonical(std::array::from_fn(|_| next())))
            .collect()
    }

    #[test]
    fn square_is_the_product_with_itself_at_the_largest_coefficients_too() {
        let top = Gfp5::from_canonical([P - 1; 5]);
        for a in elements(50).into_iter().chain([top, Gfp5::ONE, Gfp5::ZERO]) {
            assert_eq!(a.square(), a * a);
            assert_eq!(
                a.times_small_z(263),
                a * Gfp5::from_canonical([0, 263, 0, 0, 0])
            );
        }
        // (1 + z + ... + z^4)^2, by hand: coefficient i is (i + 1) + 3 (4 - i).
        assert_eq!(top * top, Gfp5::from_canonical([13, 11, 9, 7, 5]));
    }

    #[test]
    fn frobenius_is_the_power_p() {
        for a in elements(3) {
            let run = a.power_of_32_ones();
            // p = (2^32 - 1) 2^32 + 1.
            assert_eq!(a.frobenius(), run.squared(32) * a);
            assert_eq!(a.frobenius_twice(), a.frobenius().frobenius());
        }
    }

    #[test]
    fn inverses_one_by_one_and_together() {
        let all = elements(20);
        let mut together = all.clone();
        Gfp5::invert_all(&mut together);
        for (a, inverse) in all.into_iter().zip(together) {
            assert_eq!(a * inverse, Gfp5::ONE);
            assert_eq!(a.inverse(), inverse);
        }
        assert_eq!(Gfp5::ZERO.inverse(), Gfp5::ZERO);
    }

    #[test]
    fn squares_have_roots_and_non_squares_have_none() {
        for a in elements(20) {
            let square = a.square();
            assert!(square.is_nonzero_square());
            assert_eq!(square.sqrt_vartime().map(Gfp5::square), Some(square));
            let other = square.times_small(7);
            assert!(!other.is_nonzero_square());
            assert_eq!(other.sqrt_vartime(), None);
        }
        assert_eq!(Gfp5::ZERO.sqrt_vartime(), Some(Gfp5::ZERO));
        assert!(!Gfp5::ZERO.is_nonzero_square());
    }

    #[test]
    fn an_encoding_with_a_coefficient_at_p_is_refused() {
        let mut bytes = Gfp5::from_canonical([1, 2, 3, 4, P - 1]).to_bytes();
        assert!(Gfp5::from_bytes(&bytes).is_ok());
        bytes[32..].copy_from_slice(&P.to_le_bytes());
        assert_eq!(
            Gfp5::from_bytes(&bytes),
            Err(NotCanonical { index: 4, value: P })
        );
    }
}
