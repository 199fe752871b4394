//! From a run to a proof.

use p3_matrix::dense::RowMajorMatrix;
use thiserror::Error;
use zkperp_field::F;
use zkperp_stark::{Params, ProveError, Shape};
use zkperp_vm::relocate::Run;

use crate::machine::kinds;
use crate::statement::{ProgramId, Statement, StatementError};
use crate::trace::{Trace, fill, fill_at, heights};

/// Shape number of a proof whose heights follow from its run; a contract knows no such shape.
pub const FREE_SHAPE: u32 = 0;

/// Why a run can't be proven.
#[derive(Debug, Error)]
pub enum ProveRunError {
    /// The statement makes no sense.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The proof system refused.
    #[error(transparent)]
    Prove(#[from] ProveError),
    /// The run is laid out for other heights than the shape's.
    #[error("the run is laid out for another shape")]
    OtherLayout,
    /// The run needs more rows than the shape has.
    #[error("table {table} needs 2^{needed} rows, the shape has 2^{given}")]
    TooTall {
        /// The table.
        table: &'static str,
        /// Log rows needed.
        needed: usize,
        /// Log rows of the shape.
        given: usize,
    },
}

/// The statement that a run proves, in a shape of the least heights.
#[must_use]
pub fn statement(run: &Run, params: &Params) -> Statement {
    statement_at(
        run,
        Shape {
            id: FREE_SHAPE,
            log_rows: heights(run),
            params: *params,
        },
    )
}

/// The statement that a run proves, in a given shape.
#[must_use]
pub fn statement_at(run: &Run, shape: Shape) -> Statement {
    let layout = &run.layout;
    let digest_at = layout.digest_index();
    let first_output = layout.header_cells() as usize;
    let outputs = run.used[0] as usize;
    Statement {
        program: ProgramId {
            digest: std::array::from_fn(|i| run.public[digest_at + i]),
            length: layout.program_len,
            builtins: layout.builtins.iter().map(|b| b.builtin).collect(),
        },
        shape,
        final_ap: run.final_ap,
        used: run.used[1..].to_vec(),
        roots: run
            .state
            .as_ref()
            .map(|witness| [witness.root.old, witness.root.new]),
        output: run.public[first_output..first_output + outputs].to_vec(),
    }
}

/// Proves a run in a shape of the least heights.
///
/// # Errors
/// [`ProveRunError`]; nothing is proven below the target of `params`.
pub fn prove(run: &Run, params: &Params) -> Result<(Statement, Vec<u8>), ProveRunError> {
    let statement = statement(run, params);
    let proof = prove_trace(&statement, fill(run))?;
    Ok((statement, proof))
}

/// Whether a run can be proven in a given shape: no table is too short, and the run is laid out with
/// the shape's capacities.
///
/// # Errors
/// [`ProveRunError::TooTall`], [`ProveRunError::OtherLayout`].
pub fn check_fits(run: &Run, shape: &Shape) -> Result<(), ProveRunError> {
    let needed = heights(run);
    for ((kind, &needed), &given) in kinds(&run.layout).iter().zip(&needed).zip(&shape.log_rows) {
        if needed > given {
            return Err(ProveRunError::TooTall {
                table: kind.name(),
                needed,
                given,
            });
        }
    }
    if *statement_at(run, shape.clone()).geometry()? != run.layout {
        return Err(ProveRunError::OtherLayout);
    }
    Ok(())
}

/// Proves a run in a given shape, with whose capacities it was laid out.
///
/// # Errors
/// [`ProveRunError`], among them that the run is too long for the shape.
pub fn prove_at(run: &Run, shape: Shape) -> Result<(Statement, Vec<u8>), ProveRunError> {
    check_fits(run, &shape)?;
    let trace = fill_at(run, shape.log_rows.clone());
    let statement = statement_at(run, shape);
    let proof = prove_trace(&statement, trace)?;
    Ok((statement, proof))
}

/// Proves filled tables: what the corpus of bad witnesses calls with tables that it changed.
///
/// # Errors
/// [`ProveRunError`].
pub fn prove_trace(statement: &Statement, trace: Trace) -> Result<Vec<u8>, ProveRunError> {
    let matrices: Vec<RowMajorMatrix<F>> = trace
        .cells
        .into_iter()
        .zip(kinds(&trace.geometry))
        .map(|(cells, kind)| RowMajorMatrix::new(cells, kind.width()))
        .collect();
    Ok(statement.with_tables(|stark| zkperp_stark::prove(&stark, matrices))??)
}
