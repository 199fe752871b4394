//! Columns of the `range_check` table: one builtin cell a row.

use crate::columns::columns;

/// 16-bit limbs of a value; the top one has 14 bits.
pub const LIMBS: usize = 4;

columns! {
    /// One value below 2^62.
    pub struct RangeCheckCols<T> {
        /// Address of the cell: the segment's base + row number.
        pub address: T,
        /// Limbs of 16, 16, 16 and 14 bits, lowest first (`range16` bus).
        pub limbs: [T; LIMBS],
    }
}
