//! The sums of Schnorr verification (docs/spec/signature.md § 4). Proven here, for every block of 32
//! rows whose key A is in the group: there is an s < n for which the sum from S over the digits of c
//! and s ends at the total R of the first row, c = d0 + 2^64 d1 being read from d0 and d1 as
//! integers below p. The tuple (A, R, d0, d1) is then provided.
//!
//! Why slopes are unique: a doubling leads to the n-torsion, the key is in the group and an entry in
//! the n-torsion, so the points of an addition lie in different cosets of the curve and have
//! different x. Only N has no tangent, and there the constraint is b = 0: a sum that meets N before
//! a doubling has no witness. That A is in the group is for `schnorr` to say.
//!
//! A total's x is a sum of squares of slopes, x's and constants, its y a sum of slopes times x, so
//! that all eleven steps of a window stay of degree 5 without committing to a total between them.

use std::array::from_fn;

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;
use zkperp_field::F;
use zkperp_signature::ENTRIES;

use super::columns::{BITS, PARTS, SumCols, SumFixed};
use super::constants::{COORDINATES, Polynomial, constants};
use crate::builder::TableBuilder;
use crate::buses::Bus;
use crate::gfp5::{Gfp5, Point};

/// The top 32 bits of a half, all ones.
const FULL: u32 = u32::MAX;

/// Columns whose next row the constraints read.
pub fn next_row_columns() -> Vec<usize> {
    let n = SumCols::numbers();
    let single = [n.half, n.upper, n.full];
    [
        &n.total_x[..],
        &n.total_y,
        &n.key_x,
        &n.key_y,
        &single,
        &n.below,
        &n.carried,
    ]
    .concat()
}

/// The table's rows and fixed values at one place.
struct Window<AB: TableBuilder> {
    row: SumCols<AB::Var>,
    next: SumCols<AB::Var>,
    first: AB::Expr,
    last: AB::Expr,
    middle: AB::Expr,
    tail_start: AB::Expr,
    tail: AB::Expr,
    order: [AB::Expr; PARTS],
}

/// The constraints and messages of the table.
#[inline(always)]
pub fn eval<AB: TableBuilder>(b: &mut AB) {
    let main = b.main();
    let fixed = SumFixed::<AB::PeriodicVar>::read(b.periodic_values());
    let window = Window::<AB> {
        row: SumCols::read(main.current_slice()),
        next: SumCols::read(main.next_slice()),
        first: fixed.first.into(),
        last: fixed.last.into(),
        middle: fixed.middle.into(),
        tail_start: fixed.tail_start.into(),
        tail: fixed.tail.into(),
        order: fixed.order.map(Into::into),
    };
    sum(b, &window);
    challenge(b, &window);
    bits_of_scalar(b, &window);
    below_order(b, &window);
    let row = &window.row;
    b.zero(
        "schnorr_sum/count: a sum is provided by its first row",
        (AB::Expr::ONE - window.first) * row.count,
    );
    let tuple = [row.key_x, row.key_y, row.total_x, row.total_y];
    let tuple = tuple.into_iter().flatten().chain([row.half, row.upper]);
    b.provide(Bus::SchnorrSum, tuple.map(Into::into), row.count.into());
}

/// The window's eleven steps, from the total of the window before it.
#[inline(always)]
fn sum<AB: TableBuilder>(b: &mut AB, window: &Window<AB>) {
    let (row, next) = (&window.row, &window.next);
    let mut total = before(window);
    let key = Point::<AB::Expr> {
        x: Gfp5::of(&row.key_x),
        y: Gfp5::of(&row.key_y),
    };
    for step in 0..BITS {
        let slope = Gfp5::of(&row.double[step]);
        for zero in total.off_tangent(&slope).0 {
            b.zero("schnorr_sum/double: the slope is the tangent's", zero);
        }
        total = total.sum_on_line(&total.x, &slope);
        let sign = row.challenge[BITS - 1 - step] * F::TWO - F::ONE;
        let signed = Point {
            x: key.x.clone(),
            y: Gfp5(from_fn(|i| key.y.0[i].clone() * sign.clone())),
        };
        let slope = Gfp5::of(&row.key_step[step]);
        for zero in total.off_chord(&signed, &slope).0 {
            b.zero(
                "schnorr_sum/key_step: the slope leads to the key, signed by the digit",
                zero,
            );
        }
        total = total.sum_on_line(&signed.x, &slope);
    }
    for part in 0..PARTS {
        let entry = entry::<AB>(&row.scalar[part], &constants().tables[part]);
        let slope = Gfp5::of(&row.entry_step[part]);
        for zero in total.off_chord(&entry, &slope).0 {
            b.zero(
                "schnorr_sum/entry_step: the slope leads to the digit's entry",
                zero,
            );
        }
        total = total.sum_on_line(&entry.x, &slope);
    }
    let committed = row.total_x.into_iter().chain(row.total_y);
    for (result, committed) in total.x.0.into_iter().chain(total.y.0).zip(committed) {
        b.zero(
            "schnorr_sum/total: the total is the last step's",
            result - committed,
        );
    }
    let key = row.key_x.into_iter().chain(row.key_y);
    for (this, other) in key.zip(next.key_x.into_iter().chain(next.key_y)) {
        b.zero(
            "schnorr_sum/key: a block has one key",
            (AB::Expr::ONE - window.last.clone()) * (this - other),
        );
    }
}

