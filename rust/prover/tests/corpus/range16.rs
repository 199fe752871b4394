//! Bad witnesses against `range16`.

use p3_field::PrimeCharacteristicRing;
use zkperp_prover::machine::Kind;
use zkperp_prover::tables::range_check::columns::RangeCheckCols;
use zkperp_prover::tables::range16::columns::Range16Cols;
use zkperp_stark::F;
use zkperp_vm::builtins::Builtin;

use crate::support::base::unused;
use crate::support::case::{Case, constraint, message};
use crate::support::witness::Witness;

/// Every case of this table.
pub(crate) fn cases() -> Vec<Case> {
    let below = [-1, -2].map(|start| {
        let label = "range16/first: values start at 0";
        let why = "negative numbers would pass for 16-bit integers";
        constraint(label, format!("values start at {start}"), why, move || {
            let mut w = unasked_top();
            for row in 0..w.rows(Kind::Range16) {
                w.row_mut(Kind::Range16, row)[Range16Cols::numbers().value] += F::from_i32(start);
            }
            with_limb(w, 0, F::from_i32(start))
        })
    });
    let beyond = [
        1 << 16,
        1 << 20,
        1 << 40,
        (1 << 62) + 5,
        zkperp_field::P - 1,
    ]
    .into_iter()
    .enumerate()
    .flat_map(|(seed, value)| [(seed, value, 0), (seed, value, 2)])
    .map(|(seed, value, limb)| {
        constraint(
            "range16/step: values count up",
            format!("the last row holds {value}, which is limb {limb} of row {seed}"),
            "any number would pass for a 16-bit integer",
            move || {
                let mut w = unasked_top();
                w.last_row_mut(Kind::Range16)[Range16Cols::numbers().value] = F::from_u64(value);
                with_limb_at(w, 10 + seed, limb, F::from_u64(value))
            },
        )
    });
    let surplus = [1, 2, 3, 5, 7, 100, 1 << 16, u32::MAX].map(|count| {
        message(
            Kind::Range16,
            0,
            format!("the largest value is provided {count} times more than it is asked for"),
            "a lookup balances exactly, or it says nothing",
            move || {
                let mut w = unasked_top();
                let column = Range16Cols::numbers().count;
                w.last_row_mut(Kind::Range16)[column] += F::from_u32(count);
                w
            },
        )
    });
    below.into_iter().chain(beyond).chain(surplus).collect()
}

/// A witness in which nobody asks for the largest values.
fn unasked_top() -> Witness {
    unused(Builtin::RangeCheck)
}

fn with_limb(w: Witness, limb: usize, value: F) -> Witness {
    with_limb_at(w, 20, limb, value)
}

/// An unused cell of the range check segment is made to hold `value * 2^(16 limb)`.
fn with_limb_at(mut w: Witness, row: usize, limb: usize, value: F) -> Witness {
    let segment = w
        .geometry
        .segment(Builtin::RangeCheck)
        .expect("range checks");
    let address = segment.base + row as u32;
    let column = RangeCheckCols::numbers().limbs[limb];
    w.row_mut(Kind::RangeCheck, row)[column] = value;
    *w.memory(address) = value * F::from_u64(1 << (16 * limb));
    w.settle();
    w
}
