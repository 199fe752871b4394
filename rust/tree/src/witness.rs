//! From the leaves that a batch touched to the rows of the proof's `merkle` table.
//!
//! The table runs top-down on a bus of *merkle messages* (level, index, old digest, new digest),
//! where the leaves are level 0 and the root is (depth, 0). The root's message is sent once, from
//! the public values. Then each row receives exactly one message:
//!
//! - [`NodeRow`]: a touched inner node. It shows that its old digest is the compression of its
//!   children's old digests, and the new one of the new, and sends a message for both children.
//! - [`FrontierRow`]: an untouched child of a touched node. It requires old = new and sends
//!   nothing.
//! - [`LeafRow`]: a touched leaf. It shows that its old digest is the compression of the old
//!   leaf, and the new one of the new. On the bus of state accesses it sends (addr, old leaf, 0),
//!   which the first access of the batch receives, and receives (addr, new leaf, last timestamp),
//!   which the last one sent.
//!
//! Every message is sent once and received once (boolean counts, never a free multiplicity), so
//! each (level, index) has one row, and each touched leaf one history from the old root to the new.
//! The levels in the messages keep a leaf's eight felts from passing for two digests.
//!
//! Each node and leaf row needs two Poseidon2 compressions, old before new:
//! [`Witness::compressions`] lists their inputs in row order.

use crate::hash::{compress_many, concat, empty_digest};
use crate::proof::check_count;
use crate::shape::{self, Child, Parent};
use crate::tree::{check_addresses, check_depth};
use crate::{Digest, LEAF, Leaf, ProofError};
use zkperp_field::F;

/// A leaf that the batch read or wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touched {
    /// Its address.
    pub addr: u64,
    /// What it held before the batch.
    pub old: Leaf,
    /// What it holds after; equal to `old` if it was only read.
    pub new: Leaf,
    /// Timestamp of the batch's last access to it, at least 1.
    pub last_timestamp: u64,
}

/// A digest under the old and under the new root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digests {
    /// Under the old root.
    pub old: Digest,
    /// Under the new root.
    pub new: Digest,
}

/// A touched inner node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeRow {
    /// Height above the leaves, 1..=depth; the children's is one less.
    pub level: u32,
    /// Index within the level, below 2^(depth − level); the children's are 2·index and 2·index + 1.
    pub index: u64,
    /// Its own digests.
    pub digests: Digests,
    /// Those of the left and right child.
    pub children: [Digests; 2],
}

/// An untouched child of a touched node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrontierRow {
    /// Height above the leaves, 0..depth; depth for the root of an untouched tree.
    pub level: u32,
    /// Index within the level.
    pub index: u64,
    /// Its digest, the same under both roots.
    pub digest: Digest,
}

/// A touched leaf; its level is 0 and its index the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeafRow {
    /// The leaf and its timestamp.
    pub touched: Touched,
    /// Its digests.
    pub digests: Digests,
}

/// One row of the `merkle` table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A touched inner node.
    Node(NodeRow),
    /// An untouched child of a touched node.
    Frontier(FrontierRow),
    /// A touched leaf.
    Leaf(LeafRow),
}

/// The `merkle` table of one batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Depth of the tree.
    pub depth: u32,
    /// Old and new root.
    pub root: Digests,
    /// The rows, level by level from the root down, by ascending index within a level.
    pub rows: Vec<Row>,
}

