//! A tree so plain that it can be checked by reading, and the seeded inputs of the tests.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::collections::BTreeMap;

use zkperp_field::poseidon2::{Digest, compress, node};
use zkperp_field::{F, P, PrimeCharacteristicRing};
use zkperp_tree::{EMPTY_LEAF, Leaf};

/// The root over `leaves`, from scratch: level by level, no sharing with the crate's own hashing.
pub(crate) fn root(depth: u32, leaves: &BTreeMap<u64, Leaf>) -> Digest {
    let mut empty = compress(&EMPTY_LEAF);
    let mut level: BTreeMap<u64, Digest> = leaves
        .iter()
        .map(|(&addr, leaf)| (addr, compress(leaf)))
        .collect();
    for _ in 0..depth {
        let indices: Vec<u64> = level.keys().map(|index| index >> 1).collect();
        let child = |index: u64| level.get(&index).unwrap_or(&empty);
        level = indices
            .into_iter()
            .map(|index| (index, node(child(2 * index), child(2 * index + 1))))
            .collect();
        empty = node(&empty, &empty);
    }
    level.get(&0).copied().unwrap_or(empty)
}

/// SplitMix64 (Steele, Lea, Flood 2014), the generator that the vectors name.
pub(crate) struct SplitMix(pub(crate) u64);

impl SplitMix {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Eight felts, each the next word mod p.
    pub(crate) fn leaf(&mut self) -> Leaf {
        std::array::from_fn(|_| F::from_u64(self.next() % P))
    }
}

/// A leaf that is easy to tell apart in a failing test.
pub(crate) fn leaf(tag: u64) -> Leaf {
    std::array::from_fn(|i| F::from_u64(tag + i as u64))
}
