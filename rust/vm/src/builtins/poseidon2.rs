//! `poseidon2`: eight inputs, then the eight lanes of the bare permutation. Feed-forward and sponge
//! are the program's additions.

use std::sync::OnceLock;

use zkperp_field::poseidon2::{WIDTH, permute};
use zkperp_field::{F, PrimeCharacteristicRing};

use super::felt;
use crate::value::Value;

/// Input cells of an instance.
pub const INPUTS: u32 = WIDTH as u32;
/// Cells of an instance.
pub const CELLS: u32 = 2 * INPUTS;

pub(super) fn complete(inputs: &[Value], outputs: &mut [Value]) {
    let mut state: [F; WIDTH] = std::array::from_fn(|lane| felt(inputs[lane]));
    permute(&mut state);
    for (output, lane) in outputs.iter_mut().zip(state) {
        *output = Value::felt(lane);
    }
}

/// The permutation of zeros.
pub(super) fn padding() -> Vec<F> {
    static PADDING: OnceLock<Vec<F>> = OnceLock::new();
    let cells = PADDING.get_or_init(|| {
        let mut state = [F::ZERO; WIDTH];
        permute(&mut state);
        [[F::ZERO; WIDTH], state].concat()
    });
    cells.clone()
}
