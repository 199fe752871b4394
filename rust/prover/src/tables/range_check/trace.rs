//! Fills the `range_check` table.

use p3_field::{PrimeCharacteristicRing, PrimeField64};
use zkperp_field::F;

use super::columns::{LIMBS, RangeCheckCols};
use crate::witness::Requests;

/// Row-major cells for the segment of `values` at `base`; adds the table's requests.
/// Values of 2^62 and above are the VM's error; here they'd make an unprovable trace, not a panic.
#[must_use]
pub fn fill(base: u32, values: &[F], requests: &mut Requests) -> Vec<F> {
    const WIDTH: usize = RangeCheckCols::<F>::WIDTH;
    let mut cells = F::zero_vec(WIDTH * values.len());
    for (i, (row, value)) in cells.chunks_exact_mut(WIDTH).zip(values).enumerate() {
        let address = base + i as u32;
        let integer = value.as_canonical_u64();
        let limbs: [u16; LIMBS] = std::array::from_fn(|k| (integer >> (16 * k)) as u16);
        requests.memory(address);
        limbs.iter().for_each(|&limb| requests.range16(limb));
        requests.range16(limbs[LIMBS - 1].wrapping_mul(4));
        RangeCheckCols {
            address: F::from_u32(address),
            limbs: limbs.map(F::from_u16),
        }
        .write(row);
    }
    cells
}
