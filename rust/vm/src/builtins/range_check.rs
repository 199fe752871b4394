//! `range_check`: one cell `x`, `0 <= x < 2^62`.
//!
//! 62 bits, since a range check of 64 would prove nothing in a field of 64 bits, and the sum of two
//! checked values still lies below p.

use zkperp_field::{F, PrimeCharacteristicRing};

/// Cells of an instance.
pub const CELLS: u32 = 1;
/// Checked values are below `2^BITS`.
pub const BITS: u32 = 62;

/// Whether a canonical value is in range.
#[inline(always)]
#[must_use]
pub const fn holds(value: u64) -> bool {
    value >> BITS == 0
}

pub(super) fn padding() -> Vec<F> {
    vec![F::ZERO]
}
