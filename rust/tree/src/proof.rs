//! Openings: what an address holds under a root, for one address or many at once.
//!
//! An opening is the list of frontier digests in the order of [`crate::shape`]; for one address
//! these are the siblings on its path, from the leaf upwards. Inclusion and non-inclusion are the
//! same statement: an address without a leaf opens to [`EMPTY_LEAF`](crate::EMPTY_LEAF).

use zkperp_field::poseidon2::{compress, node};

use crate::hash::{compress_many, concat, empty_digest};
use crate::shape::{self, Child};
use crate::tree::{check_address, check_addresses, check_depth};
use crate::trie::{Link, Trie, middle};
use crate::{Digest, Leaf, ProofError, Tree, TreeError};

impl Tree {
    /// The siblings on the path of `addr`, from the leaf's own upwards; `depth` digests.
    ///
    /// # Errors
    /// [`TreeError::AddressOutOfRange`].
    pub fn prove(&self, addr: u64) -> Result<Vec<Digest>, TreeError> {
        self.prove_many(&[addr])
    }

    /// The digests that, with the leaves at `addrs` (strictly ascending), determine the root:
    /// untouched siblings of touched nodes, from the leaves upwards, by ascending index within a
    /// level. No address at all opens to the root itself.
    ///
    /// These digests do not depend on the leaves at `addrs`: taken before or after an update of
    /// those leaves alone, they are the same.
    ///
    /// # Errors
    /// [`TreeError`] for an address out of range, unsorted or named twice.
    pub fn prove_many(&self, addrs: &[u64]) -> Result<Vec<Digest>, TreeError> {
        check_addresses(self.depth(), addrs.iter().copied())?;
        if addrs.is_empty() {
            return Ok(vec![self.root()]);
        }
        let mut levels = vec![Vec::new(); self.depth() as usize];
        frontier(
            self.trie(),
            self.trie().top,
            self.depth(),
            addrs,
            &mut levels,
        );
        Ok(levels.concat())
    }
}

/// Adds the frontier of `addrs`, not empty, in the subtree of `level` at `link`; `levels[i]`
/// collects that of level i.
fn frontier(trie: &Trie, link: Link, level: u32, addrs: &[u64], levels: &mut [Vec<Digest>]) {
    let meeting = trie.meeting_level(link, addrs[0], addrs[addrs.len() - 1]);
    for below in meeting..level {
        levels[below as usize].push(empty_digest(below));
    }
    if meeting == 0 {
        return;
    }
    let middle = middle(addrs[0], meeting);
    let stored = trie.inner_at(link, meeting).map(|slot| &trie.inners[slot]);
    let links = stored.map_or_else(|| trie.hang(link, middle), |inner| inner.links);
    let (left, right) = addrs.split_at(addrs.partition_point(|&addr| addr < middle));
    for (side, half) in [left, right].into_iter().enumerate() {
        if half.is_empty() {
            let digest = stored.map_or_else(
                || trie.digest(links[side], meeting - 1),
                |inner| inner.digests[side],
            );
            levels[meeting as usize - 1].push(digest);
        } else {
            frontier(trie, links[side], meeting - 1, half, levels);
        }
    }
}

/// Accepts exactly if `addr` holds `leaf` in the tree of this `depth` and `root`.
///
/// # Errors
/// [`ProofError`], naming what is wrong.
pub fn verify(
    root: &Digest,
    depth: u32,
    addr: u64,
    leaf: &Leaf,
    siblings: &[Digest],
) -> Result<(), ProofError> {
    check_depth(depth)?;
    check_address(depth, addr)?;
    check_count(depth as usize, siblings)?;
    let mut digest = compress(leaf);
    for (level, sibling) in siblings.iter().enumerate() {
        digest = if addr >> level & 1 == 0 {
            node(&digest, sibling)
        } else {
            node(sibling, &digest)
        };
    }
    check_root(&digest, root)
}

/// Accepts exactly if all of `leaves` (addresses strictly ascending) are what their addresses hold
/// in the tree of this `depth` and `root`; `frontier` as from [`Tree::prove_many`].
///
/// # Errors
/// [`ProofError`], naming what is wrong.
pub fn verify_many(
    root: &Digest,
    depth: u32,
    leaves: &[(u64, Leaf)],
    frontier: &[Digest],
) -> Result<(), ProofError> {
    check_depth(depth)?;
    check_addresses(depth, leaves.iter().map(|&(addr, _)| addr))?;
    if leaves.is_empty() {
        check_count(1, frontier)?;
        return check_root(&frontier[0], root);
    }
    let (levels, expected) = shape::levels(depth, leaves.iter().map(|&(addr, _)| addr));
    check_count(expected, frontier)?;
    let mut below = vec![empty_digest(0); leaves.len()];
    compress_many(|i| leaves[i].1, &mut below);
    for parents in &levels {
        let child = |child| match child {
            Child::Touched(position) => &below[position],
            Child::Frontier(position) => &frontier[position],
        };
        let mut digests = vec![empty_digest(0); parents.len()];
        compress_many(
            |i| {
                let [left, right] = parents[i].children;
                concat(child(left), child(right))
            },
            &mut digests,
        );
        below = digests;
    }
    check_root(&below[0], root)
}

pub(crate) const fn check_count(expected: usize, siblings: &[Digest]) -> Result<(), ProofError> {
    let got = siblings.len();
    if got != expected {
        return Err(ProofError::SiblingCount { expected, got });
    }
    Ok(())
}

fn check_root(digest: &Digest, root: &Digest) -> Result<(), ProofError> {
    if digest != root {
        return Err(ProofError::RootMismatch);
    }
    Ok(())
}
