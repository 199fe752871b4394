//! A market as it stands (docs/spec/state.md § 3).

use zkperp_schema as schema;

use crate::formulas::{self, Fractions, Sums, Valuation};
use crate::market_params::{MarketParams, PricingParams, TierParams};

/// Margin tiers that a market has room for.
const TIERS: usize = schema::TIERS_MAX as usize;
/// Oracle keys that may report on it.
const KEYS: usize = schema::ORACLE_KEYS_MAX as usize;

/// A market.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Market {
    /// What every order reads.
    pub terms: Terms,
    /// What fills change.
    pub interest: Interest,
    /// Prices of the last tick.
    pub mark: Mark,
    /// Premium and cumulative funding.
    pub funding: Funding,
    /// Parameters of ticks and funding.
    pub pricing: PricingParams,
    /// Each oracle key's last report.
    pub reports: [Report; KEYS],
    /// Margin tiers; the first with `lots_upto` 0 ends them.
    pub tiers: [TierParams; TIERS],
    /// Where each tier's trigger lists begin.
    pub triggers: [Triggers; TIERS],
    /// Where its lists of conditional orders begin.
    pub stops: Stops,
}

/// Where a market's two lists of conditional orders begin (docs/spec/conditional.md § 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stops {
    /// Of those that fire when the mark is at their trigger or above.
    pub rising: FirstStop,
    /// Of those that fire when it is there or below.
    pub falling: FirstStop,
}

/// The head of a list of conditional orders; zeros when it is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FirstStop {
    /// The slot of the order that fires first, 0: none.
    pub slot: u32,
    /// What it is sorted by.
    pub key: u64,
}

/// Where a tier's two trigger lists begin (docs/spec/liquidation.md § 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Triggers {
    /// Of its longs.
    pub long: FirstTrigger,
    /// Of its shorts.
    pub short: FirstTrigger,
}

/// The head of a trigger list; zeros when it is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FirstTrigger {
    /// The account that stands first, 0: none.
    pub account: u32,
    /// Its trigger, 10^-6 micro-USDC a lot.
    pub trigger: i64,
}

/// What every order reads of its market.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Micro-USDC of one lot at one tick.
    pub multiplier: u64,
    /// Least price of a sell order, ticks; 0 before the first tick.
    pub price_low: u64,
    /// Greatest price of a buy order, ticks; 0 before the first tick.
    pub price_high: u64,
    /// Greatest price, ticks.
    pub price_max: u64,
    /// Greatest order, lots.
    pub lots_max: u64,
    /// Taker fee, ppm.
    pub taker_ppm: u64,
    /// Least order, lots; reduce-only ones may be smaller.
    pub lots_min: u64,
}

/// What fills change in a market.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// Σ |size|, both sides, lots.
    pub open_interest: u64,
    /// It may not grow past this.
    pub oi_max: u64,
    /// The counterparty of funding, micro-USDC.
    pub clearing: i64,
    /// Maker fee, ppm; below 0 a rebate.
    pub maker_ppm: i64,
}

/// A market's prices at its last tick, all 0 before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Index, ticks.
    pub index_ticks: u64,
    /// Mark, ticks.
    pub mark_ticks: u64,
    /// When the tick was, program time.
    pub tick_ms: u64,
    /// The premium's moving average, ppm.
    pub basis_ppm: i64,
}

/// A market's premium and cumulative funding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Funding {
    /// Premium of the last tick, ppm.
    pub premium_ppm: i64,
    /// Its sum over the hour's time, ppm · ms.
    pub premium_sum: i64,
    /// Until when the sum goes.
    pub sampled_ms: u64,
    /// Cumulative funding, 10^-6 micro-USDC a lot.
    pub funding: i64,
    /// The last hour's rate, ppm.
    pub rate_ppm: i64,
}

/// What an oracle key last said; zeros before the first time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Price, ticks.
    pub price: u64,
    /// When it was, ms.
    pub time_ms: u64,
}

