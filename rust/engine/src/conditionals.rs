//! Slots of conditional orders: their free list, the table of ids and the two lists of each market
//! in which they wait (docs/spec/conditional.md § 1).

use std::collections::BTreeMap;

use zkperp_schema::{self as schema, conditionals as felt};

use crate::address;
use crate::conditional::{ConditionalTerms, StopList, Waiting};
use crate::journal::{Journal, Stamp};
use crate::leaf::{EMPTY, LeafWords};
use crate::level::{FieldError, narrow};
use crate::order_ids::OrderIds;

/// What a list is sorted by: keys ascending, of equal ones the later last.
type Place = (u64, u64);

/// All conditional orders that wait.
#[derive(Clone, Debug)]
pub(crate) struct Conditionals {
    /// By slot, slot 0 unused; its length is `high`.
    pub(crate) slots: Vec<Waiting>,
    /// Head of the free list, 0: none.
    pub(crate) free: u32,
    /// Bit m: a list of market m is crossed, or was when somebody last looked.
    pub(crate) crossed: u32,
    /// How many slots there may be: the rule book's number, lowered only by tests.
    pub(crate) limit: u32,
    /// The slot of each order by its id.
    pub(crate) ids: OrderIds,
    /// Every list in order: slots.
    lists: Vec<BTreeMap<Place, u32>>,
    next_seq: u64,
    stamp: Stamp,
}

impl Conditionals {
    pub(crate) fn new() -> Self {
        Self {
            slots: vec![Waiting::default()],
            free: 0,
            crossed: 0,
            limit: schema::CONDITIONAL_SLOTS_MAX as u32,
            ids: OrderIds::new(),
            lists: vec![BTreeMap::new(); StopList::COUNT],
            next_seq: 0,
            stamp: Stamp::default(),
        }
    }

    /// The words of the `conditionals` leaf.
    pub(crate) fn words(&self) -> LeafWords {
        let mut words = EMPTY;
        words[felt::FREE] = self.free.into();
        words[felt::HIGH] = self.slots.len() as u64;
        words[felt::CROSSED] = self.crossed.into();
        words
    }

    /// Takes what that leaf says, and with it how many slots there are.
    pub(crate) fn load(&mut self, words: &LeafWords) -> Result<(), FieldError> {
        let (free, high) = (words[felt::FREE], words[felt::HIGH]);
        if free >= schema::CONDITIONAL_SLOTS_MAX {
            return Err(FieldError("free"));
        }
        if !(1..=schema::CONDITIONAL_SLOTS_MAX).contains(&high) {
            return Err(FieldError("high"));
        }
        if words[3..] != [0; 5] {
            return Err(FieldError("reserved"));
        }
        self.crossed = narrow(words, felt::CROSSED, "crossed")?;
        self.free = free as u32;
        self.slots.resize(high as usize, Waiting::default());
        Ok(())
    }

    #[inline]
    pub(crate) fn get(&self, slot: u32) -> &Waiting {
        &self.slots[slot as usize]
    }

    pub(crate) fn slot_available(&self) -> bool {
        self.free != 0 || self.slots.len() < self.limit as usize
    }

    /// The `conditionals` leaf about to be written.
    fn touch(&mut self, journal: &mut Journal) {
        let mut stamp = self.stamp;
        journal.touch(&mut stamp, address::CONDITIONALS, || self.words());
        self.stamp = stamp;
    }

    pub(crate) fn set_crossed(&mut self, journal: &mut Journal, crossed: u32) {
        self.touch(journal);
        self.crossed = crossed;
    }

    /// Where a conditional order waits, about to be written.
    pub(crate) fn get_mut(&mut self, journal: &mut Journal, slot: u32) -> &mut Waiting {
        let order = &mut self.slots[slot as usize];
        let mut stamp = order.stamp;
        journal.touch(&mut stamp, address::conditional(slot), || order.words());
        order.stamp = stamp;
        order
    }

