//! What is true of every state that the rules reach (docs/spec/state.md § 10).

use std::collections::BTreeMap;

use thiserror::Error;
use zkperp_schema::{self as schema, Side};

use crate::level::{BookId, Level, SENTINELS};
use crate::state::State;

/// A state that no sequence of commands leads to: leaves from elsewhere, or a bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BrokenInvariant {
    /// Cash, clearing, fees and custody do not add up.
    #[error("collateral, clearing and fees sum to {held} micro-USDC, custody is {custody}")]
    Conservation {
        /// Σ collateral + Σ clearing + fees.
        held: i128,
        /// Custody.
        custody: u64,
    },
    /// Longs and shorts of a market differ.
    #[error("the positions of market {market} sum to {sum} lots")]
    PositionSum {
        /// The market.
        market: u8,
        /// Σ size.
        sum: i128,
    },
    /// A market's open interest is not the sum of its positions' sizes.
    #[error("the positions of market {market} have {sum} lots, its open interest is {interest}")]
    OpenInterest {
        /// The market.
        market: u8,
        /// Σ |size|.
        sum: u128,
        /// What the market says.
        interest: u64,
    },
    /// A market.
    #[error("market {market}: {what}")]
    Market {
        /// Its number.
        market: u8,
        /// What is wrong.
        what: &'static str,
    },
    /// An account.
    #[error("account {account}: {what}")]
    Account {
        /// Its number.
        account: u32,
        /// What is wrong.
        what: &'static str,
    },
    /// A level slot.
    #[error("level slot {slot}: {what}")]
    Level {
        /// The slot.
        slot: u32,
        /// What is wrong.
        what: &'static str,
    },
    /// An order slot.
    #[error("order slot {slot}: {what}")]
    Order {
        /// The slot.
        slot: u32,
        /// What is wrong.
        what: &'static str,
    },
    /// A slot of a conditional order.
    #[error("slot {slot} of conditional orders: {what}")]
    Conditional {
        /// The slot.
        slot: u32,
        /// What is wrong.
        what: &'static str,
    },
    /// The best bid is not below the best ask.
    #[error("the book of market {0} is crossed")]
    Crossed(u8),
    /// A leaf that every state has is missing.
    #[error("the {0} leaf is missing")]
    Missing(&'static str),
}

/// Open orders by account and market.
pub(crate) type Counts = BTreeMap<(u32, u8), u32>;

impl State {
    /// Checks every invariant over the whole state: for tests, and for leaves from elsewhere.
    ///
    /// # Errors
    /// The first [`BrokenInvariant`].
    pub fn check(&self) -> Result<(), BrokenInvariant> {
        if self.clock.next_order_id == 0 {
            return Err(BrokenInvariant::Missing("clock"));
        }
        if self.schedule.funding_due_ms == 0 {
            return Err(BrokenInvariant::Missing("schedule"));
        }
        if self.clock.time_ms > self.schedule.funding_due_ms {
            return Err(BrokenInvariant::Missing("funding of an hour"));
        }
        self.check_oracles()?;
        self.check_markets()?;
        let mut orders_seen = vec![false; self.books.orders.len()];
        let mut levels_seen = vec![false; self.books.levels.len()];
        let mut counts = Counts::new();
        for market in 0..schema::MARKETS_MAX as u8 {
            for side in [Side::Bid, Side::Ask] {
                let book = BookId::new(market, side);
                if market < self.config.markets {
                    self.check_book(book, &mut levels_seen, &mut orders_seen, &mut counts)?;
                } else {
                    self.check_absent_book(book)?;
                }
            }
            self.check_uncrossed(market)?;
        }
        self.check_free_levels(&mut levels_seen)?;
        self.check_free_orders(&mut orders_seen)?;
        self.check_accounts(&counts)?;
        self.check_client_orders()?;
        self.check_conditionals()?;
        self.check_risk()
    }

    fn check_absent_book(&self, book: BookId) -> Result<(), BrokenInvariant> {
        for slot in [book.head(), book.tail()] {
            if self.books.level(slot).words() != [0; 8] {
                let what = "a sentinel of a market that does not exist";
                return Err(BrokenInvariant::Level { slot, what });
            }
        }
        Ok(())
    }

    /// Walks one side from head to tail, and every queue on the way.
    fn check_book(
        &self,
        book: BookId,
        levels_seen: &mut [bool],
        orders_seen: &mut [bool],
        counts: &mut Counts,
    ) -> Result<(), BrokenInvariant> {
        let price_max = self.live_market(book.market()).terms.price_max;
        let mut slot = book.head();
        let mut level = self.sentinel(slot, schema::KEY_HEAD, book)?;
        if level.prev != 0 {
            let what = "a head has something before it";
            return Err(BrokenInvariant::Level { slot, what });
        }
        loop {
            let next_slot = level.next;
            let broken = |what| BrokenInvariant::Level {
                slot: next_slot,
                what,
            };
            if next_slot == book.tail() {
                let tail = self.sentinel(next_slot, schema::KEY_TAIL, book)?;
                if tail.prev != slot || tail.next != 0 {
                    return Err(broken("a tail's links are wrong"));
                }
                return Ok(());
            }
            let next = self
                .books
                .levels
                .get(next_slot as usize)
                .filter(|_| next_slot >= SENTINELS);
            let next = next.ok_or(broken("it is linked, but is no level's"))?;
            if std::mem::replace(&mut levels_seen[next_slot as usize], true) {
                return Err(broken("it is linked twice"));
            }
            if u64::from(next.book) != book.felt() || next.prev != slot || next.key <= level.key {
                return Err(broken("its book, link back or key is wrong"));
            }
            let is_key = next.key < schema::KEY_TAIL;
            if !is_key || !(1..=price_max).contains(&book.price(next.key)) {
                return Err(broken("its price is out of range"));
            }
            self.check_queue(next_slot, orders_seen, counts)?;
            (slot, level) = (next_slot, next);
        }
    }

