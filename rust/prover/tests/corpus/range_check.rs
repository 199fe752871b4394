//! Bad witnesses against `range_check`.

use p3_field::{Field, PrimeCharacteristicRing};
use zkperp_prover::machine::Kind;
use zkperp_prover::tables::range_check::columns::{LIMBS, RangeCheckCols};
use zkperp_stark::F;
use zkperp_vm::builtins::Builtin;

use crate::support::base::unused;
use crate::support::case::{Case, constraint, message};
use crate::support::witness::Witness;

/// Every case of this table.
pub(crate) fn cases() -> Vec<Case> {
    let negative = (0..LIMBS - 1).flat_map(|limb| {
        [1u64, 1 << 16, (1 << 32) + 1].map(|size| {
            message(
                Kind::RangeCheck,
                limb,
                format!("limb {limb} is -{size}"),
                "a negative number would pass",
                move || with_limbs(|limbs| limbs[limb] = -F::from_u64(size)),
            )
        })
    });
    let top = [
        message(
            Kind::RangeCheck,
            LIMBS - 1,
            "2^62 + 2^47 + 2^46 - 1 with a top limb of 65535/4 in the field: four times it is 65535",
            "numbers slightly above 2^62 would pass",
            || {
                with_limbs(|limbs| {
                    *limbs = [F::from_u32(0xffff); LIMBS];
                    limbs[LIMBS - 1] *= F::from_u32(4).inverse();
                })
            },
        ),
        message(
            Kind::RangeCheck,
            LIMBS - 1,
            "2^46 with a top limb of 1/4 in the field",
            "a limb must be an integer",
            || with_limbs(|limbs| limbs[LIMBS - 1] = F::from_u32(4).inverse()),
        ),
    ];
    let large = [1 << 14, 1 << 15, 0xffff].map(|limb: u32| {
        message(
            Kind::RangeCheck,
            LIMBS,
            format!("the top limb is {limb}: the value is 2^62 or more"),
            "p - 1 would pass for a number, and so would differences below zero",
            move || with_limbs(|limbs| limbs[LIMBS - 1] = F::from_u32(limb)),
        )
    });
    let bound = [F::ONE, F::NEG_ONE, F::from_u64(1 << 62)].map(|value| {
        message(
            Kind::RangeCheck,
            LIMBS + 1,
            format!("memory holds {value}, the limbs are those of 0"),
            "nothing would be range-checked",
            move || {
                let mut w = unused(Builtin::RangeCheck);
                let (_, address) = last_instance(&w);
                *w.memory(address) = value;
                w.settle();
                w
            },
        )
    });
    let places = [first(), step(), step_over()];
    negative
        .chain(top)
        .chain(large)
        .chain(bound)
        .chain(places)
        .collect()
}

/// Row and address of the segment's last cell.
fn last_instance(w: &Witness) -> (usize, u32) {
    let segment = w
        .geometry
        .segment(Builtin::RangeCheck)
        .expect("range checks");
    let row = w.rows(Kind::RangeCheck) - 1;
    (row, segment.base + row as u32)
}

/// A witness whose last cell has these limbs, and the value that they make.
fn with_limbs(change: impl FnOnce(&mut [F; LIMBS])) -> Witness {
    let mut w = unused(Builtin::RangeCheck);
    let (row, address) = last_instance(&w);
    let cells = w.row_mut(Kind::RangeCheck, row);
    let mut columns = RangeCheckCols::read(cells);
    change(&mut columns.limbs);
    columns.write(cells);
    let terms = columns.limbs.into_iter().zip((0..).step_by(16));
    *w.memory(address) = terms
        .map(|(limb, shift)| limb * F::from_u64(1 << shift))
        .sum();
    w.settle();
    w
}

fn shift(w: &mut Witness, from: usize, by: i32) {
    let column = RangeCheckCols::numbers().address;
    for row in from..w.rows(Kind::RangeCheck) {
        w.row_mut(Kind::RangeCheck, row)[column] += F::from_i32(by);
    }
}

fn first() -> Case {
    constraint(
        "range_check/first: the first row is the segment's first cell",
        "the table starts one cell below the segment",
        "the last cell would not be range-checked",
        || {
            let mut w = unused(Builtin::RangeCheck);
            shift(&mut w, 0, -1);
            let (_, address) = last_instance(&w);
            *w.memory(address) = F::NEG_ONE;
            w.settle();
            w
        },
    )
}

fn step() -> Case {
    constraint(
        "range_check/step: one cell a row",
        "two rows stand for one cell, none for the last",
        "a cell would not be range-checked",
        || {
            let mut w = unused(Builtin::RangeCheck);
            let (row, address) = last_instance(&w);
            shift(&mut w, row, -1);
            *w.memory(address) = F::NEG_ONE;
            w.settle();
            w
        },
    )
}

fn step_over() -> Case {
    constraint(
        "range_check/step: one cell a row",
        "a cell is left out: the rows behind it start one later, the last one at a program word",
        "a cell would not be range-checked",
        || {
            let mut w = unused(Builtin::RangeCheck);
            let (row, address) = last_instance(&w);
            let word = *w.memory(address + 1);
            let value = p3_field::PrimeField64::as_canonical_u64(&word);
            shift(&mut w, 30, 1);
            let skipped = address - row as u32 + 30;
            *w.memory(skipped) = F::NEG_ONE;
            let cells = w.row_mut(Kind::RangeCheck, row);
            let mut columns = RangeCheckCols::read(cells);
            columns.limbs = std::array::from_fn(|i| F::from_u64(value >> (16 * i) & 0xffff));
            columns.write(cells);
            w.settle();
            w
        },
    )
}
