//! The closed list of shapes that contracts accept: table heights and parameters, each with the
//! proof size and gas in mind. A contract serves one shape; its number is part of the transcript.

use zkperp_stark::Shape;

use crate::parameters::{Venue, parameters};
use crate::programs::{BATCH, FIBONACCI};

/// A shape by name, for the program it is meant for.
#[derive(Clone, Copy, Debug)]
pub struct NamedShape {
    /// Its number; 0 is no shape of the list.
    pub id: u32,
    /// The built-in program.
    pub program: &'static str,
    /// Log rows of the tables, in the order of [`crate::machine::kinds_of`].
    pub log_rows: &'static [usize],
    /// Bits of proven security.
    pub target_bits: usize,
}

/// All of them.
pub const SHAPES: [NamedShape; 2] = [
    NamedShape {
        id: 1,
        program: FIBONACCI.name,
        // cpu, program, memory, range16, poseidon2, public
        log_rows: &[16, 6, 14, 16, 6, 6],
        target_bits: 100,
    },
    // 500 commands of the recorded flow and what comes with them: 512 signatures, 524,288 steps,
    // 4,077 words of data.
    NamedShape {
        id: 2,
        program: BATCH.name,
        // cpu, program, memory, range16, poseidon2, public; range_check, poseidon2_io, muldiv;
        // state, leaf, merkle; schnorr, schnorr_sum
        log_rows: &[19, 13, 18, 16, 14, 12, 14, 12, 12, 13, 10, 12, 9, 14],
        target_bits: 100,
    },
];

impl NamedShape {
    /// The shape as the proof system takes it.
    ///
    /// # Panics
    /// If the list names a target without parameters, which the test of the list excludes.
    #[must_use]
    pub fn shape(&self) -> Shape {
        let params = parameters(Venue::OnChain, self.target_bits);
        Shape {
            id: self.id,
            log_rows: self.log_rows.to_vec(),
            params: params.expect("Invariant: listed targets have parameters"),
        }
    }
}

/// The first shape of the list for a built-in program.
#[must_use]
pub fn of_program(name: &str) -> Option<NamedShape> {
    SHAPES.into_iter().find(|shape| shape.program == name)
}

/// The shape of that number.
#[must_use]
pub fn find(id: u32) -> Option<NamedShape> {
    SHAPES.into_iter().find(|shape| shape.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_targets_have_parameters() {
        for (i, shape) in SHAPES.iter().enumerate() {
            assert_eq!(shape.shape().id, shape.id);
            assert!(shape.id != 0 && SHAPES[i + 1..].iter().all(|other| other.id != shape.id));
        }
    }
}
