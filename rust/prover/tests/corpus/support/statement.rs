//! A witness as a statement and a proof in bytes, by the product's own prover.

use zkperp_prover::prove::{FREE_SHAPE, prove_trace};
use zkperp_prover::statement::{ProgramId, Statement};
use zkperp_prover::trace::Trace;
use zkperp_prover::verify::{RefusedProof, verify};
use zkperp_stark::{Params, Shape};
use zkperp_vm::builtins::Builtin;

use super::witness::{Witness, address};

impl Witness {
    /// The statement whose public column is this witness's.
    #[must_use]
    pub(crate) fn statement(&self) -> Statement {
        let builtins: Vec<Builtin> = self.geometry.builtins.iter().map(|b| b.builtin).collect();
        let counts: Vec<u32> = self.public[1..=builtins.len()]
            .iter()
            .map(|n| address(*n))
            .collect();
        let digest = self.geometry.digest_index();
        let first_output = self.geometry.header_cells() as usize;
        let lanes = |at: usize| std::array::from_fn(|i| self.public[at + i]);
        let roots = builtins.contains(&Builtin::State).then(|| {
            let at = self.geometry.roots_index();
            [lanes(at), lanes(at + 4)]
        });
        let statement = Statement {
            program: ProgramId {
                digest: lanes(digest),
                length: self.geometry.program_len,
                builtins,
            },
            shape: Shape {
                id: FREE_SHAPE,
                log_rows: self.log_rows.clone(),
                params: Params::OFFCHAIN,
            },
            final_ap: address(self.public[0]),
            used: counts[1..].to_vec(),
            roots,
            output: self.public[first_output..first_output + counts[0] as usize].to_vec(),
        };
        let geometry = statement.geometry().expect("a statement that makes sense");
        assert_eq!(statement.public_column(&geometry), self.public);
        statement
    }

    /// Proves the witness, good or bad, and verifies the bytes. Its buses must balance: else the
    /// library's prover panics.
    ///
    /// # Errors
    /// The verifier's refusal.
    pub(crate) fn prove_and_verify(&self) -> Result<(), RefusedProof> {
        let statement = self.statement();
        let trace = Trace {
            geometry: self.geometry.clone(),
            public: self.public.clone(),
            log_rows: self.log_rows.clone(),
            cells: self.all_cells().to_vec(),
        };
        let proof = prove_trace(&statement, trace).expect("the prover doesn't look");
        verify(&statement.program, &statement, &proof).map(|_| ())
    }
}