impl Market {
    /// A market before its first tick; the parameters are checked.
    pub(crate) fn new(params: &MarketParams, start_time_ms: u64) -> Self {
        let mut tiers = [TierParams::default(); TIERS];
        tiers[..params.tiers.len()].copy_from_slice(&params.tiers);
        Self {
            terms: Terms {
                multiplier: params.multiplier,
                price_max: params.price_max,
                lots_max: params.lots_max,
                taker_ppm: params.taker_ppm,
                lots_min: params.lots_min,
                ..Terms::default()
            },
            interest: Interest {
                oi_max: params.oi_max,
                maker_ppm: params.maker_ppm,
                ..Interest::default()
            },
            funding: Funding {
                sampled_ms: start_time_ms,
                ..Funding::default()
            },
            pricing: params.pricing,
            tiers,
            ..Self::default()
        }
    }

    /// What it was made with.
    #[must_use]
    pub fn params(&self) -> MarketParams {
        MarketParams {
            multiplier: self.terms.multiplier,
            price_max: self.terms.price_max,
            lots_max: self.terms.lots_max,
            lots_min: self.terms.lots_min,
            taker_ppm: self.terms.taker_ppm,
            maker_ppm: self.interest.maker_ppm,
            oi_max: self.interest.oi_max,
            pricing: self.pricing,
            tiers: self.tiers().to_vec(),
        }
    }

    /// Its margin tiers.
    #[must_use]
    pub fn tiers(&self) -> &[TierParams] {
        let used = self.tiers.iter().take_while(|tier| tier.lots_upto != 0);
        &self.tiers[..used.count()]
    }

    /// The number of the tier of a position of so many lots; `None` above the position limit.
    #[inline]
    #[must_use]
    pub fn tier_of(&self, lots: u64) -> Option<usize> {
        formulas::tier_of(self.tiers.iter().map(|tier| tier.lots_upto), lots)
    }

    /// The greatest |position|, lots.
    #[must_use]
    pub fn position_limit(&self) -> u64 {
        self.tiers().last().map_or(0, |tier| tier.lots_upto)
    }

    /// Greatest |cumulative funding|, 10^-6 micro-USDC a lot.
    #[must_use]
    pub fn funding_max(&self) -> u64 {
        let tick_value = self.terms.price_max * self.terms.multiplier;
        formulas::funding_max(formulas::bias(self.position_limit()), tick_value)
    }

    /// Micro-USDC of one lot at the mark.
    #[inline]
    #[must_use]
    pub const fn mark_value(&self) -> u64 {
        self.mark.mark_ticks * self.terms.multiplier
    }

    /// Whether its last tick is older than it may be.
    #[inline]
    #[must_use]
    pub const fn is_overdue(&self, now_ms: u64, tick_max_ms: u64) -> bool {
        now_ms - self.mark.tick_ms > tick_max_ms
    }

    /// What `lots` cost at `ticks`, micro-USDC. Bounded by 2^52 as both are within the market's.
    #[inline]
    pub(crate) const fn notional(&self, lots: u64, ticks: u64) -> u64 {
        lots * ticks * self.terms.multiplier
    }

    /// The taker's fee on a notional.
    pub(crate) const fn taker_fee(&self, notional: u64) -> u64 {
        formulas::fee(notional, self.terms.taker_ppm.cast_signed()).unsigned_abs()
    }

    /// The maker's fee on a notional; below 0 a rebate.
    pub(crate) const fn maker_fee(&self, notional: u64) -> i64 {
        formulas::fee(notional, self.interest.maker_ppm)
    }

    #[inline]
    const fn valuation(&self, entry: i64) -> Valuation {
        Valuation {
            mark_value: self.mark_value(),
            funding: self.funding.funding,
            entry,
        }
    }

    /// The number of the tier of a position within the market's limit.
    #[inline]
    pub(crate) fn tier_index(&self, size: i64) -> usize {
        let Some(tier) = self.tier_of(size.unsigned_abs()) else {
            unreachable!("Invariant: a position exceeds its market's greatest");
        };
        tier
    }

    #[inline]
    pub(crate) fn tier(&self, size: i64) -> &TierParams {
        &self.tiers[self.tier_index(size)]
    }

