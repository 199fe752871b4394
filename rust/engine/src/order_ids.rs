//! The slot of each live order by its id: a hash table with linear probing, never iterated.

/// 2^64 divided by the golden ratio: ids, which count up, spread evenly over the table.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Places of a new table, a power of two.
const PLACES_MIN: usize = 1 << 10;

/// An id and its slot; id 0 is no order's and marks a free place.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    id: u64,
    slot: u32,
}

/// Which slot each live order is in. At most half of the places are taken.
#[derive(Clone, Debug)]
pub(crate) struct OrderIds {
    entries: Vec<Entry>,
    /// 64 − log2 of the number of places.
    shift: u32,
    len: usize,
}

impl OrderIds {
    pub(crate) fn new() -> Self {
        Self::with_places(PLACES_MIN)
    }

    fn with_places(places: usize) -> Self {
        Self {
            entries: vec![Entry::default(); places],
            shift: 64 - places.trailing_zeros(),
            len: 0,
        }
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    const fn home(&self, id: u64) -> usize {
        (id.wrapping_mul(SPREAD) >> self.shift) as usize
    }

    const fn mask(&self) -> usize {
        self.entries.len() - 1
    }

    /// The place of `id`, or the free one at which its search ends.
    #[inline]
    fn place(&self, id: u64) -> usize {
        let mut at = self.home(id);
        loop {
            let found = self.entries[at].id;
            if found == id || found == 0 {
                return at;
            }
            at = (at + 1) & self.mask();
        }
    }

    /// The slot of the live order `id`.
    #[inline]
    pub(crate) fn get(&self, id: u64) -> Option<u32> {
        if id == 0 {
            return None;
        }
        let entry = self.entries[self.place(id)];
        (entry.id == id).then_some(entry.slot)
    }

    /// Adds an order; false, and no change, if there is one with this id.
    pub(crate) fn insert(&mut self, id: u64, slot: u32) -> bool {
        if (self.len + 1) * 2 > self.entries.len() {
            self.grow();
        }
        let at = self.place(id);
        if self.entries[at].id == id {
            return false;
        }
        self.entries[at] = Entry { id, slot };
        self.len += 1;
        true
    }

    fn grow(&mut self) {
        let mut larger = Self::with_places(self.entries.len() * 2);
        for entry in self.entries.iter().filter(|entry| entry.id != 0) {
            larger.insert(entry.id, entry.slot);
        }
        *self = larger;
    }

    /// Removes an order.
    ///
    /// # Panics
    /// `Invariant:` if it is not there.
    pub(crate) fn remove(&mut self, id: u64) {
        let mut hole = self.place(id);
        assert!(
            id != 0 && self.entries[hole].id == id,
            "Invariant: a live order is missing from the table of ids"
        );
        // What follows up to the next free place moves up where its own search would now stop.
        let mask = self.mask();
        let mut at = hole;
        loop {
            at = (at + 1) & mask;
            let entry = self.entries[at];
            if entry.id == 0 {
                break;
            }
            let from_home = at.wrapping_sub(self.home(entry.id)) & mask;
            if from_home >= (at.wrapping_sub(hole) & mask) {
                self.entries[hole] = entry;
                hole = at;
            }
        }
        self.entries[hole] = Entry::default();
        self.len -= 1;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_agrees_with_an_ordered_map(
            ids in prop::collection::vec(1_u64..400, 0..4000),
            stride in prop::sample::select(vec![1_u64, 610, 987, 1 << 20]),
        ) {
            let mut table = OrderIds::with_places(2);
            let mut map = BTreeMap::new();
            for (slot, id) in ids.iter().map(|id| id * stride).enumerate() {
                let slot = slot as u32;
                if map.remove(&id).is_some() {
                    table.remove(id);
                } else {
                    map.insert(id, slot);
                    prop_assert!(table.insert(id, slot));
                    prop_assert!(!table.insert(id, slot + 1));
                }
                prop_assert_eq!(table.len(), map.len());
            }
            for id in (0..=400).map(|id| id * stride) {
                prop_assert_eq!(table.get(id), map.get(&id).copied());
            }
        }
    }
}
