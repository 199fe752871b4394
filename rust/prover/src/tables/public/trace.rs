//! Fills the `public` table.

use p3_field::{PrimeCharacteristicRing, PrimeField64};
use zkperp_field::F;

use super::air::fixed_columns;
use super::columns::{PublicCols, PublicFixed};
use crate::geometry::{Geometry, PUBLIC_BASE};
use crate::witness::Requests;

/// Row-major cells for the public column `public`; adds the table's requests.
#[must_use]
pub fn fill(geometry: &Geometry, public: &[F], requests: &mut Requests) -> Vec<F> {
    const WIDTH: usize = PublicCols::<F>::WIDTH;
    let fixed = fixed_columns(geometry, public);
    let final_ap = public[0];
    let builtins = geometry.builtins.len() as u32;
    let mut cells = F::zero_vec(WIDTH * public.len());
    for (i, row) in cells.chunks_exact_mut(WIDTH).enumerate() {
        let of_row = PublicFixed::read(&fixed.iter().map(|column| column[i]).collect::<Vec<F>>());
        let address = PUBLIC_BASE + i as u32;
        requests.memory(address);
        if of_row.is_builtin == F::ONE {
            let number = i as u32 - 1;
            requests.memory(geometry.exec_base + number);
            requests.memory(final_ap.as_canonical_u64() as u32 - builtins + number);
        }
        PublicCols {
            address: F::from_u32(address),
            value: of_row.value,
            final_ap,
            is_builtin: of_row.is_builtin,
            base: of_row.base,
            stop: of_row.base + of_row.value * of_row.cells,
        }
        .write(row);
    }
    cells
}
