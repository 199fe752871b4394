//! Lots that nobody took are closed against all positions of the opposite side, pro rata
//! (docs/spec/liquidation.md § 7).

use zkperp_schema::{Kind, Refusal};

use crate::command::Outcome;
use crate::effects::Effects;
use crate::event::Event;
use crate::formulas;
use crate::record::Record;
use crate::risk::Deleveraging;
use crate::state::State;

impl State {
    /// The counterparty whose share comes next, while lots are deleveraged.
    #[must_use]
    pub fn next_counterparty(&self) -> Option<u32> {
        let now = self.deleveraging.as_ref()?;
        let at = self.accounts.find(now.account)?;
        let sign = self.accounts.position(at, now.market).size.signum();
        let mut above = self.accounts.above(now.last);
        let found =
            above.find(|&at| self.accounts.position(at, now.market).size.signum() == -sign)?;
        Some(self.accounts.get(found).number)
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
        if self.next_counterparty() != Some(counterparty) {
            return Err(Refusal::BadCounterparty);
        }
        self.begin(now_ms);
        effects.record = Record::risk(Kind::Deleverage, counterparty, step);
        let [at, other] = [now.account, counterparty].map(|number| {
            let at = self.accounts.find(number);
            at.expect("Invariant: an account of a deleveraging isn't one")
        });
        let market = now.market;
        let size = self.accounts.position(other, market).size;
        let visited = now.visited + size.unsigned_abs();
        let share = formulas::deleveraging_share(now.lots, now.quote, now.total, visited);
        let (lots, quote) = (share.closed - now.closed, share.paid - now.paid);
        if lots > 0 {
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
            self.touch_position(other, market, effects);
        }
        let is_over = visited == now.total;
        self.set_deleveraging((!is_over).then_some(Deleveraging {
            visited,
            closed: share.closed,
            paid: share.paid,
            last: counterparty,
            ..now
        }));
        Ok(Outcome::done(counterparty.into(), lots, 0))
    }
}
