//! Lots that nobody took are closed against all positions of the opposite side, pro rata
//! (docs/spec/liquidation.md § 7).

use zkperp_schema::{Kind, Refusal};

use crate::accounts::AccountIndex;
use crate::command::Outcome;
use crate::effects::Effects;
use crate::event::Event;
use crate::formulas;
use crate::record::Record;
use crate::risk::Deleveraging;
use crate::state::State;

impl State {
    /// The lowest account whose share has yet to be taken, while lots are deleveraged. The rules let
    /// a sequencer choose; by this one it needs no search of its own.
    #[must_use]
    pub const fn next_counterparty(&self) -> Option<u32> {
        match self.counterparty {
            0 => None,
            account => Some(account),
        }
    }

    /// The lowest account above `number` that stands on the opposite side and was not visited. All
    /// steps of a deleveraging together walk over the accounts once, as sizes don't change sides
    /// while it runs, and a visited account stays visited.
    pub(crate) fn counterparty_above(&self, number: u32) -> Option<u32> {
        let now = self.deleveraging.as_ref()?;
        let sign = self.opposite_sign(now)?;
        let mut above = self.accounts.above(number);
        let found = above.find(|&at| self.is_counterparty(at, now.market, sign))?;
        Some(self.accounts.get(found).number)
    }

    /// The sign of the counterparties' sizes.
    fn opposite_sign(&self, now: &Deleveraging) -> Option<i64> {
        let at = self.accounts.find(now.account)?;
        Some(-self.accounts.position(at, now.market).size.signum())
    }

    /// Whether an account stands on this side and was not visited.
    pub(crate) fn is_counterparty(&self, at: AccountIndex, market: u8, sign: i64) -> bool {
        self.accounts.position(at, market).size.signum() == sign
            && self.accounts.visit(at, market) != self.deleveragings
    }

    /// The place of a counterparty that a deleveraging may visit.
    fn counterparty(&self, now: &Deleveraging, number: u32) -> Result<AccountIndex, Refusal> {
        let sign = self.opposite_sign(now);
        let at = self.accounts.find(number);
        at.zip(sign)
            .filter(|&(at, sign)| self.is_counterparty(at, now.market, sign))
            .map(|(at, _)| at)
            .ok_or(Refusal::BadCounterparty)
    }

    /// Applies `deleverage`.
    pub(crate) fn apply_deleverage(
        &mut self,
        now_ms: u64,
        counterparty: u32,
        step: u64,
        effects: &mut Effects,
    ) -> Result<Outcome, Refusal> {
        let now = self.deleveraging.ok_or(Refusal::NothingDue)?;
        let other = self.counterparty(&now, counterparty)?;
        self.begin(now_ms);
        effects.record = Record::risk(Kind::Deleverage, counterparty, step);
        let market = now.market;
        let size = self.accounts.position(other, market).size;
        let visited = now.visited + size.unsigned_abs();
        let share = formulas::deleveraging_share(now.lots, now.quote, now.total, visited);
        let (lots, quote) = (share.closed - now.closed, share.paid - now.paid);
        let number = self.deleveragings;
        self.accounts
            .set_visit(&mut self.journal, other, market, number);
        if lots > 0 {
            let at = self.accounts.find(now.account);
            let at = at.expect("Invariant: the account of a deleveraging isn't one");
            // The counterparty's side is opposite, so its sign closes the account's position.
            let change = size.signum() * lots.cast_signed();
            self.settle(at, market, change, -quote, effects);
            self.settle(other, market, -change, quote, effects);
            self.grow_interest(market, -2 * lots.cast_signed());
            effects.events.push(Event::Deleveraged {
                account: now.account,
                counterparty,
                market,
                lots,
                quote,
            });
            // Nothing where it is due; the fund may be deleveraged without being due.
            self.touch_position(at, market, effects);
            self.touch_position(other, market, effects);
        }
        let is_over = visited == now.total;
        self.set_deleveraging((!is_over).then_some(Deleveraging {
            visited,
            closed: share.closed,
            paid: share.paid,
            ..now
        }));
        if is_over {
            self.counterparty = 0;
        } else if counterparty == self.counterparty {
            self.counterparty = self.counterparty_above(counterparty).unwrap_or(0);
        }
        Ok(Outcome::done(counterparty.into(), lots, 0))
    }
}
