//! Columns of the `range16` table.

use crate::columns::columns;

/// The table always has 2^16 rows.
pub const LOG_ROWS: usize = 16;

columns! {
    /// One 16-bit value.
    pub struct Range16Cols<T> {
        /// The row's number, 0 .. 2^16.
        pub value: T,
        /// How often it is asked for: free, since membership is a function of the value.
        pub count: T,
    }
}
