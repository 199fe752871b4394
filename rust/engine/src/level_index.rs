//! The price levels of one side by sort key, beside the linked list that the state holds: where a
//! new level goes must be found without walking the list.

/// Keys per chunk: a search within one is a handful of vector comparisons.
const CHUNK: usize = 64;

/// Up to [`CHUNK`] levels with ascending keys.
#[derive(Clone, Debug)]
struct Chunk {
    len: usize,
    keys: [u32; CHUNK],
    slots: [u32; CHUNK],
}

impl Chunk {
    const fn new() -> Self {
        Self {
            len: 0,
            keys: [u32::MAX; CHUNK],
            slots: [0; CHUNK],
        }
    }

    /// Keys below `key`. Unused places hold the greatest key, which none is above.
    ///
    /// A checked sum would be 64 single steps; at most 64 can't overflow.
    #[inline]
    fn below(&self, key: u32) -> usize {
        let count = |sum: u32, &k: &u32| sum.wrapping_add(u32::from(k < key));
        self.keys.iter().fold(0, count) as usize
    }

    fn insert(&mut self, at: usize, key: u32, slot: u32) {
        self.keys.copy_within(at..self.len, at + 1);
        self.slots.copy_within(at..self.len, at + 1);
        self.keys[at] = key;
        self.slots[at] = slot;
        self.len += 1;
    }

    fn remove(&mut self, at: usize) {
        self.keys.copy_within(at + 1..self.len, at);
        self.slots.copy_within(at + 1..self.len, at);
        self.len -= 1;
        self.keys[self.len] = u32::MAX;
    }

    /// Moves the upper half to a chunk of its own.
    fn split(&mut self) -> Self {
        const HALF: usize = CHUNK / 2;
        let mut upper = Self::new();
        upper.len = self.len - HALF;
        upper.keys[..upper.len].copy_from_slice(&self.keys[HALF..self.len]);
        upper.slots[..upper.len].copy_from_slice(&self.slots[HALF..self.len]);
        self.keys[HALF..].fill(u32::MAX);
        self.len = HALF;
        upper
    }
}

/// Where a key is, or where it would go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// The level slot with this key.
    Level(u32),
    /// The slot of the level with the next lower key, `None` if there is none, and where the key
    /// would go.
    After(Option<u32>, Gap),
}

/// Where a key would go, for as long as nothing changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    chunk: usize,
    below: usize,
}

/// A sorted map from keys to level slots, in chunks so that neither a search nor a change costs
/// much however many levels there are.
#[derive(Clone, Debug)]
pub(crate) struct LevelIndex {
    /// Lowest key of each chunk but the first, whose place is 0: every key has a chunk.
    firsts: Vec<u32>,
    /// None of them empty, except when it is the only one.
    chunks: Vec<Chunk>,
}

impl LevelIndex {
    pub(crate) fn new() -> Self {
        Self {
            firsts: vec![0],
            chunks: vec![Chunk::new()],
        }
    }

    /// The chunk in which `key` is or would be.
    #[inline]
    fn chunk_of(&self, key: u32) -> usize {
        self.firsts.partition_point(|&first| first <= key) - 1
    }

    /// Looks `key` up; keys are 1 .. 2^32 − 1.
    #[inline]
    pub(crate) fn find(&self, key: u32) -> Found {
        let at = self.chunk_of(key);
        let chunk = &self.chunks[at];
        let below = chunk.below(key);
        if below < chunk.len && chunk.keys[below] == key {
            return Found::Level(chunk.slots[below]);
        }
        let before = match below {
            // Only the first chunk has room below its lowest key, or is empty.
            0 if at == 0 => None,
            0 => {
                let before = &self.chunks[at - 1];
                Some(before.slots[before.len - 1])
            }
            _ => Some(chunk.slots[below - 1]),
        };
        Found::After(before, Gap { chunk: at, below })
    }

    /// Adds a key that is not there.
    pub(crate) fn insert(&mut self, key: u32, slot: u32) {
        let chunk = self.chunk_of(key);
        let below = self.chunks[chunk].below(key);
        self.insert_at(Gap { chunk, below }, key, slot);
    }

    /// The same, at the gap that [`find`](Self::find) found for it.
    #[inline]
    pub(crate) fn insert_at(&mut self, gap: Gap, key: u32, slot: u32) {
        let Gap { chunk: at, below } = gap;
        if self.chunks[at].len < CHUNK {
            self.chunks[at].insert(below, key, slot);
            return;
        }
        let upper = self.chunks[at].split();
        self.firsts.insert(at + 1, upper.keys[0]);
        self.chunks.insert(at + 1, upper);
        self.insert(key, slot);
    }

    /// Removes a key.
    ///
    /// # Panics
    /// `Invariant:` if it is not there.
    pub(crate) fn remove(&mut self, key: u32) {
        let at = self.chunk_of(key);
        let chunk = &mut self.chunks[at];
        let below = chunk.below(key);
        assert!(
            below < chunk.len && chunk.keys[below] == key,
            "Invariant: a level is missing from its index"
        );
        chunk.remove(below);
        if chunk.len == 0 && self.chunks.len() > 1 {
            self.chunks.remove(at);
            self.firsts.remove(at);
            self.firsts[0] = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn expected(map: &BTreeMap<u32, u32>, key: u32) -> Result<u32, Option<u32>> {
        map.get(&key).map_or_else(
            || Err(map.range(..key).next_back().map(|(_, &slot)| slot)),
            |&slot| Ok(slot),
        )
    }

    fn found(index: &LevelIndex, key: u32) -> Result<u32, Option<u32>> {
        match index.find(key) {
            Found::Level(slot) => Ok(slot),
            Found::After(before, _) => Err(before),
        }
    }

    fn check(keys: &[u32]) {
        let mut index = LevelIndex::new();
        let mut map = BTreeMap::new();
        for (slot, &key) in keys.iter().enumerate() {
            assert_eq!(found(&index, key), expected(&map, key));
            if map.remove(&key).is_some() {
                index.remove(key);
            } else {
                map.insert(key, slot as u32);
                match index.find(key) {
                    Found::After(_, gap) if slot % 2 == 0 => {
                        index.insert_at(gap, key, slot as u32);
                    }
                    _ => index.insert(key, slot as u32),
                }
            }
            for probe in [1, key, key.saturating_add(1), key - 1, u32::MAX] {
                assert_eq!(found(&index, probe), expected(&map, probe));
            }
        }
    }

    #[test]
    fn both_ends_and_rising_and_falling_runs() {
        check(&[u32::MAX, 1, u32::MAX, 1, 1, u32::MAX]);
        let rising: Vec<u32> = (1..1000).chain(1..1000).collect();
        check(&rising);
        let falling: Vec<u32> = (1..1000).rev().chain((1..1000).rev()).collect();
        check(&falling);
    }

    proptest! {
        #[test]
        fn it_agrees_with_an_ordered_map(keys in prop::collection::vec(1_u32..600, 0..3000)) {
            check(&keys);
        }
    }
}
