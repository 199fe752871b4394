//! Columns of the `state` table: one access to a leaf (17 cells) a row.

use crate::columns::columns;

/// Felts of a leaf.
pub const LEAF: usize = 8;
/// Memory cells of an instance: the leaf's key, its old value, its new value.
pub const CELLS: usize = 1 + 2 * LEAF;
/// Memory cells before the first instance: old root, new root.
pub const PREAMBLE: usize = 8;

columns! {
    /// One access: reads `old`, leaves `new`. Its time is its number, from 1.
    pub struct StateCols<T> {
        /// Address of the instance's first cell: the segment's base + 17 x row number.
        pub address: T,
        /// The leaf's address in the state.
        pub key: T,
        /// The leaf before the access (`state` bus: as the previous access left it).
        pub old: [T; LEAF],
        /// The leaf after it.
        pub new: [T; LEAF],
        /// Time of the previous access to this leaf; 0 for the first.
        pub previous: T,
        /// 16-bit limbs of time - previous - 1 (`range16` bus): the previous access is earlier.
        pub gap: [T; 2],
        /// 1 on the instances that the program used. Boolean; changes only behind the last one.
        pub is_real: T,
        /// The public number of instances used, repeated on every row.
        pub used: T,
    }
}
