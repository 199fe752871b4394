//! Many permutations at once: SIMD lanes hold different states, rayon spreads the lanes.

use std::sync::OnceLock;

use p3_field::{Field, PackedValue};
use p3_goldilocks::{Poseidon2Goldilocks, default_goldilocks_poseidon2_8};
use p3_symmetric::Permutation;
use rayon::prelude::*;
use zkperp_field::F;
use zkperp_field::poseidon2::{DIGEST, Digest, WIDTH, permute};

type Packed = <F as Field>::Packing;

/// States permuted by one call: 8 under AVX-512, 4 under AVX2, 1 on a machine without SIMD.
const LANES: usize = <Packed as PackedValue>::WIDTH;

/// States of one task: some tens of microseconds of work, so that stealing a task costs little.
const TASK: usize = 32 * LANES;

/// A sponge's state.
pub(crate) type State = [F; WIDTH];

fn permutation() -> &'static Poseidon2Goldilocks<WIDTH> {
    static PERMUTATION: OnceLock<Poseidon2Goldilocks<WIDTH>> = OnceLock::new();
    PERMUTATION.get_or_init(default_goldilocks_poseidon2_8)
}

/// Adds to each state its block, which `block` finds by the state's index, and permutes it.
pub(crate) fn absorb_all(states: &mut [State], block: impl Fn(usize) -> Digest + Sync) {
    states
        .par_chunks_mut(TASK)
        .enumerate()
        .for_each(|(task, chunk)| {
            for (pack, states) in chunk.chunks_mut(LANES).enumerate() {
                let first = task * TASK + pack * LANES;
                for (lane, state) in states.iter_mut().enumerate() {
                    let block = block(first + lane);
                    for (felt, word) in state[..DIGEST].iter_mut().zip(block) {
                        *felt += word;
                    }
                }
                permute_pack(states);
            }
        });
}

/// Permutes at most [`LANES`] states.
fn permute_pack(states: &mut [State]) {
    if let [state] = states {
        permute(state);
        return;
    }
    // Lanes past the end repeat the last state.
    let last = states.len() - 1;
    let mut packed: [Packed; WIDTH] =
        std::array::from_fn(|i| Packed::from_fn(|lane| states[lane.min(last)][i]));
    permutation().permute_mut(&mut packed);
    for (i, felts) in packed.iter().enumerate() {
        for (state, felt) in states.iter_mut().zip(felts.as_slice()) {
            state[i] = *felt;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zkperp_field::PrimeCharacteristicRing;
    use zkperp_field::poseidon2::{sponge, sponge_start};

    #[test]
    fn many_sponges_are_as_many_times_one() {
        for count in [0, 1, 2, LANES, LANES + 1, TASK - 1, TASK + 3] {
            let message = |i: usize, word: usize| F::from_u64((i * 8 + word) as u64);
            let mut states = vec![sponge_start(9, 8); count];
            for block in 0..2 {
                absorb_all(&mut states, |i| {
                    std::array::from_fn(|word| message(i, block * DIGEST + word))
                });
            }
            for (i, state) in states.iter().enumerate() {
                let message: [F; 8] = std::array::from_fn(|word| message(i, word));
                assert_eq!(state[..DIGEST], sponge(9, &message));
            }
        }
    }
}
