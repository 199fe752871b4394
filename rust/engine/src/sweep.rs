//! Crossed triggers are looked at, one at a time (docs/spec/liquidation.md § 3).

use zkperp_schema::{Kind, Refusal};

use crate::command::Outcome;
use crate::effects::Effects;
use crate::record::Record;
use crate::state::State;

impl State {
    /// Notes which of these markets have a crossed trigger; at the end of a tick or funding, when
    /// nothing else is pending.
    pub(crate) fn set_pending(&mut self, markets: impl IntoIterator<Item = u8>) {
        let crossed = |bits, market| match self.crossed(market) {
            Some(_) => bits | 1 << market,
            None => bits,
        };
        let pending = markets.into_iter().fold(0, crossed);
        if pending != 0 {
            self.risk_mut().pending |= pending;
        }
    }

    /// Applies `sweep`.
    pub(crate) fn apply_sweep(
        &mut self,
        now_ms: u64,
        step: u64,
        effects: &mut Effects,
    ) -> Result<Outcome, Refusal> {
        if self.risk.pending == 0 {
            return Err(Refusal::NothingDue);
        }
        self.begin(now_ms);
        effects.record = Record::risk(Kind::Sweep, 0, step);
        let market = self.risk.pending.trailing_zeros() as u8;
        let Some(account) = self.crossed(market) else {
            self.risk_mut().pending &= !(1 << market);
            return Ok(Outcome::done(0, market.into(), 0));
        };
        let at = self.accounts.find(account);
        let at = at.expect("Invariant: a trigger list begins with an account that isn't");
        let sums = self.sums(at);
        let is_due = sums.maintenance < 0;
        if is_due {
            self.become_due(at, &sums, effects);
        } else {
            self.key(at, sums.maintenance, effects);
        }
        Ok(Outcome::done(account.into(), market.into(), is_due.into()))
    }
}
