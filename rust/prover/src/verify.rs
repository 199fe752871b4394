//! From a proof to a verdict.

use thiserror::Error;
use zkperp_stark::{SecurityReport, VerifyError};

use crate::statement::{ProgramId, Statement, StatementError};

/// Why a proof is refused.
#[derive(Debug, Error)]
pub enum RefusedProof {
    /// It proves a run of another program.
    #[error("the proof is about another program")]
    OtherProgram,
    /// The statement makes no sense.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The proof system refused.
    #[error(transparent)]
    Stark(#[from] VerifyError),
}

/// Verifies a proof of `statement`, which must be about `program`, and returns the security report
/// of that very statement.
///
/// # Errors
/// [`RefusedProof`] with what failed; a report below the statement's target is a refusal.
pub fn verify(
    program: &ProgramId,
    statement: &Statement,
    proof: &[u8],
) -> Result<SecurityReport, RefusedProof> {
    if statement.program != *program {
        return Err(RefusedProof::OtherProgram);
    }
    Ok(statement.with_tables(|stark| zkperp_stark::verify(&stark, proof))??)
}
