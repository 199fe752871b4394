//! From leaves back to a state: the whole of it from a tree.

use thiserror::Error;
use zkperp_schema::{self as schema, account, clock as clock_felt, conditionals, schedule};

use crate::address::{self, Place};
use crate::conditional::ConditionalTerms;
use crate::config::{Config, Schedule};
use crate::invariants::BrokenInvariant;
use crate::leaf::LeafWords;
use crate::level::{FieldError, Level, SENTINELS};
use crate::log_chain::LogChain;
use crate::message::Domain;
use crate::order::Order;
use crate::risk::{Deleveraging, Risk};
use crate::state::State;

/// Leaves are not a state that the rules can reach.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RestoreError {
    /// Addresses must strictly ascend.
    #[error("the address {0} does not follow the one before it")]
    Unsorted(u64),
    /// Nothing is ever written at this address.
    #[error("nothing can be at address {0}")]
    ReservedAddress(u64),
    /// A leaf's field.
    #[error("the leaf at {addr}: {error}")]
    Field {
        /// Its address.
        addr: u64,
        /// What is wrong.
        error: FieldError,
    },
    /// Two orders have the same id.
    #[error("two orders have the id {0}")]
    OrderId(u64),
    /// The leaves contradict one another.
    #[error(transparent)]
    Invariant(#[from] BrokenInvariant),
}

impl State {
    /// The state that a tree's leaves hold, with everything checked that the rules promise.
    ///
    /// # Errors
    /// [`RestoreError`].
    pub fn from_leaves(
        domain: Domain,
        leaves: impl IntoIterator<Item = (u64, LeafWords)>,
    ) -> Result<Self, RestoreError> {
        let leaves: Vec<(u64, LeafWords)> = leaves.into_iter().collect();
        let mut before = None;
        let mut config = None;
        for &(addr, ref words) in &leaves {
            if before.is_some_and(|before| before >= addr) {
                return Err(RestoreError::Unsorted(addr));
            }
            before = Some(addr);
            if addr == address::CONFIG {
                let read = Config::from_words(words);
                config = Some(read.map_err(|error| RestoreError::Field { addr, error })?);
            }
        }
        check_high_marks(&leaves)?;
        let config = config.ok_or(BrokenInvariant::Missing("config"))?;
        let has_table = |&(addr, _): &(u64, LeafWords)| addr == address::CONDITIONALS;
        if !leaves.iter().any(has_table) {
            return Err(BrokenInvariant::Missing("conditionals").into());
        }
        let mut state = Self::empty(domain, config);
        for &(addr, ref words) in &leaves {
            let place = Place::of(addr).ok_or(RestoreError::ReservedAddress(addr))?;
            let loaded = state.load(place, words);
            loaded.map_err(|error| RestoreError::Field { addr, error })?;
        }
        state.check_derived(&leaves)?;
        state.index_all()?;
        state.index_risk()?;
        state.index_conditionals()?;
        state.check()?;
        Ok(state)
    }

    /// Refuses leaves that hold what the state makes otherwise: a margin leaf beside its market, a
    /// field that must be 0.
    fn check_derived(&self, leaves: &[(u64, LeafWords)]) -> Result<(), RestoreError> {
        self.check_markets()?;
        for &(addr, words) in leaves {
            let place = Place::of(addr).ok_or(RestoreError::ReservedAddress(addr))?;
            if self.words(place) != words {
                let error = FieldError("a derived or reserved field");
                return Err(RestoreError::Field { addr, error });
            }
        }
        Ok(())
    }

