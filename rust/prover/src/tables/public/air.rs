//! The public values. Proven here: 1. cell i of the public segment, at address 1 + i of `memory`,
//! is the i-th value of the public column, which the verifier evaluates itself; 2. each builtin's
//! argument cell holds its segment's first address; 3. the pointer that main returned for it equals
//! base + cells x the public number of instances used. Not proven here: that this number is at most
//! the rows of the builtin's table (the verifier compares the two integers).
//!
//! The other tables get public values by reading this segment over the `memory` bus.

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;
use zkperp_field::F;

use super::columns::{PublicCols, PublicFixed};
use crate::builder::TableBuilder;
use crate::buses::Bus;
use crate::geometry::{Geometry, PUBLIC_BASE};

/// Columns whose next row the constraints read.
pub fn next_row_columns() -> Vec<usize> {
    let n = PublicCols::numbers();
    vec![n.address, n.final_ap]
}

/// The fixed columns for the public values `public` (2^`log_public` of them).
#[must_use]
pub fn fixed_columns(geometry: &Geometry, public: &[F]) -> Vec<Vec<F>> {
    let rows = 1 << geometry.log_public;
    assert_eq!(
        public.len(),
        rows,
        "Invariant: the public column fills its table"
    );
    let mut columns = vec![F::zero_vec(rows); PublicFixed::<F>::WIDTH];
    let numbers = PublicFixed::numbers();
    columns[numbers.value].copy_from_slice(public);
    for (i, builtin) in geometry.builtins.iter().enumerate() {
        columns[numbers.is_builtin][1 + i] = F::ONE;
        columns[numbers.base][1 + i] = F::from_u32(builtin.base);
        columns[numbers.cells][1 + i] = F::from_u32(builtin.builtin.cells());
    }
    columns
}

/// The constraints and messages of the table.
#[inline(always)]
pub fn eval<AB: TableBuilder>(geometry: &Geometry, b: &mut AB) {
    let main = b.main();
    let row = PublicCols::<AB::Var>::read(main.current_slice());
    let next = PublicCols::<AB::Var>::read(main.next_slice());
    let fixed = PublicFixed::<AB::PeriodicVar>::read(b.periodic_values());
    let one = AB::Expr::ONE;
    b.zero_first(
        "public/first: the segment starts at address 1",
        row.address - F::from_u32(PUBLIC_BASE),
    );
    b.zero_transition(
        "public/step: one cell a row",
        next.address - row.address - one,
    );
    b.zero(
        "public/value: the cell is the public column's",
        row.value - fixed.value.into(),
    );
    b.zero_first(
        "public/first_ap: the first public value is final_ap",
        row.final_ap - row.value,
    );
    b.zero_transition(
        "public/final_ap: every row knows final_ap",
        next.final_ap - row.final_ap,
    );
    b.zero(
        "public/is_builtin: which rows are builtins' is fixed",
        row.is_builtin - fixed.is_builtin.into(),
    );
    b.zero(
        "public/base: a builtin's base is fixed",
        row.base - fixed.base.into(),
    );
    b.zero(
        "public/stop: a builtin's segment ends behind the instances used",
        row.stop - row.base - AB::Expr::from(row.value) * fixed.cells.into(),
    );
    b.ask(Bus::Memory, [row.address.into(), row.value.into()]);

    // Builtin i has header row 1 + i, argument cell ap0 + i, and returned pointer final_ap - n + i.
    let count = geometry.builtins.len() as u32;
    let number = row.address - F::from_u32(PUBLIC_BASE + 1);
    let argument = number.clone() + F::from_u32(geometry.exec_base);
    b.ask_if(
        Bus::Memory,
        [argument, row.base.into()],
        row.is_builtin.into(),
    );
    let returned = number + row.final_ap - F::from_u32(count);
    b.ask_if(
        Bus::Memory,
        [returned, row.stop.into()],
        row.is_builtin.into(),
    );
}
