//! Fills the `memory` table.

use p3_field::PrimeCharacteristicRing;
use rayon::prelude::*;
use zkperp_field::F;

use super::columns::{CELLS_PER_ROW, MemoryCols};

/// Row-major cells for 2^`log_rows` rows. `memory[i]` is the value of address i + 1, and
/// `counts[i]` how often it is asked for; addresses beyond hold 0 and are never asked for.
#[must_use]
pub fn fill(memory: &[F], counts: &[u32], log_rows: usize) -> Vec<F> {
    const WIDTH: usize = MemoryCols::<F>::WIDTH;
    let mut cells = F::zero_vec(WIDTH << log_rows);
    cells
        .par_chunks_exact_mut(WIDTH)
        .enumerate()
        .for_each(|(number, row)| {
            let first = number * CELLS_PER_ROW;
            let value = |i: usize| memory.get(first + i).copied().unwrap_or(F::ZERO);
            let count = |i: usize| F::from_u32(counts.get(first + i).copied().unwrap_or(0));
            MemoryCols {
                address: F::from_usize(1 + first),
                values: std::array::from_fn(value),
                counts: std::array::from_fn(count),
            }
            .write(row);
        });
    cells
}
