//! The batch program in the shape that the venue's contract verifies.

use std::sync::OnceLock;

use thiserror::Error;
use zkperp_prover::machine::{Kind, kinds_of};
use zkperp_prover::programs::{BATCH, identity};
use zkperp_prover::shapes::{NamedShape, of_program};
use zkperp_prover::statement::{ProgramId, Statement, StatementError};
use zkperp_stark::solidity::{GenerateError, Generated, generate};
use zkperp_vm::builtins::Builtin;
use zkperp_vm::layout::header_cells;
use zkperp_vm::program::{Program, ProgramError};

/// Stem of the generated contracts' names.
const NAME: &str = "Batch";

/// What the contracts of a venue are made of.
#[derive(Clone, Debug)]
pub struct VenueShape {
    /// Number of the shape.
    pub id: u32,
    /// Data and programs of the proof system's verifier.
    pub verifier: Generated,
    /// The batch program.
    pub program: ProgramId,
    /// Rows of each builtin's table but `output`'s, in the program's order.
    pub capacities: Vec<u32>,
    /// Words that the public segment has for output.
    pub output_capacity: u32,
}

/// Why there are no contracts for the shape: a mistake of ours.
#[derive(Debug, Error)]
pub enum VenueShapeError {
    /// The checked-in program can't be read.
    #[error("the batch program: {0}")]
    Program(#[from] ProgramError),
    /// The listed heights are not those of the program's tables.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The contracts can't verify the shape.
    #[error(transparent)]
    Generate(#[from] GenerateError),
}

/// The shape that batches are proven in for the chain.
#[must_use]
pub fn batch_shape() -> NamedShape {
    of_program(BATCH.name).expect("Invariant: the list has a shape for the batch program")
}

/// What the contracts of [`batch_shape`] are made of; computed once.
///
/// # Errors
/// [`VenueShapeError`].
pub fn venue_shape() -> Result<&'static VenueShape, VenueShapeError> {
    static SHAPE: OnceLock<VenueShape> = OnceLock::new();
    if let Some(shape) = SHAPE.get() {
        return Ok(shape);
    }
    let shape = make()?;
    Ok(SHAPE.get_or_init(|| shape))
}

fn make() -> Result<VenueShape, VenueShapeError> {
    let named = batch_shape();
    let program = identity(&Program::from_json(BATCH.compiled)?);
    let rows = |builtin: &Builtin| {
        let kind = Kind::of_builtin(*builtin)?;
        let at = kinds_of(&program.builtins).iter().position(|k| *k == kind);
        Some(1 << named.log_rows[at?])
    };
    let capacities = program.builtins.iter().filter_map(rows).collect();
    let empty = Statement::empty(program.clone(), named.shape());
    let public = 1 << empty.geometry()?.log_public;
    Ok(VenueShape {
        id: named.id,
        verifier: empty.with_tables(|stark| generate(&stark, NAME))??,
        capacities,
        output_capacity: public - header_cells(&program.builtins),
        program,
    })
}
