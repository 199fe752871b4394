//! Storage with stable 32-bit names: freed places are used again, last freed first.

use std::ops::{Index, IndexMut};

/// A vector of values addressed by the slot that [`Slab::insert`] returned.
#[derive(Clone, Debug)]
pub(crate) struct Slab<T> {
    slots: Vec<T>,
    free: Vec<u32>,
}

impl<T> Slab<T> {
    pub(crate) const fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
        }
    }

    /// Values in use.
    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Stores `value`; the caller keeps `len()` below 2^32 − 1.
    pub(crate) fn insert(&mut self, value: T) -> u32 {
        if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = value;
            return slot;
        }
        let slot = u32::try_from(self.slots.len()).expect("Invariant: more than 2^32 slots");
        self.slots.push(value);
        slot
    }

    /// Gives `slot` back; its value stays in place, unreachable, until it is overwritten.
    pub(crate) fn remove(&mut self, slot: u32) {
        self.free.push(slot);
    }
}

impl<T> Index<u32> for Slab<T> {
    type Output = T;

    fn index(&self, slot: u32) -> &T {
        &self.slots[slot as usize]
    }
}

impl<T> IndexMut<u32> for Slab<T> {
    fn index_mut(&mut self, slot: u32) -> &mut T {
        &mut self.slots[slot as usize]
    }
}
