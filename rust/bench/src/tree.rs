//! Leaves written in one update of the state tree, root included.

use std::collections::BTreeMap;

use zkperp_field::{F, PrimeCharacteristicRing};
use zkperp_tree::{Leaf, Tree, TreeError};

use crate::seconds;

/// Depth of the state tree (docs/spec/state.md).
const DEPTH: u32 = 40;
/// Leaves that the tree holds beforehand, in one region, as the state's slots are.
pub const LIVE: u64 = 1 << 20;

/// Values and places need no quality, only reproducibility.
fn mix(i: u64) -> u64 {
    let z = (i ^ i >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb)
}

fn leaf(tag: u64) -> Leaf {
    std::array::from_fn(|i| F::from_u64(mix(8 * tag + i as u64 + 1) >> 1))
}

/// A tree of [`LIVE`] leaves, written to again and again.
#[derive(Debug)]
pub struct Updates {
    tree: Tree,
    seed: u64,
}

impl Updates {
    /// The tree with its leaves.
    ///
    /// # Errors
    /// [`TreeError`], never for these leaves.
    pub fn new() -> Result<Self, TreeError> {
        let mut tree = Tree::new(DEPTH)?;
        let leaves: Vec<(u64, Leaf)> = (0..LIVE).map(|at| (at, leaf(at))).collect();
        tree.update(&leaves)?;
        tree.seal();
        Ok(Self { tree, seed: 0 })
    }

    /// Seconds to write `count` leaves, at most [`LIVE`], at random places and to seal.
    ///
    /// # Errors
    /// [`TreeError`], never for these leaves.
    pub fn run(&mut self, count: u64) -> Result<f64, TreeError> {
        self.seed += 1;
        let mut batch = BTreeMap::new();
        let mut i = self.seed << 32;
        while (batch.len() as u64) < count.min(LIVE) {
            i += 1;
            batch.insert(mix(i) % LIVE, leaf(mix(i) >> 8));
        }
        let batch: Vec<(u64, Leaf)> = batch.into_iter().collect();
        let mut result = Ok(());
        let taken = seconds(|| {
            result = self.tree.update(&batch);
            self.tree.seal();
        });
        result.map(|()| taken)
    }
}
