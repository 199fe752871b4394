//! A market's leaves: what they hold, and a market from them (docs/spec/state.md § 3).

use zkperp_schema::{
    self as schema, funding as funding_felt, interest as interest_felt, margin as margin_felt,
    mark as mark_felt, market as felt, pricing as pricing_felt, stops as stops_felt,
    triggers as triggers_felt,
};

use crate::address::MarketPart;
use crate::formulas;
use crate::leaf::{EMPTY, LeafWords, from_signed, to_signed};
use crate::level::{FieldError, narrow};
use crate::market::{
    FirstStop, FirstTrigger, Funding, Interest, Mark, Market, Report, Stops, Terms, Triggers,
};
use crate::market_params::{PricingParams, TierParams};

/// Oracle keys of one `report` leaf.
const GROUP: usize = schema::REPORT_KEYS as usize;

impl Market {
    /// The words of one of its leaves.
    #[must_use]
    pub fn words(&self, part: MarketPart) -> LeafWords {
        let mut words = EMPTY;
        match part {
            MarketPart::Terms => {
                words[felt::MULTIPLIER] = self.terms.multiplier;
                words[felt::STATUS] = 1;
                words[felt::PRICE_LOW] = self.terms.price_low;
                words[felt::PRICE_HIGH] = self.terms.price_high;
                words[felt::PRICE_MAX] = self.terms.price_max;
                words[felt::LOTS_MAX] = self.terms.lots_max;
                words[felt::TAKER_PPM] = self.terms.taker_ppm;
                words[felt::LOTS_MIN] = self.terms.lots_min;
            }
            MarketPart::Interest => {
                words[interest_felt::OPEN_INTEREST] = self.interest.open_interest;
                words[interest_felt::OI_MAX] = self.interest.oi_max;
                words[interest_felt::CLEARING] = from_signed(self.interest.clearing);
                words[interest_felt::MAKER_PPM] = from_signed(self.interest.maker_ppm);
            }
            MarketPart::Mark => {
                words[mark_felt::INDEX_TICKS] = self.mark.index_ticks;
                words[mark_felt::MARK_TICKS] = self.mark.mark_ticks;
                words[mark_felt::TICK_MS] = self.mark.tick_ms;
                words[mark_felt::BASIS_PPM] = from_signed(self.mark.basis_ppm);
            }
            MarketPart::Funding => {
                words[funding_felt::PREMIUM_PPM] = from_signed(self.funding.premium_ppm);
                words[funding_felt::PREMIUM_SUM] = from_signed(self.funding.premium_sum);
                words[funding_felt::SAMPLED_MS] = self.funding.sampled_ms;
                words[funding_felt::FUNDING] = from_signed(self.funding.funding);
                words[funding_felt::RATE_PPM] = from_signed(self.funding.rate_ppm);
            }
            MarketPart::Pricing => {
                words[pricing_felt::IMPACT_QUOTE] = self.pricing.impact_quote;
                words[pricing_felt::BAND_PPM] = self.pricing.band_ppm;
                words[pricing_felt::INTEREST_PPM] = self.pricing.interest_ppm;
                words[pricing_felt::CLAMP_PPM] = self.pricing.clamp_ppm;
                words[pricing_felt::RATE_MAX_PPM] = self.pricing.rate_max_ppm;
                words[pricing_felt::LIQUIDATION_PPM] = self.pricing.liquidation_ppm;
                words[pricing_felt::BONUS_PPM] = self.pricing.bonus_ppm;
            }
            MarketPart::Report(group) => {
                let reports = &self.reports[group as usize * GROUP..][..GROUP];
                for (pair, report) in words.as_chunks_mut::<2>().0.iter_mut().zip(reports) {
                    *pair = [report.price, report.time_ms];
                }
            }
            MarketPart::Margin(tier) => self.margin_words(tier, &mut words),
            MarketPart::Triggers(tier) => {
                let Triggers { long, short } = self.triggers[tier as usize];
                words[triggers_felt::LONG_FIRST] = long.account.into();
                words[triggers_felt::LONG_TRIGGER] = from_signed(long.trigger);
                words[triggers_felt::SHORT_FIRST] = short.account.into();
                words[triggers_felt::SHORT_TRIGGER] = from_signed(short.trigger);
            }
            MarketPart::Stops => {
                let Stops { rising, falling } = self.stops;
                words[stops_felt::RISING_FIRST] = rising.slot.into();
                words[stops_felt::RISING_KEY] = rising.key;
                words[stops_felt::FALLING_FIRST] = falling.slot.into();
                words[stops_felt::FALLING_KEY] = falling.key;
            }
        }
        words
    }

