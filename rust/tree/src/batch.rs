//! Writing many leaves at once.
//!
//! First the trie's shape is brought up to date along the batch, top-down, and each node to be
//! hashed is entered in a plan, level by level. Then the plan is carried out from the leaves
//! upwards: the nodes of one level do not depend on each other, so they fill SIMD lanes and
//! threads, and each is hashed once however many of the batch's leaves lie below it.

use crate::hash::{compress_many, concat, empty_digest};
use crate::trie::{Inner, Link, Slot, Trie, middle};
use crate::{Digest, EMPTY_LEAF, Leaf};

/// Leaves planned at a time. A batch is sorted, so two neighbouring parts share at most one path
/// of nodes; parts this small keep plan and nodes in the cache between planning and hashing.
const PART: usize = 1 << 14;

/// No stored node, or no new digest, in a [`Job`].
const NONE: u32 = u32::MAX;

/// One node to hash.
struct Job {
    /// Its slot, or `NONE` for a node on a chain, whose other child is empty.
    node: u32,
    /// Positions of the children's new digests one level below. `NONE`: the stored digest is
    /// still right (a stored node) or the child is empty (on a chain).
    children: [u32; 2],
}

/// What a subtree is after an edit: its link, and where its new digest will be in the plan's level.
/// The position is missing exactly if the subtree is empty.
type Edited = (Link, Option<u32>);

/// Writes `batch` (addresses strictly ascending, below 2^depth), adds the values that it replaces
/// to `replaced`, in the same order, and returns the new root; the old one for an empty batch.
pub(crate) fn write(
    trie: &mut Trie,
    depth: u32,
    root: Digest,
    batch: &[(u64, Leaf)],
    replaced: &mut Vec<(u64, Leaf)>,
) -> Digest {
    let mut root = root;
    for part in batch.chunks(PART) {
        let mut edit = Edit {
            trie,
            leaves: Vec::with_capacity(part.len()),
            levels: (0..depth).map(|_| Vec::new()).collect(),
            replaced,
        };
        let top = edit.trie.top;
        let (top, position) = edit.subtree(top, depth, part);
        edit.trie.top = top;
        root = match position {
            Some(_) => edit.hash(),
            None => empty_digest(depth),
        };
    }
    root
}

struct Edit<'a> {
    trie: &'a mut Trie,
    /// Slots of the leaves to hash.
    leaves: Vec<u32>,
    /// `levels[i]`: nodes of level i + 1 to hash.
    levels: Vec<Vec<Job>>,
    replaced: &'a mut Vec<(u64, Leaf)>,
}

