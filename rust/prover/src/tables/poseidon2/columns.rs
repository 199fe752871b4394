//! Columns of the `poseidon2` table: one permutation a row.

use crate::columns::columns;

/// Full rounds before, and again after, the partial ones.
pub const HALF_FULL_ROUNDS: usize = 4;
/// Partial rounds.
pub const PARTIAL_ROUNDS: usize = 22;

columns! {
    /// One permutation. The S-box x^7 is a degree-7 constraint: no helper columns.
    pub struct Poseidon2Cols<T> {
        /// The input.
        pub input: [T; 8],
        /// The state after each of the first full rounds.
        pub first_rounds: [[T; 8]; HALF_FULL_ROUNDS],
        /// Lane 0 after the S-box of each partial round.
        pub partial_rounds: [T; PARTIAL_ROUNDS],
        /// The state after each of the last full rounds; the last one is the output.
        pub last_rounds: [[T; 8]; HALF_FULL_ROUNDS],
        /// How often (input, output) is asked for: free, since the permutation is a function.
        pub permutations: T,
        /// How often (input, digest) is asked for: free, likewise.
        pub compressions: T,
    }
}
