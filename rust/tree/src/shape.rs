//! Which nodes a set of addresses touches, level by level.
//!
//! A touched node is one with an address of the set below it. A *frontier* node is an untouched
//! child of a touched one: its digest is all that is needed of the subtree below. Depth and
//! addresses determine both, and their order: from the leaves upwards, by ascending index within a
//! level. So an opening is a plain list of frontier digests.

/// One child of a touched node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Child {
    /// Touched: its position among the touched nodes of its level.
    Touched(usize),
    /// Not touched: its position in the whole frontier.
    Frontier(usize),
}

/// A touched inner node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parent {
    pub(crate) index: u64,
    pub(crate) children: [Child; 2],
}

/// The touched nodes one level above those of the strictly ascending `indices`; `frontier` counts
/// the frontier nodes met so far.
pub(crate) fn parents(indices: impl Iterator<Item = u64>, frontier: &mut usize) -> Vec<Parent> {
    let mut parents = Vec::new();
    let mut touched = indices.enumerate().peekable();
    while let Some((position, index)) = touched.next() {
        let mut untouched = || {
            *frontier += 1;
            Child::Frontier(*frontier - 1)
        };
        let children = if index % 2 == 1 {
            [untouched(), Child::Touched(position)]
        } else if touched.next_if(|&(_, next)| next == index + 1).is_some() {
            [Child::Touched(position), Child::Touched(position + 1)]
        } else {
            [Child::Touched(position), untouched()]
        };
        parents.push(Parent {
            index: index / 2,
            children,
        });
    }
    parents
}

/// The touched inner nodes above `addrs`, strictly ascending and not empty: entry i holds level
/// i + 1. Also the number of frontier nodes.
pub(crate) fn levels(depth: u32, addrs: impl Iterator<Item = u64>) -> (Vec<Vec<Parent>>, usize) {
    let mut frontier = 0;
    let mut levels = vec![parents(addrs, &mut frontier)];
    for level in 1..depth as usize {
        let above = parents(
            levels[level - 1].iter().map(|parent| parent.index),
            &mut frontier,
        );
        levels.push(above);
    }
    (levels, frontier)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frontier_is_counted_upwards_and_to_the_right() {
        let (levels, frontier) = levels(3, [1, 4, 5].into_iter());
        let children = |level: usize| -> Vec<_> {
            levels[level]
                .iter()
                .map(|parent| (parent.index, parent.children))
                .collect()
        };
        use Child::{Frontier, Touched};
        assert_eq!(
            children(0),
            [
                (0, [Frontier(0), Touched(0)]),
                (2, [Touched(1), Touched(2)])
            ]
        );
        assert_eq!(
            children(1),
            [
                (0, [Touched(0), Frontier(1)]),
                (1, [Touched(1), Frontier(2)])
            ]
        );
        assert_eq!(children(2), [(0, [Touched(0), Touched(1)])]);
        assert_eq!(frontier, 3);
    }
}