impl Edit<'_> {
    /// Writes `batch`, not empty, into the subtree of `level` that is `link` so far.
    fn subtree(&mut self, link: Link, level: u32, batch: &[(u64, Leaf)]) -> Edited {
        let (first, last) = (batch[0].0, batch[batch.len() - 1].0);
        let meeting = self.trie.meeting_level(link, first, last);
        let (link, position) = if meeting == 0 {
            self.leaf(link, &batch[0])
        } else {
            self.node(link, meeting, batch)
        };
        (
            link,
            position.map(|position| self.lift(position, first, meeting, level)),
        )
    }

    /// Writes one leaf in place of `link`, which is that leaf or empty.
    fn leaf(&mut self, link: Link, &(addr, value): &(u64, Leaf)) -> Edited {
        let empty = value == EMPTY_LEAF;
        let slot = match link {
            Link::Leaf(slot) => {
                let leaf = &mut self.trie.leaves[slot];
                self.replaced.push((addr, leaf.value));
                if empty {
                    self.trie.leaves.remove(slot);
                } else {
                    leaf.value = value;
                }
                slot
            }
            _ => {
                self.replaced.push((addr, EMPTY_LEAF));
                if empty {
                    return (Link::Empty, None);
                }
                self.trie.leaves.insert(Slot { addr, value })
            }
        };
        if empty {
            return (Link::Empty, None);
        }
        (Link::Leaf(slot), Some(self.plan_leaf(slot)))
    }

    /// Writes `batch` where it parts from `link`, or within it: below the node of `level`.
    fn node(&mut self, link: Link, level: u32, batch: &[(u64, Leaf)]) -> Edited {
        let middle = middle(batch[0].0, level);
        let stored = self.trie.inner_at(link, level);
        let mut links = match stored {
            Some(slot) => self.trie.inners[slot].links,
            None => self.trie.hang(link, middle),
        };
        let mut children = [None; 2];
        let (left, right) = batch.split_at(batch.partition_point(|&(addr, _)| addr < middle));
        for (side, half) in [left, right].into_iter().enumerate() {
            if !half.is_empty() {
                (links[side], children[side]) = self.subtree(links[side], level - 1, half);
            }
        }
        match links {
            [Link::Empty, Link::Empty] => {
                self.discard(stored);
                (Link::Empty, None)
            }
            [only, Link::Empty] | [Link::Empty, only] => {
                self.discard(stored);
                let side = usize::from(links[0] == Link::Empty);
                let child = children[side].unwrap_or_else(|| self.refresh(only, level - 1));
                (only, Some(self.plan_chain(level, side, child)))
            }
            _ => {
                let slot = stored.unwrap_or_else(|| self.part(links, level, middle, &mut children));
                self.trie.inners[slot].links = links;
                let children = children.map(|child| child.unwrap_or(NONE));
                (
                    Link::Inner(slot),
                    Some(self.plan(
                        level,
                        Job {
                            node: slot,
                            children,
                        },
                    )),
                )
            }
        }
    }

    /// A new node over `links`; a child that the batch does not touch was on a chain until now, so
    /// its digest has to be found.
    fn part(
        &mut self,
        links: [Link; 2],
        level: u32,
        middle: u64,
        children: &mut [Option<u32>; 2],
    ) -> u32 {
        for (link, child) in links.into_iter().zip(children) {
            if child.is_none() {
                *child = Some(self.refresh(link, level - 1));
            }
        }
        self.trie.inners.insert(Inner {
            middle,
            links,
            digests: [empty_digest(0); 2],
        })
    }

    fn discard(&mut self, stored: Option<u32>) {
        if let Some(slot) = stored {
            self.trie.inners.remove(slot);
        }
    }

    /// Plans the digest at `level` of `link`, untouched and not empty, whose edge changed length.
    fn refresh(&mut self, link: Link, level: u32) -> u32 {
        match link {
            Link::Empty => unreachable!("Invariant: an empty subtree has no digest to find"),
            Link::Leaf(slot) => {
                let addr = self.trie.leaves[slot].addr;
                let position = self.plan_leaf(slot);
                self.lift(position, addr, 0, level)
            }
            Link::Inner(slot) => {
                let inner = &self.trie.inners[slot];
                let (addr, own_level) = (inner.middle, inner.level());
                let job = Job {
                    node: slot,
                    children: [NONE; 2],
                };
                let position = self.plan(own_level, job);
                self.lift(position, addr, own_level, level)
            }
        }
    }

    /// Plans the chain above the node of level `from` at `position`, up to level `to`.
    fn lift(&mut self, position: u32, addr: u64, from: u32, to: u32) -> u32 {
        (from..to).fold(position, |position, level| {
            self.plan_chain(level + 1, (addr >> level & 1) as usize, position)
        })
    }

    fn plan_chain(&mut self, level: u32, side: usize, child: u32) -> u32 {
        let mut children = [NONE; 2];
        children[side] = child;
        self.plan(
            level,
            Job {
                node: NONE,
                children,
            },
        )
    }

    fn plan_leaf(&mut self, slot: u32) -> u32 {
        self.leaves.push(slot);
        position(self.leaves.len())
    }

    fn plan(&mut self, level: u32, job: Job) -> u32 {
        let jobs = &mut self.levels[level as usize - 1];
        jobs.push(job);
        position(jobs.len())
    }

    /// Carries the plan out and returns the root.
    fn hash(self) -> Digest {
        let Self {
            trie,
            leaves,
            levels,
            ..
        } = self;
        let mut below = vec![empty_digest(0); leaves.len()];
        compress_many(|i| trie.leaves[leaves[i]].value, &mut below);
        for (level, jobs) in levels.iter().enumerate() {
            store(trie, jobs, &below);
            let empty = empty_digest(level as u32);
            let mut digests = vec![empty; jobs.len()];
            let (nodes, children) = (&trie.inners, &below);
            let chained = |child: u32| {
                if child == NONE {
                    &empty
                } else {
                    &children[child as usize]
                }
            };
            let input = |i: usize| match &jobs[i] {
                Job {
                    node: NONE,
                    children: [left, right],
                } => concat(chained(*left), chained(*right)),
                Job { node, .. } => {
                    let [left, right] = &nodes[*node].digests;
                    concat(left, right)
                }
            };
            compress_many(input, &mut digests);
            below = digests;
        }
        below[0]
    }
}

/// The position of the last of `count` entries.
fn position(count: usize) -> u32 {
    u32::try_from(count - 1).expect("Invariant: a part plans fewer than 2^32 nodes a level")
}

/// Puts the children's new digests into the stored nodes.
fn store(trie: &mut Trie, jobs: &[Job], below: &[Digest]) {
    for job in jobs.iter().filter(|job| job.node != NONE) {
        let digests = &mut trie.inners[job.node].digests;
        for (digest, &child) in digests.iter_mut().zip(&job.children) {
            if child != NONE {
                *digest = below[child as usize];
            }
        }
    }
}
