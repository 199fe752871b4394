//! From a batch to a proof that the batch program ran on it.

use thiserror::Error;
use zkperp_engine::SealedBatch;
use zkperp_prover::prove::{ProveRunError, prove as prove_run};
use zkperp_prover::statement::{Statement, StatementError};
use zkperp_stark::Params;
use zkperp_tree::Tree;
use zkperp_vm::RunOptions;
use zkperp_vm::program::{Program, ProgramError};
use zkperp_vm::relocate::Run;
use zkperp_witness::{WitnessError, run_batch};

/// The batch program, compiled from `circuits/main.cairo`.
pub(crate) const COMPILED: &str = include_str!("../../../circuits/compiled/batch.json");

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

/// A proof of a batch.
#[derive(Debug)]
pub struct ProvenBatch {
    /// What it says: the batch's public words and data are the program's output.
    pub statement: Statement,
    /// The proof.
    pub proof: Vec<u8>,
    /// Cairo steps of the run.
    pub steps: usize,
}

/// Runs the batch program on a batch; `old` is the tree before it.
///
/// # Errors
/// [`ProveBatchError`].
pub fn run(old: &Tree, batch: &SealedBatch) -> Result<Run, ProveBatchError> {
    let program = Program::from_json(COMPILED)?;
    Ok(run_batch(&program, old, batch, &RunOptions::default())?)
}

/// Proves a batch in a shape of the least heights that hold it.
///
/// # Errors
/// [`ProveBatchError`].
pub fn prove(
    old: &Tree,
    batch: &SealedBatch,
    params: &Params,
) -> Result<ProvenBatch, ProveBatchError> {
    let finished = run(old, batch)?;
    let (statement, proof) = prove_run(&finished, params)?;
    Ok(ProvenBatch {
        statement,
        proof,
        steps: finished.steps.len(),
    })
}
