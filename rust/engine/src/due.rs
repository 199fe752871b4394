//! The accounts that are to be liquidated, the worst first (docs/spec/liquidation.md § 4).

use std::collections::BTreeSet;

use crate::accounts::{AccountIndex, Due};
use crate::advice::Neighbours;
use crate::effects::Effects;
use crate::event::Event;
use crate::formulas::{DueRank, Sums};
use crate::margin::bits;
use crate::state::State;

/// The due accounts in order.
pub(crate) type DueIndex = BTreeSet<DueRank>;

impl Due {
    /// What an account with this number is sorted by.
    pub(crate) const fn rank(&self, account: u32) -> DueRank {
        DueRank {
            tav: self.tav,
            mmr: self.mmr,
            account,
        }
    }
}

impl State {
    /// Whether an account is to be liquidated.
    #[inline]
    pub(crate) fn is_due(&self, at: AccountIndex) -> bool {
        self.accounts.get(at).due.is_some()
    }

    fn change_due(&mut self, number: u32, change: impl FnOnce(&mut Due)) {
        let at = self.accounts.find(number);
        let at = at.expect("Invariant: the due list links an account that isn't");
        let due = self.accounts.get(at).due.as_deref();
        let mut due = *due.expect("Invariant: the due list links an account that is not due");
        change(&mut due);
        self.accounts.set_due(&mut self.journal, at, Some(due));
    }

    /// Says to two neighbours, 0 for an end of the list, what stands after the first and before the
    /// second.
    fn link_due(&mut self, prev: u32, next: u32, [after, before]: [u32; 2]) {
        if prev == 0 {
            self.risk_mut().due_first = after;
        } else {
            self.change_due(prev, |due| due.next = after);
        }
        if next != 0 {
            self.change_due(next, |due| due.prev = before);
        }
    }

    /// Takes an account's positions out of their lists and puts it among the due ones.
    pub(crate) fn become_due(&mut self, at: AccountIndex, sums: &Sums, effects: &mut Effects) {
        let account = self.accounts.get(at);
        let number = account.number;
        for market in bits(account.positions) {
            self.unlist(at, market);
        }
        let (tav, mmr) = (sums.tav, sums.mmr().unsigned_abs());
        let key = DueRank {
            tav,
            mmr,
            account: number,
        };
        let prev = self.due.range(..key).next_back();
        let prev = prev.map_or(0, |key| key.account);
        let next = self.due.range(key..).next().map_or(0, |key| key.account);
        self.due.insert(key);
        self.link_due(prev, next, [number; 2]);
        let due = Due {
            prev,
            next,
            tav,
            mmr,
        };
        self.accounts.set_due(&mut self.journal, at, Some(due));
        effects.advice.inserted.push(Neighbours { prev, next });
        effects.events.push(Event::LiquidationDue {
            account: number,
            tav,
            mmr,
        });
    }

    /// Takes an account out of the list of the due ones.
    pub(crate) fn leave_due(&mut self, at: AccountIndex) {
        let account = self.accounts.get(at);
        let due = account.due.as_deref();
        let due = *due.expect("Invariant: an account that is not due leaves the due list");
        self.due.remove(&due.rank(account.number));
        self.accounts.set_due(&mut self.journal, at, None);
        self.link_due(due.prev, due.next, [due.next, due.prev]);
    }
}
