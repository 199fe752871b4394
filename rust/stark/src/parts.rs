//! The parts of a proof in plain vectors sized by the plan, and back to the library's structure.

use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use p3_merkle_tree::{MerkleCap, PrunedMerklePaths};
use p3_multi_stark::fractional_gkr::{FractionGkrLayerProof, FractionGkrProof, SplitFraction};
use p3_multilinear_util::poly::Poly;
use p3_sumcheck::generic_degree::GenericDegreeProof;
use p3_sumcheck::{OpeningBatch, SumcheckData};
use p3_whir::{PcsProof, QueryOpenings, SharedProofOpening, WhirProof, WhirRoundProof};
use zkperp_field::F;

use crate::config::{EF, Proof};
use crate::keccak::Digest;
use crate::plan::{FoldPlan, Plan};

/// All parts of a proof, in the order in which a verifier consumes them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parts {
    pub(crate) root: Digest,
    /// Root denominator, then per layer the round polynomials and the four claims.
    pub(crate) root_denominator: EF,
    pub(crate) layers: Vec<LayerParts>,
    /// Not sent: the verifier computes it.
    pub(crate) claimed_sum: EF,
    pub(crate) zerocheck: Vec<Vec<EF>>,
    pub(crate) initial_oods: Vec<EF>,
    /// Per table: current values, next values.
    pub(crate) openings: Vec<[Vec<EF>; 2]>,
    pub(crate) initial_fold: FoldParts,
    pub(crate) rounds: Vec<RoundParts>,
    pub(crate) final_poly: Vec<EF>,
    pub(crate) final_query: QueryParts,
    pub(crate) final_fold: FoldParts,
}

/// One layer of the fraction tree.
#[derive(Clone, Debug, Default)]
pub(crate) struct LayerParts {
    pub(crate) polys: Vec<[EF; 3]>,
    /// n0, d0, n1, d1.
    pub(crate) claims: [EF; 4],
}

/// A run of quadratic sumcheck rounds.
#[derive(Clone, Debug, Default)]
pub(crate) struct FoldParts {
    pub(crate) polys: Vec<[EF; 2]>,
    /// One nonce per round where the plan grinds, else empty.
    pub(crate) nonces: Vec<F>,
}

/// A committed round.
#[derive(Clone, Debug, Default)]
pub(crate) struct RoundParts {
    pub(crate) root: Digest,
    pub(crate) oods: Vec<EF>,
    pub(crate) query: QueryParts,
    pub(crate) fold: FoldParts,
}

/// Openings of one oracle.
#[derive(Clone, Debug, Default)]
pub(crate) struct QueryParts {
    pub(crate) nonce: F,
    /// Rows in draw order, as base elements.
    pub(crate) rows: Vec<Vec<F>>,
    pub(crate) siblings: Vec<Digest>,
}

impl Parts {
    /// Parts of the plan's sizes, all zero; rows and siblings stay empty.
    pub(crate) fn zero(plan: &Plan) -> Self {
        let layers = plan
            .lookup
            .as_ref()
            .map_or(0, |lookup| lookup.num_variables);
        let layer = |l| LayerParts {
            polys: vec![[EF::ZERO; 3]; l],
            ..LayerParts::default()
        };
        let table = |t: &crate::plan::TablePlan| {
            [
                vec![EF::ZERO; t.air.width],
                vec![EF::ZERO; t.air.next_columns.len()],
            ]
        };
        let round = |r: &crate::plan::RoundPlan| RoundParts {
            oods: vec![EF::ZERO; r.oods],
            fold: FoldParts::zero(&r.fold),
            ..RoundParts::default()
        };
        Self {
            layers: (0..layers).map(layer).collect(),
            zerocheck: vec![vec![EF::ZERO; plan.zerocheck_degree]; plan.zerocheck_rounds],
            initial_oods: vec![EF::ZERO; plan.whir.initial_oods],
            openings: plan.tables.iter().map(table).collect(),
            initial_fold: FoldParts::zero(&plan.whir.initial_fold),
            rounds: plan.whir.rounds.iter().map(round).collect(),
            final_poly: vec![EF::ZERO; 1 << plan.whir.final_fold.rounds],
            final_fold: FoldParts::zero(&plan.whir.final_fold),
            ..Self::default()
        }
    }

    /// The parts of a proof that the library's prover made for this plan.
    pub(crate) fn of(proof: &Proof) -> Self {
        let whir = &proof.opening.whir;
        let lookup = proof.lookup.as_ref();
        let round = |r: &WhirRoundProof<F, EF, crate::config::Mmcs>| RoundParts {
            root: r
                .commitment
                .as_ref()
                .expect("Invariant: prover commits every round")
                .roots()[0],
            oods: r.ood_answers.clone(),
            query: QueryParts::of(r.pow_witness, &r.openings),
            fold: FoldParts::of(&r.sumcheck),
        };
        Self {
            root: proof.commitment.roots()[0],
            root_denominator: lookup.map_or(EF::ZERO, |l| l.root_denominator),
            layers: lookup.map_or_else(Vec::new, |l| l.layers.iter().map(LayerParts::of).collect()),
            claimed_sum: proof.sumcheck.claimed_sum,
            zerocheck: proof.sumcheck.round_polys.clone(),
            initial_oods: whir.initial_ood_answers.clone(),
            openings: proof
                .opening
                .evals
                .iter()
                .map(|batch| [batch.current().to_vec(), batch.next().to_vec()])
                .collect(),
            initial_fold: FoldParts::of(&whir.initial_sumcheck),
            rounds: whir.rounds.iter().map(round).collect(),
            final_poly: whir
                .final_poly
                .as_ref()
                .map_or_else(Vec::new, |p| p.as_slice().to_vec()),
            final_query: QueryParts::of(whir.final_pow_witness, &whir.final_openings),
            final_fold: whir
                .final_sumcheck
                .as_ref()
                .map_or_else(FoldParts::default, FoldParts::of),
        }
    }

