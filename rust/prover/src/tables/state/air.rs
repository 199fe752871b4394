//! The `state` builtin. Proven here, with `leaf` and `merkle`: 1. the accesses of the program are
//! those of a read-write memory of leaves: each access reads what the access before it left, in the
//! order of the instances; 2. the first access to a leaf reads its value under the old root, and the
//! last one leaves its value under the new root (`leaf`, `merkle`); 3. exactly the instances below
//! the public number used count.
//!
//! Messages on the `state` bus are permutation sends and receives, counted 0 or 1: one with a free
//! multiplicity would let a leaf have two histories.

use p3_air::WindowAccess;
use p3_field::{Field, PrimeCharacteristicRing};
use zkperp_field::F;

use super::columns::{CELLS, LEAF, StateCols};
use crate::builder::TableBuilder;
use crate::buses::Bus;

/// Columns whose next row the constraints read.
pub fn next_row_columns() -> Vec<usize> {
    let n = StateCols::numbers();
    vec![n.address, n.is_real, n.used]
}

/// The constraints and messages of the table; `base` is the first instance's address, and
/// `used_address` that of the public number of instances used.
#[inline(always)]
pub fn eval<AB: TableBuilder>(base: u32, used_address: u32, b: &mut AB) {
    let main = b.main();
    let row = StateCols::<AB::Var>::read(main.current_slice());
    let next = StateCols::<AB::Var>::read(main.next_slice());
    b.zero_first(
        "state/first: the first row is the segment's first instance",
        row.address - F::from_u32(base),
    );
    b.zero_transition(
        "state/step: seventeen cells a row",
        next.address - row.address - AB::Expr::from(F::from_usize(CELLS)),
    );
    // The time of an access is its row number + 1.
    let time = (row.address - F::from_u32(base)) * F::from_usize(CELLS).inverse() + F::ONE;
    extent(b, &row, &next, time.clone(), used_address);
    b.zero(
        "state/order: the previous access is earlier",
        (time.clone()
            - row.previous
            - AB::Expr::ONE
            - row.gap[0]
            - row.gap[1] * F::from_u32(1 << 16))
            * row.is_real,
    );
    for limb in row.gap {
        b.ask(Bus::Range16, [limb.into()]);
    }
    for i in 0..CELLS {
        let cell = match i {
            0 => row.key,
            1..=LEAF => row.old[i - 1],
            _ => row.new[i - 1 - LEAF],
        };
        b.ask(Bus::Memory, [row.address + F::from_usize(i), cell.into()]);
    }
    let message = |leaf: [AB::Var; LEAF], time: AB::Expr| -> [AB::Expr; LEAF + 2] {
        std::array::from_fn(|i| match i {
            0 => row.key.into(),
            1..=LEAF => leaf[i - 1].into(),
            _ => time.clone(),
        })
    };
    b.receive_if(
        Bus::State,
        message(row.old, row.previous.into()),
        row.is_real.into(),
    );
    b.send_if(Bus::State, message(row.new, time), row.is_real.into());
}

/// Which rows are the program's: `is_real` may change only behind the last instance used.
fn extent<AB: TableBuilder>(
    b: &mut AB,
    row: &StateCols<AB::Var>,
    next: &StateCols<AB::Var>,
    time: AB::Expr,
    used_address: u32,
) {
    b.boolean("state/is_real: 0 or 1", row.is_real);
    b.zero_transition(
        "state/used: every row knows the number used",
        next.used - row.used,
    );
    b.zero_first(
        "state/none: no real row only if none is used",
        (AB::Expr::ONE - row.is_real) * row.used,
    );
    b.zero_transition(
        "state/end: real rows end behind the last instance used",
        (row.is_real - next.is_real) * (time.clone() - row.used),
    );
    b.zero_last(
        "state/last_end: a full table ends there too",
        (time - row.used) * row.is_real,
    );
    let first = b.is_first_row();
    b.ask_if(
        Bus::Memory,
        [AB::Expr::from(F::from_u32(used_address)), row.used.into()],
        first,
    );
}
