//! Fills the `poseidon2` table.

use p3_field::PrimeCharacteristicRing;
use rayon::prelude::*;
use zkperp_field::F;

use super::air::{
    FIRST_CONSTANTS, LAST_CONSTANTS, PARTIAL_CONSTANTS, full_layer, partial_layer, sbox,
};
use super::columns::{HALF_FULL_ROUNDS, PARTIAL_ROUNDS, Poseidon2Cols};

/// Row-major cells for 2^`log_rows` rows: one for each permutation asked for, one for each
/// compression, then permutations of zero that nobody asks for.
#[must_use]
pub fn fill(permutations: &[[F; 8]], compressions: &[[F; 8]], log_rows: usize) -> Vec<F> {
    const WIDTH: usize = Poseidon2Cols::<F>::WIDTH;
    let asked = permutations.len() + compressions.len();
    assert!(
        asked <= 1 << log_rows,
        "Invariant: the permutations fit their table"
    );
    let mut cells = F::zero_vec(WIDTH << log_rows);
    cells
        .par_chunks_exact_mut(WIDTH)
        .enumerate()
        .for_each(|(number, row)| {
            let permuted = permutations.get(number);
            let compressed = number
                .checked_sub(permutations.len())
                .and_then(|i| compressions.get(i));
            let input = permuted.or(compressed).copied().unwrap_or([F::ZERO; 8]);
            let counts = [permuted.is_some(), compressed.is_some()];
            permutation(input, counts.map(F::from_bool)).write(row);
        });
    cells
}

fn permutation(input: [F; 8], [permutations, compressions]: [F; 2]) -> Poseidon2Cols<F> {
    let mut state = input;
    full_layer(&mut state);
    let mut first_rounds = [[F::ZERO; 8]; HALF_FULL_ROUNDS];
    for (constants, after) in FIRST_CONSTANTS.iter().zip(&mut first_rounds) {
        *after = full_round(&mut state, constants);
    }
    let mut partial_rounds = [F::ZERO; PARTIAL_ROUNDS];
    for (constant, after) in PARTIAL_CONSTANTS.iter().zip(&mut partial_rounds) {
        state[0] = sbox(&(state[0] + *constant));
        *after = state[0];
        partial_layer(&mut state);
    }
    let mut last_rounds = [[F::ZERO; 8]; HALF_FULL_ROUNDS];
    for (constants, after) in LAST_CONSTANTS.iter().zip(&mut last_rounds) {
        *after = full_round(&mut state, constants);
    }
    Poseidon2Cols {
        input,
        first_rounds,
        partial_rounds,
        last_rounds,
        permutations,
        compressions,
    }
}

fn full_round(state: &mut [F; 8], constants: &[F; 8]) -> [F; 8] {
    for (lane, constant) in state.iter_mut().zip(constants) {
        *lane = sbox(&(*lane + *constant));
    }
    full_layer(state);
    *state
}

#[cfg(test)]
mod tests {
    use super::*;
    use zkperp_field::poseidon2::permute;

    #[test]
    fn rows_hold_the_permutation_that_the_tree_and_the_vm_use() {
        let input: [F; 8] = std::array::from_fn(|i| F::from_usize(i * i + 7));
        let mut expected = input;
        permute(&mut expected);
        assert_eq!(
            permutation(input, [F::ONE; 2]).last_rounds[HALF_FULL_ROUNDS - 1],
            expected
        );
    }
}
