//! Fills the `poseidon2_io` table.

use p3_field::PrimeCharacteristicRing;
use zkperp_field::F;

use super::columns::{CELLS, Poseidon2IoCols};
use crate::witness::Requests;

/// Row-major cells for the segment of `values` (16 per instance) at `base`; adds the requests.
#[must_use]
pub fn fill(base: u32, values: &[F], requests: &mut Requests) -> Vec<F> {
    const WIDTH: usize = Poseidon2IoCols::<F>::WIDTH;
    let instances = values.chunks_exact(CELLS);
    let mut cells = F::zero_vec(WIDTH * instances.len());
    for (i, (row, instance)) in cells.chunks_exact_mut(WIDTH).zip(instances).enumerate() {
        let address = base + (i * CELLS) as u32;
        (0..CELLS as u32).for_each(|k| requests.memory(address + k));
        let input = std::array::from_fn(|k| instance[k]);
        requests.poseidon2(input);
        Poseidon2IoCols {
            address: F::from_u32(address),
            input,
            output: std::array::from_fn(|k| instance[8 + k]),
        }
        .write(row);
    }
    cells
}
