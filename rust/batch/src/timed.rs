//! Proving a batch with the time that each phase took.

use std::time::Instant;

use zkperp_engine::SealedBatch;
use zkperp_prover::machine::kinds;
use zkperp_prover::prove::{ProveRunError, prove_trace, statement_at};
use zkperp_prover::trace::{fill_at, heights};
use zkperp_stark::Shape;
use zkperp_tree::Tree;

use crate::prove::{ProveBatchError, ProvenBatch, run};

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

/// Runs the batch program on a batch and proves the run in the shape that `choose` makes of the
/// least log rows that hold it.
///
/// # Errors
/// [`ProveBatchError`].
pub fn prove_timed(
    old: &Tree,
    batch: &SealedBatch,
    choose: impl FnOnce(Vec<usize>) -> Shape,
) -> Result<TimedProof, ProveBatchError> {
    let mut clock = Instant::now();
    let mut lap = || {
        let seconds = clock.elapsed().as_secs_f64();
        clock = Instant::now();
        seconds
    };
    let finished = run(old, batch)?;
    let mut phases = Phases {
        run: lap(),
        ..Phases::default()
    };
    let needed = heights(&finished);
    let shape = choose(needed.clone());
    let tables = kinds(&finished.layout);
    for ((kind, &needed), &given) in tables.iter().zip(&needed).zip(&shape.log_rows) {
        if needed > given {
            let table = kind.name();
            return Err(ProveBatchError::Prove(ProveRunError::TooTall {
                table,
                needed,
                given,
            }));
        }
    }
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
