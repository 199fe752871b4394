//! A market's index, mark and bands anew (docs/spec/prices.md § 3 and § 4).

use zkperp_schema::{self as schema, Refusal, Side};

use crate::address::MarketPart;
use crate::admission::fits;
use crate::command::Outcome;
use crate::effects::Effects;
use crate::event::Event;
use crate::formulas::{self, BookOrder, Rounding};
use crate::level::BookId;
use crate::market::{Funding, Mark};
use crate::record::Record;
use crate::state::State;

impl State {
    /// Applies a tick.
    pub(crate) fn apply_tick(
        &mut self,
        now_ms: u64,
        number: u8,
        step: u64,
        effects: &mut Effects,
    ) -> Result<Outcome, Refusal> {
        let index = self.check_tick(now_ms, number)?;
        self.begin(now_ms);
        let bid = self.impact(number, Side::Bid, now_ms);
        let ask = self.impact(number, Side::Ask, now_ms);
        let config = self.config;
        for part in [MarketPart::Terms, MarketPart::Mark, MarketPart::Funding] {
            self.market_mut(number, part);
        }
        let market = self.market_margins_mut(number);
        market.funding.sample(now_ms, config.tick_max_ms);
        let premium_ppm = formulas::premium_ppm(index, bid, ask);
        market.funding.premium_ppm = premium_ppm;
        let (cap, window) = (config.basis_cap_ppm, config.basis_window_ms);
        let Mark {
            tick_ms, basis_ppm, ..
        } = market.mark;
        let basis_ppm = if tick_ms == 0 {
            0
        } else {
            formulas::basis_ppm(basis_ppm, premium_ppm, cap, now_ms - tick_ms, window)
        };
        let price_max = market.terms.price_max;
        let mark_ticks = formulas::mark_ticks(index, basis_ppm, bid, ask, price_max);
        let (low, high) = formulas::bands(mark_ticks, market.pricing.band_ppm, price_max);
        (market.terms.price_low, market.terms.price_high) = (low, high);
        market.mark = Mark {
            index_ticks: index,
            mark_ticks,
            tick_ms: now_ms,
            basis_ppm,
        };
        effects.events.push(Event::Mark {
            market: number,
            index,
            mark: mark_ticks,
            premium_ppm,
            impact_bid: bid.unwrap_or(0),
            impact_ask: ask.unwrap_or(0),
        });
        self.set_pending([number]);
        self.set_crossed(number);
        effects.record = Record::tick(number, step);
        Ok(Outcome::done(number.into(), index, mark_ticks))
    }

    /// The checks of a tick; gives the index.
    fn check_tick(&self, now_ms: u64, number: u8) -> Result<u64, Refusal> {
        fits(number.into(), schema::MARKET_BITS)?;
        self.check_calm()?;
        let market = self.market(number).ok_or(Refusal::UnknownMarket)?;
        if now_ms <= market.mark.tick_ms {
            return Err(Refusal::TickTooSoon);
        }
        self.index_of(market, now_ms).ok_or(Refusal::NoQuorum)
    }

    /// What the market's impact amount would cost or earn at once on one side of its book.
    fn impact(&self, market: u8, side: Side, now_ms: u64) -> Option<u64> {
        let book = BookId::new(market, side);
        let orders = self.books.queue(book).map(|(key, order)| {
            let has_no_part =
                order.flags.is_reduce_only() || self.gone(order, market, now_ms).is_some();
            BookOrder {
                price: book.price(key),
                lots: order.lots,
                expiry_ms: if has_no_part { 0 } else { order.expiry_ms },
            }
        });
        let rounding = match side {
            Side::Bid => Rounding::Down,
            Side::Ask => Rounding::Up,
        };
        let impact_quote = self.live_market(market).pricing.impact_quote;
        formulas::impact_price(orders, impact_quote, now_ms, rounding)
    }
}

impl Funding {
    /// Adds the premium over the time since the last sample, but no longer than a tick may be late.
    pub(crate) fn sample(&mut self, now_ms: u64, tick_max_ms: u64) {
        let passed_ms = now_ms - self.sampled_ms;
        self.premium_sum =
            formulas::sampled_premium(self.premium_sum, self.premium_ppm, passed_ms, tick_max_ms);
        self.sampled_ms = now_ms;
    }
}
