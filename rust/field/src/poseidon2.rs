//! Poseidon2 over Goldilocks, width 8 (Grassi, Khovratovich, Schofnegger, eprint 2023/323), with
//! the published constants of `p3-goldilocks`.
//!
//! Three uses, kept apart by their form:
//! - [`permute`]: the bare permutation, what the proof's `poseidon2` table holds;
//! - [`compress`]: two digests to one **with feed-forward**. Without it the truncated permutation
//!   can be run backwards: fix the root, choose the dropped lanes, apply the inverse down to the
//!   leaves, and an old root opens to random leaves for free (soundness § 1);
//! - [`sponge`]: a message of any length to a digest. Its capacity starts at (domain, length), so
//!   messages of different kinds or lengths never share a state.

use std::sync::OnceLock;

use p3_field::PrimeCharacteristicRing;
use p3_goldilocks::{Poseidon2Goldilocks, default_goldilocks_poseidon2_8};
use p3_symmetric::Permutation;

use crate::F;

/// Lanes of the permutation.
pub const WIDTH: usize = 8;
/// Lanes of a digest; also the sponge's rate, and its capacity.
pub const DIGEST: usize = 4;

/// A Poseidon2 digest.
pub type Digest = [F; DIGEST];

fn permutation() -> &'static Poseidon2Goldilocks<WIDTH> {
    static PERMUTATION: OnceLock<Poseidon2Goldilocks<WIDTH>> = OnceLock::new();
    PERMUTATION.get_or_init(default_goldilocks_poseidon2_8)
}

/// Applies the permutation in place.
pub fn permute(state: &mut [F; WIDTH]) {
    permutation().permute_mut(state);
}

/// The first four lanes of P(x) + x: a leaf's 8 felts, or a node's two children, to one digest.
#[must_use]
pub fn compress(input: &[F; WIDTH]) -> Digest {
    let mut state = *input;
    permute(&mut state);
    std::array::from_fn(|i| state[i] + input[i])
}

/// The digest of an inner node.
#[must_use]
pub fn node(left: &Digest, right: &Digest) -> Digest {
    compress(&std::array::from_fn(|i| {
        if i < DIGEST {
            left[i]
        } else {
            right[i - DIGEST]
        }
    }))
}

/// The sponge's state before the first block: rate lanes zero, capacity (domain, length, 0, 0).
#[must_use]
pub fn sponge_start(domain: u64, length: u64) -> [F; WIDTH] {
    let mut state = [F::ZERO; WIDTH];
    state[DIGEST] = F::from_u64(domain);
    state[DIGEST + 1] = F::from_u64(length);
    state
}

/// Hashes a message: blocks of four felts are added to the rate lanes, zero-filled at the end;
/// an empty message is one block of zeros. The digest is the rate after the last permutation.
#[must_use]
pub fn sponge(domain: u64, message: &[F]) -> Digest {
    let mut state = sponge_start(domain, message.len() as u64);
    let mut blocks = message.chunks(DIGEST);
    let mut block = blocks.next().unwrap_or(&[]);
    loop {
        for (lane, word) in state.iter_mut().zip(block) {
            *lane += *word;
        }
        permute(&mut state);
        match blocks.next() {
            Some(next) => block = next,
            None => return std::array::from_fn(|i| state[i]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use p3_field::PrimeField64;

    fn felts<const N: usize>(start: u64) -> [F; N] {
        std::array::from_fn(|i| F::from_u64(start + i as u64))
    }

    #[test]
    fn compress_is_not_the_bare_permutation() {
        let input = felts::<8>(1);
        let mut state = input;
        permute(&mut state);
        assert_ne!(compress(&input), state[..4]);
        assert_eq!(compress(&input)[0], state[0] + input[0]);
    }

    #[test]
    fn sponge_separates_domains_lengths_and_trailing_zeros() {
        let digests = [
            sponge(1, &[]),
            sponge(2, &[]),
            sponge(1, &[F::ZERO]),
            sponge(1, &[F::ZERO; 4]),
            sponge(1, &[F::ZERO; 5]),
        ];
        for (i, a) in digests.iter().enumerate() {
            assert!(digests[i + 1..].iter().all(|b| a != b));
        }
    }

    #[test]
    fn node_is_compress_of_both_children() {
        let (left, right) = (felts::<4>(1), felts::<4>(5));
        assert_eq!(node(&left, &right), compress(&felts::<8>(1)));
        assert!(node(&left, &right)[0].as_canonical_u64() < crate::P);
    }
}