    fn sentinel(&self, slot: u32, key: u64, book: BookId) -> Result<&Level, BrokenInvariant> {
        let level = self.books.level(slot);
        let is_sentinel = level.key == key && u64::from(level.book) == book.felt();
        if is_sentinel && (level.first, level.last) == (0, 0) {
            return Ok(level);
        }
        let what = "it is not the sentinel that belongs there";
        Err(BrokenInvariant::Level { slot, what })
    }

    fn check_queue(
        &self,
        level_slot: u32,
        orders_seen: &mut [bool],
        counts: &mut Counts,
    ) -> Result<(), BrokenInvariant> {
        let level = self.books.level(level_slot);
        let market = level.book_id().market();
        let lots_max = self.live_market(market).terms.lots_max;
        let (mut before, mut slot) = (0, level.first);
        if slot == 0 {
            let what = "it has no order";
            return Err(BrokenInvariant::Level {
                slot: level_slot,
                what,
            });
        }
        while slot != 0 {
            let broken = |what| BrokenInvariant::Order { slot, what };
            let order = self.books.orders.get(slot as usize);
            let order = order.ok_or(broken("it is linked, but above the high mark"))?;
            if std::mem::replace(&mut orders_seen[slot as usize], true) {
                return Err(broken("it is linked twice"));
            }
            if !order.is_live() || order.level != level_slot || order.prev != before {
                return Err(broken("it is free, or its level or link back is wrong"));
            }
            if order.id >= self.clock.next_order_id {
                return Err(broken("its id was not given yet"));
            }
            if order.lots == 0 || order.lots > lots_max || order.expiry_ms == 0 {
                return Err(broken("its size or expiry is out of range"));
            }
            if !self.accounts.get(order.owner).is_open {
                return Err(broken("its account is not open"));
            }
            if self.counts_in(order, market) {
                *counts.entry((order.account, market)).or_default() += 1;
            }
            (before, slot) = (slot, order.next);
        }
        if level.last != before {
            let what = "its last order is not the end of its queue";
            return Err(BrokenInvariant::Level {
                slot: level_slot,
                what,
            });
        }
        Ok(())
    }

    fn check_uncrossed(&self, market: u8) -> Result<(), BrokenInvariant> {
        let bid = self.best_price(market, Side::Bid);
        let ask = self.best_price(market, Side::Ask);
        match (bid, ask) {
            (Some(bid), Some(ask)) if bid >= ask => Err(BrokenInvariant::Crossed(market)),
            _ => Ok(()),
        }
    }

    /// Every slot below the high mark is live or free, and none is both.
    fn check_free_levels(&self, seen: &mut [bool]) -> Result<(), BrokenInvariant> {
        let mut slot = self.books.level_free;
        while slot != 0 {
            let broken = |what| BrokenInvariant::Level { slot, what };
            let level = self
                .books
                .levels
                .get(slot as usize)
                .filter(|_| slot >= SENTINELS);
            let level = level.ok_or(broken("it is in the free list, but is no level's"))?;
            if std::mem::replace(&mut seen[slot as usize], true) {
                return Err(broken("it is free twice, or free and live"));
            }
            let link = Level {
                next: level.next,
                ..Level::default()
            };
            if level.words() != link.words() {
                return Err(broken("it is free and holds more than its link"));
            }
            slot = level.next;
        }
        match seen.iter().skip(SENTINELS as usize).position(|&seen| !seen) {
            None => Ok(()),
            Some(at) => Err(BrokenInvariant::Level {
                slot: at as u32 + SENTINELS,
                what: "it is neither linked nor free",
            }),
        }
    }

    fn check_free_orders(&self, seen: &mut [bool]) -> Result<(), BrokenInvariant> {
        let mut slot = self.books.order_free;
        while slot != 0 {
            let broken = |what| BrokenInvariant::Order { slot, what };
            let order = self.books.orders.get(slot as usize);
            let order = order.ok_or(broken("it is in the free list, but above the high mark"))?;
            if std::mem::replace(&mut seen[slot as usize], true) {
                return Err(broken("it is free twice, or free and live"));
            }
            let mut link = [0; 8];
            link[schema::order::NEXT] = order.next.into();
            if order.words() != link {
                return Err(broken("it is free and holds more than its link"));
            }
            slot = order.next;
        }
        match seen.iter().skip(1).position(|&seen| !seen) {
            None => Ok(()),
            Some(at) => Err(BrokenInvariant::Order {
                slot: at as u32 + 1,
                what: "it is neither linked nor free",
            }),
        }
    }
}
