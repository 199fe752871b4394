//! A signed price becomes the mark price (docs/spec/commands.md § 7).

use zkperp_schema::{self as schema, Refusal};

use crate::admission::fits;
use crate::command::{Envelope, OraclePrice, Outcome};
use crate::effects::Effects;
use crate::event::Event;
use crate::message::Message;
use crate::record::Record;
use crate::signatures::Signatures;
use crate::state::State;

impl State {
    /// Applies a price, and gives the message that was signed for it.
    pub(crate) fn apply_price<S: Signatures>(
        &mut self,
        envelope: &Envelope,
        price: &OraclePrice,
        step: u64,
        signatures: &S,
        effects: &mut Effects,
    ) -> Result<(Message, Outcome), Refusal> {
        let message = self.check_price(envelope, price, signatures)?;
        self.begin(envelope.time_ms);
        let market = self.market_mut(price.market);
        market.mark_ticks = price.price_ticks;
        market.mark_time_ms = price.timestamp_ms;
        effects.events.push(Event::Mark {
            market: price.market,
            price: price.price_ticks,
            timestamp_ms: price.timestamp_ms,
        });
        effects.record = Record::oracle(price, step, envelope.time_ms);
        let outcome = Outcome::done(price.price_ticks, price.timestamp_ms, 0);
        Ok((message, outcome))
    }

    fn check_price<S: Signatures>(
        &self,
        envelope: &Envelope,
        price: &OraclePrice,
        signatures: &S,
    ) -> Result<Message, Refusal> {
        fits(price.key.into(), schema::KEY_BITS)?;
        fits(price.market.into(), schema::MARKET_BITS)?;
        fits(price.price_ticks, schema::PRICE_BITS)?;
        fits(price.timestamp_ms, schema::TIME_BITS)?;
        let key = self.oracle_keys[price.key as usize].ok_or(Refusal::UnknownOracleKey)?;
        let market = self.market(price.market);
        let multiplier = market.map_or(0, |market| market.params.multiplier);
        let message = Message::oracle(&self.domain, price, multiplier);
        if !signatures.verify(&key, &message, envelope.signature.as_ref()) {
            return Err(Refusal::BadSignature);
        }
        let market = market.ok_or(Refusal::UnknownMarket)?;
        let age_ms = envelope.time_ms.checked_sub(price.timestamp_ms);
        let age_ms = age_ms.ok_or(Refusal::PriceFromFuture)?;
        if age_ms > self.staleness_ms {
            return Err(Refusal::PriceTooOld);
        }
        if price.timestamp_ms <= market.mark_time_ms {
            return Err(Refusal::PriceNotNewer);
        }
        if price.price_ticks == 0 || price.price_ticks > market.params.price_max {
            return Err(Refusal::BadPrice);
        }
        Ok(message)
    }
}
