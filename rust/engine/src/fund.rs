//! All markets' funding of the hour, and its payment (docs/spec/prices.md § 5 and § 6).

use zkperp_schema::{self as schema, Refusal};

use crate::accounts::AccountIndex;
use crate::address::MarketPart;
use crate::command::Outcome;
use crate::effects::Effects;
use crate::event::Event;
use crate::formulas;
use crate::record::Record;
use crate::state::State;

impl State {
    /// Applies `fund`: it needs nothing but the state, so that nobody can stop time.
    pub(crate) fn apply_fund(
        &mut self,
        time_ms: u64,
        effects: &mut Effects,
    ) -> Result<Outcome, Refusal> {
        let due_ms = self.schedule.funding_due_ms;
        if time_ms > schema::TIME_MAX {
            return Err(Refusal::Malformed);
        }
        if time_ms != due_ms {
            return Err(Refusal::FundingNotDue);
        }
        self.check_calm()?;
        self.begin(due_ms);
        for market in 0..self.config.markets {
            self.fund_market(market, due_ms, effects);
        }
        self.set_pending(0..self.config.markets);
        self.schedule_mut().funding_due_ms += schema::FUNDING_PERIOD_MS;
        effects.record = Record::fund();
        Ok(Outcome::done(due_ms, 0, 0))
    }

    fn fund_market(&mut self, number: u8, due_ms: u64, effects: &mut Effects) {
        let tick_max_ms = self.config.tick_max_ms;
        self.market_mut(number, MarketPart::Funding);
        let market = self.market_margins_mut(number);
        let funding_max = market.funding_max();
        let index = market.mark.index_ticks;
        let multiplier = market.terms.multiplier;
        let pricing = market.pricing;
        let funding = &mut market.funding;
        funding.sample(due_ms, tick_max_ms);
        let average_ppm = formulas::average_premium_ppm(funding.premium_sum);
        funding.premium_sum = 0;
        let rate_ppm = formulas::rate_ppm(
            average_ppm,
            pricing.interest_ppm,
            pricing.clamp_ppm,
            pricing.rate_max_ppm,
        );
        funding.rate_ppm = formulas::hourly_rate_ppm(rate_ppm);
        let step = formulas::funding_step(funding.rate_ppm, index, multiplier);
        funding.funding = formulas::next_funding(funding.funding, step, funding_max);
        effects.events.push(Event::Funding {
            market: number,
            rate_ppm: funding.rate_ppm,
            index,
            funding: funding.funding,
        });
    }

    /// What an account's position in a market owes, micro-USDC, below 0 where it is owed.
    #[inline]
    pub(crate) fn funding_due(&self, at: AccountIndex, market: u8) -> i64 {
        let position = self.accounts.position(at, market);
        let funding = self.live_market(market).funding.funding;
        formulas::paid(position.size, funding, position.entry)
    }

    /// Pays it against the market's clearing account; the position's entry is the caller's to set.
    pub(crate) fn pay_funding(&mut self, at: AccountIndex, market: u8, effects: &mut Effects) {
        let paid = self.funding_due(at, market);
        if paid == 0 {
            return;
        }
        let account = self.accounts.account_mut(&mut self.journal, at);
        account.collateral -= paid;
        let number = account.number;
        let interest = &mut self.market_mut(market, MarketPart::Interest).interest;
        interest.clearing += paid;
        effects.events.push(Event::FundingPaid {
            account: number,
            market,
            amount: -paid,
        });
    }
}
