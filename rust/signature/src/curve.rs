//! EcGFp5: a group of prime order n on the curve E: y^2 = x (x^2 + 2x + 263z) over GF(p^5).
//!
//! Source: Thomas Pornin, "EcGFp5: a Specialized Elliptic Curve", eprint 2022/274.
//!
//! E has 2n points. The group is the n of them that are not of n-torsion, with the neutral
//! N = (0, 0) and the law P (+) Q = P + Q + N. An element is encoded by w = y/x, the neutral by 0.
//! Here an element is held in fractional (x, u) coordinates, u = x/y: (X : Z : U : T) with x = X/Z,
//! u = U/T, and Z and T never zero, for which the paper's formulas are complete. All is in constant
//! time but for what is named `vartime`.

use std::ops::{Add, Neg};

use subtle::{Choice, ConditionallySelectable};
use thiserror::Error;

use crate::affine::AffinePoint;
use crate::gfp5::Gfp5;
use crate::scalar::Scalar;

/// a of the curve's equation y^2 = x (x^2 + a x + b).
pub const CURVE_A: u32 = 2;
/// b of the curve's equation is this times z.
pub const CURVE_B_OVER_Z: u32 = 263;

/// An element of GF(p^5) that encodes no element of the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("no element of the group has this encoding")]
pub struct NotInGroup;

/// An element of the group.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    x: Gfp5,
    z: Gfp5,
    u: Gfp5,
    t: Gfp5,
}

/// An element of the group as (x, u), both not fractions: what tables hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TableEntry {
    x: Gfp5,
    u: Gfp5,
}

impl Point {
    /// The neutral element N.
    pub const NEUTRAL: Self = Self {
        x: Gfp5::ZERO,
        z: Gfp5::ONE,
        u: Gfp5::ZERO,
        t: Gfp5::ONE,
    };

    /// Pornin's conventional generator, the element encoded by w = 4.
    pub const GENERATOR: Self = Self {
        x: Gfp5::from_canonical([
            12_883_135_586_176_881_569,
            4_356_519_642_755_055_268,
            5_248_930_565_894_896_907,
            2_165_973_894_480_315_022,
            2_448_410_071_095_648_785,
        ]),
        z: Gfp5::ONE,
        u: Gfp5::ONE,
        t: Gfp5::from_canonical([4, 0, 0, 0, 0]),
    };

    /// The encoding w = y/x, 0 for the neutral.
    #[must_use]
    pub fn encode(&self) -> Gfp5 {
        self.t * self.u.inverse()
    }

    /// The element encoded by w. Its time depends on w: for public data only.
    ///
    /// # Errors
    /// [`NotInGroup`] when no element has this encoding.
    pub fn decode_vartime(w: Gfp5) -> Result<Self, NotInGroup> {
        if w.is_zero() {
            return Ok(Self::NEUTRAL);
        }
        // x^2 - (w^2 - a) x + b = 0: of its two solutions, whose product b is not a square, the
        // one that is not a square belongs to the group.
        let root = Self::discriminant(w).sqrt_vartime().ok_or(NotInGroup)?;
        let sum = Self::sum_of_roots(w);
        let (first, second) = ((sum + root).half(), (sum - root).half());
        let x = if first.is_nonzero_square() {
            second
        } else {
            first
        };
        Ok(Self {
            x,
            z: Gfp5::ONE,
            u: Gfp5::ONE,
            t: w,
        })
    }

    /// w^2 - a, the sum of the two x that w can have.
    fn sum_of_roots(w: Gfp5) -> Gfp5 {
        w.square() - Gfp5::from_canonical([CURVE_A as u64, 0, 0, 0, 0])
    }

    /// (w^2 - a)^2 - 4b, a square just when w encodes an element other than N.
    pub(crate) fn discriminant(w: Gfp5) -> Gfp5 {
        Self::sum_of_roots(w).square() - Gfp5::ONE.times_small_z(4 * CURVE_B_OVER_Z)
    }

    /// Whether this is N. For public data: the answer is a branch.
    #[must_use]
    pub fn is_neutral(&self) -> bool {
        self.u.is_zero()
    }

    /// Whether w encodes this element, and it is not N; without a division.
    #[must_use]
    pub(crate) fn is_encoded_by(&self, w: Gfp5) -> bool {
        !self.is_neutral() && self.t == w * self.u
    }

    /// Twice this element, in 4M + 5S.
    #[must_use]
    #[inline]
    pub fn double(&self) -> Self {
        let t1 = self.z * self.t;
        let t2 = t1 * self.t;
        let x1 = t2.square();
        let z1 = t1 * self.u;
        let t3 = self.u.square();
        let w1 = t2 - (self.x + self.z).double() * t3;
        let t4 = z1.square();
        let z = w1.square();
        Self {
            x: t4.times_small_z(4 * CURVE_B_OVER_Z),
            z,
            u: (w1 + z1).square() - t4 - z,
            t: x1.double() - t4.double().double() - z,
        }
    }

