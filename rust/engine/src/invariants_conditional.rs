//! What is true of conditional orders in every state that the rules reach (docs/spec/conditional.md),
//! and how their order is found again from leaves.

use zkperp_schema::{self as schema, Direction};

use crate::conditional::{ConditionalTerms, StopList, Waiting};
use crate::invariants::{BrokenInvariant, Counts};
use crate::leaf::EMPTY;
use crate::market::FirstStop;
use crate::state::State;

const fn of_slot(slot: u32, what: &'static str) -> BrokenInvariant {
    BrokenInvariant::Conditional { slot, what }
}

/// Both lists of a number of markets.
fn lists(markets: u8) -> impl Iterator<Item = StopList> {
    (0..markets).flat_map(|market| Direction::ALL.map(|direction| StopList { market, direction }))
}

impl State {
    /// Fills the tables that find conditional orders from the links, which it checks.
    pub(crate) fn index_conditionals(&mut self) -> Result<(), BrokenInvariant> {
        self.conditionals.clear_index();
        for list in lists(self.config.markets) {
            for slot in self.walk_stops(list)? {
                let owner = self
                    .accounts
                    .find_or_make(self.conditionals.get(slot).account);
                let order = &mut self.conditionals.slots[slot as usize];
                order.owner = owner;
                let id = order.id;
                if !self.conditionals.ids.insert(id, slot) {
                    return Err(of_slot(slot, "another conditional order has its id"));
                }
                self.conditionals.list(slot);
            }
        }
        Ok(())
    }

    /// The slots of a list by its links: sorted, linked both ways, of that list. A walk ends, as
    /// every link back is checked.
    fn walk_stops(&self, list: StopList) -> Result<Vec<u32>, BrokenInvariant> {
        let first = self.live_market(list.market).first_stop(list.direction);
        let mut found = Vec::new();
        let (mut prev, mut key, mut slot) = (0, 0, first.slot);
        while slot != 0 {
            let broken = |what| of_slot(slot, what);
            let order = self.conditionals.slots.get(slot as usize);
            let order = order.ok_or(broken("it is linked, but above the high mark"))?;
            if !order.is_live() || order.list != list.felt() || order.prev != prev {
                return Err(broken("it is free, or its list or link back is wrong"));
            }
            if order.key < key {
                return Err(broken("its key is below that of the one before it"));
            }
            found.push(slot);
            (prev, key, slot) = (slot, order.key, order.next);
        }
        let head = found
            .first()
            .map_or(FirstStop::default(), |&slot| FirstStop {
                slot,
                key: self.conditionals.get(slot).key,
            });
        if head != first {
            let (market, what) = (list.market, "the head of its conditional orders is wrong");
            return Err(BrokenInvariant::Market { market, what });
        }
        Ok(found)
    }

    /// Checks lists, slots and counts of conditional orders.
    pub(crate) fn check_conditionals(&self) -> Result<(), BrokenInvariant> {
        let table = &self.conditionals;
        if u64::from(table.crossed) >> self.config.markets != 0 {
            return Err(BrokenInvariant::Missing("market of a crossed bit"));
        }
        let mut seen = vec![false; table.slots.len()];
        let mut counts = Counts::new();
        for list in lists(self.config.markets) {
            let (market, found) = (list.market, self.walk_stops(list)?);
            if !table.listed(list).eq(found.iter().copied()) {
                let what = "the engine's order of its conditional orders is not their links'";
                return Err(BrokenInvariant::Market { market, what });
            }
            for slot in found {
                seen[slot as usize] = true;
                let order = table.get(slot);
                self.check_waiting(slot, order)
                    .map_err(|what| of_slot(slot, what))?;
                if order.id >= self.accounts.standing(order.owner, market).cleared {
                    *counts.entry((order.account, market)).or_default() += 1;
                }
            }
            if self.crossed_stop(market).is_some() && table.crossed >> market & 1 == 0 {
                let what = "the mark has reached a trigger, but it is not among the crossed ones";
                return Err(BrokenInvariant::Market { market, what });
            }
        }
        if seen.iter().filter(|&&seen| seen).count() != table.len() {
            return Err(BrokenInvariant::Missing("conditional order of an id"));
        }
        self.check_free_conditionals(&mut seen)?;
        self.check_waiting_counts(&counts)
    }

