//! From a batch to a proof that the batch program ran on it.

use std::time::Instant;

use thiserror::Error;
use zkperp_engine::SealedBatch;
use zkperp_prover::machine::kinds;
use zkperp_prover::programs::BATCH;
use zkperp_prover::prove::{FREE_SHAPE, ProveRunError, check_fits, prove_trace, statement_at};
use zkperp_prover::shapes::NamedShape;
use zkperp_prover::statement::{Statement, StatementError, capacities};
use zkperp_prover::trace::{fill_at, heights};
use zkperp_stark::{Params, Shape};
use zkperp_tree::Tree;
use zkperp_vm::RunOptions;
use zkperp_vm::program::{Program, ProgramError};
use zkperp_vm::relocate::Run;
use zkperp_witness::{WitnessError, run_batch};

/// Why a batch can't be proven.
#[derive(Debug, Error)]
pub enum ProveBatchError {
    /// The checked-in program can't be read: our mistake.
    #[error("the batch program: {0}")]
    Program(#[from] ProgramError),
    /// The batch has no run, or one that says something else.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// The shape is not one of the program's: our mistake.
    #[error(transparent)]
    Shape(#[from] StatementError),
    /// The run can't be proven.
    #[error(transparent)]
    Prove(#[from] ProveRunError),
}

/// What a proof is for.
#[derive(Clone, Debug)]
pub enum Target {
    /// The least heights that hold the run, for whoever has the proof file.
    Free(Params),
    /// A shape that contracts accept.
    Named(NamedShape),
}

/// Seconds of each phase.
#[derive(Clone, Copy, Debug, Default)]
pub struct Phases {
    /// Running the batch program, witness included.
    pub run: f64,
    /// Filling the tables.
    pub trace: f64,
    /// Proving them.
    pub prove: f64,
}

/// A proof of a batch, with what it took.
#[derive(Debug)]
pub struct ProvenBatch {
    /// What it says: the batch's public words and data are the program's output.
    pub statement: Statement,
    /// The proof.
    pub proof: Vec<u8>,
    /// Cairo steps of the run.
    pub steps: usize,
    /// Cells of all tables.
    pub cells: u64,
    /// The phases.
    pub phases: Phases,
}

/// Runs the batch program on a batch and proves the run; `old` is the tree before it.
///
/// # Errors
/// [`ProveBatchError`]; a batch that needs more than a named shape has is refused by the table's
/// name.
pub fn prove(
    old: &Tree,
    batch: &SealedBatch,
    target: &Target,
) -> Result<ProvenBatch, ProveBatchError> {
    let mut clock = Instant::now();
    let mut lap = || {
        let seconds = clock.elapsed().as_secs_f64();
        clock = Instant::now();
        seconds
    };
    let program = Program::from_json(BATCH.compiled)?;
    let mut options = RunOptions::default();
    if let Target::Named(named) = target {
        options.capacities = capacities(program.builtins(), named.log_rows)?;
    }
    let finished = run_batch(&program, old, batch, &options)?;
    let run_seconds = lap();
    let shape = shape_of(&finished, target)?;
    let widths = kinds(&finished.layout).into_iter().map(|kind| kind.width());
    let cells = widths.zip(&shape.log_rows);
    let cells = cells.map(|(width, &log)| (width as u64) << log).sum();
    let trace = fill_at(&finished, shape.log_rows.clone());
    let statement = statement_at(&finished, shape);
    let trace_seconds = lap();
    let proof = prove_trace(&statement, trace)?;
    Ok(ProvenBatch {
        statement,
        proof,
        steps: finished.steps.len(),
        cells,
        phases: Phases {
            run: run_seconds,
            trace: trace_seconds,
            prove: lap(),
        },
    })
}

/// The target's shape, found to hold the run.
fn shape_of(run: &Run, target: &Target) -> Result<Shape, ProveBatchError> {
    let shape = match target {
        Target::Free(params) => Shape {
            id: FREE_SHAPE,
            log_rows: heights(run),
            params: *params,
        },
        Target::Named(named) => named.shape(),
    };
    check_fits(run, &shape)?;
    Ok(shape)
}
