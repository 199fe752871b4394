//! Resting orders that nobody can fill any more: who is silent or has said so clears them without
//! touching one (docs/spec/orders.md § 3).

use zkperp_schema::{Refusal, RemovalReason};

use crate::accounts::AccountIndex;
use crate::command::Outcome;
use crate::effects::Effects;
use crate::event::Event;
use crate::level::BookId;
use crate::margin::sign;
use crate::order::Order;
use crate::state::State;

impl State {
    /// Whether an order of a market is cleared or expired: it never comes back from that.
    #[inline]
    pub(crate) fn gone(&self, order: &Order, market: u8, now_ms: u64) -> Option<RemovalReason> {
        let owner = self.accounts.get(order.owner);
        let cleared = self.accounts.cleared(order.owner, market);
        if order.id < cleared || is_silent(owner.deadline_ms, now_ms) {
            Some(RemovalReason::Cleared)
        } else if order.expiry_ms <= now_ms {
            Some(RemovalReason::Expired)
        } else {
            None
        }
    }

    /// Why an order of a side is dead, if it is.
    #[inline]
    pub(crate) fn dead(&self, order: &Order, book: BookId, now_ms: u64) -> Option<RemovalReason> {
        let market = book.market();
        self.gone(order, market, now_ms).or_else(|| {
            let is_idle = order.flags.is_reduce_only() && {
                let size = self.accounts.position(order.owner, market).size;
                sign(book.side()) * size >= 0
            };
            is_idle.then_some(RemovalReason::Idle)
        })
    }

    /// The most lots that a living order of this account's position can fill, if it asks to reduce
    /// only: those of the position.
    #[inline]
    pub(crate) fn lots_that_reduce(&self, order: &Order, market: u8) -> u64 {
        if order.flags.is_reduce_only() {
            let size = self.accounts.position(order.owner, market).size;
            size.unsigned_abs()
        } else {
            u64::MAX
        }
    }

    /// Clears the orders of an account whose deadline has passed, and turns it off. The command is
    /// recorded then: what it does after this may be refused.
    pub(crate) fn fire(&mut self, at: AccountIndex, now_ms: u64, effects: &mut Effects) {
        if is_silent(self.accounts.get(at).deadline_ms, now_ms) {
            self.journal.record();
            self.touch_clock();
            self.accounts.account_mut(&mut self.journal, at).deadline_ms = 0;
            self.clear_account(at, effects);
        }
    }

    fn clear_account(&mut self, at: AccountIndex, effects: &mut Effects) {
        let below = self.clock.next_order_id;
        let account = self.accounts.account_mut(&mut self.journal, at);
        account.cleared = below;
        effects.events.push(Event::OrdersCleared {
            account: account.number,
            market: None,
            below,
        });
    }

    /// Applies `cancel_all`, of a market that there is or of all.
    pub(crate) fn cancel_all(
        &mut self,
        at: AccountIndex,
        market: Option<u8>,
        effects: &mut Effects,
    ) -> Outcome {
        let below = self.clock.next_order_id;
        match market {
            None => self.clear_account(at, effects),
            Some(market) => {
                let account = self.accounts.get(at).number;
                let position = self.accounts.position_mut(&mut self.journal, at, market);
                (position.open_orders, position.cleared) = (0, below);
                effects.events.push(Event::OrdersCleared {
                    account,
                    market: Some(market),
                    below,
                });
            }
        }
        Outcome::done(below, 0, 0)
    }

    /// The check of `set_deadline`.
    pub(crate) fn check_deadline(&self, deadline_ms: u64, now_ms: u64) -> Result<(), Refusal> {
        if is_silent(deadline_ms, now_ms) {
            Err(Refusal::BadExpiry)
        } else {
            Ok(())
        }
    }

    /// Sets an account's dead man's switch; 0 turns it off.
    pub(crate) fn set_deadline(
        &mut self,
        at: AccountIndex,
        deadline_ms: u64,
        effects: &mut Effects,
    ) -> Outcome {
        let account = self.accounts.account_mut(&mut self.journal, at);
        account.deadline_ms = deadline_ms;
        effects.events.push(Event::DeadlineSet {
            account: account.number,
            deadline_ms,
        });
        Outcome::done(deadline_ms, 0, 0)
    }
}

/// Whether a deadline has passed; 0 is none.
#[inline]
pub(crate) const fn is_silent(deadline_ms: u64, now_ms: u64) -> bool {
    deadline_ms != 0 && deadline_ms <= now_ms
}
