//! GF(p^5) = GF(p)\[z\] / (z^5 - 3) over any ring of expressions, and lines on the curve
//! y^2 = x (x^2 + 2x + 263z) (docs/spec/signature.md § 1 and § 4).
//!
//! Products are calls, not inlined: a window has 37 of them, and each folder of the proof system gets
//! its own copy of the constraints.

use std::array::from_fn;
use std::ops::{Add, Mul, Sub};

use p3_field::{Algebra, PrimeCharacteristicRing};
use zkperp_field::F;
use zkperp_signature::{AffinePoint, CURVE_A, CURVE_B_OVER_Z};

/// An element, by its coefficients, lowest power of z first.
#[derive(Clone, Copy, Debug)]
pub struct Gfp5<R>(pub [R; 5]);

impl<R: PrimeCharacteristicRing> Gfp5<R> {
    /// The element of five committed cells.
    #[inline(always)]
    pub fn of<V: Copy + Into<R>>(cells: &[V; 5]) -> Self {
        Self(from_fn(|i| cells[i].into()))
    }

    /// The square.
    #[inline]
    #[must_use]
    pub fn square(&self) -> Self {
        let [a0, a1, a2, a3, a4] = &self.0;
        let twice = |x: R| x.double();
        let product = |x: &R, y: &R| x.clone() * y.clone();
        let low = [
            a0.square(),
            twice(product(a0, a1)),
            twice(product(a0, a2)) + a1.square(),
            twice(product(a0, a3) + product(a1, a2)),
            twice(product(a0, a4) + product(a1, a3)) + a2.square(),
        ];
        let high = [
            twice(product(a1, a4) + product(a2, a3)),
            twice(product(a2, a4)) + a3.square(),
            twice(product(a3, a4)),
            a4.square(),
            R::ZERO,
        ];
        Self::reduced(&low, &high)
    }

    /// low + z^5 high.
    #[inline(always)]
    fn reduced(low: &[R; 5], high: &[R; 5]) -> Self {
        Self(from_fn(|i| {
            low[i].clone() + high[i].clone() + high[i].double()
        }))
    }

    /// The double.
    #[inline(always)]
    #[must_use]
    pub fn double(&self) -> Self {
        Self(from_fn(|i| self.0[i].double()))
    }
}

impl<R: Algebra<F>> Gfp5<R> {
    /// The sum with a constant times a power of z.
    #[inline(always)]
    #[must_use]
    pub fn plus_constant(mut self, power: usize, constant: F) -> Self {
        self.0[power] += constant;
        self
    }
}

impl<R: PrimeCharacteristicRing> Add for &Gfp5<R> {
    type Output = Gfp5<R>;

    #[inline(always)]
    fn add(self, other: Self) -> Gfp5<R> {
        Gfp5(from_fn(|i| self.0[i].clone() + other.0[i].clone()))
    }
}

impl<R: PrimeCharacteristicRing> Sub for &Gfp5<R> {
    type Output = Gfp5<R>;

    #[inline(always)]
    fn sub(self, other: Self) -> Gfp5<R> {
        Gfp5(from_fn(|i| self.0[i].clone() - other.0[i].clone()))
    }
}

impl<R: PrimeCharacteristicRing> Mul for &Gfp5<R> {
    type Output = Gfp5<R>;

    #[inline]
    fn mul(self, other: Self) -> Gfp5<R> {
        let term = |i: usize, j: usize| self.0[i].clone() * other.0[j].clone();
        let low = from_fn(|k| (1..=k).fold(term(0, k), |sum, i| sum + term(i, k - i)));
        let high = from_fn(|k| (k + 1..5).fold(R::ZERO, |sum, i| sum + term(i, k + 5 - i)));
        Gfp5::reduced(&low, &high)
    }
}

/// A point in affine coordinates.
#[derive(Clone, Copy, Debug)]
pub struct Point<R> {
    /// x.
    pub x: Gfp5<R>,
    /// y.
    pub y: Gfp5<R>,
}

impl<R: Algebra<F>> Point<R> {
    /// 2 slope y - (3 x^2 + 2 a x + b): zero where the slope is the tangent's.
    #[inline]
    pub fn off_tangent(&self, slope: &Gfp5<R>) -> Gfp5<R> {
        let square = self.x.square();
        let tangent = &(&square + &square.double()) + &scaled(&self.x, 2 * CURVE_A);
        let tangent = tangent.plus_constant(1, F::from_u32(CURVE_B_OVER_Z));
        &(slope * &self.y).double() - &tangent
    }

    /// slope (x2 - x) - (y2 - y): zero where the slope is that of the line to `other`.
    #[inline]
    pub fn off_chord(&self, other: &Self, slope: &Gfp5<R>) -> Gfp5<R> {
        &(slope * &(&other.x - &self.x)) - &(&other.y - &self.y)
    }

    /// The sum with the point of coordinate `other_x` on the line of this slope:
    /// x' = slope^2 - a - x - x2, y' = slope (x - x') - y.
    #[inline]
    #[must_use]
    pub fn sum_on_line(&self, other_x: &Gfp5<R>, slope: &Gfp5<R>) -> Self {
        let x = &(&slope.square() - &self.x) - other_x;
        let x = x.plus_constant(0, -F::from_u32(CURVE_A));
        let y = &(slope * &(&self.x - &x)) - &self.y;
        Self { x, y }
    }

    /// x^2 - (w^2 - a) x + b: zero where x is of a point encoded by w.
    #[inline]
    pub fn off_encoding(&self, w: &Gfp5<R>) -> Gfp5<R> {
        let sum = w.square().plus_constant(0, -F::from_u32(CURVE_A));
        let value = &self.x.square() - &(&sum * &self.x);
        value.plus_constant(1, F::from_u32(CURVE_B_OVER_Z))
    }
}

#[inline(always)]
fn scaled<R: Algebra<F>>(element: &Gfp5<R>, factor: u32) -> Gfp5<R> {
    Gfp5(from_fn(|i| element.0[i].clone() * F::from_u32(factor)))
}

/// The coordinates of a point as felts.
#[must_use]
pub fn coordinates(point: &AffinePoint) -> Point<F> {
    Point {
        x: Gfp5(point.x.to_felts()),
        y: Gfp5(point.y.to_felts()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zkperp_signature::Gfp5 as Native;

    #[test]
    fn products_and_squares_are_those_of_the_signer() {
        let a = Native::from_felts(from_fn(|i| F::from_u64(u64::MAX / (i as u64 + 3))));
        let b = Native::from_felts(from_fn(|i| -F::from_usize(7 * i + 1)));
        let (x, y) = (Gfp5(a.to_felts()), Gfp5(b.to_felts()));
        assert_eq!((&x * &y).0, (a * b).to_felts());
        assert_eq!(x.square().0, a.square().to_felts());
    }

    #[test]
    fn the_start_is_on_the_curve() {
        let start = zkperp_signature::start();
        let w = Gfp5((start.y * start.x.inverse()).to_felts());
        assert_eq!(coordinates(&start).off_encoding(&w).0, [F::ZERO; 5]);
    }
}
