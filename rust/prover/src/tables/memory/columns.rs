//! Columns of the `memory` table: four addresses a row.

use crate::columns::columns;

/// Consecutive addresses that share a row, and its address column.
pub const CELLS_PER_ROW: usize = 4;

columns! {
    /// Four cells of read-only memory.
    pub struct MemoryCols<T> {
        /// Address of the first cell: 1 + 4 x row number.
        pub address: T,
        /// The cells' values: any field elements, the prover's choice.
        pub values: [T; CELLS_PER_ROW],
        /// How often each cell is asked for: free, since an address has one row and one value.
        pub counts: [T; CELLS_PER_ROW],
    }
}
