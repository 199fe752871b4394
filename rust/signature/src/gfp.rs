//! GF(p), p = 2^64 - 2^32 + 1, in constant time.
//!
//! `zkperp_field::F` is faster in bulk but branches on rare carries, which a secret may not decide;
//! the signer computes here, without a branch or an index that depends on a value. Elements are
//! kept canonical, so that equality and encoding need no reduction.

use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zkperp_field::P;

/// 2^64 mod p, 2^32 - 1.
const EPSILON: u64 = 0xffff_ffff;

/// An element, in [0, p).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fp(u64);

/// All ones for true, zero for false.
#[inline(always)]
const fn mask(bit: bool) -> u64 {
    (bit as u64).wrapping_neg()
}

impl Fp {
    pub(crate) const ZERO: Self = Self(0);
    pub(crate) const ONE: Self = Self(1);

    /// The element of a value that the caller knows to be below p.
    pub(crate) const fn new(value: u64) -> Self {
        debug_assert!(value < P);
        Self(value)
    }

    /// The value in [0, p).
    #[inline(always)]
    pub(crate) const fn value(self) -> u64 {
        self.0
    }

    #[inline(always)]
    pub(crate) const fn plus(self, other: Self) -> Self {
        // p - other is in (0, p], so the difference is the sum, short by p where it borrows.
        let (difference, borrow) = self.0.overflowing_sub(P.wrapping_sub(other.0));
        Self(difference.wrapping_add(P & mask(borrow)))
    }

    #[inline(always)]
    pub(crate) const fn minus(self, other: Self) -> Self {
        let (difference, borrow) = self.0.overflowing_sub(other.0);
        Self(difference.wrapping_add(P & mask(borrow)))
    }

    #[inline(always)]
    pub(crate) const fn double(self) -> Self {
        self.plus(self)
    }

    /// self / 2: an odd value gains p first, and (value + p) / 2 = value / 2 + (p + 1) / 2 there.
    pub(crate) const fn half(self) -> Self {
        Self((self.0 >> 1).wrapping_add(mask(self.0 & 1 == 1) & (P / 2 + 1)))
    }

    #[inline(always)]
    pub(crate) const fn times(self, other: Self) -> Self {
        reduce((self.0 as u128).wrapping_mul(other.0 as u128))
    }

    /// The product with a small constant.
    #[inline(always)]
    pub(crate) const fn times_small(self, factor: u32) -> Self {
        reduce((self.0 as u128).wrapping_mul(factor as u128))
    }

    #[inline(always)]
    pub(crate) const fn square(self) -> Self {
        self.times(self)
    }

    /// self^(2^count).
    #[inline(always)]
    const fn squared(self, count: u32) -> Self {
        let (mut result, mut i) = (self, 0);
        while i < count {
            result = result.square();
            i += 1;
        }
        result
    }

    /// self^(2^31 - 1) and self^(2^32 - 1).
    const fn runs_of_31_and_32(self) -> (Self, Self) {
        let x2 = self.square().times(self);
        let x3 = x2.square().times(self);
        let x6 = x3.squared(3).times(x3);
        let x12 = x6.squared(6).times(x6);
        let x24 = x12.squared(12).times(x12);
        let x30 = x24.squared(6).times(x6);
        let x31 = x30.square().times(self);
        (x31, x31.square().times(self))
    }

    /// 1/self, and 0 for 0: the power p - 2, 31 ones, a zero and 32 ones in binary.
    pub(crate) const fn inverse(self) -> Self {
        let (x31, x32) = self.runs_of_31_and_32();
        x31.squared(33).times(x32)
    }

    /// 1 for a nonzero square, p - 1 for a non-square, 0 for 0: the power (p - 1) / 2.
    pub(crate) const fn legendre(self) -> Self {
        let (_, x32) = self.runs_of_31_and_32();
        x32.squared(31)
    }

    /// A square root, or `None` for a non-square, by Tonelli and Shanks. Its time depends on the
    /// value: for public data only.
    pub(crate) fn sqrt_vartime(self) -> Option<Self> {
        // p - 1 = (2^32 - 1) 2^32, and 7 generates the multiplicative group.
        let (half, _) = self.runs_of_31_and_32();
        let (_, mut unity) = Self(7).runs_of_31_and_32();
        // self^(2^31): the root up to a power of `unity`; its square is self times `rest`.
        let mut root = half.times(self);
        let mut rest = half.square().times(self);
        if self == Self::ZERO {
            return Some(Self::ZERO);
        }
        let mut two_adicity = 32;
        while rest != Self::ONE {
            let (mut order, mut probe) = (0, rest);
            while probe != Self::ONE {
                probe = probe.square();
                order += 1;
            }
            if order >= two_adicity {
                return None;
            }
            let step = unity.squared(two_adicity - order - 1);
            two_adicity = order;
            unity = step.square();
            root = root.times(step);
            rest = rest.times(unity);
        }
        Some(root)
    }
}