    fn set_terms(&mut self, journal: &mut Journal, slot: u32, terms: ConditionalTerms) {
        let order = &mut self.slots[slot as usize];
        let mut stamp = order.terms_stamp;
        let addr = address::conditional_terms(slot);
        journal.touch(&mut stamp, addr, || order.terms.words());
        order.terms_stamp = stamp;
        order.terms = terms;
    }

    /// Gives an order a slot; one is available. It stands in no list yet.
    pub(crate) fn allocate(&mut self, journal: &mut Journal, new: Waiting) -> u32 {
        self.touch(journal);
        let mut slot = self.free;
        if slot == 0 {
            slot = self.slots.len() as u32;
            self.slots.push(Waiting::default());
        } else {
            self.free = self.get(slot).next;
        }
        self.set_terms(journal, slot, new.terms);
        self.write(journal, slot, new);
        let is_new = self.ids.insert(new.id, slot);
        assert!(
            is_new,
            "Invariant: the id of a conditional order was given twice"
        );
        slot
    }

    /// Frees a slot whose order stands in no list any more.
    pub(crate) fn release(&mut self, journal: &mut Journal, slot: u32) {
        self.ids.remove(self.get(slot).id);
        self.touch(journal);
        let link = Waiting {
            next: self.free,
            ..Waiting::default()
        };
        self.set_terms(journal, slot, link.terms);
        self.write(journal, slot, link);
        self.free = slot;
    }

    fn write(&mut self, journal: &mut Journal, slot: u32, new: Waiting) {
        let place = self.get_mut(journal, slot);
        let (stamp, terms_stamp) = (place.stamp, place.terms_stamp);
        *place = Waiting {
            stamp,
            terms_stamp,
            ..new
        };
    }

    /// Puts an order into its list in the engine's own order, at the end of those with keys no
    /// greater; gives the slots before and after it, 0 for none.
    pub(crate) fn list(&mut self, slot: u32) -> [u32; 2] {
        let seq = self.next_seq;
        self.next_seq += 1;
        self.slots[slot as usize].seq = seq;
        let order = *self.get(slot);
        let place = (order.key, seq);
        let list = &mut self.lists[order.stop_list().index()];
        let before = list.range(..place).next_back().map_or(0, |(_, &slot)| slot);
        let after = list.range(place..).next().map_or(0, |(_, &slot)| slot);
        list.insert(place, slot);
        [before, after]
    }

    /// Takes it out again.
    pub(crate) fn unlist(&mut self, slot: u32) {
        let order = *self.get(slot);
        let place = (order.key, order.seq);
        let removed = self.lists[order.stop_list().index()].remove(&place);
        assert!(
            removed == Some(slot),
            "Invariant: a conditional order is in no list"
        );
    }

    /// The slots of a list in the engine's own order.
    pub(crate) fn listed(&self, list: StopList) -> impl ExactSizeIterator<Item = u32> {
        self.lists[list.index()].values().copied()
    }

    /// Empties the tables that find orders.
    pub(crate) fn clear_index(&mut self) {
        self.lists.iter_mut().for_each(BTreeMap::clear);
        self.ids = OrderIds::new();
    }

    /// Orders that wait.
    pub(crate) const fn len(&self) -> usize {
        self.ids.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_leaf_gives_free_list_and_crossed_markets_back_and_bounds_hold() {
        let mut table = Conditionals::new();
        assert_eq!(table.words(), [0, 1, 0, 0, 0, 0, 0, 0]);
        let words = [4, 9, u64::from(u32::MAX), 0, 0, 0, 0, 0];
        table.load(&words).unwrap();
        assert_eq!((table.words(), table.slots.len()), (words, 9));
        for (at, value, name) in [
            (felt::FREE, 1 << 24, "free"),
            (felt::HIGH, 0, "high"),
            (felt::HIGH, (1 << 24) + 1, "high"),
            (felt::CROSSED, 1 << 32, "crossed"),
            (3, 1, "reserved"),
        ] {
            let mut wrong = words;
            wrong[at] = value;
            assert_eq!(table.load(&wrong), Err(FieldError(name)));
        }
    }
}
