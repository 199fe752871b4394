//! Proving a statement.

use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_multi_stark::folder::ProverAir;
use p3_multi_stark::{ProverInstance, ProverInstances};
use p3_sumcheck::layout::Table;
use thiserror::Error;
use zkperp_field::F;

use crate::config::{Config, EF};
use crate::proof::encode;
use crate::shape::{ShapeError, Statement};
use crate::transcript::Transcript;

/// Why no proof came out.
#[derive(Debug, Error)]
pub enum ProveError {
    /// The statement itself is refused.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// The library refused the statement, for example as too weak.
    #[error("prover: {0}")]
    Library(String),
}

/// Proves that the tables satisfy the statement's AIRs; `tables` in the order of the AIRs.
///
/// The proof is a function of statement and tables: no randomness, no dependence on threads or
/// vector width.
///
/// # Errors
/// [`ProveError::Shape`] when the statement or the tables' sizes are wrong, and
/// [`ProveError::Library`] when the security report stays below the target.
///
/// # Panics
/// When the bus messages don't balance: the library asserts that before it proves. Such a trace
/// is a bug of the caller's trace filler.
pub fn prove<A: ProverAir<F, EF>>(
    statement: &Statement<'_, A>,
    tables: Vec<RowMajorMatrix<F>>,
) -> Result<Vec<u8>, ProveError> {
    statement.check()?;
    let airs = statement.airs;
    if tables.len() != airs.len() {
        let given = tables.len();
        return Err(ShapeError::Count {
            airs: airs.len(),
            given,
            what: "tables",
        }
        .into());
    }
    for (table, (matrix, shape)) in tables.iter().zip(statement.table_shapes()).enumerate() {
        if matrix.height() != 1 << shape.num_variables() || matrix.width() != shape.width() {
            return Err(ShapeError::Feature {
                table,
                feature: "a table of another size",
            }
            .into());
        }
    }
    let params = &statement.shape.params;
    let config = Config::new(params, statement.num_variables())?;
    let mut transcript = Transcript::new(statement.initial_state()?, params.digest_bytes);
    let references: Vec<&A> = airs.iter().collect();
    let (key, _) = p3_multi_stark::setup(&config, &references, &mut transcript.clone())
        .map_err(|error| ProveError::Library(error.to_string()))?;
    let instances = tables
        .into_iter()
        .zip(airs)
        .map(|(table, air)| ProverInstance::new(air, Table::new(table.transpose()), &key, &[]));
    let proof = p3_multi_stark::prove_with_security(
        &config,
        ProverInstances::new(instances.collect()),
        0,
        params.target_bits,
        &mut transcript,
    )
    .map_err(|error| ProveError::Library(error.to_string()))?;
    Ok(encode(statement, &config, &proof)?)
}
