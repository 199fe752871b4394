//! What oracles say that prices were (docs/spec/prices.md § 1 and § 2).

use zkperp_schema::{self as schema, Refusal};

use crate::address::MarketPart;
use crate::admission::fits;
use crate::command::{Envelope, OracleReport, Outcome};
use crate::effects::Effects;
use crate::event::Event;
use crate::formulas;
use crate::market::{Market, Report};
use crate::message::Message;
use crate::record::Record;
use crate::signatures::Signatures;
use crate::state::State;

impl State {
    /// Applies a report, and gives the message that was signed for it.
    pub(crate) fn apply_report<S: Signatures>(
        &mut self,
        envelope: &Envelope,
        report: &OracleReport,
        step: u64,
        signatures: &S,
        effects: &mut Effects,
    ) -> Result<(Message, Outcome), Refusal> {
        let message = self.check_report(envelope, report, signatures)?;
        self.begin(envelope.time_ms);
        let (key, timestamp_ms) = (report.key, report.timestamp_ms);
        let part = MarketPart::Report(key / schema::REPORT_KEYS as u8);
        for entry in &report.entries {
            let market = self.market_mut(entry.market, part);
            market.reports[key as usize] = Report {
                price: entry.price_ticks,
                time_ms: timestamp_ms,
            };
            effects.events.push(Event::OracleReport {
                key,
                market: entry.market,
                price: entry.price_ticks,
                timestamp_ms,
            });
        }
        effects.record = Record::oracle(report, step, envelope.time_ms);
        let count = report.entries.len() as u64;
        Ok((message, Outcome::done(key.into(), timestamp_ms, count)))
    }

    fn check_report<S: Signatures>(
        &self,
        envelope: &Envelope,
        report: &OracleReport,
        signatures: &S,
    ) -> Result<Message, Refusal> {
        check_form(report)?;
        let key = self.oracle_keys[report.key as usize].ok_or(Refusal::UnknownOracleKey)?;
        let message = Message::oracle(&self.domain, report, |market| {
            self.market(market)
                .map_or(0, |market| market.terms.multiplier)
        });
        if !signatures.verify(&key, &message, envelope.signature.as_ref()) {
            return Err(Refusal::BadSignature);
        }
        let age_ms = envelope.time_ms.checked_sub(report.timestamp_ms);
        if age_ms.ok_or(Refusal::PriceFromFuture)? > self.config.staleness_ms {
            return Err(Refusal::PriceTooOld);
        }
        for entry in &report.entries {
            let market = self.market(entry.market).ok_or(Refusal::UnknownMarket)?;
            if entry.price_ticks == 0 || entry.price_ticks > market.terms.price_max {
                return Err(Refusal::BadPrice);
            }
            if report.timestamp_ms <= market.reports[report.key as usize].time_ms {
                return Err(Refusal::PriceNotNewer);
            }
        }
        Ok(message)
    }

    /// The index that a tick of a market would find at this program time; `None` without a quorum.
    #[must_use]
    pub fn index_price(&self, market: u8, now_ms: u64) -> Option<u64> {
        self.market(market)
            .and_then(|market| self.index_of(market, now_ms))
    }

    pub(crate) fn index_of(&self, market: &Market, now_ms: u64) -> Option<u64> {
        let mut fresh = [0; schema::ORACLE_KEYS_MAX as usize];
        let mut count = 0;
        for (key, report) in market.reports.iter().enumerate() {
            let is_registered = self.config.oracles >> key & 1 == 1;
            // A report's time is at most that of the command which brought it.
            let is_young = now_ms.saturating_sub(report.time_ms) <= self.config.staleness_ms;
            if is_registered && report.price != 0 && is_young {
                fresh[count] = report.price;
                count += 1;
            }
        }
        let config = &self.config;
        formulas::index_price(&mut fresh[..count], config.quorum, config.deviation_ppm)
    }
}

/// Refuses a report whose fields are too wide or out of order.
fn check_form(report: &OracleReport) -> Result<(), Refusal> {
    fits(report.timestamp_ms, schema::TIME_BITS)?;
    let count = report.entries.len() as u64;
    let is_key = u64::from(report.key) < schema::ORACLE_KEYS_MAX;
    let is_count = (1..=schema::MARKETS_MAX).contains(&count);
    let is_sorted = report.entries.is_sorted_by(|a, b| a.market < b.market);
    if !is_key || !is_count || !is_sorted {
        return Err(Refusal::Malformed);
    }
    for entry in &report.entries {
        fits(entry.market.into(), schema::MARKET_BITS)?;
        fits(entry.price_ticks, schema::PRICE_BITS)?;
    }
    Ok(())
}
