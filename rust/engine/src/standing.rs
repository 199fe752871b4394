//! What stands beside a position: who visited it, how often it was closed or turned, and how many
//! conditional orders wait for it (docs/spec/state.md § 6, conditional.md § 1).

use zkperp_schema::{self as schema, standing as felt};

use crate::accounts::{AccountIndex, Accounts};
use crate::journal::{Journal, Stamp};
use crate::leaf::{EMPTY, LeafWords};
use crate::level::FieldError;

/// What stands beside a position.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Standing {
    /// Number of the last deleveraging that visited the position, 0: none did.
    pub(crate) visit: u64,
    /// How often the position was closed or turned.
    pub(crate) tenure: u64,
    /// Its account's conditional orders in this market with ids that are not below `cleared`.
    pub(crate) waiting: u32,
    /// Up to which ids conditional orders had been cleared when one was last placed.
    pub(crate) cleared: u64,
    pub(crate) stamp: Stamp,
}

impl Standing {
    pub(crate) const fn words(&self) -> LeafWords {
        let mut words = EMPTY;
        words[felt::STAMP] = self.visit;
        words[felt::TENURE] = self.tenure;
        words[felt::WAITING] = self.waiting as u64 + self.cleared * schema::ORDERS_CLEARED_SHIFT;
        words
    }

    pub(crate) fn from_words(words: &LeafWords) -> Result<Self, FieldError> {
        for (at, name) in [(felt::STAMP, "stamp"), (felt::TENURE, "tenure")] {
            if words[at] >> schema::COUNTER_BITS != 0 {
                return Err(FieldError(name));
            }
        }
        let waiting = words[felt::WAITING] % schema::ORDERS_CLEARED_SHIFT;
        let cleared = words[felt::WAITING] / schema::ORDERS_CLEARED_SHIFT;
        if waiting > schema::CONDITIONALS_MAX || cleared > schema::ORDER_ID_MAX {
            return Err(FieldError("waiting"));
        }
        if words[3..] != [0; 5] {
            return Err(FieldError("reserved"));
        }
        Ok(Self {
            visit: words[felt::STAMP],
            tenure: words[felt::TENURE],
            waiting: waiting as u32,
            cleared,
            stamp: Stamp::default(),
        })
    }
}

impl Accounts {
    /// The number of the last deleveraging that visited a position, 0: none did.
    #[inline]
    pub(crate) fn visit(&self, at: AccountIndex, market: u8) -> u64 {
        self.standing(at, market).visit
    }

    /// Says that the deleveraging of this number has visited a position.
    pub(crate) fn set_visit(
        &mut self,
        journal: &mut Journal,
        at: AccountIndex,
        market: u8,
        visit: u64,
    ) {
        self.standing_mut(journal, at, market).visit = visit;
    }

    /// Counts that a position was closed or turned: what waits for it as a whole is orphaned.
    pub(crate) fn end_tenure(&mut self, journal: &mut Journal, at: AccountIndex, market: u8) {
        self.standing_mut(journal, at, market).tenure += 1;
    }

    /// The id up to which all of an account's orders in a market were cleared.
    #[inline]
    pub(crate) fn cleared(&self, at: AccountIndex, market: u8) -> u64 {
        self.get(at).cleared.max(self.position(at, market).cleared)
    }

    /// How many of an account's conditional orders in a market count.
    pub(crate) fn waiting(&self, at: AccountIndex, market: u8) -> u32 {
        let standing = self.standing(at, market);
        if self.cleared(at, market) > standing.cleared {
            0
        } else {
            standing.waiting
        }
    }

    /// Counts a conditional order that begins to wait.
    pub(crate) fn count_waiting(&mut self, journal: &mut Journal, at: AccountIndex, market: u8) {
        let waiting = self.waiting(at, market);
        let cleared = self.cleared(at, market);
        let standing = self.standing_mut(journal, at, market);
        standing.waiting = waiting + 1;
        standing.cleared = standing.cleared.max(cleared);
    }

    /// Counts a conditional order no longer that has gone, if it was counted.
    pub(crate) fn count_gone(
        &mut self,
        journal: &mut Journal,
        at: AccountIndex,
        market: u8,
        order_id: u64,
    ) {
        if order_id >= self.standing(at, market).cleared {
            self.standing_mut(journal, at, market).waiting -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaf_gives_it_back_and_bounds_hold() {
        let waiting = 64 + ((1 << 48) - 1) * 512;
        let words = [(1 << 48) - 1, (1 << 48) - 1, waiting, 0, 0, 0, 0, 0];
        let standing = Standing::from_words(&words).unwrap();
        assert_eq!((standing.words(), standing.waiting), (words, 64));
        for (at, value, name) in [
            (felt::STAMP, 1 << 48, "stamp"),
            (felt::TENURE, 1 << 48, "tenure"),
            (felt::WAITING, 65, "waiting"),
            (felt::WAITING, 1 << 57, "waiting"),
            (3, 1, "reserved"),
        ] {
            let mut wrong = words;
            wrong[at] = value;
            assert_eq!(Standing::from_words(&wrong).err(), Some(FieldError(name)));
        }
    }
}
