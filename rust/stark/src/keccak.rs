//! Keccak-256 as the EVM's opcode computes it, alone and over many equal-length messages at once.

use p3_keccak::{Keccak256Hash, KeccakF, VECTOR_LEN};
use p3_symmetric::{CryptographicHasher, Permutation};

/// Output of Keccak-256. Where a proof uses `D < 32` bytes of it, bytes `D..` are zero.
pub type Digest = [u8; 32];

/// State words a block fills: 136 bytes.
pub const RATE_WORDS: usize = 17;

/// `VECTOR_LEN` Keccak states side by side, word-major, as the vectorised permutation wants them.
pub type States = [[u64; VECTOR_LEN]; 25];

/// First padding byte, in the word that follows the message's last full word.
const OPENING_MARK: u64 = 0x01;

/// Last padding byte, at the end of the rate.
const CLOSING_MARK: u64 = 0x80 << 56;

/// The EVM's `KECCAK256` of `bytes`.
#[must_use]
pub fn keccak256(bytes: &[u8]) -> Digest {
    Keccak256Hash.hash_slice(bytes)
}

/// Keccak-256 of `VECTOR_LEN` messages of `words` 64-bit words each.
///
/// `word(lane, i)` is the `i`-th word of a lane's message, its first byte in the low bits
/// (Keccak's own order).
#[inline]
pub fn hash_words(words: usize, word: impl Fn(usize, usize) -> u64) -> States {
    let mut states: States = [[0; VECTOR_LEN]; 25];
    let full = words / RATE_WORDS;
    for block in 0..full {
        for (i, word_states) in states[..RATE_WORDS].iter_mut().enumerate() {
            for (lane, state) in word_states.iter_mut().enumerate() {
                *state ^= word(lane, block * RATE_WORDS + i);
            }
        }
        KeccakF.permute_mut(&mut states);
    }
    let rest = words % RATE_WORDS;
    for (i, word_states) in states[..rest].iter_mut().enumerate() {
        for (lane, state) in word_states.iter_mut().enumerate() {
            *state ^= word(lane, full * RATE_WORDS + i);
        }
    }
    states[rest].iter_mut().for_each(|s| *s ^= OPENING_MARK);
    states[RATE_WORDS - 1]
        .iter_mut()
        .for_each(|s| *s ^= CLOSING_MARK);
    KeccakF.permute_mut(&mut states);
    states
}

/// The digest of one lane, of which the first `digest_bytes` are kept.
#[inline]
#[must_use]
pub fn lane_digest(states: &States, lane: usize, digest_bytes: usize) -> Digest {
    let mut digest = [0; 32];
    for (i, bytes) in digest.as_chunks_mut::<8>().0.iter_mut().enumerate() {
        *bytes = states[i][lane].to_le_bytes();
    }
    digest[digest_bytes..].fill(0);
    digest
}

/// `digest` with all but its first `digest_bytes` bytes cleared.
#[must_use]
pub fn truncate(mut digest: Digest, digest_bytes: usize) -> Digest {
    digest[digest_bytes..].fill(0);
    digest
}

/// A Keccak sponge that has absorbed a prefix and is asked for many short continuations.
///
/// Proof-of-work search hashes the same long prefix with a different last word each time, so the
/// prefix's full blocks are absorbed once.
#[derive(Clone, Debug)]
pub struct Prefix {
    state: [u64; 25],
    tail: Vec<u8>,
}

impl Prefix {
    /// Absorbs the full blocks of `bytes` and keeps the rest.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        let mut state = [0u64; 25];
        let blocks = bytes.chunks_exact(8 * RATE_WORDS);
        let tail = blocks.remainder().to_vec();
        for block in blocks {
            absorb(&mut state, block);
            KeccakF.permute_mut(&mut state);
        }
        Self { state, tail }
    }

    /// For each lane, the first four bytes (big-endian) of `keccak256(prefix || suffix(lane))`.
    #[must_use]
    pub fn first_words(&self, suffix: impl Fn(usize) -> [u8; 8]) -> [u32; VECTOR_LEN] {
        const RATE_BYTES: usize = 8 * RATE_WORDS;
        let start = self.tail.len();
        let blocks = (start + 8) / RATE_BYTES + 1;
        let mut padded = [[0u8; 2 * RATE_BYTES]; VECTOR_LEN];
        for (lane, message) in padded.iter_mut().enumerate() {
            message[..start].copy_from_slice(&self.tail);
            message[start..start + 8].copy_from_slice(&suffix(lane));
            message[start + 8] ^= 0x01;
            message[blocks * RATE_BYTES - 1] ^= 0x80;
        }
        let mut states: States = core::array::from_fn(|i| [self.state[i]; VECTOR_LEN]);
        for block in 0..blocks {
            for (i, word_states) in states[..RATE_WORDS].iter_mut().enumerate() {
                let at = block * RATE_BYTES + 8 * i;
                for (state, message) in word_states.iter_mut().zip(&padded) {
                    let word = message[at..at + 8]
                        .try_into()
                        .expect("Invariant: eight bytes");
                    *state ^= u64::from_le_bytes(word);
                }
            }
            KeccakF.permute_mut(&mut states);
        }
        core::array::from_fn(|lane| (states[0][lane] as u32).swap_bytes())
    }
}

fn absorb(state: &mut [u64; 25], block: &[u8]) {
    for (word, bytes) in state.iter_mut().zip(block.as_chunks::<8>().0) {
        *word ^= u64::from_le_bytes(*bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_hash_as_their_bytes() {
        for words in [1usize, 7, 8, 16, 17, 18, 48, 64] {
            let word = |lane: usize, i: usize| (lane as u64 + 3) << 32 | (i as u64 * 0x0101);
            let states = hash_words(words, word);
            for lane in 0..VECTOR_LEN {
                let bytes: Vec<u8> = (0..words)
                    .flat_map(|i| word(lane, i).to_le_bytes())
                    .collect();
                assert_eq!(lane_digest(&states, lane, 32), keccak256(&bytes));
                assert_eq!(
                    lane_digest(&states, lane, 26),
                    truncate(keccak256(&bytes), 26)
                );
            }
        }
    }

    #[test]
    fn a_prefix_continues_as_the_whole_message() {
        for len in [0usize, 32, 56, 120, 127, 128, 129, 135, 136, 200, 272] {
            let bytes: Vec<u8> = (0..len).map(|i| i as u8).collect();
            let prefix = Prefix::new(&bytes);
            let words = prefix.first_words(|lane| (lane as u64 + 9).to_be_bytes());
            for (lane, word) in words.iter().enumerate() {
                let whole = [&bytes[..], &(lane as u64 + 9).to_be_bytes()].concat();
                assert_eq!(word.to_be_bytes(), keccak256(&whole)[..4], "length {len}");
            }
        }
    }
}
