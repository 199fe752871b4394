//! The trigger lists (docs/spec/liquidation.md § 1): linked through the positions' leaves, and
//! kept in order in maps so that a place is found without walking.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use zkperp_schema as schema;

use crate::accounts::AccountIndex;
use crate::address::MarketPart;
use crate::advice::Neighbours;
use crate::effects::Effects;
use crate::market::{FirstTrigger, Market};
use crate::state::State;

/// Lists of a market: two sides of each tier.
pub(crate) const LISTS: u8 = 2 * schema::TIERS_MAX as u8;

/// What a list is sorted by: triggers falling, of equal ones the later last.
type Key = (Reverse<i64>, u64);

/// The number of the list of a position of this sign in this tier.
pub(crate) const fn list_of(size: i64, tier: usize) -> u8 {
    1 + 2 * tier as u8 + (size < 0) as u8
}

/// The tier of a list, and whether it is one of shorts.
pub(crate) const fn tier_of(list: u8) -> (u8, bool) {
    ((list - 1) / 2, (list - 1) % 2 == 1)
}

/// Every list in order.
#[derive(Clone, Debug)]
pub(crate) struct TriggerIndex {
    lists: Vec<BTreeMap<Key, AccountIndex>>,
    next_seq: u64,
}

impl TriggerIndex {
    pub(crate) fn new(markets: usize) -> Self {
        Self {
            lists: vec![BTreeMap::new(); markets * LISTS as usize],
            next_seq: 0,
        }
    }

    fn list_mut(&mut self, market: u8, list: u8) -> &mut BTreeMap<Key, AccountIndex> {
        &mut self.lists[market as usize * LISTS as usize + list as usize - 1]
    }

    /// The accounts of a list in order.
    pub(crate) fn accounts(
        &self,
        market: u8,
        list: u8,
    ) -> impl ExactSizeIterator<Item = AccountIndex> {
        let at = market as usize * LISTS as usize + list as usize - 1;
        self.lists[at].values().copied()
    }

    pub(crate) fn clear(&mut self) {
        self.lists.iter_mut().for_each(BTreeMap::clear);
    }

    /// Puts an account at the end of those with triggers no smaller; gives its place by the
    /// engine's count and the account before it.
    pub(crate) fn insert(
        &mut self,
        market: u8,
        list: u8,
        trigger: i64,
        at: AccountIndex,
    ) -> (u64, Option<AccountIndex>) {
        let seq = self.next_seq;
        self.next_seq += 1;
        let key = (Reverse(trigger), seq);
        let list = self.list_mut(market, list);
        let before = list.range(..key).next_back().map(|(_, &at)| at);
        list.insert(key, at);
        (seq, before)
    }

    /// Puts an account back at the place that it had.
    pub(crate) fn put_back(
        &mut self,
        market: u8,
        list: u8,
        (trigger, seq): (i64, u64),
        at: AccountIndex,
    ) {
        self.list_mut(market, list)
            .insert((Reverse(trigger), seq), at);
    }

    pub(crate) fn remove(&mut self, market: u8, list: u8, trigger: i64, seq: u64) {
        let removed = self.list_mut(market, list).remove(&(Reverse(trigger), seq));
        assert!(removed.is_some(), "Invariant: a position is in no list");
    }
}

impl Market {
    /// The head of one of its lists.
    #[inline]
    pub(crate) const fn first_trigger(&self, list: u8) -> FirstTrigger {
        let (tier, is_short) = tier_of(list);
        let triggers = &self.triggers[tier as usize];
        if is_short {
            triggers.short
        } else {
            triggers.long
        }
    }
}

impl State {
    fn set_first_trigger(&mut self, market: u8, list: u8, first: FirstTrigger) {
        let (tier, is_short) = tier_of(list);
        let market = self.market_mut(market, MarketPart::Triggers(tier));
        let triggers = &mut market.triggers[tier as usize];
        if is_short {
            triggers.short = first;
        } else {
            triggers.long = first;
        }
    }

    fn listed(&self, number: u32) -> Option<AccountIndex> {
        if number == 0 {
            return None;
        }
        let found = self.accounts.find(number);
        Some(found.expect("Invariant: a list links an account that isn't"))
    }

    /// Inserts a position that stands in no list.
    pub(crate) fn enlist(
        &mut self,
        at: AccountIndex,
        market: u8,
        list: u8,
        trigger: i64,
        effects: &mut Effects,
    ) {
        let number = self.accounts.get(at).number;
        let (seq, before) = self.triggers.insert(market, list, trigger, at);
        let (prev, next) = match before {
            Some(before) => {
                let position = self
                    .accounts
                    .position_mut(&mut self.journal, before, market);
                let next = std::mem::replace(&mut position.next, number);
                (self.accounts.get(before).number, next)
            }
            None => {
                let next = self.live_market(market).first_trigger(list).account;
                let account = number;
                self.set_first_trigger(market, list, FirstTrigger { account, trigger });
                (0, next)
            }
        };
        if let Some(after) = self.listed(next) {
            self.accounts
                .position_mut(&mut self.journal, after, market)
                .prev = number;
        }
        let position = self.accounts.position_mut(&mut self.journal, at, market);
        (position.trigger, position.seq, position.list) = (trigger, seq, list);
        (position.prev, position.next) = (prev, next);
        effects.advice.inserted.push(Neighbours { prev, next });
    }

    /// Takes a position out of its list; nothing where it stands in none.
    pub(crate) fn unlist(&mut self, at: AccountIndex, market: u8) {
        let position = *self.accounts.position(at, market);
        if position.list == 0 {
            return;
        }
        self.triggers
            .remove(market, position.list, position.trigger, position.seq);
        self.journal.give_up_seq(at, market, position.seq);
        let after = self.listed(position.next);
        if let Some(before) = self.listed(position.prev) {
            self.accounts
                .position_mut(&mut self.journal, before, market)
                .next = position.next;
        } else {
            let trigger = after.map_or(0, |after| self.accounts.position(after, market).trigger);
            let account = position.next;
            self.set_first_trigger(market, position.list, FirstTrigger { account, trigger });
        }
        if let Some(after) = after {
            self.accounts
                .position_mut(&mut self.journal, after, market)
                .prev = position.prev;
        }
        let position = self.accounts.position_mut(&mut self.journal, at, market);
        (position.trigger, position.seq, position.list) = (0, 0, 0);
        (position.prev, position.next) = (0, 0);
    }
}
