//! The accounts that are to be liquidated, the worst first (docs/spec/liquidation.md § 4).

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::accounts::{AccountIndex, Due};
use crate::advice::Neighbours;
use crate::effects::Effects;
use crate::event::Event;
use crate::formulas::Sums;
use crate::margin::bits;
use crate::state::State;

/// A due account with what the list is sorted by: value over margin, then account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DueKey {
    tav: i64,
    mmr: u64,
    pub(crate) account: u32,
}

impl DueKey {
    pub(crate) const fn new(account: u32, due: &Due) -> Self {
        Self {
            tav: due.tav,
            mmr: due.mmr,
            account,
        }
    }
}

impl Ord for DueKey {
    /// By the cross products: an account without margin owes, so it stands before those with one.
    fn cmp(&self, other: &Self) -> Ordering {
        let cross = |a: &Self, b: &Self| i128::from(a.tav) * i128::from(b.mmr);
        let ratios = cross(self, other).cmp(&cross(other, self));
        ratios.then(self.account.cmp(&other.account))
    }
}

impl PartialOrd for DueKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The due accounts in order.
pub(crate) type DueIndex = BTreeSet<DueKey>;

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
        let key = DueKey {
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
        effects.advice.due.push(Neighbours { prev, next });
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
        self.due.remove(&DueKey::new(account.number, &due));
        self.accounts.set_due(&mut self.journal, at, None);
        self.link_due(due.prev, due.next, [due.next, due.prev]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_ratio_comes_first_and_of_equal_ones_the_lower_account() {
        let key = |tav, mmr, account| DueKey { tav, mmr, account };
        let mut keys = [
            key(50, 100, 1),
            key(1, 2, 7),
            key(49, 100, 9),
            key(-1, 0, 5),
            key(-5, 3, 4),
            key(0, 9, 8),
            key(-9, 0, 6),
            key(1, 2, 3),
        ];
        keys.sort_unstable();
        assert_eq!(keys.map(|key| key.account), [5, 6, 4, 8, 9, 1, 3, 7]);
    }
}
