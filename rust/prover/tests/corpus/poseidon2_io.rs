//! Bad witnesses against `poseidon2_io`.

use p3_field::PrimeCharacteristicRing;
use zkperp_field::poseidon2::permute;
use zkperp_prover::machine::Kind;
use zkperp_prover::tables::poseidon2_io::columns::{CELLS, Poseidon2IoCols};
use zkperp_stark::F;
use zkperp_vm::builtins::Builtin;

use crate::support::base::{HASHES, unused};
use crate::support::case::{Case, constraint, message};
use crate::support::witness::{Witness, address};

/// Every case of this table.
pub(crate) fn cases() -> Vec<Case> {
    let bound = (0..CELLS).map(|cell| {
        message(
            Kind::Poseidon2Io,
            cell,
            format!("cell {cell} of an instance is not what memory holds"),
            "the program would read or write something else than is hashed",
            move || {
                let mut w = unused(Builtin::Poseidon2);
                let first =
                    address(w.row(Kind::Poseidon2Io, 40)[Poseidon2IoCols::numbers().address]);
                *w.memory(first + cell as u32) += F::ONE;
                w.settle();
                w
            },
        )
    });
    let outputs = [8, 11, 15].map(|cell| {
        message(
            Kind::Poseidon2Io,
            CELLS,
            format!("cell {cell} of an instance, in table and memory, is no output"),
            "digests would be the prover's choice",
            move || {
                let mut w = Witness::of(&HASHES);
                let row = w.rows(Kind::Poseidon2Io) - 1;
                let n = Poseidon2IoCols::numbers();
                let first = address(w.row(Kind::Poseidon2Io, row)[n.address]);
                *w.memory(first + cell as u32) += F::ONE;
                w.row_mut(Kind::Poseidon2Io, row)[n.input[0] + cell] += F::ONE;
                w.settle();
                w
            },
        )
    });
    bound
        .chain(outputs)
        .chain([first(), step(), step_back()])
        .collect()
}

fn shift(w: &mut Witness, from: usize, by: i32) {
    let column = Poseidon2IoCols::numbers().address;
    for row in from..w.rows(Kind::Poseidon2Io) {
        w.row_mut(Kind::Poseidon2Io, row)[column] += F::from_i32(by);
    }
}

/// Leaves the last instance without a row, and makes it none.
fn abandon_last_instance(w: &mut Witness) {
    let segment = *w.geometry.segment(Builtin::Poseidon2).expect("hashes");
    let last = segment.base + segment.table_cells() - CELLS as u32;
    for cell in 0..CELLS as u32 {
        w.set_memory(last + cell, 777);
    }
}

fn first() -> Case {
    constraint(
        "poseidon2_io/first: the first row is the segment's first instance",
        "the table starts one instance below the segment, on claimed outputs that are a hash",
        "the last instance would not be a permutation",
        || {
            let mut w = unused(Builtin::Poseidon2);
            shift(&mut w, 0, -(CELLS as i32));
            let mut output = [F::ZERO; 8];
            permute(&mut output);
            let first = (1 << w.geometry.log_public) - CELLS;
            for (i, value) in output.into_iter().enumerate() {
                w.set_public(first + 8 + i, value);
            }
            abandon_last_instance(&mut w);
            w.settle();
            w
        },
    )
}

fn step() -> Case {
    constraint(
        "poseidon2_io/step: sixteen cells a row",
        "two rows stand for one instance, none for the last",
        "an instance would not be a permutation",
        || {
            let mut w = unused(Builtin::Poseidon2);
            let rows = w.rows(Kind::Poseidon2Io);
            shift(&mut w, rows - 1, -(CELLS as i32));
            abandon_last_instance(&mut w);
            w.settle();
            w
        },
    )
}

fn step_back() -> Case {
    constraint(
        "poseidon2_io/step: sixteen cells a row",
        "the second half of the table is the first again",
        "half of the instances would not be permutations",
        || {
            let mut w = unused(Builtin::Poseidon2);
            let half = w.rows(Kind::Poseidon2Io) / 2;
            shift(&mut w, half, -((half * CELLS) as i32));
            abandon_last_instance(&mut w);
            w.settle();
            w
        },
    )
}