/// The total before the window: S on the last row, else the total of the row behind.
#[inline(always)]
fn before<AB: TableBuilder>(window: &Window<AB>) -> Point<AB::Expr> {
    let start = &constants().start;
    let select = |cells: &[AB::Var; 5], start: &[F; 5]| {
        Gfp5(from_fn(|i| {
            let going_on: AB::Expr = cells[i].into();
            (AB::Expr::from(start[i]) - going_on.clone()) * window.last.clone() + going_on
        }))
    };
    Point {
        x: select(&window.next.total_x, &start.x.0),
        y: select(&window.next.total_y, &start.y.0),
    }
}

/// The entry of a table that four bits pick.
#[inline]
fn entry<AB: TableBuilder>(
    bits: &[AB::Var; BITS],
    table: &[Polynomial; COORDINATES],
) -> Point<AB::Expr> {
    let mut products = [const { None }; ENTRIES];
    for m in 1..ENTRIES {
        let top = m.ilog2() as usize;
        let bit: AB::Expr = bits[top].into();
        products[m] = Some(match &products[m ^ (1 << top)] {
            Some(rest) => bit * AB::Expr::clone(rest),
            None => bit,
        });
    }
    let value = |coordinate: usize| {
        let [constant, others @ ..] = &table[coordinate];
        let terms = products[1..].iter().flatten().zip(others);
        terms.fold(AB::Expr::from(*constant), |sum, (product, factor)| {
            sum + product.clone() * *factor
        })
    };
    Point {
        x: Gfp5(from_fn(value)),
        y: Gfp5(from_fn(|i| value(5 + i))),
    }
}

/// The number of four bits.
#[inline(always)]
fn number<AB: TableBuilder>(bits: &[AB::Var; BITS]) -> AB::Expr {
    let [b0, b1, b2, b3] = *bits;
    let high = b3 * F::TWO + b2;
    (high.double() + b1).double() + b0
}

/// The two halves of the challenge, each the integer below p that a felt is.
#[inline(always)]
fn challenge<AB: TableBuilder>(b: &mut AB, window: &Window<AB>) {
    let (row, next) = (&window.row, &window.next);
    let one = AB::Expr::ONE;
    for bit in row.challenge {
        b.boolean("schnorr_sum/challenge: its bits are 0 or 1", bit);
    }
    let digit = number::<AB>(&row.challenge);
    let going_on = one.clone() - window.last.clone() - window.middle.clone();
    b.zero(
        "schnorr_sum/half: a half of the challenge is made of its digits",
        going_on * next.half * F::from_u8(16) + digit.clone() - row.half,
    );
    b.zero(
        "schnorr_sum/upper: the lower half's rows know the upper half",
        (one.clone() - window.last.clone()) * (row.upper - next.upper)
            - window.middle.clone() * (next.half - next.upper),
    );
    // p = 2^64 - 2^32 + 1: a half is below p unless its top 32 bits are all ones and the others are
    // not all zeros. d and d + p would give two challenges.
    b.zero(
        "schnorr_sum/full: 1 where the top 32 bits are all ones",
        window.tail_start.clone() * (row.full - one + (next.half - F::from_u32(FULL)) * next.full),
    );
    b.zero(
        "schnorr_sum/full_kept: known to all lower bits",
        window.tail.clone() * (row.full - next.full),
    );
    b.zero(
        "schnorr_sum/canonical: no bits below a full top",
        (window.tail_start.clone() + window.tail.clone()) * digit * row.full,
    );
}

/// The bits of s.
#[inline(always)]
fn bits_of_scalar<AB: TableBuilder>(b: &mut AB, window: &Window<AB>) {
    for bit in window.row.scalar.into_iter().flatten() {
        b.boolean("schnorr_sum/scalar: its bits are 0 or 1", bit);
    }
}

/// s < n: from the top, the digits are n's down to one that is smaller.
#[inline(always)]
fn below_order<AB: TableBuilder>(b: &mut AB, window: &Window<AB>) {
    let (row, next) = (&window.row, &window.next);
    let one = AB::Expr::ONE;
    let mut gap = AB::Expr::ZERO;
    for part in 0..PARTS {
        let below = row.below[part];
        b.boolean("schnorr_sum/below: 0 or 1", below);
        // The top part starts undecided, the others where the part above them ended.
        let start: AB::Expr = row
            .carried
            .get(part)
            .map_or(AB::Expr::ZERO, |c| (*c).into());
        let going_on: AB::Expr = next.below[part].into();
        let before = (start - going_on.clone()) * window.last.clone() + going_on;
        b.zero(
            "schnorr_sum/below_kept: what is below stays below",
            before.clone() * (one.clone() - below),
        );
        let less = window.order[part].clone() - number::<AB>(&row.scalar[part]);
        b.zero(
            "schnorr_sum/equal: digits are n's until s is below",
            less.clone() * (one.clone() - below),
        );
        gap += (AB::Expr::from(below) - before) * (less - one.clone());
        let end = part
            .checked_sub(1)
            .map_or(one.clone(), |lower| row.carried[lower].into());
        let label = if part == 0 {
            "schnorr_sum/less: in the end s is below n"
        } else {
            "schnorr_sum/carried: the part below goes on from where this one ends"
        };
        b.zero(label, window.first.clone() * (end - below));
    }
    for bit in row.gap {
        b.boolean("schnorr_sum/gap_bits: 0 or 1", bit);
    }
    b.zero(
        "schnorr_sum/gap: the first other digit is smaller",
        gap - number::<AB>(&row.gap),
    );
    for (this, other) in row.carried.into_iter().zip(next.carried) {
        b.zero(
            "schnorr_sum/carried_kept: known to all rows of a block",
            (one.clone() - window.last.clone()) * (this - other),
        );
    }
}
