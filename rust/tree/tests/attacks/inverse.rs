//! Poseidon2 run backwards, from the published constants: round by round, with inverse matrices
//! and the seventh root in place of the S-box.

use p3_goldilocks::{
    GOLDILOCKS_POSEIDON2_RC_8_EXTERNAL_FINAL as FINAL,
    GOLDILOCKS_POSEIDON2_RC_8_EXTERNAL_INITIAL as INITIAL,
    GOLDILOCKS_POSEIDON2_RC_8_INTERNAL as INTERNAL, MATRIX_DIAG_8_GOLDILOCKS as DIAGONAL,
};
use zkperp_field::poseidon2::{WIDTH, permute};
use zkperp_field::{F, Field, PrimeCharacteristicRing};

type State = [F; WIDTH];
type Matrix = [[F; WIDTH]; WIDTH];

/// 7^-1 mod p − 1: (x^7)^ROOT = x.
const ROOT: u64 = 10_540_996_611_094_048_183;

pub(crate) struct Inverse {
    external: Matrix,
    internal: Matrix,
}

impl Inverse {
    pub(crate) fn new() -> Self {
        let block = [[2, 3, 1, 1], [1, 2, 3, 1], [1, 1, 2, 3], [3, 1, 1, 2_u64]];
        let external = |row: usize, column: usize| {
            let entry = F::from_u64(block[row % 4][column % 4]);
            if row / 4 == column / 4 {
                entry.double()
            } else {
                entry
            }
        };
        let internal = |row: usize, column: usize| {
            F::ONE
                + if row == column {
                    DIAGONAL[row]
                } else {
                    F::ZERO
                }
        };
        Self {
            external: invert(matrix(external)),
            internal: invert(matrix(internal)),
        }
    }

    /// The state that [`permute`] takes to `state`.
    pub(crate) fn apply(&self, mut state: State) -> State {
        for constants in FINAL.iter().rev() {
            self.full_round(&mut state, constants);
        }
        for &constant in INTERNAL.iter().rev() {
            state = times(&self.internal, &state);
            state[0] = state[0].exp_u64(ROOT) - constant;
        }
        for constants in INITIAL.iter().rev() {
            self.full_round(&mut state, constants);
        }
        times(&self.external, &state)
    }

    fn full_round(&self, state: &mut State, constants: &State) {
        *state = times(&self.external, state);
        for (lane, &constant) in state.iter_mut().zip(constants) {
            *lane = lane.exp_u64(ROOT) - constant;
        }
    }
}

fn matrix(entry: impl Fn(usize, usize) -> F) -> Matrix {
    std::array::from_fn(|row| std::array::from_fn(|column| entry(row, column)))
}

fn times(matrix: &Matrix, state: &State) -> State {
    matrix.map(|row| row.iter().zip(state).map(|(&m, &x)| m * x).sum())
}

/// Gauss and Jordan.
fn invert(mut left: Matrix) -> Matrix {
    let mut right = matrix(|row, column| F::from_bool(row == column));
    for pivot in 0..WIDTH {
        let found = (pivot..WIDTH)
            .find(|&row| left[row][pivot] != F::ZERO)
            .expect("regular");
        left.swap(pivot, found);
        right.swap(pivot, found);
        let scale = left[pivot][pivot].inverse();
        for column in 0..WIDTH {
            left[pivot][column] *= scale;
            right[pivot][column] *= scale;
        }
        for row in (0..WIDTH).filter(|&row| row != pivot) {
            let factor = left[row][pivot];
            for column in 0..WIDTH {
                let (l, r) = (left[pivot][column], right[pivot][column]);
                left[row][column] -= factor * l;
                right[row][column] -= factor * r;
            }
        }
    }
    right
}

#[test]
fn the_inverse_undoes_the_permutation() {
    let inverse = Inverse::new();
    for seed in 0..50 {
        let before: State =
            std::array::from_fn(|i| F::from_u64(seed * 1_000_003 + i as u64).exp_u64(5));
        let mut state = before;
        permute(&mut state);
        assert_eq!(inverse.apply(state), before);
    }
}
