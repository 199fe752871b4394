//! Everything that can be wrong with what a caller or a file hands to the tree.

use thiserror::Error;

use crate::MAX_DEPTH;

/// A tree could not be made, or refused a batch or a question; it is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TreeError {
    /// The depth is 0 or above [`MAX_DEPTH`].
    #[error("depth {depth} is outside 1..={MAX_DEPTH}")]
    Depth {
        /// The depth asked for.
        depth: u32,
    },
    /// An address does not exist in a tree of this depth.
    #[error("address {addr} does not fit a tree of depth {depth}")]
    AddressOutOfRange {
        /// The address.
        addr: u64,
        /// The tree's depth.
        depth: u32,
    },
    /// The addresses of a batch must ascend.
    #[error("entry {position} of the batch has a lower address than the one before it")]
    Unsorted {
        /// Index of the offending entry.
        position: usize,
    },
    /// A batch names one address twice: a leaf has one old and one new value per batch.
    #[error("address {addr} appears twice in the batch")]
    Duplicate {
        /// The address.
        addr: u64,
    },
    /// The tree would hold more than 2^32 − 1 leaves.
    #[error("the tree is full")]
    Full,
}

/// An opening was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProofError {
    /// Depth, addresses or their order are already wrong.
    #[error(transparent)]
    Malformed(#[from] TreeError),
    /// The opening has the wrong number of sibling digests for these addresses.
    #[error("{got} sibling digests, but these addresses need {expected}")]
    SiblingCount {
        /// Siblings that depth and addresses determine.
        expected: usize,
        /// Siblings in the opening.
        got: usize,
    },
    /// Leaves and siblings hash to another root.
    #[error("the opening does not lead to the root")]
    RootMismatch,
}

/// A word of a leaf or digest is not the canonical name of a field element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("word {position} is {value}, not below p")]
pub struct NonCanonical {
    /// Index of the word.
    pub position: usize,
    /// Its value, at least p.
    pub value: u64,
}

/// A snapshot could not be written or read.
#[derive(Debug, Error)]
pub enum SnapshotError {
    /// The stream itself failed.
    #[error("snapshot stream: {0}")]
    Io(#[from] std::io::Error),
    /// Only a sealed state is written: whoever reads it back could not undo an open batch.
    #[error("the tree has changes since its last seal")]
    Unsealed,
    /// The stream does not start like a snapshot.
    #[error("not a tree snapshot")]
    Magic,
    /// A version this program does not know.
    #[error("snapshot version {0} is not supported")]
    Version(u32),
    /// The stream ends early.
    #[error("the snapshot is truncated")]
    Truncated,
    /// Bytes follow the snapshot.
    #[error("bytes follow the end of the snapshot")]
    TrailingBytes,
    /// Depth, an address or the order of addresses is impossible.
    #[error("snapshot content: {0}")]
    Content(#[from] TreeError),
    /// A leaf or the root has a word that is not below p.
    #[error("snapshot content: {0}")]
    NonCanonical(#[from] NonCanonical),
    /// A leaf that is present holds only zeros, which is the value of an absent one.
    #[error("snapshot content: the leaf at {addr} is empty")]
    EmptyLeaf {
        /// Its address.
        addr: u64,
    },
    /// The checksum over the whole stream differs.
    #[error("the snapshot's checksum does not match its content")]
    Checksum,
    /// The leaves hash to another root than the one recorded.
    #[error("the snapshot's leaves do not hash to its root")]
    RootMismatch,
}
