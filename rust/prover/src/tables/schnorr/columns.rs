//! Columns of the `schnorr` table: one builtin instance (9 cells) a row.

use crate::columns::columns;

/// Felts of a key or a commitment, an element of GF(p^5).
pub const ELEMENT: usize = 5;
/// Felts of a message.
pub const MESSAGE: usize = 4;
/// Memory cells of an instance: the key, then the message.
pub const CELLS: usize = ELEMENT + MESSAGE;
/// Felts that the challenge is hashed from: commitment, key, message.
pub const HASHED: usize = 2 * ELEMENT + MESSAGE;
/// Permutations of the challenge's sponge.
pub const BLOCKS: usize = HASHED.div_ceil(4);

columns! {
    /// One signed message. The commitment and all that follows it are the prover's witnesses.
    pub struct SchnorrCols<T> {
        /// Address of the instance's first cell: the segment's base + 9 x row number.
        pub address: T,
        /// w of the key A (`memory` bus).
        pub key_w: [T; ELEMENT],
        /// The message (`memory` bus).
        pub message: [T; MESSAGE],
        /// w of the commitment R.
        pub commitment_w: [T; ELEMENT],
        /// x of the key's point, in the group (`schnorr_sum` bus).
        pub key_x: [T; ELEMENT],
        /// y of the key's point (`schnorr_sum` bus).
        pub key_y: [T; ELEMENT],
        /// A square root of `key_x` / 7.
        pub key_root: [T; ELEMENT],
        /// x of the commitment's point (`schnorr_sum` bus).
        pub commitment_x: [T; ELEMENT],
        /// y of the commitment's point (`schnorr_sum` bus).
        pub commitment_y: [T; ELEMENT],
        /// The sponge's state after each permutation (`poseidon2` bus); the first two felts of the
        /// last one are the challenge.
        pub sponge: [[T; 8]; BLOCKS],
    }
}
