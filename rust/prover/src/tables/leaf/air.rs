//! The touched leaves. Proven here: a leaf that `merkle` reaches at level 0 has the value
//! `old` under the old root and `new` under the new one; the accesses to it (`state`) start at
//! `old` with time 0 and end at `new` with time `last`. `merkle` reaches each key at most once, so
//! a leaf has one history.

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;

use super::columns::LeafCols;
use crate::builder::TableBuilder;
use crate::buses::Bus;
use crate::tables::merkle::air::node_message;
use crate::tables::state::columns::LEAF;

/// Columns whose next row the constraints read: none.
pub fn next_row_columns() -> Vec<usize> {
    vec![]
}

/// The constraints and messages of the table.
#[inline(always)]
pub fn eval<AB: TableBuilder>(b: &mut AB) {
    let main = b.main();
    let row = LeafCols::<AB::Var>::read(main.current_slice());
    let real: AB::Expr = row.is_real.into();
    b.boolean("leaf/is_real: 0 or 1", row.is_real);
    let node = node_message::<AB>(
        AB::Expr::ZERO,
        row.key.into(),
        &row.old_digest,
        &row.new_digest,
    );
    b.receive_if(Bus::Node, node, real.clone());
    for (value, digest) in [(row.old, row.old_digest), (row.new, row.new_digest)] {
        let tuple =
            std::array::from_fn(|i| if i < LEAF { value[i] } else { digest[i - LEAF] }.into());
        b.ask_if::<12>(Bus::Compress, tuple, real.clone());
    }
    let message = |value: [AB::Var; LEAF], time: AB::Expr| -> [AB::Expr; LEAF + 2] {
        std::array::from_fn(|i| match i {
            0 => row.key.into(),
            1..=LEAF => value[i - 1].into(),
            _ => time.clone(),
        })
    };
    b.send_if(Bus::State, message(row.old, AB::Expr::ZERO), real.clone());
    b.receive_if(Bus::State, message(row.new, row.last.into()), real);
}
