//! The books of every market: level and order slots, the lists that run through them, and the
//! steps that change them (docs/spec/state.md § 4, 5, 7 and 8).

use zkperp_schema as schema;

use crate::address;
use crate::advice::LevelAdvice;
use crate::journal::Journal;
use crate::level::{BookId, Level, SENTINELS};
use crate::level_index::{Found, LevelIndex};
use crate::order::Order;
use crate::order_ids::OrderIds;

/// How many slots each region has: the rule book's numbers, lowered only by tests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SlotLimits {
    pub(crate) orders: u32,
    pub(crate) levels: u32,
}

/// All price levels and resting orders.
#[derive(Clone, Debug)]
pub(crate) struct Books {
    /// By slot; its length is `level_high`.
    pub(crate) levels: Vec<Level>,
    /// By slot, slot 0 unused; its length is `order_high`.
    pub(crate) orders: Vec<Order>,
    /// Head of the free list of levels, 0: none.
    pub(crate) level_free: u32,
    /// Head of the free list of orders, 0: none.
    pub(crate) order_free: u32,
    pub(crate) ids: OrderIds,
    /// Live levels that are no sentinels, by book.
    pub(crate) indexes: Vec<LevelIndex>,
    pub(crate) limits: SlotLimits,
}

impl Books {
    pub(crate) fn new() -> Self {
        Self {
            levels: vec![Level::default(); SENTINELS as usize],
            orders: vec![Order::default()],
            level_free: 0,
            order_free: 0,
            ids: OrderIds::new(),
            indexes: vec![LevelIndex::new(); 2 * schema::MARKETS_MAX as usize],
            limits: SlotLimits {
                orders: schema::ORDER_SLOTS_MAX as u32,
                levels: schema::LEVEL_SLOTS_MAX as u32,
            },
        }
    }

    #[inline]
    pub(crate) fn level(&self, slot: u32) -> &Level {
        &self.levels[slot as usize]
    }

    #[inline]
    pub(crate) fn order(&self, slot: u32) -> &Order {
        &self.orders[slot as usize]
    }

    pub(crate) fn order_slot_available(&self) -> bool {
        self.order_free != 0 || self.orders.len() < self.limits.orders as usize
    }

    pub(crate) fn level_slot_available(&self) -> bool {
        self.level_free != 0 || self.levels.len() < self.limits.levels as usize
    }

    /// Whether the order is the only one of its level.
    pub(crate) fn is_alone(&self, slot: u32) -> bool {
        let order = self.order(slot);
        order.prev == 0 && order.next == 0
    }

    /// The best level of a side, if it has one.
    #[inline]
    pub(crate) fn best(&self, book: BookId) -> Option<&Level> {
        let slot = self.level(book.head()).next;
        (slot != book.tail()).then(|| self.level(slot))
    }

    /// The orders of a side with their levels' keys: the best first, of a level the oldest.
    pub(crate) fn queue(&self, book: BookId) -> impl Iterator<Item = (u64, &Order)> {
        let mut level = self.level(book.head());
        let mut slot = 0;
        std::iter::from_fn(move || {
            if slot == 0 {
                if level.next == book.tail() {
                    return None;
                }
                level = self.level(level.next);
                slot = level.first;
            }
            let order = self.order(slot);
            slot = order.next;
            Some((level.key, order))
        })
    }

    /// A level about to be written.
    #[inline]
    pub(crate) fn level_mut(&mut self, journal: &mut Journal, slot: u32) -> &mut Level {
        let level = &mut self.levels[slot as usize];
        let mut stamp = level.stamp;
        journal.touch(&mut stamp, address::level(slot), || level.words());
        level.stamp = stamp;
        level
    }

    /// An order about to be written.
    #[inline]
    pub(crate) fn order_mut(&mut self, journal: &mut Journal, slot: u32) -> &mut Order {
        let order = &mut self.orders[slot as usize];
        let mut stamp = order.stamp;
        journal.touch(&mut stamp, address::order(slot), || order.words());
        order.stamp = stamp;
        order
    }