/// x mod p, by 2^64 = 2^32 - 1 and 2^96 = -1.
#[inline(always)]
const fn reduce(x: u128) -> Fp {
    let (low, high) = (x as u64, (x >> 64) as u64);
    let (difference, borrow) = low.overflowing_sub(high >> 32);
    // Where it borrowed, the difference is at least 2^64 - 2^32 + 1: taking 2^32 - 1 is safe.
    let difference = difference.wrapping_sub(EPSILON & mask(borrow));
    let middle = high & EPSILON;
    let (sum, carry) = difference.overflowing_add((middle << 32).wrapping_sub(middle));
    // Where it carried, what is left is below 2^64 - 2^33 + 1: adding 2^32 - 1 is safe.
    let sum = sum.wrapping_add(EPSILON & mask(carry));
    let (reduced, below) = sum.overflowing_sub(P);
    Fp(reduced.wrapping_add(P & mask(below)))
}

/// A sum of up to 2^32 products, reduced once at its end.
#[derive(Clone, Copy)]
pub(crate) struct ProductSum {
    low: u128,
    carries: u64,
}

impl ProductSum {
    #[inline(always)]
    pub(crate) const fn of(a: Fp, b: Fp) -> Self {
        Self {
            low: (a.0 as u128).wrapping_mul(b.0 as u128),
            carries: 0,
        }
    }

    #[inline(always)]
    pub(crate) const fn and(self, a: Fp, b: Fp) -> Self {
        let product = (a.0 as u128).wrapping_mul(b.0 as u128);
        let (low, carry) = self.low.overflowing_add(product);
        Self {
            low,
            carries: self.carries.wrapping_add(carry as u64),
        }
    }

    /// The sum mod p; each carry is 2^128 = -2^32.
    #[inline(always)]
    pub(crate) const fn reduced(self) -> Fp {
        reduce(self.low).minus(Fp(self.carries << 32))
    }
}

impl ConstantTimeEq for Fp {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl ConditionallySelectable for Fp {
    fn conditional_select(a: &Self, b: &Self, choice: Choice) -> Self {
        Self(u64::conditional_select(&a.0, &b.0, choice))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EDGES: [u64; 10] = [
        0,
        1,
        2,
        EPSILON - 1,
        EPSILON,
        EPSILON + 1,
        P / 2,
        P - EPSILON,
        P - 2,
        P - 1,
    ];

    fn wide(value: u128) -> u64 {
        (value % u128::from(P)) as u64
    }

    #[test]
    fn ring_operations_at_the_edges_match_wide_integers() {
        for a in EDGES {
            for b in EDGES {
                let (x, y, p) = (u128::from(a), u128::from(b), u128::from(P));
                assert_eq!(Fp(a).plus(Fp(b)).0, wide(x + y));
                assert_eq!(Fp(a).minus(Fp(b)).0, wide(x + p - y));
                assert_eq!(Fp(a).times(Fp(b)).0, wide(x * y));
            }
        }
    }

    #[test]
    fn half_doubled_is_the_element() {
        for a in EDGES {
            assert_eq!(Fp(a).half().double(), Fp(a));
        }
    }

    #[test]
    fn reduction_holds_for_every_pattern_of_extreme_words() {
        for words in 0..625_u32 {
            let word =
                |i| [0, 1, EPSILON / 2, EPSILON - 1, EPSILON][(words / 5_u32.pow(i)) as usize % 5];
            let x = (0..4).fold(0, |x: u128, i| x << 32 | u128::from(word(i)));
            assert_eq!(reduce(x).0, wide(x), "{x:#x}");
        }
    }

    #[test]
    fn five_largest_products_keep_their_carries() {
        let top = Fp(P - 1);
        let sum = (0..4).fold(ProductSum::of(top, top), |sum, _| sum.and(top, top));
        assert_eq!(sum.reduced(), Fp(5));
    }

    #[test]
    fn inverse_legendre_and_root_agree() {
        for a in EDGES.into_iter().filter(|a| *a != 0) {
            assert_eq!(Fp(a).times(Fp(a).inverse()), Fp::ONE);
            let square = Fp(a).square();
            assert_eq!(square.legendre(), Fp::ONE);
            assert_eq!(square.sqrt_vartime().map(Fp::square), Some(square));
            let other = square.times(Fp(7));
            assert_eq!(other.legendre().0, P - 1);
            assert_eq!(other.sqrt_vartime(), None);
        }
        assert_eq!(Fp::ZERO.inverse(), Fp::ZERO);
        assert_eq!(Fp::ZERO.sqrt_vartime(), Some(Fp::ZERO));
    }
}
