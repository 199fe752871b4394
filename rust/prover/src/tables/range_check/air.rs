//! The `range_check` builtin. Proven here: each cell of the segment holds an integer
//! 0 <= x < 2^62, below p, so that comparisons of such values are comparisons of integers.

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;
use zkperp_field::F;

use super::columns::{LIMBS, RangeCheckCols};
use crate::builder::TableBuilder;
use crate::buses::Bus;

/// Columns whose next row the constraints read.
pub fn next_row_columns() -> Vec<usize> {
    vec![RangeCheckCols::numbers().address]
}

/// The constraints and messages of the table; `base` is the segment's first address.
#[inline(always)]
pub fn eval<AB: TableBuilder>(base: u32, b: &mut AB) {
    let main = b.main();
    let row = RangeCheckCols::<AB::Var>::read(main.current_slice());
    let next = RangeCheckCols::<AB::Var>::read(main.next_slice());
    b.zero_first(
        "range_check/first: the first row is the segment's first cell",
        row.address - F::from_u32(base),
    );
    b.zero_transition(
        "range_check/step: one cell a row",
        next.address - row.address - AB::Expr::ONE,
    );
    let mut value = AB::Expr::ZERO;
    for (i, limb) in row.limbs.into_iter().enumerate() {
        value += limb * F::from_u64(1 << (16 * i));
        b.ask(Bus::Range16, [limb.into()]);
    }
    // The top limb is below 2^14: it and its fourfold are both 16-bit integers.
    b.ask(Bus::Range16, [row.limbs[LIMBS - 1] * F::from_u32(4)]);
    b.ask(Bus::Memory, [row.address.into(), value]);
}