    /// The caller has checked that a slot is available.
    fn allocate_order(&mut self) -> u32 {
        let slot = self.order_free;
        if slot != 0 {
            self.order_free = self.order(slot).next;
            return slot;
        }
        self.orders.push(Order::default());
        (self.orders.len() - 1) as u32
    }

    fn allocate_level(&mut self) -> u32 {
        let slot = self.level_free;
        if slot != 0 {
            self.level_free = self.level(slot).next;
            return slot;
        }
        self.levels.push(Level::default());
        (self.levels.len() - 1) as u32
    }

    /// Puts an order at the end of its price's queue, making the level where there is none. Slot
    /// and list fields of `order` are filled in here; slots are available.
    pub(crate) fn append(
        &mut self,
        journal: &mut Journal,
        order: Order,
        book: BookId,
        key: u64,
    ) -> (u32, LevelAdvice) {
        let slot = self.allocate_order();
        // Keys are 1 .. 2^32 − 1 as prices are.
        let found = self.indexes[book.index()].find(key as u32);
        let (level, prev, advice) = match found {
            Found::Level(level) => {
                let newest = self.level(level).last;
                self.order_mut(journal, newest).next = slot;
                self.level_mut(journal, level).last = slot;
                (level, newest, LevelAdvice::Existing { level })
            }
            Found::After(before, gap) => {
                let before = before.unwrap_or(book.head());
                let after = self.level(before).next;
                let level = self.insert_level(journal, book, key, [before, after], slot);
                self.indexes[book.index()].insert_at(gap, key as u32, level);
                (
                    level,
                    0,
                    LevelAdvice::New {
                        level,
                        before,
                        after,
                    },
                )
            }
        };
        let place = self.order_mut(journal, slot);
        let stamp = place.stamp;
        *place = Order {
            level,
            prev,
            next: 0,
            stamp,
            ..order
        };
        let new = self.ids.insert(order.id, slot);
        assert!(new, "Invariant: an order id was given twice");
        (slot, advice)
    }

    /// Makes the level of `key` between its neighbours, with one order; the index is the caller's.
    fn insert_level(
        &mut self,
        journal: &mut Journal,
        book: BookId,
        key: u64,
        [before, after]: [u32; 2],
        order: u32,
    ) -> u32 {
        let slot = self.allocate_level();
        let level = self.level_mut(journal, slot);
        *level = Level {
            key,
            book: book.felt() as u32,
            prev: before,
            next: after,
            first: order,
            last: order,
            stamp: level.stamp,
        };
        self.level_mut(journal, before).next = slot;
        self.level_mut(journal, after).prev = slot;
        slot
    }

    /// Takes an order out of its queue and releases its slot, and that of a level without orders.
    /// The owner's count of open orders is the caller's to lower.
    pub(crate) fn remove(&mut self, journal: &mut Journal, slot: u32) {
        let free = self.order_free;
        let place = self.order_mut(journal, slot);
        let order = *place;
        *place = Order {
            next: free,
            stamp: order.stamp,
            ..Order::default()
        };
        self.order_free = slot;
        self.ids.remove(order.id);
        if order.prev != 0 {
            self.order_mut(journal, order.prev).next = order.next;
        }
        if order.next != 0 {
            self.order_mut(journal, order.next).prev = order.prev;
        }
        if order.prev == 0 && order.next == 0 {
            self.remove_level(journal, order.level);
        } else if order.prev == 0 {
            self.level_mut(journal, order.level).first = order.next;
        } else if order.next == 0 {
            self.level_mut(journal, order.level).last = order.prev;
        }
    }

    fn remove_level(&mut self, journal: &mut Journal, slot: u32) {
        let free = self.level_free;
        let place = self.level_mut(journal, slot);
        let level = *place;
        *place = Level {
            next: free,
            stamp: level.stamp,
            ..Level::default()
        };
        self.level_free = slot;
        self.level_mut(journal, level.prev).next = level.next;
        self.level_mut(journal, level.next).prev = level.prev;
        self.indexes[level.book_id().index()].remove(level.key as u32);
    }
}
