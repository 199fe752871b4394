//! What a proof of a Cairo run says, and what its verifier must know: the program, the shape, and
//! the public values. Nothing here is read out of the proof.

use std::sync::Arc;

use p3_field::PrimeCharacteristicRing;
use thiserror::Error;
use zkperp_field::F;
use zkperp_field::poseidon2::Digest;
use zkperp_stark::{PublicColumn, Shape};
use zkperp_vm::builtins::Builtin;
use zkperp_vm::layout::{Capacities, LayoutError, MemoryLayout};

use crate::geometry::Geometry;
use crate::machine::{Kind, Table, kinds, kinds_of, tables};
use crate::tables::public::columns::PublicFixed;
use crate::tables::range16;

/// Identity of a program: what an auditor gets by compiling its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramId {
    /// Sponge over all words, its capacity starting at (program domain, length).
    pub digest: Digest,
    /// Number of words.
    pub length: u32,
    /// The builtins that `main` takes, in canonical order.
    pub builtins: Vec<Builtin>,
}

/// The statement "this program ran to its end and put out these values".
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Which program.
    pub program: ProgramId,
    /// Shape number, heights of the tables in the order of [`kinds`], parameters.
    pub shape: Shape,
    /// `ap` of the last step: the prover's choice, bound by the proof.
    pub final_ap: u32,
    /// Instances used of each builtin but `output`: the prover's choice, bound by the proof.
    pub used: Vec<u32>,
    /// Roots of the state before and after, if the program has the `state` builtin.
    pub roots: Option<[Digest; 2]>,
    /// The program's output.
    pub output: Vec<F>,
}

/// Why a statement makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StatementError {
    /// `output` must be the first builtin.
    #[error("the first builtin must be output")]
    NoOutput,
    /// The number of heights is not that of the program's tables.
    #[error("{given} table heights for {tables} tables")]
    Heights {
        /// Tables of the program.
        tables: usize,
        /// Heights given.
        given: usize,
    },
    /// range16 has 2^16 rows, always.
    #[error("the range16 table has 2^16 rows, not 2^{0}")]
    Range16Height(usize),
    /// One count for each builtin but `output`.
    #[error("{given} instance counts for {builtins} builtins")]
    Counts {
        /// Builtins of the program, `output` apart.
        builtins: usize,
        /// Counts given.
        given: usize,
    },
    /// Roots exactly if the program has the `state` builtin.
    #[error("a statement has roots exactly if its program has the state builtin")]
    Roots,
    /// Counts, outputs or the program don't fit the shape.
    #[error(transparent)]
    Layout(#[from] LayoutError),
}

/// What a run of a program with these builtins is laid out with, in tables of these heights.
///
/// # Errors
/// [`StatementError`] when they aren't heights of that program's tables.
pub fn capacities(builtins: &[Builtin], heights: &[usize]) -> Result<Capacities, StatementError> {
    let kinds = kinds_of(builtins);
    if heights.len() != kinds.len() {
        return Err(StatementError::Heights {
            tables: kinds.len(),
            given: heights.len(),
        });
    }
    let position = |kind: Kind| kinds.iter().position(|k| *k == kind);
    let of = |kind: Kind| position(kind).map_or(0, |i| heights[i]);
    if of(Kind::Range16) != range16::columns::LOG_ROWS {
        return Err(StatementError::Range16Height(of(Kind::Range16)));
    }
    let table = |&builtin: &Builtin| Some((builtin, of(Kind::of_builtin(builtin)?)));
    Ok(Capacities {
        log_public: Some(of(Kind::Public)),
        log_rows: builtins.iter().filter_map(table).collect(),
    })
}

impl Statement {
    /// The statement of a run without output, step or instance: what a verifier's constants are
    /// made from, which depend on program and shape alone.
    #[must_use]
    pub fn empty(program: ProgramId, shape: Shape) -> Self {
        let has_state = program.builtins.contains(&Builtin::State);
        Self {
            final_ap: 0,
            used: vec![0; program.builtins.len().saturating_sub(1)],
            roots: has_state.then(<[Digest; 2]>::default),
            output: vec![],
            program,
            shape,
        }
    }

    /// Where everything lies. Checks that each count is at most the rows of its table: the proof
    /// takes the counts as given.
    ///
    /// # Errors
    /// [`StatementError`] when heights, counts and program don't fit each other.
    pub fn geometry(&self) -> Result<Arc<Geometry>, StatementError> {
        let builtins = &self.program.builtins;
        if builtins.first() != Some(&Builtin::Output) {
            return Err(StatementError::NoOutput);
        }
        if self.used.len() + 1 != builtins.len() {
            let (builtins, given) = (builtins.len() - 1, self.used.len());
            return Err(StatementError::Counts { builtins, given });
        }
        if self.roots.is_some() != builtins.contains(&Builtin::State) {
            return Err(StatementError::Roots);
        }
        let outputs = u32::try_from(self.output.len()).unwrap_or(u32::MAX);
        let counts = std::iter::once(outputs).chain(self.used.iter().copied());
        let used: Vec<(Builtin, u32)> = builtins.iter().copied().zip(counts).collect();
        let capacities = capacities(builtins, &self.shape.log_rows)?;
        let layout = MemoryLayout::new(&used, self.program.length, &capacities)?;
        Ok(Arc::new(layout))
    }

    /// The public column: `final_ap`, instances used (`output` first), program digest, outputs,
    /// then zeros.
    #[must_use]
    pub fn public_column(&self, geometry: &Geometry) -> Vec<F> {
        let mut column = vec![F::from_u32(self.final_ap), F::from_usize(self.output.len())];
        column.extend(self.used.iter().map(|&n| F::from_u32(n)));
        column.extend(self.program.digest);
        column.extend(self.roots.into_iter().flatten().flatten());
        column.extend(&self.output);
        column.resize(1 << geometry.log_public, F::ZERO);
        column
    }

    /// Number of the public column's values before its zeros.
    #[must_use]
    pub fn public_len(&self) -> usize {
        let roots = self.roots.iter().flatten().flatten().count();
        2 + self.used.len() + self.program.digest.len() + roots + self.output.len()
    }

    /// Calls `with` on the proof system's form of the statement.
    ///
    /// # Errors
    /// [`StatementError`] as in [`Statement::geometry`].
    pub fn with_tables<R>(
        &self,
        with: impl FnOnce(zkperp_stark::Statement<'_, Table>) -> R,
    ) -> Result<R, StatementError> {
        let geometry = self.geometry()?;
        let public = self.public_column(&geometry);
        let airs = tables(&geometry, &public);
        let owner = kinds(&geometry).iter().position(|k| *k == Kind::Public);
        let column = PublicColumn {
            table: owner.expect("Invariant: the public table is in every machine"),
            column: PublicFixed::numbers().value,
            values: &public[..self.public_len()],
        };
        Ok(with(zkperp_stark::Statement {
            airs: &airs,
            shape: &self.shape,
            public: Some(column),
        }))
    }
}
