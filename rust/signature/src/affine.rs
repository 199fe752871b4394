//! The curve E in affine coordinates, in the form that the proof constrains: one step is one line,
//! given by its slope.
//!
//! E is y^2 = x (x^2 + 2x + 263z); its points are the group's n elements (x not a square, and
//! N = (0, 0)) and the n points of n-torsion (x a nonzero square, and infinity, which has no
//! coordinates here). For public data: nothing here hides its input.

use std::ops::Neg;

use crate::curve::{CURVE_A, CURVE_B_OVER_Z};
use crate::gfp5::Gfp5;

/// A finite point of the curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AffinePoint {
    /// x.
    pub x: Gfp5,
    /// y.
    pub y: Gfp5,
}

/// A slope as a fraction.
#[derive(Clone, Copy)]
pub(crate) struct Slope {
    pub(crate) numerator: Gfp5,
    /// Zero where the line is vertical, and, for a chord, where the points are equal.
    pub(crate) denominator: Gfp5,
}

impl AffinePoint {
    /// N, the neutral element of the group: the one point whose tangent is vertical.
    pub const NEUTRAL: Self = Self {
        x: Gfp5::ZERO,
        y: Gfp5::ZERO,
    };

    /// Whether the curve's equation holds.
    #[must_use]
    pub fn is_on_curve(&self) -> bool {
        let inner = self.x.square() + self.x.times_small(CURVE_A) + b();
        self.y.square() == self.x * inner
    }

    /// The tangent: (3 x^2 + 2 a x + b) / (2 y).
    pub(crate) fn tangent(&self) -> Slope {
        Slope {
            numerator: self.x.square().times_small(3) + self.x.times_small(2 * CURVE_A) + b(),
            denominator: self.y.double(),
        }
    }

    /// The line to another point.
    pub(crate) fn chord(&self, other: &Self) -> Slope {
        Slope {
            numerator: other.y - self.y,
            denominator: other.x - self.x,
        }
    }

    /// The sum with the point of coordinate `other_x`, on the line of this slope:
    /// x3 = slope^2 - a - x1 - x2, y3 = slope (x1 - x3) - y1.
    pub(crate) fn sum_on_line(&self, other_x: Gfp5, slope: Gfp5) -> Self {
        let a = Gfp5::from_canonical([CURVE_A as u64, 0, 0, 0, 0]);
        let x = slope.square() - a - self.x - other_x;
        Self {
            x,
            y: slope * (self.x - x) - self.y,
        }
    }

    /// The sum with N on the curve, (b/x, -b y/x^2): from the group to the n-torsion and back.
    /// `None` for N itself, which goes to infinity.
    #[must_use]
    pub fn plus_n(&self) -> Option<Self> {
        if self.x.is_zero() {
            return None;
        }
        let inverse = self.x.inverse();
        let x = inverse.times_small_z(CURVE_B_OVER_Z);
        Some(Self {
            x,
            y: -(x * self.y * inverse),
        })
    }
}

/// b of the curve's equation.
fn b() -> Gfp5 {
    Gfp5::ONE.times_small_z(CURVE_B_OVER_Z)
}

impl Neg for AffinePoint {
    type Output = Self;

    fn neg(self) -> Self {
        Self {
            x: self.x,
            y: -self.y,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Point;

    #[test]
    fn affine_lines_agree_with_the_complete_formulas() {
        let generator = Point::GENERATOR.to_affine();
        assert!(generator.is_on_curve());
        let slope = |s: Slope| s.numerator * s.denominator.inverse();
        // Doubling leaves the group for the n-torsion: 2G on the curve is (G (+) G) + N.
        let twice = generator.sum_on_line(generator.x, slope(generator.tangent()));
        assert_eq!(Some(twice), Point::GENERATOR.double().to_affine().plus_n());
        // Adding an element of the group comes back.
        let thrice = twice.sum_on_line(generator.x, slope(twice.chord(&generator)));
        assert_eq!(
            thrice,
            (Point::GENERATOR.double() + Point::GENERATOR).to_affine()
        );
    }

    #[test]
    fn adding_n_twice_changes_nothing() {
        let generator = Point::GENERATOR.to_affine();
        let shifted = generator.plus_n().filter(AffinePoint::is_on_curve);
        assert!(shifted.is_some_and(|point| point.x.is_nonzero_square()));
        assert_eq!(shifted.and_then(|point| point.plus_n()), Some(generator));
        assert_eq!(AffinePoint::NEUTRAL.plus_n(), None);
    }
}
