//! Many Poseidon2 compressions at once: SIMD lanes hold different nodes, rayon spreads the lanes.

use std::sync::OnceLock;

use p3_field::{Field, PackedValue, PrimeCharacteristicRing};
use p3_goldilocks::{Poseidon2Goldilocks, default_goldilocks_poseidon2_8};
use p3_symmetric::Permutation;
use rayon::prelude::*;
use zkperp_field::F;
use zkperp_field::poseidon2::{DIGEST, Digest, WIDTH, compress, node};

use crate::{EMPTY_LEAF, MAX_DEPTH};

type Packed = <F as Field>::Packing;

/// States permuted by one call: 8 under AVX-512, 4 under AVX2, 1 on a machine without SIMD.
const LANES: usize = <Packed as PackedValue>::WIDTH;

/// Compressions handed to one rayon task: some tens of microseconds of work, so that the cost of
/// stealing a task stays in the noise.
const TASK: usize = 32 * LANES;

fn permutation() -> &'static Poseidon2Goldilocks<WIDTH> {
    static PERMUTATION: OnceLock<Poseidon2Goldilocks<WIDTH>> = OnceLock::new();
    PERMUTATION.get_or_init(default_goldilocks_poseidon2_8)
}

/// `output[i] = compress(input(i))`, in parallel and by SIMD.
pub(crate) fn compress_many<G>(input: G, output: &mut [Digest])
where
    G: Fn(usize) -> [F; WIDTH] + Sync,
{
    if output.len() <= TASK {
        compress_task(&input, 0, output);
        return;
    }
    output
        .par_chunks_mut(TASK)
        .enumerate()
        .for_each(|(task, chunk)| compress_task(&input, task * TASK, chunk));
}

fn compress_task<G>(input: &G, first: usize, output: &mut [Digest])
where
    G: Fn(usize) -> [F; WIDTH],
{
    for (pack, chunk) in output.chunks_mut(LANES).enumerate() {
        let first = first + pack * LANES;
        if chunk.len() == 1 {
            chunk[0] = compress(&input(first));
        } else {
            compress_pack(input, first, chunk);
        }
    }
}

/// One packed permutation; lanes past the end of `output` are idle.
fn compress_pack<G>(input: &G, first: usize, output: &mut [Digest])
where
    G: Fn(usize) -> [F; WIDTH],
{
    let mut rows = [[F::ZERO; WIDTH]; LANES];
    for (lane, row) in rows.iter_mut().enumerate().take(output.len()) {
        *row = input(first + lane);
    }
    let before: [Packed; WIDTH] = std::array::from_fn(|i| Packed::from_fn(|lane| rows[lane][i]));
    let mut state = before;
    permutation().permute_mut(&mut state);
    for i in 0..DIGEST {
        let sum = state[i] + before[i];
        for (digest, value) in output.iter_mut().zip(sum.as_slice()) {
            digest[i] = *value;
        }
    }
}

/// The digest of a subtree of height `level` in which every leaf is empty.
///
/// # Panics
/// `Invariant:` if `level > MAX_DEPTH`; callers hold a checked depth.
pub fn empty_digest(level: u32) -> Digest {
    static DIGESTS: OnceLock<[Digest; MAX_DEPTH as usize + 1]> = OnceLock::new();
    let digests = DIGESTS.get_or_init(|| {
        let mut digests = [compress(&EMPTY_LEAF); MAX_DEPTH as usize + 1];
        for level in 1..digests.len() {
            digests[level] = node(&digests[level - 1], &digests[level - 1]);
        }
        digests
    });
    assert!(
        level <= MAX_DEPTH,
        "Invariant: level {level} above the highest root"
    );
    digests[level as usize]
}

/// The eight felts a node's two child digests make.
pub(crate) fn concat(left: &Digest, right: &Digest) -> [F; WIDTH] {
    std::array::from_fn(|i| {
        if i < DIGEST {
            left[i]
        } else {
            right[i - DIGEST]
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_compressions_equal_scalar_ones_at_every_remainder() {
        let input = |i: usize| -> [F; WIDTH] {
            std::array::from_fn(|lane| F::from_u64((i as u64) << 32 | lane as u64))
        };
        for count in (0..=2 * LANES + 1).chain([TASK, TASK + 1, 3 * TASK + 5]) {
            let mut digests = vec![[F::ZERO; DIGEST]; count];
            compress_many(input, &mut digests);
            for (i, digest) in digests.iter().enumerate() {
                assert_eq!(*digest, compress(&input(i)), "{i} of {count}");
            }
        }
    }

    #[test]
    fn empty_digests_chain_upwards() {
        assert_eq!(empty_digest(0), compress(&EMPTY_LEAF));
        for level in 0..MAX_DEPTH {
            let below = empty_digest(level);
            assert_eq!(empty_digest(level + 1), compress(&concat(&below, &below)));
        }
    }
}
