//! Plonky3's types wired with our transcript and Merkle hash.

use p3_dft::Radix2DFTSmallBatch;
use p3_field::extension::CubicTrinomialExtensionField;
use p3_merkle_tree::MerkleTreeMmcs;
use p3_multi_stark::MultiStarkProof;
use p3_multi_stark::config::MultiStarkConfig;
use p3_sumcheck::layout::{Layout, PrefixProver, Table, Witness};
use p3_whir::{
    FoldingFactor, ProtocolParameters, SecurityAssumption, WhirConfig, WhirProver, WhirProverData,
};
use zkperp_field::F;

use crate::merkle::MerkleHash;
use crate::shape::{Params, ShapeError};
use crate::transcript::Transcript;

/// The field of challenges: F[X] / (X^3 - X - 1), basis 1, X, X^2.
pub type EF = CubicTrinomialExtensionField<F>;

/// Binary Merkle trees of one matrix each, root only.
pub(crate) type Mmcs = MerkleTreeMmcs<F, u8, MerkleHash, MerkleHash, 2, 32>;

/// Columns stacked with their row variables first.
type StackedLayout = PrefixProver<F, EF>;

/// The commitment scheme.
pub(crate) type Whir = WhirProver<EF, F, Radix2DFTSmallBatch<F>, Mmcs, Transcript, StackedLayout>;

/// Parameters of the commitment for one number of variables.
pub type Commitment = WhirConfig<EF, F, Transcript>;

/// The library's proof, which never leaves this crate.
pub(crate) type Proof = MultiStarkProof<Config>;

/// The proof system's configuration for one statement.
#[derive(Debug)]
pub struct Config {
    pcs: Whir,
    params: Params,
}

impl Config {
    /// The configuration for a stacked polynomial in `num_variables` variables.
    ///
    /// # Errors
    /// [`ShapeError`] when the parameters don't fit each other or the polynomial.
    pub fn new(params: &Params, num_variables: usize) -> Result<Self, ShapeError> {
        params.check()?;
        let hash = MerkleHash::new(params.digest_bytes);
        let mmcs = Mmcs::new(hash, hash, 0);
        let whir = commitment(params, num_variables)?;
        let pcs = Whir::new(whir, Radix2DFTSmallBatch::default(), mmcs);
        Ok(Self {
            pcs,
            params: *params,
        })
    }

    /// Query counts, grinding and rates of every round.
    #[must_use]
    pub fn commitment(&self) -> &Commitment {
        &self.pcs
    }
}

/// The commitment's derived parameters.
///
/// # Errors
/// [`ShapeError::Whir`] with the library's reason.
pub fn commitment(params: &Params, num_variables: usize) -> Result<Commitment, ShapeError> {
    let folding_factor = FoldingFactor::ConstantFromSecondRound(params.first_fold, params.fold);
    let schedule = folding_factor
        .compute_folding_schedule(num_variables)
        .map_err(|error| ShapeError::Whir(error.to_string()))?;
    let mut rate = params.log_inv_rate;
    let mut rates = Vec::new();
    for (round, fold) in schedule
        .iter()
        .take(schedule.len().saturating_sub(1))
        .enumerate()
    {
        let shrink = if round == 0 {
            params.first_shrink
        } else {
            params.shrink
        };
        rate += fold
            .checked_sub(shrink)
            .ok_or(ShapeError::Params("a shrink exceeds its fold"))?;
        rates.push(rate);
    }
    let protocol = ProtocolParameters {
        security_level: params.whir_bits,
        pow_bits: params.pow_bits,
        round_log_inv_rates: rates,
        folding_factor,
        soundness_type: SecurityAssumption::JohnsonBound,
        starting_log_inv_rate: params.log_inv_rate,
    };
    WhirConfig::new(num_variables, protocol).map_err(|error| ShapeError::Whir(error.to_string()))
}

impl MultiStarkConfig for Config {
    type Val = F;
    type Challenge = EF;
    type Challenger = Transcript;
    type Pcs = Whir;

    fn pcs(&self) -> &Whir {
        &self.pcs
    }

    fn collision_resistance_bits(&self) -> Option<usize> {
        Some(self.params.collision_bits())
    }

    fn min_num_variables(&self) -> usize {
        self.params.first_fold
    }

    fn build_witness(&self, tables: Vec<Table<F>>) -> Witness<F> {
        StackedLayout::new_witness(tables, self.params.first_fold)
    }

    fn committed_table<'a>(
        &self,
        data: &'a WhirProverData<F, EF, Mmcs, StackedLayout>,
        index: usize,
    ) -> &'a Table<F> {
        data.table(index)
    }
}
