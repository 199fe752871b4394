//! Proofs by a prover that cheats: it proves the machine without one part, on a witness that this
//! part alone refuses, and passes the proof off as one of the whole machine.
//!
//! The library's own prover refuses unbalanced buses by an assertion. Here the buses of the machine
//! it proves do balance; that they don't for the whole machine is for the verifier to find. The
//! proof is otherwise flawless (the transcript starts from the whole machine's statement): a
//! verifier without that part accepts it, which is checked as well.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use p3_multi_stark::folder::VerifierAir;
use p3_multi_stark::{
    MultiStarkProof, ProverInstance, ProverInstances, VerifierInstance, VerifierInstances,
};
use p3_sumcheck::layout::Table as Columns;
use zkperp_prover::check::Part;
use zkperp_prover::machine::{Table, kinds};
use zkperp_prover::tables::public::columns::PublicFixed;
use zkperp_stark::config::Config;
use zkperp_stark::transcript::Transcript;
use zkperp_stark::{EF, F, Params, PublicColumn, Shape, Statement};

use super::dropping::Without;
use super::witness::Witness;

/// The real parameters, at the real target, with less of the security from proof of work and more
/// from queries: that is faster on tables this small.
pub(crate) const PARAMS: Params = Params {
    pow_bits: 10,
    ..Params::OFFCHAIN
};

/// What became of a forged proof.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Verdicts {
    /// Whether the machine without the part accepts it.
    pub(crate) without: Result<(), String>,
    /// Whether the whole machine does.
    pub(crate) whole: Result<(), String>,
}

impl Verdicts {
    /// Whether the part is what the verifier finds missing: all its other checks pass, and the
    /// constraints at the opened point are not what the sumcheck says.
    #[must_use]
    pub(crate) fn blame_the_part(&self) -> bool {
        let found = "zerocheck: zerocheck final sum does not match";
        self.without.is_ok() && self.whole.as_ref().is_err_and(|e| e.starts_with(found))
    }
}

/// The verifier's side of a statement.
struct Verifier {
    config: Config,
    state: [u8; 32],
    params: Params,
    log_rows: Vec<usize>,
}

/// Proves `witness` on the machine without `parts`, and has both machines verify.
#[must_use]
pub(crate) fn forge(witness: &Witness, parts: &[Part]) -> Verdicts {
    let tables = witness.tables();
    let surplus = match &witness.report().imbalances[..] {
        [only] => -only.total,
        _ => F::ZERO,
    };
    let without = |table: &Table| Without {
        table: table.clone(),
        parts: parts.to_vec(),
        surplus,
        labels: None,
    };
    let partial: Vec<Without> = tables.iter().map(without).collect();
    let verifier = Verifier::new(witness, &tables);
    let proof = verifier.prove(witness, &partial);
    Verdicts {
        without: verifier.verify(&partial, &proof),
        whole: verifier.verify(&tables, &proof),
    }
}

impl Verifier {
    fn new(witness: &Witness, tables: &[Table]) -> Self {
        let params = PARAMS;
        let shape = Shape {
            id: 0,
            log_rows: witness.log_rows.clone(),
            params,
        };
        let owner = kinds(&witness.geometry)
            .iter()
            .position(|k| *k == zkperp_prover::machine::Kind::Public);
        let column = PublicColumn {
            table: owner.expect("every machine has public values"),
            column: PublicFixed::numbers().value,
            values: &witness.public,
        };
        let statement = Statement {
            airs: tables,
            shape: &shape,
            public: Some(column),
        };
        statement.check().expect("a sound statement");
        Self {
            config: Config::new(&params, statement.num_variables()).expect("real parameters"),
            state: statement.initial_state().expect("a sound statement"),
            params,
            log_rows: shape.log_rows.clone(),
        }
    }

    fn transcript(&self) -> Transcript {
        Transcript::new(self.state, self.params.digest_bytes)
    }

    fn prove(&self, witness: &Witness, airs: &[Without]) -> MultiStarkProof<Config> {
        let references: Vec<&Without> = airs.iter().collect();
        let mut transcript = self.transcript();
        let (key, _) = p3_multi_stark::setup(&self.config, &references, &mut transcript.clone())
            .expect("no preprocessed tables");
        let instances = witness.all_cells().iter().zip(airs).map(|(cells, air)| {
            let matrix = RowMajorMatrix::new(cells.clone(), air.table.kind.width());
            ProverInstance::new(air, Columns::new(matrix.transpose()), &key, &[])
        });
        p3_multi_stark::prove_with_security(
            &self.config,
            ProverInstances::new(instances.collect()),
            0,
            self.params.target_bits,
            &mut transcript,
        )
        .expect("the partial machine accepts the witness")
    }

    fn verify<A: VerifierAir<F, EF>>(
        &self,
        airs: &[A],
        proof: &MultiStarkProof<Config>,
    ) -> Result<(), String> {
        let references: Vec<&A> = airs.iter().collect();
        let mut transcript = self.transcript();
        let (_, key) = p3_multi_stark::setup(&self.config, &references, &mut transcript.clone())
            .expect("no preprocessed tables");
        let instances = airs
            .iter()
            .zip(&self.log_rows)
            .map(|(air, &rows)| VerifierInstance::new(air, &key, rows, &[]));
        p3_multi_stark::verify_with_security(
            &self.config,
            VerifierInstances::new(instances.collect()),
            proof,
            0,
            self.params.target_bits,
            &mut transcript,
        )
        .map_err(|error| error.to_string())
    }
}
