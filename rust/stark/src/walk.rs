//! One walk over a proof, used in both directions: reading bytes into parts and writing parts as
//! bytes. It replays the transcript, because which rows are sent depends on the drawn indices.

use std::collections::BTreeMap;

use p3_challenger::{CanObserve, CanSampleBits, FieldChallenger, GrindingChallenger};
use p3_field::{BasedVectorSpace, PrimeCharacteristicRing, PrimeField64};
use zkperp_field::{F, canonical};

use crate::config::EF;
use crate::keccak::Digest;
use crate::parts::{FoldParts, LayerParts, Parts, QueryParts, coefficients};
use crate::plan::{FoldPlan, Plan, QueryPlan};
use crate::proof::DecodeError;
use crate::seeds::Seeds;
use crate::transcript::Transcript;

/// Where the bytes come from or go to.
pub(crate) trait Wire {
    /// Fills `bytes` from the proof (reading) or appends them to it (writing).
    fn bytes(&mut self, bytes: &mut [u8]) -> Result<(), DecodeError>;
    /// Marks the start of a named section.
    fn section(&mut self, name: &'static str);
}

/// Reads a proof from a byte slice.
pub(crate) struct Reader<'a> {
    pub(crate) rest: &'a [u8],
    pub(crate) section: &'static str,
}

impl Wire for Reader<'_> {
    fn bytes(&mut self, bytes: &mut [u8]) -> Result<(), DecodeError> {
        let split = self.rest.split_at_checked(bytes.len());
        let (head, rest) = split.ok_or(DecodeError::Short {
            section: self.section,
        })?;
        bytes.copy_from_slice(head);
        self.rest = rest;
        Ok(())
    }

    fn section(&mut self, name: &'static str) {
        self.section = name;
    }
}

/// Writes a proof, remembering where sections start.
#[derive(Default)]
pub(crate) struct Writer {
    pub(crate) out: Vec<u8>,
    pub(crate) sections: Vec<(&'static str, usize)>,
}

impl Wire for Writer {
    fn bytes(&mut self, bytes: &mut [u8]) -> Result<(), DecodeError> {
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn section(&mut self, name: &'static str) {
        self.sections.push((name, self.out.len()));
    }
}

/// The walk's state.
pub(crate) struct Walk<'a, W> {
    plan: &'a Plan,
    seeds: &'a Seeds,
    transcript: Transcript,
    wire: W,
}

impl<'a, W: Wire> Walk<'a, W> {
    pub(crate) const fn new(
        plan: &'a Plan,
        seeds: &'a Seeds,
        transcript: Transcript,
        wire: W,
    ) -> Self {
        Self {
            plan,
            seeds,
            transcript,
            wire,
        }
    }

    /// Passes all parts; gives back the wire and the transcript's last state.
    pub(crate) fn run(mut self, parts: &mut Parts) -> Result<(W, Transcript), DecodeError> {
        let (plan, seeds) = (self.plan, self.seeds);
        self.wire.section("commitment");
        self.transcript.observe_bytes(&seeds.statement);
        self.root(&mut parts.root)?;
        let link = self.lookup(parts)?;
        self.zerocheck(parts, link)?;
        self.wire.section("first out-of-domain answers");
        for answer in &mut parts.initial_oods {
            self.transcript.observe_bytes(&seeds.ood);
            let _: EF = self.transcript.sample_algebra_element();
            self.extension(answer)?;
        }
        self.wire.section("opened values");
        for (seed, [current, next]) in seeds.openings.iter().zip(&mut parts.openings) {
            self.transcript.observe_bytes(seed);
            current
                .iter_mut()
                .chain(next)
                .try_for_each(|value| self.extension(value))?;
        }
        self.transcript.observe_bytes(&seeds.whir);
        let _batching: EF = self.transcript.sample_algebra_element();
        self.wire.section("first fold");
        self.fold(
            &plan.whir.initial_fold,
            &seeds.folds[0],
            &mut parts.initial_fold,
        )?;
        for (i, (round, part)) in plan.whir.rounds.iter().zip(&mut parts.rounds).enumerate() {
            self.wire.section("round commitment");
            self.root(&mut part.root)?;
            for answer in &mut part.oods {
                let _: EF = self.transcript.sample_algebra_element();
                self.extension(answer)?;
            }
            self.query(&round.query, &mut part.query)?;
            let _: EF = self.transcript.sample_algebra_element();
            self.wire.section("round fold");
            self.fold(&round.fold, &seeds.folds[i + 1], &mut part.fold)?;
        }
        self.wire.section("final polynomial");
        parts
            .final_poly
            .iter_mut()
            .try_for_each(|value| self.extension(value))?;
        self.query(&plan.whir.final_query, &mut parts.final_query)?;
        self.wire.section("final fold");
        let last = seeds.folds.len() - 1;
        self.fold(
            &plan.whir.final_fold,
            &seeds.folds[last],
            &mut parts.final_fold,
        )?;
        Ok((self.wire, self.transcript))
    }

