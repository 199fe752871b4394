//! The `muldiv` builtin. Proven here, of each six cells (a, b, e, c, q, r) of the segment: all are
//! integers below 2^62, a·b + e = q·c + r over the integers, and 0 <= r < c. So q is the floor of
//! (a·b + e) / c; e = c - 1 makes it the ceiling of a·b / c.
//!
//! Why no sum wraps: with 16-bit limbs, digit k of a·b + e - q·c - r is a sum of at most four
//! products on each side, below 2^35 in size; two digits together, plus a carry below 2^32, are
//! below 2^52, far from p/2. An equality in the field is then one over the integers.

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;
use zkperp_field::F;

use super::columns::{CARRIES, CARRY_OFFSET, CELLS, LIMBS, MulDivCols};
use crate::builder::TableBuilder;
use crate::buses::Bus;

/// Columns whose next row the constraints read.
pub fn next_row_columns() -> Vec<usize> {
    vec![MulDivCols::numbers().address]
}

/// The constraints and messages of the table; `base` is the segment's first address.
#[inline(always)]
pub fn eval<AB: TableBuilder>(base: u32, b: &mut AB) {
    let main = b.main();
    let row = MulDivCols::<AB::Var>::read(main.current_slice());
    let next = MulDivCols::<AB::Var>::read(main.next_slice());
    b.zero_first(
        "muldiv/first: the first row is the segment's first instance",
        row.address - F::from_u32(base),
    );
    b.zero_transition(
        "muldiv/step: six cells a row",
        next.address - row.address - AB::Expr::from(F::from_usize(CELLS)),
    );
    for (i, limbs) in row.values.iter().enumerate() {
        range62(b, limbs);
        b.ask(
            Bus::Memory,
            [row.address + F::from_usize(i), value::<AB>(limbs)],
        );
    }
    range62(b, &row.gap);
    let [.., c, _, r] = &row.values;
    b.zero(
        "muldiv/remainder: r < c",
        value::<AB>(c) - value::<AB>(r) - AB::Expr::ONE - value::<AB>(&row.gap),
    );
    product(b, &row);
}

/// The integer that limbs of 16, 16, 16 and 14 bits make.
fn value<AB: TableBuilder>(limbs: &[AB::Var; LIMBS]) -> AB::Expr {
    let term = |(i, limb): (usize, &AB::Var)| *limb * F::from_u64(1 << (16 * i));
    limbs.iter().enumerate().map(term).sum()
}

/// Each limb is a 16-bit integer, and so is the top one's fourfold: it is below 2^14.
fn range62<AB: TableBuilder>(b: &mut AB, limbs: &[AB::Var; LIMBS]) {
    for limb in limbs {
        b.ask(Bus::Range16, [(*limb).into()]);
    }
    b.ask(Bus::Range16, [limbs[LIMBS - 1] * F::from_u32(4)]);
}

/// Digit `k` in base 2^16 of a·b + e - q·c - r, before carries.
fn digit<AB: TableBuilder>(row: &MulDivCols<AB::Var>, k: usize) -> AB::Expr {
    let [x, y, e, c, q, r] = &row.values;
    let mut sum = AB::Expr::ZERO;
    for i in 0..LIMBS {
        if let Some(j) = k.checked_sub(i).filter(|&j| j < LIMBS) {
            sum += AB::Expr::from(x[i]) * y[j] - AB::Expr::from(q[i]) * c[j];
        }
    }
    if k < LIMBS {
        sum += e[k] - r[k];
    }
    sum
}

/// Pairs of digits, with carries in base 2^32 between them.
fn product<AB: TableBuilder>(b: &mut AB, row: &MulDivCols<AB::Var>) {
    let mut carry_in = AB::Expr::ZERO;
    for pair in 0..=CARRIES {
        let low = digit::<AB>(row, 2 * pair);
        let high = digit::<AB>(row, 2 * pair + 1) * F::from_u32(1 << 16);
        let mut carry_out = AB::Expr::ZERO;
        if let Some(limbs) = row.carries.get(pair) {
            for limb in limbs {
                b.ask(Bus::Range16, [(*limb).into()]);
            }
            carry_out = limbs[0] + limbs[1] * F::from_u32(1 << 16) - F::from_u32(CARRY_OFFSET);
        }
        b.zero(
            "muldiv/product: a·b + e = q·c + r, two digits at a time",
            low + high + carry_in - carry_out.clone() * F::from_u64(1 << 32),
        );
        carry_in = carry_out;
    }
}
