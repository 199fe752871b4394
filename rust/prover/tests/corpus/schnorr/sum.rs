//! Sums of any digits, followed the way the constraints follow them.

use std::array::from_fn;

use p3_field::{Field, PrimeCharacteristicRing, PrimeField64};
use zkperp_field::F;
use zkperp_prover::tables::schnorr_sum::columns::{BITS, PARTS, ROWS, SumCols};
use zkperp_prover::tables::schnorr_sum::constants::{Polynomial, constants, order_digits};
use zkperp_prover::tables::schnorr_sum::trace::bits;
use zkperp_signature::{AffinePoint, CURVE_A, CURVE_B_OVER_Z, Gfp5, start};

use super::witness::Rows;

/// Digits of s, by part.
pub(crate) type Digits = [[u8; ROWS]; PARTS];

/// A place among the digits of s: part and row.
pub(crate) type Place = (usize, usize);

/// A small number as an element.
pub(crate) fn element(value: F) -> Gfp5 {
    Gfp5::from_felts(from_fn(|i| if i == 0 { value } else { F::ZERO }))
}

/// A block for a key, a challenge and a scalar, neither of which need be in its range; s counts as
/// below n from `decided` on.
pub(crate) fn rows(key: AffinePoint, c: u128, s: &Digits, decided: Option<Place>) -> Rows {
    let mut rows: Rows = from_fn(|i| {
        let mut row = SumCols::<F>::read(&[F::ZERO; SumCols::<F>::WIDTH]);
        (row.key_x, row.key_y) = (key.x.to_felts(), key.y.to_felts());
        row.challenge = bits((c >> (4 * i)) as u8);
        row.scalar = from_fn(|part| bits(s[part][i]));
        row
    });
    count_halves(&mut rows);
    decide(&mut rows, decided);
    walk(&mut rows);
    rows
}

/// Makes `half`, `upper` and `full` follow from the challenge's bits.
pub(crate) fn count_halves(rows: &mut Rows) {
    let mut half = F::ZERO;
    for i in (0..ROWS).rev() {
        if i % 16 == 15 {
            half = F::ZERO;
        }
        half = half * F::from_u8(16) + number(&rows[i].challenge);
        rows[i].half = half;
        // Known once the top 32 bits are read, on row 8 of the half.
        let missing = F::from_u32(u32::MAX) - rows[i & 16 | 8].half;
        rows[i].full = match i % 16 {
            8 => -missing.try_inverse().unwrap_or(F::ZERO),
            0..8 => F::from_bool(missing == F::ZERO),
            _ => F::ZERO,
        };
    }
    let upper = rows[16].half;
    rows.iter_mut().for_each(|row| row.upper = upper);
}

/// The number of a window's bits.
pub(crate) fn number(bits: &[F; BITS]) -> F {
    bits.iter()
        .rev()
        .fold(F::ZERO, |sum, bit| sum.double() + *bit)
}

/// Says that s is below n from a digit on.
pub(crate) fn decide(rows: &mut Rows, at: Option<Place>) {
    let order = order_digits();
    let rank = |(part, row): Place| ROWS * part + row;
    let is_below = |place: Place| at.is_some_and(|at| rank(place) <= rank(at));
    for i in 0..ROWS {
        let row = &mut rows[i];
        row.below = from_fn(|part| F::from_bool(is_below((part, i))));
        row.carried = from_fn(|part| F::from_bool(is_below((part + 1, 0))));
        row.gap = [F::ZERO; BITS];
        if let Some((part, _)) = at.filter(|at| at.1 == i) {
            let less = F::from_u8(order[part][i]) - number(&row.scalar[part]) - F::ONE;
            row.gap = bits(u8::try_from(less.as_canonical_u64()).unwrap_or(0));
        }
    }
}

/// Follows the sum: sets slopes and totals.
pub(crate) fn walk(rows: &mut Rows) {
    walk_with(rows, None, |_, _, after| after);
}

/// The same, subtracting the table's entry at `flipped`, with `end(row, before, after)` as the total
/// that a row ends with.
pub(crate) fn walk_with(
    rows: &mut Rows,
    flipped: Option<Place>,
    end: impl Fn(usize, AffinePoint, AffinePoint) -> AffinePoint,
) {
    let mut total = start();
    for i in (0..ROWS).rev() {
        let (row, before) = (&mut rows[i], total);
        let key = AffinePoint {
            x: Gfp5::from_felts(row.key_x),
            y: Gfp5::from_felts(row.key_y),
        };
        for step in 0..BITS {
            let slope = tangent(&total);
            row.double[step] = slope.to_felts();
            total = on_line(&total, total.x, slope);
            let sign = element(row.challenge[BITS - 1 - step].double() - F::ONE);
            let signed = AffinePoint {
                x: key.x,
                y: key.y * sign,
            };
            let slope = chord(&total, &signed);
            row.key_step[step] = slope.to_felts();
            total = on_line(&total, signed.x, slope);
        }
        for part in 0..PARTS {
            let mut entry = entry(part, &row.scalar[part]);
            if flipped == Some((part, i)) {
                entry = -entry;
            }
            let slope = chord(&total, &entry);
            row.entry_step[part] = slope.to_felts();
            total = on_line(&total, entry.x, slope);
        }
        total = end(i, before, total);
        (row.total_x, row.total_y) = (total.x.to_felts(), total.y.to_felts());
    }
}

/// The end of a sum.
pub(crate) fn end(rows: &Rows) -> AffinePoint {
    AffinePoint {
        x: Gfp5::from_felts(rows[0].total_x),
        y: Gfp5::from_felts(rows[0].total_y),
    }
}

fn entry(part: usize, bits: &[F; BITS]) -> AffinePoint {
    let at = |polynomial: &Polynomial| -> F {
        let term = |(m, factor): (usize, &F)| {
            let chosen = (0..BITS).filter(|k| m >> k & 1 == 1);
            chosen.fold(*factor, |product, k| product * bits[k])
        };
        polynomial.iter().enumerate().map(term).sum()
    };
    let felts: [F; 10] = constants().tables[part].each_ref().map(at);
    AffinePoint {
        x: Gfp5::from_felts(from_fn(|i| felts[i])),
        y: Gfp5::from_felts(from_fn(|i| felts[5 + i])),
    }
}

/// The tangent's slope; 0 where it has none.
fn tangent(point: &AffinePoint) -> Gfp5 {
    let b = Gfp5::from_felts(from_fn(|i| {
        F::from_u32(if i == 1 { CURVE_B_OVER_Z } else { 0 })
    }));
    let numerator = point.x.square().times_small(3) + point.x.times_small(2 * CURVE_A) + b;
    numerator * point.y.double().inverse()
}

/// The slope of the line through two points; 0 where it is vertical.
fn chord(point: &AffinePoint, other: &AffinePoint) -> Gfp5 {
    (other.y - point.y) * (other.x - point.x).inverse()
}

fn on_line(point: &AffinePoint, other_x: Gfp5, slope: Gfp5) -> AffinePoint {
    let x = slope.square() - element(F::from_u32(CURVE_A)) - point.x - other_x;
    AffinePoint {
        x,
        y: slope * (point.x - x) - point.y,
    }
}
