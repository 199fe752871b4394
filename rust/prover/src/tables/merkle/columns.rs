//! Columns of the `merkle` table: one touched inner node a row, the root first.

use crate::columns::columns;

columns! {
    /// One inner node under the old and the new root.
    pub struct MerkleCols<T> {
        /// Height above the leaves.
        pub level: T,
        /// Number within the level, from the left.
        pub index: T,
        /// The node's digest under the old root (`compress` bus: of its children).
        pub old: [T; 4],
        /// The node's digest under the new root (`compress` bus: of its children).
        pub new: [T; 4],
        /// The left and right child's digests under the old root.
        pub children_old: [[T; 4]; 2],
        /// The left and right child's digests under the new root.
        pub children_new: [[T; 4]; 2],
        /// 1 where a child is touched: it is sent on. Otherwise old = new. Boolean.
        pub touched: [T; 2],
        /// 1 on touched nodes, 0 on padding. Boolean.
        pub is_real: T,
    }
}
