//! The state tree as its users see it.

use std::collections::BTreeMap;

use crate::hash::empty_digest;
use crate::iter::Leaves;
use crate::trie::Trie;
use crate::{Digest, Leaf, MAX_DEPTH, TreeError, batch};

/// One leaf that changed hands between two seals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its address.
    pub addr: u64,
    /// What it held at the last seal.
    pub old: Leaf,
    /// What it holds now; may equal `old`.
    pub new: Leaf,
}

/// A sparse Merkle tree over 2^depth leaves of eight felts.
///
/// Writes go to the open batch; [`seal`](Self::seal) closes it, [`rollback`](Self::rollback)
/// undoes it. The root is a function of the leaves alone: neither the order of writes nor how they
/// were grouped leaves a trace.
#[derive(Clone, Debug)]
pub struct Tree {
    depth: u32,
    trie: Trie,
    root: Digest,
    sealed_root: Digest,
    /// Values replaced since the last seal, oldest first; an address may appear several times.
    journal: Vec<(u64, Leaf)>,
}

impl Tree {
    /// The tree in which every leaf is empty, sealed.
    ///
    /// # Errors
    /// [`TreeError::Depth`] unless 1 ≤ `depth` ≤ [`MAX_DEPTH`].
    pub fn new(depth: u32) -> Result<Self, TreeError> {
        check_depth(depth)?;
        let root = empty_digest(depth);
        Ok(Self {
            depth,
            trie: Trie::new(),
            root,
            sealed_root: root,
            journal: Vec::new(),
        })
    }

    /// Levels between leaves and root: addresses are below 2^depth.
    #[must_use]
    pub const fn depth(&self) -> u32 {
        self.depth
    }

    /// The digest that commits to every leaf, those written since the last seal included.
    pub const fn root(&self) -> Digest {
        self.root
    }

    /// The root at the last seal.
    pub const fn sealed_root(&self) -> Digest {
        self.sealed_root
    }

    /// Whether nothing was written since the last seal.
    #[must_use]
    pub const fn is_sealed(&self) -> bool {
        self.journal.is_empty()
    }

    /// Leaves that are not empty.
    #[must_use]
    pub fn len(&self) -> usize {
        self.trie.leaves.len()
    }

    /// Whether every leaf is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What `addr` holds; eight zeros where nothing was written.
    ///
    /// # Errors
    /// [`TreeError::AddressOutOfRange`].
    pub fn get(&self, addr: u64) -> Result<Leaf, TreeError> {
        check_address(self.depth, addr)?;
        Ok(self.trie.get(addr))
    }

    /// Every leaf that is not empty, by ascending address.
    #[must_use]
    pub fn leaves(&self) -> Leaves<'_> {
        Leaves::new(&self.trie)
    }

    /// Writes `batch`, whose addresses must strictly ascend. Writing eight zeros removes a leaf. Each
    /// touched node is hashed once.
    ///
    /// # Errors
    /// [`TreeError`] for an address out of range, unsorted or twice in the batch, or too many
    /// leaves; the tree is then unchanged.
    pub fn update(&mut self, batch: &[(u64, Leaf)]) -> Result<(), TreeError> {
        check_addresses(self.depth, batch.iter().map(|&(addr, _)| addr))?;
        // Fewer leaves than the arena has names, even if the whole batch is new.
        if self.len() + batch.len() >= u32::MAX as usize {
            return Err(TreeError::Full);
        }
        self.root = batch::write(
            &mut self.trie,
            self.depth,
            self.root,
            batch,
            &mut self.journal,
        );
        Ok(())
    }

    /// The leaves written since the last seal, by ascending address, with their value then and now.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        self.replaced()
            .into_iter()
            .map(|(addr, old)| Change {
                addr,
                old,
                new: self.trie.get(addr),
            })
            .collect()
    }

    /// Makes what was written final: later rollbacks come back to here.
    pub fn seal(&mut self) {
        self.journal.clear();
        self.sealed_root = self.root;
    }

    /// Undoes everything since the last seal: the root is again the sealed one.
    ///
    /// # Panics
    /// `Invariant:` if the journal does not lead back to the sealed root.
    pub fn rollback(&mut self) {
        let old: Vec<_> = self.replaced().into_iter().collect();
        self.journal.clear();
        self.root = batch::write(&mut self.trie, self.depth, self.root, &old, &mut Vec::new());
        assert!(
            self.root == self.sealed_root,
            "Invariant: the journal misses a write"
        );
    }

    /// The oldest journalled value of each address.
    fn replaced(&self) -> BTreeMap<u64, Leaf> {
        self.journal.iter().rev().copied().collect()
    }

    pub(crate) const fn trie(&self) -> &Trie {
        &self.trie
    }
}

/// Refuses a depth that no tree has.
pub(crate) const fn check_depth(depth: u32) -> Result<(), TreeError> {
    if depth == 0 || depth > MAX_DEPTH {
        return Err(TreeError::Depth { depth });
    }
    Ok(())
}

/// Refuses an address that a tree of `depth` does not have.
pub(crate) const fn check_address(depth: u32, addr: u64) -> Result<(), TreeError> {
    if addr >> depth != 0 {
        return Err(TreeError::AddressOutOfRange { addr, depth });
    }
    Ok(())
}

/// Refuses addresses that are out of range or do not strictly ascend.
pub(crate) fn check_addresses(
    depth: u32,
    addrs: impl Iterator<Item = u64>,
) -> Result<(), TreeError> {
    let mut before = None;
    for (position, addr) in addrs.enumerate() {
        check_address(depth, addr)?;
        match before {
            Some(before) if before == addr => return Err(TreeError::Duplicate { addr }),
            Some(before) if before > addr => return Err(TreeError::Unsorted { position }),
            _ => before = Some(addr),
        }
    }
    Ok(())
}