    /// A multiple of this element. Its time depends on the scalar: for public data only.
    #[must_use]
    pub fn times_vartime(&self, scalar: &Scalar) -> Self {
        (0..320).rev().fold(Self::NEUTRAL, |sum, i| {
            let twice = sum.double();
            if scalar.bits(i, 1) == 1 {
                twice + *self
            } else {
                twice
            }
        })
    }

    /// The sum with a table entry, in 8M.
    #[must_use]
    #[inline]
    pub(crate) fn plus_entry(&self, entry: &TableEntry) -> Self {
        let t1 = self.x * entry.x;
        let t5 = self.x + entry.x * self.z;
        let t3 = self.u * entry.u;
        let t6 = self.u + entry.u * self.t;
        Self::sum(t1, self.z, t3, self.t, t5, t6)
    }

    /// The common tail of the additions: t1 = X1 X2, t2 = Z1 Z2, t3 = U1 U2, t4 = T1 T2,
    /// t5 = X1 Z2 + X2 Z1, t6 = U1 T2 + U2 T1.
    #[inline(always)]
    fn sum(t1: Gfp5, t2: Gfp5, t3: Gfp5, t4: Gfp5, t5: Gfp5, t6: Gfp5) -> Self {
        let b_t2 = t2.times_small_z(CURVE_B_OVER_Z);
        let t7 = t1 + b_t2;
        let t8 = t4 * t7;
        let t9 = t3 * (t5.times_small_z(2 * CURVE_B_OVER_Z) + t7.double());
        let t10 = (t4 + t3.double()) * (t5 + t7);
        Self {
            x: (t10 - t8).times_small_z(CURVE_B_OVER_Z),
            z: t8 - t9,
            u: t6 * (b_t2 - t1),
            t: t8 + t9,
        }
    }

    /// These elements as table entries, with one inversion for all.
    pub(crate) fn to_entries(points: &[Self]) -> Vec<TableEntry> {
        let mut inverses: Vec<Gfp5> = points.iter().flat_map(|p| [p.z, p.t]).collect();
        Gfp5::invert_all(&mut inverses);
        let entry = |(p, [z, t]): (&Self, &[Gfp5; 2])| TableEntry {
            x: p.x * *z,
            u: p.u * *t,
        };
        points
            .iter()
            .zip(inverses.as_chunks().0)
            .map(entry)
            .collect()
    }

    /// This element as a table entry.
    pub(crate) fn to_entry(self) -> TableEntry {
        let inverse = (self.z * self.t).inverse();
        TableEntry {
            x: self.x * self.t * inverse,
            u: self.u * self.z * inverse,
        }
    }

    /// The point of the curve that this element is, in affine coordinates.
    #[must_use]
    pub fn to_affine(&self) -> AffinePoint {
        let x = self.x * self.z.inverse();
        AffinePoint {
            x,
            y: x * self.encode(),
        }
    }
}

impl TableEntry {
    /// The neutral element N.
    pub(crate) const NEUTRAL: Self = Self {
        x: Gfp5::ZERO,
        u: Gfp5::ZERO,
    };

    pub(crate) fn x(&self) -> Gfp5 {
        self.x
    }

    #[cfg(test)]
    pub(crate) fn to_point(self) -> Point {
        Point {
            x: self.x,
            z: Gfp5::ONE,
            u: self.u,
            t: Gfp5::ONE,
        }
    }
}

impl Neg for TableEntry {
    type Output = Self;

    #[inline]
    fn neg(self) -> Self {
        Self {
            x: self.x,
            u: -self.u,
        }
    }
}

impl ConditionallySelectable for TableEntry {
    #[inline]
    fn conditional_select(a: &Self, b: &Self, choice: Choice) -> Self {
        Self {
            x: Gfp5::conditional_select(&a.x, &b.x, choice),
            u: Gfp5::conditional_select(&a.u, &b.u, choice),
        }
    }
}

impl Add for Point {
    type Output = Self;

    /// The sum of any two elements, in 10M.
    #[inline]
    fn add(self, other: Self) -> Self {
        let t1 = self.x * other.x;
        let t2 = self.z * other.z;
        let t3 = self.u * other.u;
        let t4 = self.t * other.t;
        let t5 = (self.x + self.z) * (other.x + other.z) - t1 - t2;
        let t6 = (self.u + self.t) * (other.u + other.t) - t3 - t4;
        Self::sum(t1, t2, t3, t4, t5, t6)
    }
}

impl Neg for Point {
    type Output = Self;

    fn neg(self) -> Self {
        Self { u: -self.u, ..self }
    }
}

impl PartialEq for Point {
    /// u determines the element: it is 1/w, and 0 for the neutral.
    fn eq(&self, other: &Self) -> bool {
        self.u * other.t == other.u * self.t
    }
}

impl Eq for Point {}
