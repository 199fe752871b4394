//! Proving a batch with the time that each phase took.

use std::time::Instant;

use zkperp_engine::SealedBatch;
use zkperp_prover::machine::kinds;
use zkperp_prover::prove::{FREE_SHAPE, ProveRunError, prove_trace, statement_at};
use zkperp_prover::shapes::NamedShape;
use zkperp_prover::statement::capacities;
use zkperp_prover::trace::{fill_at, heights};
use zkperp_stark::{Params, Shape};
use zkperp_tree::Tree;
use zkperp_vm::RunOptions;
use zkperp_vm::program::Program;
use zkperp_vm::relocate::Run;
use zkperp_witness::run_batch;

use crate::prove::{COMPILED, ProveBatchError, ProvenBatch};

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

/// A proof, with what it took.
#[derive(Debug)]
pub struct TimedProof {
    /// The proof.
    pub proven: ProvenBatch,
    /// Cells of all tables.
    pub cells: u64,
    /// The phases.
    pub phases: Phases,
}

/// Runs the batch program on a batch and proves the run.
///
/// # Errors
/// [`ProveBatchError`]; a batch that needs more than a named shape has is refused by the table's
/// name.
pub fn prove_timed(
    old: &Tree,
    batch: &SealedBatch,
    target: &Target,
) -> Result<TimedProof, ProveBatchError> {
    let mut clock = Instant::now();
    let mut lap = || {
        let seconds = clock.elapsed().as_secs_f64();
        clock = Instant::now();
        seconds
    };
    let program = Program::from_json(COMPILED)?;
    let options = match target {
        Target::Free(_) => RunOptions::default(),
        Target::Named(named) => RunOptions {
            capacities: capacities(program.builtins(), named.log_rows)?,
            ..RunOptions::default()
        },
    };
    let finished = run_batch(&program, old, batch, &options)?;
    let mut phases = Phases {
        run: lap(),
        ..Phases::default()
    };
    let shape = shape_of(&finished, target)?;
    let tables = kinds(&finished.layout);
    let cells = tables.iter().zip(&shape.log_rows);
    let cells = cells.map(|(kind, &log)| (kind.width() as u64) << log).sum();
    let trace = fill_at(&finished, shape.log_rows.clone());
    let statement = statement_at(&finished, shape);
    phases.trace = lap();
    let proof = prove_trace(&statement, trace)?;
    phases.prove = lap();
    Ok(TimedProof {
        proven: ProvenBatch {
            statement,
            proof,
            steps: finished.steps.len(),
        },
        cells,
        phases,
    })
}

/// The target's shape, found to hold the run.
fn shape_of(run: &Run, target: &Target) -> Result<Shape, ProveBatchError> {
    let needed = heights(run);
    let named = match target {
        Target::Free(params) => {
            return Ok(Shape {
                id: FREE_SHAPE,
                log_rows: needed,
                params: *params,
            });
        }
        Target::Named(named) => named,
    };
    for ((kind, &needed), &given) in kinds(&run.layout).iter().zip(&needed).zip(named.log_rows) {
        if needed > given {
            let table = kind.name();
            return Err(ProveBatchError::Prove(ProveRunError::TooTall {
                table,
                needed,
                given,
            }));
        }
    }
    let shape = named.shape();
    if *statement_at(run, shape.clone()).geometry()? != run.layout {
        return Err(ProveBatchError::Prove(ProveRunError::OtherLayout));
    }
    Ok(shape)
}
