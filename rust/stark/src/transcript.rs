//! The Fiat-Shamir transcript in EVM form.
//!
//! State: 32 bytes. Observing appends bytes to `pending`; sampling first sets
//! `state = keccak256(state || pending)` and clears `pending`.
//! - base element: 8 bytes big-endian; extension element: its coefficients in basis order;
//!   Merkle root: its first `D` bytes;
//! - extension challenge: one such digest, coefficient `i` is bits `85 i .. 85 i + 85` of the
//!   state read as a big-endian integer, reduced mod p (85 bits against 64: statistical distance
//!   below 2^-21 per coefficient, and no value is more than 1 + 2^-20 times as likely as another);
//! - index bits: a digest gives eight 32-bit words, most significant first; an index is the low
//!   bits of the next word. Words left over are dropped at the next observe and at the next
//!   extension sample;
//! - proof of work: after observing the nonce, the next index draw of `bits` bits must be zero.

use p3_challenger::{
    CanObserve, CanSample, CanSampleBits, CanSampleUniformBits, FieldChallenger,
    GrindingChallenger, ResamplingError,
};
use p3_field::{PrimeCharacteristicRing, PrimeField64};
use p3_keccak::VECTOR_LEN;
use p3_symmetric::MerkleCap;
use rayon::prelude::*;
use zkperp_field::{F, P};

use crate::keccak::{Digest, Prefix, keccak256};

/// Index words in one digest.
const WORDS: usize = 8;

/// Coefficients of an extension challenge, all cut from one digest.
const COEFFICIENTS: usize = 3;

/// Bits of the digest behind each coefficient of an extension challenge.
const COEFFICIENT_BITS: usize = 85;

/// Nonces tried between two looks at what the other threads found.
const GRIND_WINDOW: u64 = 1 << 15;

/// The transcript of one proof.
#[derive(Clone, Debug)]
pub struct Transcript {
    state: Digest,
    pending: Vec<u8>,
    /// Index words of `state` already used; `WORDS` when none may be used.
    used: usize,
    /// Coefficients of `state` already used; `COEFFICIENTS` when none may be used.
    coefficients_used: usize,
    digest_bytes: usize,
}

impl Transcript {
    /// A transcript that starts at the statement's digest; Merkle roots count `digest_bytes` bytes.
    #[must_use]
    pub const fn new(initial: Digest, digest_bytes: usize) -> Self {
        Self {
            state: initial,
            pending: Vec::new(),
            used: WORDS,
            coefficients_used: COEFFICIENTS,
            digest_bytes,
        }
    }

    /// Appends bytes to what the next challenge will depend on.
    pub fn observe_bytes(&mut self, bytes: &[u8]) {
        self.used = WORDS;
        self.coefficients_used = COEFFICIENTS;
        self.pending.extend_from_slice(bytes);
    }

    /// The current 32-byte state (without what is pending).
    #[must_use]
    pub const fn state(&self) -> &Digest {
        &self.state
    }

    fn squeeze(&mut self) {
        let message = [&self.state[..], &self.pending].concat();
        self.state = keccak256(&message);
        self.pending.clear();
    }

    /// The next coefficient of an extension challenge; each third one starts a fresh digest.
    ///
    /// The library draws extension elements coefficient by coefficient, and nothing else.
    fn next_coefficient(&mut self) -> F {
        if self.coefficients_used == COEFFICIENTS {
            self.squeeze();
            self.coefficients_used = 0;
        }
        self.used = WORDS;
        let value = coefficient(&self.state, self.coefficients_used);
        self.coefficients_used += 1;
        F::from_u64(value)
    }

    /// The next 32-bit index word.
    fn next_word(&mut self) -> u32 {
        if self.used == WORDS {
            self.squeeze();
            self.used = 0;
            self.coefficients_used = COEFFICIENTS;
        }
        let word = self.state.as_chunks::<4>().0[self.used];
        self.used += 1;
        u32::from_be_bytes(word)
    }
}

/// Bits `85 i .. 85 i + 85` of the digest as a big-endian integer, mod p.
fn coefficient(digest: &Digest, i: usize) -> u64 {
    let high = u128::from_be_bytes(digest[..16].try_into().expect("Invariant: sixteen bytes"));
    let low = u128::from_be_bytes(digest[16..].try_into().expect("Invariant: sixteen bytes"));
    let shift = COEFFICIENT_BITS * i;
    let window = match shift {
        0 => low,
        s if s < 128 => low >> s | high << (128 - s),
        s => high >> (s - 128),
    };
    let window = window & ((1 << COEFFICIENT_BITS) - 1);
    u64::try_from(window % u128::from(P)).expect("Invariant: reduced mod a 64-bit prime")
}

impl CanObserve<F> for Transcript {
    fn observe(&mut self, value: F) {
        self.observe_bytes(&value.as_canonical_u64().to_be_bytes());
    }
}

