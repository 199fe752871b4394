//! From a sealed batch of the engine and the tree before it to a run of the batch program
//! (`circuits/main.cairo`), which the prover takes.
//!
//! The program computes everything itself; what it is told are the commands, where things are
//! ([`zkperp_engine::Advice`]), and the leaves that it touches. Nothing here is trusted: a wrong input
//! has no run. [`run_batch`] checks that the run says what the engine said.

mod advice;
mod error;
mod leaves;
mod run;

pub use advice::{AdviceWriter, advice};
pub use error::WitnessError;
pub use run::{batch_input, check_run, run_batch};
