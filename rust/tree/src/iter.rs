//! Walking the live leaves in address order.

use crate::Leaf;
use crate::trie::{Link, Trie};

/// Iterator over the leaves that are not empty, by ascending address; see
/// [`Tree::leaves`](crate::Tree::leaves).
#[derive(Clone, Debug)]
pub struct Leaves<'a> {
    trie: &'a Trie,
    /// Subtrees still to visit, the next one last.
    pending: Vec<Link>,
    left: usize,
}

impl<'a> Leaves<'a> {
    pub(crate) fn new(trie: &'a Trie) -> Self {
        Self {
            trie,
            pending: vec![trie.top],
            left: trie.leaves.len(),
        }
    }
}

impl<'a> Iterator for Leaves<'a> {
    type Item = (u64, &'a Leaf);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.pending.pop()? {
                Link::Empty => {}
                Link::Leaf(slot) => {
                    self.left -= 1;
                    let leaf = &self.trie.leaves[slot];
                    return Some((leaf.addr, &leaf.value));
                }
                Link::Inner(slot) => {
                    let [left, right] = self.trie.inners[slot].links;
                    self.pending.extend([right, left]);
                }
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Leaves<'_> {}
