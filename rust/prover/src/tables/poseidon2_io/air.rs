//! The `poseidon2` builtin. Proven here: each 16 cells of the segment hold an input of the
//! permutation and its output. Kept apart from `poseidon2` so that permutations which no program
//! cell sees (state tree, program digest) pay for no memory.

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;
use zkperp_field::F;

use super::columns::{CELLS, Poseidon2IoCols};
use crate::builder::TableBuilder;
use crate::buses::Bus;

/// Columns whose next row the constraints read.
pub fn next_row_columns() -> Vec<usize> {
    vec![Poseidon2IoCols::numbers().address]
}

/// The constraints and messages of the table; `base` is the segment's first address.
#[inline(always)]
pub fn eval<AB: TableBuilder>(base: u32, b: &mut AB) {
    let main = b.main();
    let row = Poseidon2IoCols::<AB::Var>::read(main.current_slice());
    let next = Poseidon2IoCols::<AB::Var>::read(main.next_slice());
    b.zero_first(
        "poseidon2_io/first: the first row is the segment's first instance",
        row.address - F::from_u32(base),
    );
    b.zero_transition(
        "poseidon2_io/step: sixteen cells a row",
        next.address - row.address - AB::Expr::from(F::from_usize(CELLS)),
    );
    let tuple: [AB::Expr; CELLS] = std::array::from_fn(|i| {
        if i < 8 {
            row.input[i]
        } else {
            row.output[i - 8]
        }
        .into()
    });
    for (i, value) in tuple.iter().enumerate() {
        b.ask(Bus::Memory, [row.address + F::from_usize(i), value.clone()]);
    }
    b.ask(Bus::Poseidon2, tuple);
}