    fn check_waiting(&self, slot: u32, order: &Waiting) -> Result<(), &'static str> {
        let list = order.stop_list();
        let terms = &self.live_market(list.market).terms;
        let ConditionalTerms {
            price_ticks, lots, ..
        } = order.terms;
        let prices = 1..=terms.price_max;
        if !prices.contains(&price_ticks) || !prices.contains(&order.trigger_ticks()) {
            return Err("its price or trigger is out of range");
        }
        if lots > terms.lots_max || order.terms.expiry_ms == 0 {
            return Err("its size or expiry is out of range");
        }
        if order.terms.is_tied() && !order.terms.options.reduce_only {
            return Err("it is tied to a position, but does not only reduce it");
        }
        if order.id >= self.clock.next_order_id || self.books.ids.get(order.id).is_some() {
            return Err("its id was not given yet, or is a resting order's");
        }
        if self.conditionals.ids.get(order.id) != Some(slot) {
            return Err("it is not found by its id");
        }
        let owner = self.accounts.get(order.owner);
        if !owner.is_open || owner.number != order.account {
            return Err("its account is not open");
        }
        if order.tenure > self.accounts.standing(order.owner, list.market).tenure {
            return Err("its tenure has yet to come");
        }
        self.check_pair(slot, order)
    }

    /// Partners name each other, and close the same position from both sides.
    fn check_pair(&self, slot: u32, order: &Waiting) -> Result<(), &'static str> {
        if order.partner == 0 {
            return Ok(());
        }
        let partner = self.conditionals.slots.get(order.partner as usize);
        let partner = partner.filter(|partner| partner.is_live() && partner.partner == slot);
        let partner = partner.ok_or("its partner does not name it")?;
        let (list, other) = (order.stop_list(), partner.stop_list());
        let is_pair = partner.account == order.account
            && other.market == list.market
            && other.direction != list.direction
            && partner.terms.side == order.terms.side
            && partner.terms.options.reduce_only
            && order.terms.options.reduce_only;
        if is_pair {
            Ok(())
        } else {
            Err("its partner can't be one")
        }
    }

    /// Every slot below the high mark is in a list or free, and none is both.
    fn check_free_conditionals(&self, seen: &mut [bool]) -> Result<(), BrokenInvariant> {
        let mut slot = self.conditionals.free;
        while slot != 0 {
            let order = self.conditionals.slots.get(slot as usize);
            let order = order.ok_or(of_slot(slot, "it is in the free list, but too high"))?;
            if std::mem::replace(&mut seen[slot as usize], true) {
                return Err(of_slot(slot, "it is free twice, or free and in a list"));
            }
            let mut link = EMPTY;
            link[schema::conditional::NEXT] = order.next.into();
            if order.words() != link || order.terms.words() != EMPTY {
                return Err(of_slot(slot, "it is free and holds more than its link"));
            }
            slot = order.next;
        }
        match seen.iter().skip(1).position(|&seen| !seen) {
            None => Ok(()),
            Some(at) => Err(of_slot(at as u32 + 1, "it is neither in a list nor free")),
        }
    }

    /// Each account's counts of waiting orders are those of its orders.
    fn check_waiting_counts(&self, counts: &Counts) -> Result<(), BrokenInvariant> {
        for (at, account) in self.accounts.iter() {
            for market in 0..self.config.markets {
                let standing = self.accounts.standing(at, market);
                let broken = |what| BrokenInvariant::Account {
                    account: account.number,
                    what,
                };
                let waiting = counts.get(&(account.number, market)).copied();
                if standing.waiting != waiting.unwrap_or(0) {
                    return Err(broken("the count of its conditional orders is wrong"));
                }
                let is_later = standing.cleared > self.accounts.cleared(at, market);
                let is_used = (standing.waiting, standing.tenure, standing.cleared) != (0, 0, 0);
                if is_later || is_used && !account.is_open {
                    return Err(broken(
                        "its conditional orders were cleared later than others, or it is not open",
                    ));
                }
            }
        }
        Ok(())
    }
}
