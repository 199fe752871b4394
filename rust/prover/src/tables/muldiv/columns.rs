//! Columns of the `muldiv` table: one builtin instance (6 cells) a row.

use crate::columns::columns;

/// Memory cells of an instance: a, b, e, c, q, r.
pub const CELLS: usize = 6;
/// 16-bit limbs of a value; the top one has 14 bits.
pub const LIMBS: usize = 4;
/// Carries between the 32-bit digits of the product.
pub const CARRIES: usize = 3;
/// What is added to a carry to make it a non-negative 32-bit number.
pub const CARRY_OFFSET: u32 = 1 << 31;

columns! {
    /// One division a·b + e = q·c + r over the integers.
    pub struct MulDivCols<T> {
        /// Address of a: the segment's base + 6 x row number.
        pub address: T,
        /// Limbs of a, b, e, c, q and r, each below 2^62 (`range16` bus).
        pub values: [[T; LIMBS]; CELLS],
        /// Limbs of c - r - 1, below 2^62: so r < c, and c is not 0.
        pub gap: [T; LIMBS],
        /// Carry k + 2^31 in two 16-bit limbs.
        pub carries: [[T; 2]; CARRIES],
    }
}
