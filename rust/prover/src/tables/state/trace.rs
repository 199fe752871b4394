//! Fills the `state` table.

use std::collections::HashMap;

use p3_field::PrimeCharacteristicRing;
use zkperp_field::F;

use super::columns::{CELLS, LEAF, StateCols};
use crate::witness::Requests;

/// Row-major cells for the segment of `values` (17 per instance) at `base`, of which the first
/// `used` instances are the program's; adds the requests. `used_address` is where the public
/// segment holds `used`.
#[must_use]
pub fn fill(
    base: u32,
    values: &[F],
    used: u32,
    used_address: u32,
    requests: &mut Requests,
) -> Vec<F> {
    const WIDTH: usize = StateCols::<F>::WIDTH;
    let instances = values.chunks_exact(CELLS);
    let mut last_access: HashMap<F, u64> = HashMap::new();
    let mut cells = F::zero_vec(WIDTH * instances.len());
    requests.memory(used_address);
    for (i, (row, instance)) in cells.chunks_exact_mut(WIDTH).zip(instances).enumerate() {
        let address = base + (i * CELLS) as u32;
        (0..CELLS as u32).for_each(|k| requests.memory(address + k));
        let (key, time) = (instance[0], i as u64 + 1);
        let real = i < used as usize;
        let previous = if real {
            last_access.insert(key, time).unwrap_or(0)
        } else {
            0
        };
        let gap = if real { time - previous - 1 } else { 0 };
        let limbs = [gap as u16, (gap >> 16) as u16];
        limbs.iter().for_each(|&limb| requests.range16(limb));
        StateCols {
            address: F::from_u32(address),
            key,
            old: std::array::from_fn(|k| instance[1 + k]),
            new: std::array::from_fn(|k| instance[1 + LEAF + k]),
            previous: F::from_u64(previous),
            gap: limbs.map(F::from_u16),
            is_real: F::from_bool(real),
            used: F::from_u32(used),
        }
        .write(row);
    }
    cells
}