    /// The fraction tree; gives the value that ties it to the zerocheck.
    fn lookup(&mut self, parts: &mut Parts) -> Result<EF, DecodeError> {
        if self.plan.lookup.is_none() {
            return Ok(EF::ZERO);
        }
        self.wire.section("lookup");
        self.transcript.observe_bytes(&self.seeds.lookup);
        let _: EF = self.transcript.sample_algebra_element();
        let _: EF = self.transcript.sample_algebra_element();
        self.transcript.observe_bytes(&self.seeds.fractions);
        self.extension(&mut parts.root_denominator)?;
        let (mut numerator, mut denominator) = (EF::ZERO, parts.root_denominator);
        for layer in &mut parts.layers {
            let branch = self.layer(layer)?;
            let [n0, d0, n1, d1] = layer.claims;
            numerator = n0 + branch * (n1 - n0);
            denominator = d0 + branch * (d1 - d0);
        }
        let theta: EF = self.transcript.sample_algebra_element();
        Ok(numerator + theta * (denominator - EF::ONE))
    }

    fn layer(&mut self, layer: &mut LayerParts) -> Result<EF, DecodeError> {
        let _batching: EF = self.transcript.sample_algebra_element();
        for poly in &mut layer.polys {
            poly.iter_mut()
                .try_for_each(|value| self.extension(value))?;
            let _ = self.nonzero_challenge();
        }
        layer
            .claims
            .iter_mut()
            .try_for_each(|value| self.extension(value))?;
        Ok(self.nonzero_challenge())
    }

    fn zerocheck(&mut self, parts: &mut Parts, link: EF) -> Result<(), DecodeError> {
        self.wire.section("zerocheck");
        self.transcript.observe_bytes(&self.seeds.zerocheck);
        let _: EF = self.transcript.sample_algebra_element();
        let _: EF = self.transcript.sample_algebra_element();
        let lookup_variables = self.plan.lookup.as_ref().map_or(0, |l| l.num_variables);
        parts.claimed_sum = EF::ZERO;
        if lookup_variables > 0 {
            let eta: EF = self.transcript.sample_algebra_element();
            parts.claimed_sum = eta * link;
        }
        for _ in lookup_variables..self.plan.zerocheck_rounds {
            let _ = self.nonzero_challenge();
        }
        self.transcript
            .observe_bytes(&self.seeds.zerocheck_sumcheck);
        self.transcript
            .observe_slice(&coefficients(parts.claimed_sum));
        for poly in &mut parts.zerocheck {
            poly.iter_mut()
                .try_for_each(|value| self.extension(value))?;
            let _: EF = self.transcript.sample_algebra_element();
        }
        Ok(())
    }

    fn fold(
        &mut self,
        plan: &FoldPlan,
        seed: &[u8],
        parts: &mut FoldParts,
    ) -> Result<(), DecodeError> {
        if plan.rounds == 0 {
            return Ok(());
        }
        self.transcript.observe_bytes(seed);
        for (i, poly) in parts.polys.iter_mut().enumerate() {
            poly.iter_mut()
                .try_for_each(|value| self.extension(value))?;
            if plan.pow_bits > 0 {
                self.proof_of_work(plan.pow_bits, &mut parts.nonces[i])?;
            }
            let _: EF = self.transcript.sample_algebra_element();
        }
        Ok(())
    }

