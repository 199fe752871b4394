//! Fills the `muldiv` table.

use p3_field::{PrimeCharacteristicRing, PrimeField64};
use zkperp_field::F;

use super::columns::{CARRIES, CARRY_OFFSET, CELLS, LIMBS, MulDivCols};
use crate::witness::Requests;

/// Row-major cells for the segment of `values` (6 per instance) at `base`; adds the requests.
/// Instances that are no division of integers below 2^62 are the VM's error; here they'd make an
/// unprovable trace, not a panic.
#[must_use]
pub fn fill(base: u32, values: &[F], requests: &mut Requests) -> Vec<F> {
    const WIDTH: usize = MulDivCols::<F>::WIDTH;
    let instances = values.chunks_exact(CELLS);
    let mut cells = F::zero_vec(WIDTH * instances.len());
    for (i, (row, instance)) in cells.chunks_exact_mut(WIDTH).zip(instances).enumerate() {
        let address = base + (i * CELLS) as u32;
        (0..CELLS as u32).for_each(|k| requests.memory(address + k));
        let integers: [u64; CELLS] = std::array::from_fn(|k| instance[k].as_canonical_u64());
        let [_, _, _, c, _, r] = integers;
        let limbs = integers.map(limbs16);
        let gap = limbs16(c.wrapping_sub(r).wrapping_sub(1));
        limbs
            .iter()
            .chain([&gap])
            .for_each(|limbs| request_range62(limbs, requests));
        let carries = carries(&limbs).map(|k| split_carry(k, requests));
        MulDivCols {
            address: F::from_u32(address),
            values: limbs.map(|l| l.map(F::from_u16)),
            gap: gap.map(F::from_u16),
            carries,
        }
        .write(row);
    }
    cells
}

fn limbs16(value: u64) -> [u16; LIMBS] {
    std::array::from_fn(|k| (value >> (16 * k)) as u16)
}

fn request_range62(limbs: &[u16; LIMBS], requests: &mut Requests) {
    limbs.iter().for_each(|&limb| requests.range16(limb));
    requests.range16(limbs[LIMBS - 1].wrapping_mul(4));
}

/// The carries out of the digit pairs, as the constraints define them.
fn carries(values: &[[u16; LIMBS]; CELLS]) -> [i64; CARRIES] {
    let [x, y, e, c, q, r] = values.map(|limbs| limbs.map(i64::from));
    let digit = |k: usize| -> i64 {
        let products: i64 = (0..LIMBS)
            .filter_map(|i| k.checked_sub(i).filter(|&j| j < LIMBS).map(|j| (i, j)))
            .map(|(i, j)| x[i] * y[j] - q[i] * c[j])
            .sum();
        products + if k < LIMBS { e[k] - r[k] } else { 0 }
    };
    let mut carry = 0;
    std::array::from_fn(|pair| {
        carry = (carry + digit(2 * pair) + (digit(2 * pair + 1) << 16)) >> 32;
        carry
    })
}

fn split_carry(carry: i64, requests: &mut Requests) -> [F; 2] {
    let shifted = (carry + i64::from(CARRY_OFFSET)) as u32;
    let limbs = [shifted as u16, (shifted >> 16) as u16];
    limbs.iter().for_each(|&limb| requests.range16(limb));
    limbs.map(F::from_u16)
}
