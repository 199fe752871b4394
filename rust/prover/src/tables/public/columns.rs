//! Columns of the `public` table: one cell of the public segment a row.

use crate::columns::columns;

columns! {
    /// One public value, and (on a builtin's header row) the builtin's bookkeeping.
    pub struct PublicCols<T> {
        /// Address of the cell: 1 + row number.
        pub address: T,
        /// The cell's value, equal to the public column.
        pub value: T,
        /// The public `final_ap`, repeated on every row: the value of the first row.
        pub final_ap: T,
        /// 1 on the header rows 1 ..= n of the n builtins, as a fixed column says.
        pub is_builtin: T,
        /// On a builtin's row, the first address of its segment, as a fixed column says.
        pub base: T,
        /// On a builtin's row, base + cells per instance x instances used.
        pub stop: T,
    }
}

columns! {
    /// What the verifier knows of each row.
    pub struct PublicFixed<T> {
        /// The public column.
        pub value: T,
        /// 1 on the builtins' rows.
        pub is_builtin: T,
        /// First address of the builtin's segment, 0 elsewhere.
        pub base: T,
        /// Cells per instance of the builtin, 0 elsewhere.
        pub cells: T,
    }
}