    /// Nonce, then each distinct queried row once in ascending order, then the siblings.
    fn query(&mut self, plan: &QueryPlan, parts: &mut QueryParts) -> Result<(), DecodeError> {
        self.wire.section("query nonce");
        if plan.pow_bits > 0 {
            self.proof_of_work(plan.pow_bits, &mut parts.nonce)?;
        }
        let indices: Vec<usize> = if plan.exhaustive() {
            (0..1 << plan.log_leaves).collect()
        } else {
            (0..plan.queries)
                .map(|_| self.transcript.sample_bits(plan.log_leaves))
                .collect()
        };
        self.wire.section("rows");
        let mut rows: BTreeMap<usize, Vec<F>> = BTreeMap::new();
        let zero = vec![F::ZERO; plan.row_felts()];
        for (i, &index) in indices.iter().enumerate() {
            rows.insert(index, parts.rows.get(i).unwrap_or(&zero).clone());
        }
        rows.values_mut()
            .flatten()
            .try_for_each(|value| self.felt(value))?;
        parts.rows = indices.iter().map(|index| rows[index].clone()).collect();
        self.wire.section("siblings");
        let leaves: Vec<usize> = rows.into_keys().collect();
        let ours = depth_first_siblings(&leaves, plan.log_leaves);
        let mut theirs = ours.clone();
        theirs.sort_unstable();
        parts.siblings.resize(theirs.len(), [0; 32]);
        let width = self.plan.digest_bytes;
        for place in ours {
            let at = theirs
                .binary_search(&place)
                .expect("Invariant: the same places");
            self.wire.bytes(&mut parts.siblings[at][..width])?;
        }
        Ok(())
    }

    fn proof_of_work(&mut self, bits: usize, nonce: &mut F) -> Result<(), DecodeError> {
        self.felt(nonce)?;
        if self.transcript.check_witness(bits, *nonce) {
            Ok(())
        } else {
            Err(DecodeError::ProofOfWork)
        }
    }

    fn nonzero_challenge(&mut self) -> EF {
        loop {
            let value: EF = self.transcript.sample_algebra_element();
            if value != EF::ZERO {
                return value;
            }
        }
    }

    fn root(&mut self, root: &mut Digest) -> Result<(), DecodeError> {
        let width = self.plan.digest_bytes;
        self.wire.bytes(&mut root[..width])?;
        self.transcript.observe_bytes(&root[..width]);
        Ok(())
    }

    /// An extension element that the transcript observes.
    fn extension(&mut self, value: &mut EF) -> Result<(), DecodeError> {
        let mut parts = coefficients(*value);
        for part in &mut parts {
            self.felt(part)?;
            self.transcript.observe(*part);
        }
        *value = EF::from_basis_coefficients_fn(|i| parts[i]);
        Ok(())
    }

    fn felt(&mut self, value: &mut F) -> Result<(), DecodeError> {
        let mut bytes = value.as_canonical_u64().to_be_bytes();
        self.wire.bytes(&mut bytes)?;
        *value = canonical(u64::from_be_bytes(bytes)).ok_or(DecodeError::NonCanonical)?;
        Ok(())
    }
}

/// Places (level, index) of the digests that complete the paths of the given leaves (ascending,
/// distinct) to the root, in our order: depth first, children before parents, left before right.
///
/// The library's order, level by level, is the order of the places as pairs.
fn depth_first_siblings(leaves: &[usize], level: usize) -> Vec<(usize, usize)> {
    if level == 0 {
        return Vec::new();
    }
    let below = level - 1;
    let split = leaves.partition_point(|leaf| leaf >> below & 1 == 0);
    let (left, right) = leaves.split_at(split);
    let mut places = Vec::new();
    for half in [left, right] {
        if !half.is_empty() {
            places.extend(depth_first_siblings(half, below));
        }
    }
    if left.is_empty() || right.is_empty() {
        places.push((below, (leaves[0] >> below) ^ 1));
    }
    places
}