impl CanObserve<MerkleCap<F, Digest>> for Transcript {
    fn observe(&mut self, cap: MerkleCap<F, Digest>) {
        for root in cap.roots() {
            let digest_bytes = self.digest_bytes;
            self.observe_bytes(&root[..digest_bytes]);
        }
    }
}

impl CanSample<F> for Transcript {
    fn sample(&mut self) -> F {
        self.next_coefficient()
    }
}

impl CanSampleBits<usize> for Transcript {
    fn sample_bits(&mut self, bits: usize) -> usize {
        assert!(
            bits <= 32,
            "Invariant: domains and grinding stay below 2^32"
        );
        let mask = (1u64 << bits) - 1;
        (u64::from(self.next_word()) & mask) as usize
    }
}

impl CanSampleUniformBits<F> for Transcript {
    fn sample_uniform_bits<const RESAMPLE: bool>(
        &mut self,
        bits: usize,
    ) -> Result<usize, ResamplingError> {
        Ok(self.sample_bits(bits))
    }
}

impl FieldChallenger<F> for Transcript {}

impl GrindingChallenger for Transcript {
    type Witness = F;

    /// The smallest nonce that passes, so that a proof is a function of its statement and trace.
    fn grind(&mut self, bits: usize) -> F {
        if bits == 0 {
            return F::ZERO;
        }
        assert!(bits <= 32, "Invariant: grinding stays below 2^32");
        let prefix = Prefix::new(&[&self.state[..], &self.pending].concat());
        let mask = u32::MAX >> (32 - bits);
        let lanes = VECTOR_LEN as u64;
        let nonce = (0..u64::MAX / GRIND_WINDOW)
            .find_map(|window| {
                let first = window * GRIND_WINDOW / lanes;
                let last = (window + 1) * GRIND_WINDOW / lanes;
                (first..last).into_par_iter().find_map_first(|group| {
                    let words =
                        prefix.first_words(|lane| (group * lanes + lane as u64).to_be_bytes());
                    let lane = words.iter().position(|word| word & mask == 0)?;
                    Some(group * lanes + lane as u64)
                })
            })
            .expect("Invariant: a 32-bit target is met long before 2^64 nonces");
        let witness = F::from_u64(nonce);
        assert!(
            self.check_witness(bits, witness),
            "Invariant: the nonce was just found"
        );
        witness
    }
}

#[cfg(test)]
mod tests {
    use p3_field::BasedVectorSpace;

    use super::*;
    use crate::config::EF;

    fn transcript() -> Transcript {
        Transcript::new(keccak256(b"zkperp test"), 26)
    }

    #[test]
    fn challenges_are_cut_from_one_digest() {
        let mut t = transcript();
        t.observe(F::from_u64(7));
        let state = keccak256(&[&keccak256(b"zkperp test")[..], &7u64.to_be_bytes()].concat());
        let value: EF = t.sample_algebra_element();
        let coefficients: &[F] = value.as_basis_coefficients_slice();
        // The low 85 bits: ten bytes and five bits.
        let low = u128::from_be_bytes(state[16..].try_into().unwrap()) & ((1 << 85) - 1);
        assert_eq!(
            coefficients[0].as_canonical_u64(),
            (low % u128::from(P)) as u64
        );
        // The top coefficient: bits 170..255.
        let high = u128::from_be_bytes(state[..16].try_into().unwrap()) >> 42 & ((1 << 85) - 1);
        assert_eq!(
            coefficients[2].as_canonical_u64(),
            (high % u128::from(P)) as u64
        );
        assert_eq!(t.state(), &state);
    }

    #[test]
    fn index_words_run_out_and_are_dropped() {
        let mut t = transcript();
        let first = keccak256(t.state());
        let words: Vec<usize> = (0..9).map(|_| t.sample_bits(32)).collect();
        assert_eq!(
            words[0] as u32,
            u32::from_be_bytes(first[..4].try_into().unwrap())
        );
        assert_eq!(
            words[7] as u32,
            u32::from_be_bytes(first[28..].try_into().unwrap())
        );
        let second = keccak256(&first);
        assert_eq!(
            words[8] as u32,
            u32::from_be_bytes(second[..4].try_into().unwrap())
        );
        let _: EF = t.sample_algebra_element();
        assert_eq!(t.state(), &keccak256(&second));
        let third = keccak256(t.state());
        assert_eq!(
            t.sample_bits(32) as u32,
            u32::from_be_bytes(third[..4].try_into().unwrap())
        );
    }

    #[test]
    fn grinding_finds_the_smallest_nonce() {
        for pending in [0usize, 1, 13, 200] {
            let mut t = transcript();
            (0..pending).for_each(|i| t.observe(F::from_u64(i as u64)));
            let smallest = (0u64..)
                .find(|&n| t.clone().check_witness(9, F::from_u64(n)))
                .unwrap();
            let mut checked = t.clone();
            assert_eq!(t.grind(9), F::from_u64(smallest));
            assert!(checked.check_witness(9, F::from_u64(smallest)));
            assert_eq!(t.sample_bits(20), checked.sample_bits(20));
        }
    }
}
