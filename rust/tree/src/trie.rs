//! How leaves and inner digests lie in memory: a path-compressed binary trie in two arenas.
//!
//! Only nodes with two non-empty children are stored, so a tree of n leaves has n − 1 of them
//! whatever its depth: about 160 bytes a leaf, where a table of all nodes would need 1.5 KB for
//! scattered addresses. A node keeps both children's digests beside its links, so that hashing it
//! again after one child changed touches no other node. Between a stored node and its parent lies
//! a chain of nodes whose other child is empty; their digests follow from the lower end and are
//! computed when needed.

use zkperp_field::poseidon2::{compress, node};

use crate::hash::empty_digest;
use crate::slab::Slab;
use crate::{Digest, EMPTY_LEAF, Leaf};

/// What lies below an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// No leaf at all.
    Empty,
    /// A single leaf, by its slot.
    Leaf(u32),
    /// At least two leaves, by the slot of the node at which they part.
    Inner(u32),
}

/// A leaf that is not empty.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) addr: u64,
    pub(crate) value: Leaf,
}

/// A node with two non-empty children.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inner {
    /// The first address of the right half; its trailing zeros tell the level.
    pub(crate) middle: u64,
    /// What lies left and right.
    pub(crate) links: [Link; 2],
    /// The digests of the two children one level below, that is at the upper end of each edge.
    pub(crate) digests: [Digest; 2],
}

impl Inner {
    pub(crate) const fn level(&self) -> u32 {
        self.middle.trailing_zeros() + 1
    }

    /// First and last address below this node.
    const fn span(&self) -> (u64, u64) {
        let half = 1 << self.middle.trailing_zeros();
        (self.middle - half, self.middle + (half - 1))
    }
}

/// The first address of the right half of the node of `level` above `addr`.
pub(crate) const fn middle(addr: u64, level: u32) -> u64 {
    (addr >> level << level) | 1 << (level - 1)
}

/// Leaves, nodes, and the edge that hangs from the root.
#[derive(Clone, Debug)]
pub(crate) struct Trie {
    pub(crate) leaves: Slab<Slot>,
    pub(crate) inners: Slab<Inner>,
    pub(crate) top: Link,
}

impl Trie {
    pub(crate) const fn new() -> Self {
        Self {
            leaves: Slab::new(),
            inners: Slab::new(),
            top: Link::Empty,
        }
    }

    pub(crate) fn get(&self, addr: u64) -> Leaf {
        let mut link = self.top;
        loop {
            match link {
                Link::Empty => return EMPTY_LEAF,
                Link::Leaf(slot) => {
                    let leaf = &self.leaves[slot];
                    return if leaf.addr == addr {
                        leaf.value
                    } else {
                        EMPTY_LEAF
                    };
                }
                Link::Inner(slot) => {
                    let inner = &self.inners[slot];
                    link = inner.links[usize::from(addr >= inner.middle)];
                }
            }
        }
    }

    /// First and last address that `link` stands for; `None` if it is empty.
    fn span(&self, link: Link) -> Option<(u64, u64)> {
        match link {
            Link::Empty => None,
            Link::Leaf(slot) => {
                let addr = self.leaves[slot].addr;
                Some((addr, addr))
            }
            Link::Inner(slot) => Some(self.inners[slot].span()),
        }
    }

    /// The lowest level whose single node covers `link` and all addresses `first..=last`.
    pub(crate) fn meeting_level(&self, link: Link, first: u64, last: u64) -> u32 {
        let (low, high) = self.span(link).map_or((first, last), |(low, high)| {
            (low.min(first), high.max(last))
        });
        u64::BITS - (low ^ high).leading_zeros()
    }

    /// The stored node if `link` is one of exactly this level.
    pub(crate) fn inner_at(&self, link: Link, level: u32) -> Option<u32> {
        match link {
            Link::Inner(slot) if self.inners[slot].level() == level => Some(slot),
            _ => None,
        }
    }

    /// `link`, which lies below one child of the node with this `middle`, as that node's two links.
    pub(crate) fn hang(&self, link: Link, middle: u64) -> [Link; 2] {
        match self.span(link) {
            Some((low, _)) if low >= middle => [Link::Empty, link],
            _ => [link, Link::Empty],
        }
    }

    /// An address below `link`, the level of its lower end, and the digest there.
    fn lower_end(&self, link: Link) -> Option<(u64, u32, Digest)> {
        match link {
            Link::Empty => None,
            Link::Leaf(slot) => {
                let leaf = &self.leaves[slot];
                Some((leaf.addr, 0, compress(&leaf.value)))
            }
            Link::Inner(slot) => {
                let inner = &self.inners[slot];
                let [left, right] = &inner.digests;
                Some((inner.middle, inner.level(), node(left, right)))
            }
        }
    }

    /// The digest at the upper end of the edge to `link`, a node of `level`.
    pub(crate) fn digest(&self, link: Link, level: u32) -> Digest {
        let Some((addr, from, mut digest)) = self.lower_end(link) else {
            return empty_digest(level);
        };
        for below in from..level {
            let sibling = empty_digest(below);
            digest = if addr >> below & 1 == 0 {
                node(&digest, &sibling)
            } else {
                node(&sibling, &digest)
            };
        }
        digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_middle_names_level_and_span() {
        let inner = Inner {
            middle: middle(0b1011_0110, 5),
            links: [Link::Empty; 2],
            digests: [[zkperp_field::F::new(0); 4]; 2],
        };
        assert_eq!(inner.middle, 0b1011_0000);
        assert_eq!(inner.level(), 5);
        assert_eq!(inner.span(), (0b1010_0000, 0b1011_1111));
    }
}