    /// Gives a leaf its content, without indices and without a trace in the journal.
    pub(crate) fn load(&mut self, place: Place, words: &LeafWords) -> Result<(), FieldError> {
        match place {
            Place::Clock => self.load_clock(words)?,
            Place::Money => self.money = self.money.with(words)?,
            Place::Log => {
                if words[5..] != [0; 3] {
                    return Err(FieldError("reserved"));
                }
                self.log = LogChain::from_words(words);
            }
            Place::Config => self.config = Config::from_words(words)?,
            Place::Schedule => {
                let schedule = Schedule::from_words(words)?;
                let stamp = self.schedule.stamp;
                self.schedule = Schedule { stamp, ..schedule };
                self.client_orders.resize(self.schedule.next_names);
            }
            Place::Risk => {
                let risk = Risk::from_words(words)?;
                let stamp = self.risk.stamp;
                self.risk = Risk { stamp, ..risk };
            }
            Place::Deleveraging => {
                (self.deleveraging, self.deleveragings) = Deleveraging::from_words(words)?;
            }
            Place::Conditionals => self.conditionals.load(words)?,
            Place::OracleKey(key) => {
                let [a, b, c, d, e, live, f, g] = *words;
                if (live, f, g) != (1, 0, 0) {
                    return Err(FieldError("live"));
                }
                self.oracle_keys[key as usize] = Some([a, b, c, d, e]);
            }
            Place::Market(market, part) => {
                at(&mut self.markets, market.into(), "market")?.load(part, words)?;
            }
            Place::Level(slot) => {
                let level = at(&mut self.books.levels, slot, "level")?;
                let stamp = level.stamp;
                *level = Level {
                    stamp,
                    ..Level::from_words(words)?
                };
            }
            Place::Order(slot) => {
                let order = used_slot(&mut self.books.orders, slot, "order")?;
                let stamp = order.stamp;
                *order = Order {
                    stamp,
                    ..Order::from_words(words)?
                };
            }
            Place::Conditional(slot) => {
                used_slot(&mut self.conditionals.slots, slot, "conditional")?.load(words)?;
            }
            Place::ConditionalTerms(slot) => {
                let order = used_slot(&mut self.conditionals.slots, slot, "conditional")?;
                order.terms = ConditionalTerms::from_words(words)?;
            }
            Place::ClientOrder(page, low) => self.client_orders.load(page, low, words)?,
            Place::Account(_)
            | Place::Owner(_)
            | Place::Key(..)
            | Place::Due(_)
            | Place::Position(..)
            | Place::Standing(..) => self.accounts.load(place, words)?,
        }
        Ok(())
    }

    /// The clock, and with it how many slots there are: what lies above was never used.
    fn load_clock(&mut self, words: &LeafWords) -> Result<(), FieldError> {
        let [batch_number, time_ms, next_order_id, requests_done, ..] = *words;
        let high = |at: usize, least: u64, most: u64, name| {
            let value = words[at];
            let range = least..=most;
            range
                .contains(&value)
                .then_some(value as u32)
                .ok_or(FieldError(name))
        };
        let orders = schema::ORDER_SLOTS_MAX;
        let levels = schema::LEVEL_SLOTS_MAX;
        let sentinels = u64::from(SENTINELS);
        let order_high = high(clock_felt::ORDER_HIGH, 1, orders, "order_high")?;
        let level_high = high(clock_felt::LEVEL_HIGH, sentinels, levels, "level_high")?;
        let order_free = high(clock_felt::ORDER_FREE, 0, orders - 1, "order_free")?;
        let level_free = high(clock_felt::LEVEL_FREE, 0, levels - 1, "level_free")?;
        if time_ms > schema::TIME_MAX {
            return Err(FieldError("time_ms"));
        }
        if !(1..=schema::ORDER_ID_MAX).contains(&next_order_id) {
            return Err(FieldError("next_order_id"));
        }
        if (batch_number | requests_done) >> schema::COUNTER_BITS != 0 {
            return Err(FieldError("batch_number or requests_done"));
        }
        self.clock
            .set([batch_number, time_ms, next_order_id, requests_done]);
        self.books
            .orders
            .resize(order_high as usize, Order::default());
        self.books
            .levels
            .resize(level_high as usize, Level::default());
        self.books.order_free = order_free;
        self.books.level_free = level_free;
        Ok(())
    }