    fn margin_words(&self, tier: u8, words: &mut LeafWords) {
        let tier = self.tiers[tier as usize];
        if tier.lots_upto == 0 {
            return;
        }
        words[margin_felt::LOTS_UPTO] = tier.lots_upto;
        words[margin_felt::MARK_VALUE] = self.mark_value();
        words[margin_felt::FUNDING] = from_signed(self.funding.funding);
        words[margin_felt::IMF_PPM] = tier.imf_ppm;
        words[margin_felt::MMF_PPM] = tier.mmf_ppm;
        words[margin_felt::CMF_PPM] = tier.cmf_ppm;
        words[margin_felt::TICK_MS] = self.mark.tick_ms;
        words[margin_felt::BIAS] = formulas::bias(self.position_limit());
    }

    /// Takes what one of its leaves says. What a leaf repeats of another one, and what must be 0, is
    /// for the caller to compare with [`words`](Self::words) once all leaves are there.
    pub(crate) fn load(&mut self, part: MarketPart, words: &LeafWords) -> Result<(), FieldError> {
        let signed = |at: usize, name| to_signed(words[at]).ok_or(FieldError(name));
        match part {
            MarketPart::Terms => {
                self.terms = Terms {
                    multiplier: words[felt::MULTIPLIER],
                    price_low: words[felt::PRICE_LOW],
                    price_high: words[felt::PRICE_HIGH],
                    price_max: words[felt::PRICE_MAX],
                    lots_max: words[felt::LOTS_MAX],
                    taker_ppm: words[felt::TAKER_PPM],
                    lots_min: words[felt::LOTS_MIN],
                };
            }
            MarketPart::Interest => {
                self.interest = Interest {
                    open_interest: words[interest_felt::OPEN_INTEREST],
                    oi_max: words[interest_felt::OI_MAX],
                    clearing: signed(interest_felt::CLEARING, "clearing")?,
                    maker_ppm: signed(interest_felt::MAKER_PPM, "maker_ppm")?,
                };
            }
            MarketPart::Mark => {
                self.mark = Mark {
                    index_ticks: words[mark_felt::INDEX_TICKS],
                    mark_ticks: words[mark_felt::MARK_TICKS],
                    tick_ms: words[mark_felt::TICK_MS],
                    basis_ppm: signed(mark_felt::BASIS_PPM, "basis_ppm")?,
                };
            }
            MarketPart::Funding => {
                self.funding = Funding {
                    premium_ppm: signed(funding_felt::PREMIUM_PPM, "premium_ppm")?,
                    premium_sum: signed(funding_felt::PREMIUM_SUM, "premium_sum")?,
                    sampled_ms: words[funding_felt::SAMPLED_MS],
                    funding: signed(funding_felt::FUNDING, "funding")?,
                    rate_ppm: signed(funding_felt::RATE_PPM, "rate_ppm")?,
                };
            }
            MarketPart::Pricing => {
                self.pricing = PricingParams {
                    impact_quote: words[pricing_felt::IMPACT_QUOTE],
                    band_ppm: words[pricing_felt::BAND_PPM],
                    interest_ppm: words[pricing_felt::INTEREST_PPM],
                    clamp_ppm: words[pricing_felt::CLAMP_PPM],
                    rate_max_ppm: words[pricing_felt::RATE_MAX_PPM],
                    liquidation_ppm: words[pricing_felt::LIQUIDATION_PPM],
                    bonus_ppm: words[pricing_felt::BONUS_PPM],
                };
            }
            MarketPart::Report(group) => {
                let reports = &mut self.reports[group as usize * GROUP..][..GROUP];
                for (&[price, time_ms], report) in words.as_chunks::<2>().0.iter().zip(reports) {
                    *report = Report { price, time_ms };
                }
            }
            MarketPart::Margin(tier) => {
                self.tiers[tier as usize] = TierParams {
                    lots_upto: words[margin_felt::LOTS_UPTO],
                    imf_ppm: words[margin_felt::IMF_PPM],
                    mmf_ppm: words[margin_felt::MMF_PPM],
                    cmf_ppm: words[margin_felt::CMF_PPM],
                };
            }
            MarketPart::Triggers(tier) => {
                let first = |account: usize, trigger: usize, name| {
                    Ok::<_, FieldError>(FirstTrigger {
                        account: narrow(words, account, name)?,
                        trigger: signed(trigger, name)?,
                    })
                };
                let (long, short) = (triggers_felt::LONG_FIRST, triggers_felt::SHORT_FIRST);
                self.triggers[tier as usize] = Triggers {
                    long: first(long, triggers_felt::LONG_TRIGGER, "long_first")?,
                    short: first(short, triggers_felt::SHORT_TRIGGER, "short_first")?,
                };
            }
            MarketPart::Stops => {
                let first = |slot: usize, key: usize, name| {
                    let slot = narrow(words, slot, name)?;
                    let key = words[key];
                    Ok::<_, FieldError>(FirstStop { slot, key })
                };
                let (rising, falling) = (stops_felt::RISING_FIRST, stops_felt::FALLING_FIRST);
                self.stops = Stops {
                    rising: first(rising, stops_felt::RISING_KEY, "rising_first")?,
                    falling: first(falling, stops_felt::FALLING_KEY, "falling_first")?,
                };
            }
        }
        Ok(())
    }
}
