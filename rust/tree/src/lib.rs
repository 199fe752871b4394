//! The state: one sparse memory of 8-felt leaves, committed by a binary Poseidon2 Merkle tree.
//!
//! Hashing, addresses and the proof's witness are specified in `docs/spec/tree.md`. In short:
//! a leaf's digest is `compress(leaf)`, a node's is `compress(left || right)`, an absent leaf is
//! eight zeros, levels count upwards from 0 at the leaves, and the root of a tree of depth d is
//! node 0 of level d.
//!
//! [`Tree`] holds the leaves and inner digests, updates a batch of leaves at once, proves what an
//! address holds, rolls back to the last sealed batch and goes to and from a byte stream.
//! [`witness::Witness`] turns the leaves that a batch touched into the rows of the proof's
//! `merkle` table.

mod batch;
mod error;
mod hash;
mod iter;
mod proof;
mod shape;
mod slab;
mod snapshot;
mod tree;
mod trie;
pub mod witness;
mod words;

pub use error::{NonCanonical, ProofError, SnapshotError, TreeError};
pub use hash::empty_digest;
pub use iter::Leaves;
pub use proof::{verify, verify_many};
pub use snapshot::SNAPSHOT_VERSION;
pub use tree::{Change, Tree};
pub use words::{digest_from_words, digest_to_words, leaf_from_words, leaf_to_words};
pub use zkperp_field::poseidon2::Digest;

use p3_field::PrimeCharacteristicRing;
use zkperp_field::F;
use zkperp_field::poseidon2::WIDTH;

/// Felts of a leaf: one Poseidon2 compression takes exactly one leaf.
pub const LEAF: usize = WIDTH;

/// What one address holds.
pub type Leaf = [F; LEAF];

/// What every address holds until it is written; writing it back removes the leaf.
pub const EMPTY_LEAF: Leaf = [F::ZERO; LEAF];

/// The deepest tree, 2^48 addresses: an address is a single felt with room to spare, and a node's
/// (level, index) stays unambiguous in the proof.
pub const MAX_DEPTH: u32 = 48;