    /// The library's proof.
    pub(crate) fn into_proof(self, plan: &Plan) -> Proof {
        let lookup = plan.lookup.is_some().then(|| FractionGkrProof {
            root_denominator: self.root_denominator,
            layers: self
                .layers
                .into_iter()
                .map(LayerParts::into_proof)
                .collect(),
        });
        let round = |(r, p): (RoundParts, &crate::plan::RoundPlan)| WhirRoundProof {
            commitment: Some(MerkleCap::new(vec![r.root])),
            ood_answers: r.oods,
            pow_witness: r.query.nonce,
            openings: r.query.into_proof(p.query.base),
            sumcheck: r.fold.into_proof(),
        };
        let rounds = self
            .rounds
            .into_iter()
            .zip(&plan.whir.rounds)
            .map(round)
            .collect();
        let whir = WhirProof {
            initial_ood_answers: self.initial_oods,
            initial_sumcheck: self.initial_fold.into_proof(),
            rounds,
            final_poly: Some(Poly::new(self.final_poly)),
            final_pow_witness: self.final_query.nonce,
            final_openings: self.final_query.into_proof(plan.whir.final_query.base),
            final_sumcheck: Some(self.final_fold.into_proof()),
        };
        let evals = self
            .openings
            .into_iter()
            .map(|[now, next]| OpeningBatch::new(now, next));
        Proof {
            commitment: MerkleCap::new(vec![self.root]),
            lookup,
            indexed: None,
            bus: None,
            sumcheck: GenericDegreeProof {
                claimed_sum: self.claimed_sum,
                round_polys: self.zerocheck,
                pow_witnesses: vec![],
            },
            opening: PcsProof {
                whir,
                evals: evals.collect(),
            },
            preprocessed_opening: None,
        }
    }
}

impl LayerParts {
    fn of(layer: &FractionGkrLayerProof<EF>) -> Self {
        let SplitFraction { n0, d0, n1, d1 } = layer.claims;
        Self {
            polys: layer.round_polys.clone(),
            claims: [n0, d0, n1, d1],
        }
    }

    fn into_proof(self) -> FractionGkrLayerProof<EF> {
        let [n0, d0, n1, d1] = self.claims;
        FractionGkrLayerProof {
            round_polys: self.polys,
            claims: SplitFraction { n0, d0, n1, d1 },
        }
    }
}

impl FoldParts {
    fn zero(plan: &FoldPlan) -> Self {
        let nonces = if plan.pow_bits > 0 { plan.rounds } else { 0 };
        Self {
            polys: vec![[EF::ZERO; 2]; plan.rounds],
            nonces: vec![F::ZERO; nonces],
        }
    }

    fn of(data: &SumcheckData<F, EF>) -> Self {
        let (polys, nonces) = (
            data.polynomial_evaluations.clone(),
            data.pow_witnesses.clone(),
        );
        Self { polys, nonces }
    }

    fn into_proof(self) -> SumcheckData<F, EF> {
        SumcheckData {
            polynomial_evaluations: self.polys,
            pow_witnesses: self.nonces,
        }
    }
}

type Openings = QueryOpenings<F, EF, PrunedMerklePaths<u8, 32>>;

impl QueryParts {
    fn of(nonce: F, openings: &Openings) -> Self {
        match openings {
            QueryOpenings::Base(opening) => Self {
                nonce,
                rows: opening.rows.clone(),
                siblings: opening.proof.sibling_hashes.clone(),
            },
            QueryOpenings::Extension(opening) => Self {
                nonce,
                rows: opening.rows.iter().map(|row| flatten(row)).collect(),
                siblings: opening.proof.sibling_hashes.clone(),
            },
        }
    }

    fn into_proof(self, base: bool) -> Openings {
        let proof = PrunedMerklePaths {
            sibling_hashes: self.siblings,
        };
        if base {
            return QueryOpenings::Base(SharedProofOpening {
                rows: self.rows,
                proof,
            });
        }
        let rows = self.rows.iter().map(|row| {
            row.as_chunks::<3>()
                .0
                .iter()
                .map(|c| EF::from_basis_coefficients_fn(|i| c[i]))
                .collect()
        });
        QueryOpenings::Extension(SharedProofOpening {
            rows: rows.collect(),
            proof,
        })
    }
}

fn flatten(row: &[EF]) -> Vec<F> {
    row.iter().flat_map(|e| coefficients(*e)).collect()
}

/// Coefficients in basis order.
pub(crate) fn coefficients(value: EF) -> [F; 3] {
    let slice: &[F] = value.as_basis_coefficients_slice();
    [slice[0], slice[1], slice[2]]
}