    /// The sum `initial` of a position within the market's limit; `own_imf_ppm` is its own leverage.
    #[inline]
    pub(crate) fn initial(&self, size: i64, entry: i64, own_imf_ppm: u64) -> i64 {
        let imf_ppm = self.tier(size).imf_ppm.max(own_imf_ppm);
        formulas::initial_margin_sum(size, &self.valuation(entry), imf_ppm)
    }

    /// All sums of a position within the market's limit.
    pub(crate) fn sums(&self, size: i64, entry: i64, own_imf_ppm: u64) -> Sums {
        let tier = self.tier(size);
        let fractions = Fractions {
            imf_ppm: tier.imf_ppm.max(own_imf_ppm),
            mmf_ppm: tier.mmf_ppm,
            cmf_ppm: tier.cmf_ppm,
        };
        formulas::position_sums(size, &self.valuation(entry), &fractions)
    }

    /// The value of one of its trigger lists: what its positions' triggers are compared with.
    #[inline]
    pub(crate) const fn trigger_value(&self, list: u8) -> i64 {
        let tier = &self.tiers[(list as usize - 1) / 2];
        let sign = if list % 2 == 1 { 1 } else { -1 };
        formulas::trigger_value(sign, self.mark_value(), self.funding.funding, tier.mmf_ppm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::MarketPart;
    use crate::leaf::EMPTY;
    use crate::market_params::tests::btc;

    fn market() -> Market {
        let mut market = Market::new(&btc(), 77);
        market.mark = Mark {
            index_ticks: 600_001,
            mark_ticks: 600_000,
            tick_ms: 99,
            basis_ppm: -7,
        };
        market.funding.funding = -5;
        market.funding.rate_ppm = -3;
        market.interest.clearing = -9;
        market.reports[0] = Report {
            price: 4,
            time_ms: 5,
        };
        market.reports[7] = Report {
            price: 6,
            time_ms: 7,
        };
        market.triggers[2].long = FirstTrigger {
            account: 3,
            trigger: -8,
        };
        market.triggers[3].short = FirstTrigger {
            account: 4,
            trigger: 9,
        };
        market.stops.falling = FirstStop { slot: 5, key: 10 };
        market
    }

    #[test]
    fn its_leaves_give_the_market_back() {
        let market = market();
        let mut again = Market::default();
        for part in MarketPart::ALL {
            again.load(part, &market.words(part)).unwrap();
        }
        assert_eq!(again, market);
        assert_eq!(again.params(), btc());
    }

    #[test]
    fn a_tier_s_leaf_holds_all_that_margin_needs() {
        let market = market();
        let minus = zkperp_field::P - 5;
        let expected = [1 << 25, 600_000, minus, 50_000, 30_000, 20_000, 99, 1 << 27];
        assert_eq!(market.words(MarketPart::Margin(1)), expected);
        assert_eq!(market.words(MarketPart::Margin(3)), EMPTY);
        assert_eq!(market.words(MarketPart::Report(1))[6..], [6, 7]);
        assert_eq!(
            market.funding_max(),
            1_000_000 * ((1 << 26) - (1 << 24) + 1)
        );
    }

    #[test]
    fn fees_round_against_the_user() {
        let market = market();
        assert_eq!(market.taker_fee(1), 1);
        assert_eq!(market.taker_fee(2000), 1);
        assert_eq!(market.taker_fee(2001), 2);
        assert_eq!(market.maker_fee(9_999), 0);
        assert_eq!(market.maker_fee(10_000), -1);
        assert_eq!(market.maker_fee(19_999), -1);
    }

    #[test]
    fn a_position_s_own_leverage_counts_where_it_asks_for_more() {
        let mut market = market();
        market.funding.funding = 0;
        assert_eq!(market.initial(1, 0, 0), 600_000 - 12_000);
        assert_eq!(market.initial(1, 0, 19_999), 600_000 - 12_000);
        assert_eq!(market.initial(-1, 0, 200_000), -600_000 - 120_000);
        let large = (1 << 22) + 1;
        let value = 600_000 * large;
        assert_eq!(market.initial(large, 0, 0), value - value / 20);
        let sums = market.sums(large, 0, 500_000);
        assert_eq!((sums.tav, sums.initial), (value, value / 2));
        assert_eq!(sums.mmr(), value * 3 / 100);
    }
}
