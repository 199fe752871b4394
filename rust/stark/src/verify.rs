//! Verifying a statement.

use p3_multi_stark::folder::VerifierAir;
use p3_multi_stark::{VerifierInstance, VerifierInstances};
use thiserror::Error;
use zkperp_field::F;

use crate::config::{Config, EF};
use crate::proof::{DecodeError, decode};
use crate::security::{Key, SecurityReport};
use crate::shape::{ShapeError, Statement};
use crate::transcript::Transcript;

/// Why a proof is refused.
#[derive(Debug, Error)]
pub enum VerifyError {
    /// The statement itself is refused.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// The statement's security report stays below its target, or can't be made.
    #[error("security: {0}")]
    Security(String),
    /// The bytes are not a proof of this shape.
    #[error("malformed proof: {0}")]
    Malformed(#[from] DecodeError),
    /// The proof has the right form and is wrong.
    #[error("rejected: {0}")]
    Rejected(String),
}

/// Verifies proof bytes against a statement and returns the statement's security report.
///
/// # Errors
/// Always one of [`VerifyError`]; a proof that is not exactly right is never accepted.
pub fn verify<A: VerifierAir<F, EF>>(
    statement: &Statement<'_, A>,
    proof: &[u8],
) -> Result<SecurityReport, VerifyError> {
    statement.check()?;
    let params = &statement.shape.params;
    let config = Config::new(params, statement.num_variables())?;
    let key = verifying_key(statement, &config)?;
    let report =
        SecurityReport::of(&config, &instances(statement, &key)).map_err(VerifyError::Security)?;
    if report.bits < params.target_bits as f64 {
        let reason = format!("{:.2} bits, target {}", report.bits, params.target_bits);
        return Err(VerifyError::Security(reason));
    }
    let proof = decode(statement, &config, proof)?;
    let mut transcript = Transcript::new(statement.initial_state()?, params.digest_bytes);
    p3_multi_stark::verify_with_security(
        &config,
        instances(statement, &key),
        &proof,
        0,
        params.target_bits,
        &mut transcript,
    )
    .map_err(|error| match error {
        p3_multi_stark::VerificationError::Security(error) => {
            VerifyError::Security(error.to_string())
        }
        error => VerifyError::Rejected(error.to_string()),
    })?;
    Ok(report)
}

/// The security report of a statement, without a proof.
///
/// # Errors
/// [`VerifyError::Shape`] or [`VerifyError::Security`].
pub fn report<A: VerifierAir<F, EF>>(
    statement: &Statement<'_, A>,
) -> Result<SecurityReport, VerifyError> {
    statement.check()?;
    let config = Config::new(&statement.shape.params, statement.num_variables())?;
    let key = verifying_key(statement, &config)?;
    SecurityReport::of(&config, &instances(statement, &key)).map_err(VerifyError::Security)
}

fn verifying_key<A: VerifierAir<F, EF>>(
    statement: &Statement<'_, A>,
    config: &Config,
) -> Result<Key, VerifyError> {
    let references: Vec<&A> = statement.airs.iter().collect();
    let mut unused = Transcript::new([0; 32], statement.shape.params.digest_bytes);
    let (_, key) = p3_multi_stark::setup(config, &references, &mut unused)
        .map_err(|error| VerifyError::Security(error.to_string()))?;
    Ok(key)
}

fn instances<'a, A: VerifierAir<F, EF>>(
    statement: &Statement<'a, A>,
    key: &'a Key,
) -> VerifierInstances<'a, Config, A> {
    let tables = statement.airs.iter().zip(&statement.shape.log_rows);
    let instance = |(air, &log_rows)| VerifierInstance::new(air, key, log_rows, &[]);
    VerifierInstances::new(tables.map(instance).collect())
}
