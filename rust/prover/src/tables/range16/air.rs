//! The 16-bit values. Proven here: a tuple on the `range16` bus is an integer 0 .. 2^16, because
//! the value is the row number and the table has 2^16 rows (its height is part of the shape).

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;

use super::columns::Range16Cols;
use crate::builder::TableBuilder;
use crate::buses::Bus;

/// Columns whose next row the constraints read.
pub fn next_row_columns() -> Vec<usize> {
    vec![Range16Cols::numbers().value]
}

/// The constraints and messages of the table.
#[inline(always)]
pub fn eval<AB: TableBuilder>(b: &mut AB) {
    let main = b.main();
    let row = Range16Cols::<AB::Var>::read(main.current_slice());
    let next = Range16Cols::<AB::Var>::read(main.next_slice());
    b.zero_first("range16/first: values start at 0", row.value);
    b.zero_transition(
        "range16/step: values count up",
        next.value - row.value - AB::Expr::ONE,
    );
    b.provide(Bus::Range16, [row.value.into()], row.count.into());
}
