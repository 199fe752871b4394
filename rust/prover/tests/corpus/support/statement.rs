//! A witness as a statement and a proof in bytes, by the product's own prover.

use p3_field::PrimeField64;
use zkperp_prover::prove::{FREE_SHAPE, prove_trace};
use zkperp_prover::statement::{ProgramId, Statement};
use zkperp_prover::trace::Trace;
use zkperp_prover::verify::{RefusedProof, verify};
use zkperp_stark::{F, Shape};
use zkperp_vm::builtins::Builtin;

use super::forged::PARAMS;
use super::witness::Witness;

impl Witness {
    /// The statement whose public column is this witness's, if there is one: some cases claim
    /// columns that no statement has.
    #[must_use]
    pub(crate) fn statement(&self) -> Option<Statement> {
        let builtins: Vec<Builtin> = self.geometry.builtins.iter().map(|b| b.builtin).collect();
        let integer = |value: &F| u32::try_from(value.as_canonical_u64()).ok();
        let counts: Vec<u32> = self.public[1..=builtins.len()]
            .iter()
            .map(integer)
            .collect::<Option<_>>()?;
        let lanes = |at: usize| std::array::from_fn(|i| self.public[at + i]);
        let roots = builtins.contains(&Builtin::State).then(|| {
            let at = self.geometry.roots_index();
            [lanes(at), lanes(at + 4)]
        });
        let outputs = self.public.get(self.geometry.header_cells() as usize..)?;
        let statement = Statement {
            program: ProgramId {
                digest: lanes(self.geometry.digest_index()),
                length: self.geometry.program_len,
                builtins,
            },
            shape: Shape {
                id: FREE_SHAPE,
                log_rows: self.log_rows.clone(),
                params: PARAMS,
            },
            final_ap: integer(&self.public[0])?,
            used: counts[1..].to_vec(),
            roots,
            output: outputs.get(..counts[0] as usize)?.to_vec(),
        };
        let geometry = statement.geometry().ok()?;
        (statement.public_column(&geometry) == self.public).then_some(statement)
    }

    /// Proves the witness, good or bad, and verifies the bytes; `None` if no statement has its
    /// public column. Its buses must balance: else the library's prover panics.
    #[must_use]
    pub(crate) fn prove_and_verify(&self) -> Option<Result<(), RefusedProof>> {
        let statement = self.statement()?;
        let trace = Trace {
            geometry: self.geometry.clone(),
            public: self.public.clone(),
            log_rows: self.log_rows.clone(),
            cells: self.all_cells().to_vec(),
        };
        let proof = prove_trace(&statement, trace).expect("the prover doesn't look");
        Some(verify(&statement.program, &statement, &proof).map(|_| ()))
    }
}
