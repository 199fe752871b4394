//! Which prices call an account up: its triggers, kept in step with its slack
//! (docs/spec/liquidation.md § 2).

use zkperp_schema as schema;

use crate::accounts::AccountIndex;
use crate::effects::Effects;
use crate::formulas;
use crate::margin::bits;
use crate::state::State;
use crate::trigger_index::list_of;

/// An account with its triggers as they are.
#[derive(Clone, Copy, Debug)]
struct Standing {
    /// The sum S, micro-USDC.
    slack: i64,
    /// What its triggers may use up of it, micro-USDC.
    used: u64,
    /// Whether each position stands in the list of its side and tier.
    is_listed: bool,
}

impl State {
    fn standing(&self, at: AccountIndex) -> Standing {
        let account = self.accounts.get(at);
        let mut standing = Standing {
            slack: account.collateral,
            used: 0,
            is_listed: true,
        };
        for number in bits(account.positions) {
            let position = self.accounts.position(at, number);
            let market = self.live_market(number);
            let list = list_of(position.size, market.tier_index(position.size));
            let value = market.trigger_value(list);
            let (lots, sign) = (position.size.unsigned_abs(), position.size.signum());
            standing.slack += formulas::scaled(lots, value + sign * position.entry);
            if position.list == list {
                standing.used += formulas::trigger_use(lots, value, position.trigger);
            } else {
                standing.is_listed = false;
            }
        }
        standing
    }

    /// To be called after a fill for each of the two accounts: [`touch`](Self::touch) that knows
    /// which position may have been closed.
    pub(crate) fn touch_position(&mut self, at: AccountIndex, market: u8, effects: &mut Effects) {
        if self.is_due(at) {
            return;
        }
        if self.accounts.position(at, market).size == 0 {
            self.unlist(at, market);
        }
        self.touch(at, effects);
    }

    /// To be called when an account's cash or a size has changed: keys it where its triggers would
    /// no longer show that it is healthy, and makes it due where it is not. The fund may be in debt
    /// while it has no positions: fees to come fill it.
    pub(crate) fn touch(&mut self, at: AccountIndex, effects: &mut Effects) {
        let account = self.accounts.get(at);
        if account.due.is_some() || self.is_fund_without_positions(at) {
            return;
        }
        let standing = self.standing(at);
        if standing.slack < 0 {
            self.become_due(at, &self.sums(at), effects);
        } else if !standing.is_listed || standing.used > standing.slack.unsigned_abs() {
            self.key(at, standing.slack, effects);
        }
    }

    /// Whether this is the one account that may owe and not be due.
    pub(crate) fn is_fund_without_positions(&self, at: AccountIndex) -> bool {
        let account = self.accounts.get(at);
        account.positions == 0 && u64::from(account.number) == schema::FUND_ACCOUNT
    }

    /// Gives the account's positions triggers that share half of its slack, S ≥ 0, in proportion to
    /// notional.
    pub(crate) fn key(&mut self, at: AccountIndex, slack: i64, effects: &mut Effects) {
        let positions = self.accounts.get(at).positions;
        let mut notional = 0;
        for market in bits(positions) {
            self.unlist(at, market);
            let lots = self.accounts.position(at, market).size.unsigned_abs();
            notional += lots * self.live_market(market).mark_value();
        }
        let ratio = formulas::key_ratio(slack.unsigned_abs(), notional);
        for number in bits(positions) {
            let market = self.live_market(number);
            let size = self.accounts.position(at, number).size;
            let list = list_of(size, market.tier_index(size));
            let value = market.trigger_value(list);
            let trigger = formulas::trigger(value, ratio, market.mark_value());
            self.enlist(at, number, list, trigger, effects);
        }
    }
}
