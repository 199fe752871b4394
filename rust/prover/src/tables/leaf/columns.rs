//! Columns of the `leaf` table: one touched leaf a row.

use crate::columns::columns;
use crate::tables::state::columns::LEAF;

columns! {
    /// One touched leaf.
    pub struct LeafCols<T> {
        /// The leaf's address in the state.
        pub key: T,
        /// Its value under the old root.
        pub old: [T; LEAF],
        /// Its value under the new root.
        pub new: [T; LEAF],
        /// Its digest under the old root (`compress` bus).
        pub old_digest: [T; 4],
        /// Its digest under the new root (`compress` bus).
        pub new_digest: [T; 4],
        /// Time of the last access.
        pub last: T,
        /// 1 on touched leaves, 0 on padding. Boolean.
        pub is_real: T,
    }
}
