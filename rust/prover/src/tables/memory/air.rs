//! Read-only memory. Proven here: every address has exactly one value, since address = 1 + 4 x row
//! number + position on every row, padding included. Not proven here: any value; each reader of a
//! cell that the prover may choose must check it.

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;
use zkperp_field::F;

use super::columns::{CELLS_PER_ROW, MemoryCols};
use crate::builder::TableBuilder;
use crate::buses::Bus;

/// Columns whose next row the constraints read.
pub fn next_row_columns() -> Vec<usize> {
    vec![MemoryCols::numbers().address]
}

/// The constraints and messages of the table.
#[inline(always)]
pub fn eval<AB: TableBuilder>(b: &mut AB) {
    let main = b.main();
    let row = MemoryCols::<AB::Var>::read(main.current_slice());
    let next = MemoryCols::<AB::Var>::read(main.next_slice());
    b.zero_first("memory/first: addresses start at 1", row.address - F::ONE);
    b.zero_transition(
        "memory/step: the next row holds the next four addresses",
        next.address - row.address - AB::Expr::from(F::from_usize(CELLS_PER_ROW)),
    );
    for cell in 0..CELLS_PER_ROW {
        let address = row.address + F::from_usize(cell);
        b.provide(
            Bus::Memory,
            [address, row.values[cell].into()],
            row.counts[cell].into(),
        );
    }
}
