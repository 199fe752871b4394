//! Columns of the `schnorr_sum` table: one sum in a block of 32 rows, row i being window i. The sum
//! runs from window 31 down to window 0, so a row goes on from the row behind it.

use crate::columns::columns;

/// Rows of a block: windows of the sum.
pub const ROWS: usize = 32;
/// Bits of a window.
pub const BITS: usize = 4;
/// Parts of the scalar, 128 bits each, lowest first; each has a table of multiples of G.
pub const PARTS: usize = 3;

columns! {
    /// One window: four times a doubling and an addition of plus or minus the key, then an entry of
    /// each table.
    pub struct SumCols<T> {
        /// x of the total after the window.
        pub total_x: [T; 5],
        /// y of the total after the window.
        pub total_y: [T; 5],
        /// x of the key A, the same on all rows of the block.
        pub key_x: [T; 5],
        /// y of the key A, the same on all rows of the block.
        pub key_y: [T; 5],
        /// Slopes of the doublings, in their order.
        pub double: [[T; 5]; BITS],
        /// Slopes of the additions of the key, in their order.
        pub key_step: [[T; 5]; BITS],
        /// Slopes of the additions of table entries, in their order.
        pub entry_step: [[T; 5]; PARTS],
        /// The window's bits of the challenge, lowest first. Boolean.
        pub challenge: [T; BITS],
        /// The window's bits of each part of s, lowest first. Boolean.
        pub scalar: [[T; BITS]; PARTS],
        /// The window's half of the challenge (rows 16 ..= 31, rows 0 ..= 15), from its top bit down
        /// to this window's.
        pub half: T,
        /// On rows 0 ..= 15, the challenge's upper half.
        pub upper: T,
        /// On the lower eight rows of a half: 1 if its top 32 bits are all ones, else what the prover
        /// likes (0). On the row behind them, a hint: -1 / (2^32 - 1 - those bits).
        pub full: T,
        /// By part: 1 once s is known to be below n, comparing from part 2, row 31, down. Boolean.
        pub below: [T; PARTS],
        /// `below` of parts 1 and 2 on the block's first row, known to all its rows: parts 0 and 1
        /// go on from there.
        pub carried: [T; PARTS - 1],
        /// Where `below` becomes 1, by how much the digit of s is smaller, less 1; else 0. Bits,
        /// lowest first. Boolean.
        pub gap: [T; BITS],
        /// On the block's first row, how often the sum is asked for: free, since "some s leads
        /// there" is a property of the tuple.
        pub count: T,
    }
}

columns! {
    /// What the verifier knows of each row of a block.
    pub struct SumFixed<T> {
        /// 1 on row 0, where the sum ends.
        pub first: T,
        /// 1 on row 31, where the sum starts.
        pub last: T,
        /// 1 on row 15, where the challenge's lower half starts.
        pub middle: T,
        /// 1 on rows 7 and 23, where the lower 32 bits of a half start.
        pub tail_start: T,
        /// 1 on rows 0 ..= 6 and 16 ..= 22, the other rows of those bits.
        pub tail: T,
        /// The window's digit of n, by part.
        pub order: [T; PARTS],
    }
}