    /// Fills the tables that find levels and orders.
    fn index_all(&mut self) -> Result<(), RestoreError> {
        for slot in SENTINELS..self.books.levels.len() as u32 {
            self.index_level(slot);
        }
        for slot in 1..self.books.orders.len() as u32 {
            let id = self.books.order(slot).id;
            if !self.index_order(slot) {
                return Err(RestoreError::OrderId(id));
            }
        }
        Ok(())
    }

    pub(crate) fn index_level(&mut self, slot: u32) {
        let Some(level) = self.books.levels.get(slot as usize) else {
            return;
        };
        // A key that no level may have is for the check of invariants to name.
        let is_key = level.key > schema::KEY_HEAD && level.key < schema::KEY_TAIL;
        if slot >= SENTINELS && level.is_live() && is_key {
            let index = level.book_id().index();
            self.books.indexes[index].insert(level.key as u32, slot);
        }
    }

    pub(crate) fn index_order(&mut self, slot: u32) -> bool {
        let Some(order) = self.books.orders.get_mut(slot as usize) else {
            return true;
        };
        if !order.is_live() {
            return true;
        }
        order.owner = self.accounts.find_or_make(order.account);
        self.books.ids.insert(order.id, slot)
    }
}

/// Refuses high marks that the leaves can't account for, before memory is set aside for them: of the
/// slots below, only the last one of a free list is empty, and each page belongs to an account.
fn check_high_marks(leaves: &[(u64, LeafWords)]) -> Result<(), RestoreError> {
    let Some((addr, clock)) = leaves.first().filter(|(addr, _)| *addr == address::CLOCK) else {
        return Err(BrokenInvariant::Missing("clock").into());
    };
    let used = |is_slot: fn(Place) -> bool| {
        leaves
            .iter()
            .filter(|(addr, _)| Place::of(*addr).is_some_and(is_slot))
            .count() as u64
    };
    let has_names = |&&(addr, ref words): &&(u64, LeafWords)| {
        matches!(Place::of(addr), Some(Place::Account(_))) && words[account::NAMES] != 0
    };
    let named = leaves.iter().filter(has_names).count() as u64;
    let mut schedules = leaves.iter().filter(|(addr, _)| *addr == address::SCHEDULE);
    if schedules.any(|(_, words)| words[schedule::NEXT_NAMES] > named) {
        let (addr, error) = (address::SCHEDULE, FieldError("next_names"));
        return Err(RestoreError::Field { addr, error });
    }
    let waiting = used(|place| matches!(place, Place::Conditional(_)));
    let mut tables = leaves
        .iter()
        .filter(|(addr, _)| *addr == address::CONDITIONALS);
    if tables.any(|(_, words)| words[conditionals::HIGH] > waiting + 2) {
        let (addr, error) = (address::CONDITIONALS, FieldError("high"));
        return Err(RestoreError::Field { addr, error });
    }
    let orders = used(|place| matches!(place, Place::Order(_)));
    let levels = used(|place| matches!(place, Place::Level(slot) if slot >= SENTINELS));
    for (high, most, name) in [
        (clock[clock_felt::ORDER_HIGH], orders + 2, "order_high"),
        (
            clock[clock_felt::LEVEL_HIGH],
            levels + 1 + schema::LEVEL_SENTINELS,
            "level_high",
        ),
    ] {
        if high > most {
            let (addr, error) = (*addr, FieldError(name));
            return Err(RestoreError::Field { addr, error });
        }
    }
    Ok(())
}

/// The place of an order's slot, which is never 0.
fn used_slot<'a, T>(
    slots: &'a mut [T],
    slot: u32,
    name: &'static str,
) -> Result<&'a mut T, FieldError> {
    if slot == 0 {
        return Err(FieldError(name));
    }
    at(slots, slot, name)
}

/// The place of a slot below the region's high mark. A slot above it holds zeros and has no place.
fn at<'a, T>(slots: &'a mut [T], slot: u32, name: &'static str) -> Result<&'a mut T, FieldError> {
    slots.get_mut(slot as usize).ok_or(FieldError(name))
}
