//! The hash of our Merkle trees: plain Keccak-256 of packed bytes, cut to the digest width.
//!
//! leaf = keccak(row, each base element 8 bytes big-endian), node = keccak(left || right); of
//! every digest the first `D` bytes count. Both are what the EVM's opcode computes.

use p3_field::PrimeField64;
use p3_keccak::VECTOR_LEN;
use p3_symmetric::{CryptographicHasher, PseudoCompressionFunction};
use zkperp_field::F;

use crate::keccak::{Digest, hash_words, keccak256, lane_digest, truncate};

/// Hash of leaves and nodes, with the digest width the security target allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MerkleHash {
    digest_bytes: usize,
}

impl MerkleHash {
    /// A hash whose digests carry `digest_bytes` bytes (1..=32).
    ///
    /// # Panics
    /// On a width outside that range, which `Params::check` excludes.
    #[must_use]
    pub fn new(digest_bytes: usize) -> Self {
        assert!(
            (1..=32).contains(&digest_bytes),
            "Invariant: digest width was checked"
        );
        Self { digest_bytes }
    }

    /// Hash of one row.
    #[must_use]
    pub fn leaf(&self, row: &[F]) -> Digest {
        let bytes: Vec<u8> = row
            .iter()
            .flat_map(|v| v.as_canonical_u64().to_be_bytes())
            .collect();
        truncate(keccak256(&bytes), self.digest_bytes)
    }

    /// Hash of two digests.
    #[must_use]
    pub fn node(&self, left: &Digest, right: &Digest) -> Digest {
        let d = self.digest_bytes;
        let mut bytes = [0; 64];
        bytes[..d].copy_from_slice(&left[..d]);
        bytes[d..2 * d].copy_from_slice(&right[..d]);
        truncate(keccak256(&bytes[..2 * d]), d)
    }
}

impl CryptographicHasher<F, Digest> for MerkleHash {
    const LANES: usize = VECTOR_LEN;

    fn hash_iter<I: IntoIterator<Item = F>>(&self, input: I) -> Digest {
        self.leaf(&input.into_iter().collect::<Vec<_>>())
    }

    fn hash_many(&self, input: &[F], out: &mut [Digest]) {
        if out.is_empty() {
            return;
        }
        let width = input.len() / out.len();
        if width == 0 {
            out.fill(self.leaf(&[]));
            return;
        }
        for (rows, digests) in input
            .chunks(width * VECTOR_LEN)
            .zip(out.chunks_mut(VECTOR_LEN))
        {
            // Spare lanes of the last group hash its first row again and are not read.
            let present = digests.len();
            let states = hash_words(width, |lane, i| {
                let row = if lane < present { lane } else { 0 };
                rows[row * width + i].as_canonical_u64().swap_bytes()
            });
            for (lane, digest) in digests.iter_mut().enumerate() {
                *digest = lane_digest(&states, lane, self.digest_bytes);
            }
        }
    }
}

impl PseudoCompressionFunction<Digest, 2> for MerkleHash {
    const LANES: usize = VECTOR_LEN;

    fn compress(&self, [left, right]: [Digest; 2]) -> Digest {
        self.node(&left, &right)
    }

    fn compress_many(&self, inputs: &[[Digest; 2]], out: &mut [Digest]) {
        let d = self.digest_bytes;
        for (pairs, digests) in inputs.chunks(VECTOR_LEN).zip(out.chunks_mut(VECTOR_LEN)) {
            if digests.len() < VECTOR_LEN {
                for (pair, digest) in pairs.iter().zip(digests) {
                    *digest = self.node(&pair[0], &pair[1]);
                }
                continue;
            }
            let states = hash_pairs(pairs, d);
            for (lane, digest) in digests.iter_mut().enumerate() {
                *digest = lane_digest(&states, lane, d);
            }
        }
    }
}

/// Keccak-256 of the `2 d` significant bytes of each pair; one block holds them with padding.
fn hash_pairs(pairs: &[[Digest; 2]], d: usize) -> crate::keccak::States {
    use p3_symmetric::Permutation;
    let mut states: crate::keccak::States = [[0; VECTOR_LEN]; 25];
    for (lane, [left, right]) in pairs.iter().enumerate() {
        let mut block = [0u8; 136];
        block[..d].copy_from_slice(&left[..d]);
        block[d..2 * d].copy_from_slice(&right[..d]);
        block[2 * d] = 0x01;
        block[135] ^= 0x80;
        for (i, word) in block.as_chunks::<8>().0.iter().enumerate() {
            states[i][lane] = u64::from_le_bytes(*word);
        }
    }
    p3_keccak::KeccakF.permute_mut(&mut states);
    states
}

#[cfg(test)]
mod tests {
    use p3_field::PrimeCharacteristicRing;

    use super::*;

    fn element(i: usize) -> F {
        F::from_u64((i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    #[test]
    fn batches_agree_with_single_hashes() {
        for digest_bytes in [26, 32] {
            let hash = MerkleHash::new(digest_bytes);
            for (rows, width) in [(1, 3), (5, 16), (8, 48), (19, 64)] {
                let input: Vec<F> = (0..rows * width).map(element).collect();
                let mut out = vec![[0; 32]; rows];
                hash.hash_many(&input, &mut out);
                let single: Vec<Digest> = input.chunks(width).map(|row| hash.leaf(row)).collect();
                assert_eq!(out, single);

                let pairs: Vec<[Digest; 2]> = out.iter().map(|&d| [d, hash.node(&d, &d)]).collect();
                let mut nodes = vec![[0; 32]; rows];
                hash.compress_many(&pairs, &mut nodes);
                let single: Vec<Digest> = pairs.iter().map(|[l, r]| hash.node(l, r)).collect();
                assert_eq!(nodes, single);
            }
        }
    }

    #[test]
    fn leaf_and_node_are_plain_keccak() {
        let hash = MerkleHash::new(26);
        let row = [F::ONE, F::from_u64(0x0102_0304_0506_0708)];
        let packed = [0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8];
        assert_eq!(hash.leaf(&row)[..26], keccak256(&packed)[..26]);
        assert_eq!(hash.leaf(&row)[26..], [0; 6]);
        let (l, r) = (hash.leaf(&row), hash.leaf(&row[..1]));
        assert_eq!(
            hash.node(&l, &r)[..26],
            keccak256(&[&l[..26], &r[..26]].concat())[..26]
        );
    }
}
