//! `poseidon2`: eight inputs, then the eight lanes of the bare permutation. Feed-forward and sponge
//! are the program's additions.

use std::sync::OnceLock;

use zkperp_field::poseidon2::{WIDTH, permute};
use zkperp_field::{F, PrimeCharacteristicRing};

/// Input cells of an instance.
pub const INPUTS: u32 = WIDTH as u32;
/// Cells of an instance.
pub const CELLS: u32 = 2 * INPUTS;

pub(super) fn outputs(inputs: &[F]) -> Vec<F> {
    let mut state: [F; WIDTH] = std::array::from_fn(|lane| inputs[lane]);
    permute(&mut state);
    state.to_vec()
}

/// The permutation of zeros.
pub(super) fn padding() -> Vec<F> {
    static PADDING: OnceLock<Vec<F>> = OnceLock::new();
    let cells = PADDING.get_or_init(|| {
        let zeros = [F::ZERO; WIDTH];
        [zeros.to_vec(), outputs(&zeros)].concat()
    });
    cells.clone()
}
