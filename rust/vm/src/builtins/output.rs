//! `output`: one public felt per instance.

use zkperp_field::{F, PrimeCharacteristicRing};

/// Cells of an instance.
pub const CELLS: u32 = 1;

/// Unused output cells are zero: the public column is zero-filled.
pub(super) fn padding() -> Vec<F> {
    vec![F::ZERO]
}
