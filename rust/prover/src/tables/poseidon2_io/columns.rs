//! Columns of the `poseidon2_io` table: one builtin instance (16 cells) a row.

use crate::columns::columns;

/// Memory cells of an instance: 8 inputs, then 8 outputs.
pub const CELLS: usize = 16;

columns! {
    /// One call of the hash builtin.
    pub struct Poseidon2IoCols<T> {
        /// Address of the first input: the segment's base + 16 x row number.
        pub address: T,
        /// The permutation's input (`memory` and `poseidon2` buses).
        pub input: [T; 8],
        /// The permutation's output (`memory` and `poseidon2` buses).
        pub output: [T; 8],
    }
}