impl Witness {
    /// Builds the rows for `touched` (addresses strictly ascending) from the frontier of those
    /// addresses, as [`Tree::prove_many`](crate::Tree::prove_many) gives it before or after the
    /// batch.
    ///
    /// The roots are computed, not compared: the caller holds [`Self::root`] against the sealed
    /// roots, which it must match if leaves and frontier are right.
    ///
    /// # Errors
    /// [`ProofError::Malformed`] or [`ProofError::SiblingCount`].
    pub fn build(depth: u32, touched: &[Touched], frontier: &[Digest]) -> Result<Self, ProofError> {
        check_depth(depth)?;
        check_addresses(depth, touched.iter().map(|leaf| leaf.addr))?;
        if touched.is_empty() {
            check_count(1, frontier)?;
            let digest = frontier[0];
            let root = Digests {
                old: digest,
                new: digest,
            };
            let rows = vec![Row::Frontier(FrontierRow {
                level: depth,
                index: 0,
                digest,
            })];
            return Ok(Self { depth, root, rows });
        }
        let (levels, expected) = shape::levels(depth, touched.iter().map(|leaf| leaf.addr));
        check_count(expected, frontier)?;
        let digests = hash(touched, &levels, frontier);
        let root = digests[depth as usize][0];
        let mut rows = Vec::with_capacity(digests.iter().map(Vec::len).sum::<usize>() + expected);
        rows.push(Row::Node(node_row(&levels, &digests, frontier, depth, 0)));
        for level in (0..depth).rev() {
            for parent in &levels[level as usize] {
                for (side, child) in (0..).zip(parent.children) {
                    let index = 2 * parent.index + side;
                    rows.push(match child {
                        Child::Frontier(position) => {
                            let digest = frontier[position];
                            Row::Frontier(FrontierRow {
                                level,
                                index,
                                digest,
                            })
                        }
                        Child::Touched(position) if level == 0 => Row::Leaf(LeafRow {
                            touched: touched[position],
                            digests: digests[0][position],
                        }),
                        Child::Touched(position) => {
                            Row::Node(node_row(&levels, &digests, frontier, level, position))
                        }
                    });
                }
            }
        }
        Ok(Self { depth, root, rows })
    }

    /// The inputs of all Poseidon2 compressions, in row order: two for each node and leaf row, the
    /// old side first. The result of each is the first four lanes of P(x) + x.
    pub fn compressions(&self) -> impl Iterator<Item = [F; LEAF]> + '_ {
        self.rows.iter().filter_map(Row::compressions).flatten()
    }
}

impl Row {
    /// The inputs whose compressions are the row's old and new digest; none on the frontier.
    #[must_use]
    pub fn compressions(&self) -> Option<[[F; LEAF]; 2]> {
        match self {
            Self::Node(NodeRow {
                children: [left, right],
                ..
            }) => Some([concat(&left.old, &right.old), concat(&left.new, &right.new)]),
            Self::Frontier(_) => None,
            Self::Leaf(LeafRow { touched, .. }) => Some([touched.old, touched.new]),
        }
    }
}

/// The digests of all touched nodes: entry i holds level i, in the order of its nodes.
fn hash(touched: &[Touched], levels: &[Vec<Parent>], frontier: &[Digest]) -> Vec<Vec<Digests>> {
    let mut digests = Vec::with_capacity(levels.len() + 1);
    digests.push(compress_pairs(touched.len(), |i| {
        [touched[i].old, touched[i].new]
    }));
    for parents in levels {
        let below = &digests[digests.len() - 1];
        digests.push(compress_pairs(parents.len(), |i| {
            let [left, right] = parents[i]
                .children
                .map(|child| resolve(child, below, frontier));
            [concat(&left.old, &right.old), concat(&left.new, &right.new)]
        }));
    }
    digests
}

/// Compresses the old and new side of `count` nodes.
fn compress_pairs<G>(count: usize, input: G) -> Vec<Digests>
where
    G: Fn(usize) -> [[F; LEAF]; 2] + Sync,
{
    let mut digests = vec![empty_digest(0); 2 * count];
    compress_many(|i| input(i / 2)[i % 2], &mut digests);
    let (pairs, _) = digests.as_chunks::<2>();
    pairs
        .iter()
        .map(|&[old, new]| Digests { old, new })
        .collect()
}

fn resolve(child: Child, below: &[Digests], frontier: &[Digest]) -> Digests {
    match child {
        Child::Touched(position) => below[position],
        Child::Frontier(position) => Digests {
            old: frontier[position],
            new: frontier[position],
        },
    }
}

fn node_row(
    levels: &[Vec<Parent>],
    digests: &[Vec<Digests>],
    frontier: &[Digest],
    level: u32,
    position: usize,
) -> NodeRow {
    let below = level as usize - 1;
    let Parent { index, children } = levels[below][position];
    NodeRow {
        level,
        index,
        digests: digests[level as usize][position],
        children: children.map(|child| resolve(child, &digests[below], frontier)),
    }
}
