//! What a market is made with (docs/spec/state.md § 3 and § 9).

use thiserror::Error;
use zkperp_schema as schema;

use crate::formulas::bias;

/// What a market is made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarketParams {
    /// Micro-USDC of one lot at one tick, 1 .. 2^20 − 1.
    pub multiplier: u64,
    /// Greatest price, ticks, 1 .. 2^32 − 1.
    pub price_max: u64,
    /// Greatest order, lots, 1 .. the position limit.
    pub lots_max: u64,
    /// Least order, lots, 1 .. `lots_max`; reduce-only ones may be smaller.
    pub lots_min: u64,
    /// Taker fee, ppm, 0 .. 10^4.
    pub taker_ppm: u64,
    /// Maker fee, ppm, at most the taker fee either way; below 0 a rebate.
    pub maker_ppm: i64,
    /// Open interest, both sides, may not grow past it; lots, 0 .. 2^56.
    pub oi_max: u64,
    /// Parameters of ticks and funding.
    pub pricing: PricingParams,
    /// 1 .. 4 margin tiers, ascending.
    pub tiers: Vec<TierParams>,
}

/// Parameters of a market's ticks and funding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PricingParams {
    /// What an impact price trades, ticks · lots, 1 .. 2^52.
    pub impact_quote: u64,
    /// How far from the mark orders may be, ppm, 0 .. 10^6.
    pub band_ppm: u64,
    /// Interest of eight hours, ppm, 0 .. 65,535.
    pub interest_ppm: u64,
    /// How far interest pulls a premium, ppm, 0 .. 65,535.
    pub clamp_ppm: u64,
    /// Greatest funding rate of eight hours, ppm, 0 .. 65,535.
    pub rate_max_ppm: u64,
    /// Greatest fee of a liquidating fill, ppm, 0 .. 10^5.
    pub liquidation_ppm: u64,
    /// What of it the maker gets at most, ppm of the fill's notional, 0 .. `liquidation_ppm`.
    pub bonus_ppm: u64,
}

/// One margin tier. Fractions do not fall from tier to tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TierParams {
    /// Greatest |position| of the tier, lots, above that of the tier before.
    pub lots_upto: u64,
    /// Initial margin fraction, ppm, at most 10^6.
    pub imf_ppm: u64,
    /// Maintenance margin fraction, ppm, at most the initial one.
    pub mmf_ppm: u64,
    /// Close-out margin fraction, ppm, 1 .. the maintenance one.
    pub cmf_ppm: u64,
}

/// A parameter that no market can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MarketError {
    /// A parameter is outside its range.
    #[error("{0} is out of range")]
    Range(&'static str),
    /// The tiers are none, too many, or their sizes do not ascend.
    #[error("a market has 1 to 4 tiers with ascending lots_upto")]
    Tiers,
    /// A tier's fractions.
    #[error("the fractions of tier {0} are not 1 <= cmf <= mmf <= imf <= 10^6, or fall")]
    Fractions(usize),
    /// The greatest price of a lot exceeds 2^32 micro-USDC.
    #[error("price_max * multiplier exceeds 2^32")]
    TickValue,
    /// The greatest position would be worth more than 2^52 micro-USDC.
    #[error("position limit * price_max * multiplier exceeds 2^52")]
    Notional,
}

impl MarketParams {
    /// The greatest |position|, lots: the last tier's.
    #[must_use]
    pub fn position_limit(&self) -> u64 {
        self.tiers.last().map_or(0, |tier| tier.lots_upto)
    }

    /// min(2^40, floor(2^55 / position limit)), of parameters that pass [`check`](Self::check).
    #[must_use]
    pub fn bias(&self) -> u64 {
        bias(self.position_limit())
    }

    /// Refuses parameters outside their ranges.
    ///
    /// # Errors
    /// [`MarketError`].
    pub fn check(&self) -> Result<(), MarketError> {
        self.check_tiers()?;
        let taker = self.taker_ppm;
        let PricingParams {
            impact_quote,
            band_ppm,
            interest_ppm,
            clamp_ppm,
            rate_max_ppm,
            liquidation_ppm,
            bonus_ppm,
        } = self.pricing;
        let rate_max = schema::RATE_PPM_MAX;
        let ranges = [
            ("multiplier", self.multiplier, 1, schema::MULTIPLIER_MAX),
            ("price_max", self.price_max, 1, schema::PRICE_MAX),
            ("lots_max", self.lots_max, 1, self.position_limit()),
            ("lots_min", self.lots_min, 1, self.lots_max),
            ("taker_ppm", taker, 0, schema::FEE_PPM_MAX),
            ("maker_ppm", self.maker_ppm.unsigned_abs(), 0, taker),
            ("oi_max", self.oi_max, 0, schema::OPEN_INTEREST_MAX),
            ("impact_quote", impact_quote, 1, schema::NOTIONAL_MAX),
            ("band_ppm", band_ppm, 0, schema::PPM),
            ("interest_ppm", interest_ppm, 0, rate_max),
            ("clamp_ppm", clamp_ppm, 0, rate_max),
            ("rate_max_ppm", rate_max_ppm, 0, rate_max),
            (
                "liquidation_ppm",
                liquidation_ppm,
                0,
                schema::LIQUIDATION_PPM_MAX,
            ),
            ("bonus_ppm", bonus_ppm, 0, liquidation_ppm),
        ];
        for (name, value, least, greatest) in ranges {
            if value < least || value > greatest {
                return Err(MarketError::Range(name));
            }
        }
        let tick_value = self.price_max * self.multiplier;
        if tick_value > schema::TICK_VALUE_MAX {
            return Err(MarketError::TickValue);
        }
        let notional = u128::from(self.position_limit()) * u128::from(tick_value);
        if notional > u128::from(schema::NOTIONAL_MAX) {
            return Err(MarketError::Notional);
        }
        Ok(())
    }

    fn check_tiers(&self) -> Result<(), MarketError> {
        let is_ascending = self.tiers.is_sorted_by(|a, b| a.lots_upto < b.lots_upto);
        let smallest = self.tiers.first().map_or(0, |tier| tier.lots_upto);
        if !is_ascending || smallest == 0 || self.tiers.len() as u64 > schema::TIERS_MAX {
            return Err(MarketError::Tiers);
        }
        if self.position_limit() > schema::LOTS_MAX {
            return Err(MarketError::Range("lots_upto"));
        }
        let mut before = TierParams::default();
        for (at, tier) in self.tiers.iter().enumerate() {
            let TierParams {
                imf_ppm,
                mmf_ppm,
                cmf_ppm,
                ..
            } = *tier;
            let is_ordered = 1 <= cmf_ppm
                && cmf_ppm <= mmf_ppm
                && mmf_ppm <= imf_ppm
                && imf_ppm <= schema::IMF_PPM_MAX;
            let falls =
                imf_ppm < before.imf_ppm || mmf_ppm < before.mmf_ppm || cmf_ppm < before.cmf_ppm;
            if !is_ordered || falls {
                return Err(MarketError::Fractions(at));
            }
            before = *tier;
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// BTC-USD of docs/spec/state.md § 3 with a rebate.
    pub(crate) fn btc() -> MarketParams {
        let tier = |lots_upto, imf_ppm, mmf_ppm, cmf_ppm| TierParams {
            lots_upto,
            imf_ppm,
            mmf_ppm,
            cmf_ppm,
        };
        MarketParams {
            multiplier: 1,
            price_max: (1 << 24) - 1,
            lots_max: 1 << 26,
            lots_min: 1,
            taker_ppm: 500,
            maker_ppm: -100,
            oi_max: 1 << 40,
            pricing: PricingParams {
                impact_quote: 1 << 40,
                band_ppm: 50_000,
                interest_ppm: 100,
                clamp_ppm: 500,
                rate_max_ppm: 40_000,
                liquidation_ppm: 10_000,
                bonus_ppm: 2_500,
            },
            tiers: vec![
                tier(1 << 22, 20_000, 12_000, 8_000),
                tier(1 << 25, 50_000, 30_000, 20_000),
                tier(1 << 28, 100_000, 60_000, 40_000),
            ],
        }
    }

    #[test]
    fn every_bound_is_checked() {
        assert_eq!(btc().check(), Ok(()));
        type Change = fn(&mut MarketParams);
        let cases: [(&str, Change); 23] = [
            ("multiplier", |p| p.multiplier = 0),
            ("multiplier", |p| p.multiplier = 1 << 20),
            ("price_max", |p| p.price_max = 0),
            ("price_max", |p| p.price_max = 1 << 32),
            ("lots_max", |p| p.lots_max = 0),
            ("lots_max", |p| p.lots_max = (1 << 28) + 1),
            ("taker_ppm", |p| p.taker_ppm = 10_001),
            ("maker_ppm", |p| p.maker_ppm = 501),
            ("maker_ppm", |p| p.maker_ppm = -501),
            ("lots_min", |p| p.lots_min = 0),
            ("lots_min", |p| p.lots_min = (1 << 26) + 1),
            ("oi_max", |p| p.oi_max = (1 << 56) + 1),
            ("impact_quote", |p| p.pricing.impact_quote = 0),
            ("impact_quote", |p| p.pricing.impact_quote = (1 << 52) + 1),
            ("band_ppm", |p| p.pricing.band_ppm = 1_000_001),
            ("interest_ppm", |p| p.pricing.interest_ppm = 65_536),
            ("clamp_ppm", |p| p.pricing.clamp_ppm = 65_536),
            ("rate_max_ppm", |p| p.pricing.rate_max_ppm = 65_536),
            ("liquidation_ppm", |p| p.pricing.liquidation_ppm = 100_001),
            ("bonus_ppm", |p| p.pricing.bonus_ppm = 10_001),
            ("lots_upto", |p| p.tiers[2].lots_upto = 1 << 40),
            ("lots_max", |p| p.lots_max = u64::MAX),
            ("maker_ppm", |p| p.maker_ppm = i64::MIN),
        ];
        for (name, change) in cases {
            let mut params = btc();
            change(&mut params);
            assert_eq!(params.check(), Err(MarketError::Range(name)));
        }
        let with = |change: Change| {
            let mut params = btc();
            change(&mut params);
            params.check()
        };
        let notional = with(|p| p.tiers[2].lots_upto = (1 << 28) + 32);
        assert_eq!(notional, Err(MarketError::Notional));
        assert_eq!(with(|p| p.multiplier = 257), Err(MarketError::TickValue));
    }

    #[test]
    fn tiers_ascend_and_their_fractions_do_not_fall() {
        type Change = fn(&mut MarketParams);
        let cases: [(MarketError, Change); 10] = [
            (MarketError::Tiers, |p| p.tiers.clear()),
            (MarketError::Tiers, |p| p.tiers[0].lots_upto = 0),
            (MarketError::Tiers, |p| p.tiers[1].lots_upto = 1 << 22),
            (MarketError::Tiers, |p| {
                p.tiers.extend([TierParams::default(); 2])
            }),
            (MarketError::Fractions(0), |p| p.tiers[0].cmf_ppm = 0),
            (MarketError::Fractions(0), |p| p.tiers[0].cmf_ppm = 12_001),
            (MarketError::Fractions(1), |p| p.tiers[1].mmf_ppm = 50_001),
            (MarketError::Fractions(2), |p| {
                p.tiers[2].imf_ppm = 1_000_001
            }),
            (MarketError::Fractions(1), |p| {
                p.tiers[1].imf_ppm = 30_000 - 1
            }),
            (MarketError::Fractions(2), |p| p.tiers[2].cmf_ppm = 19_999),
        ];
        for (at, (error, change)) in cases.into_iter().enumerate() {
            let mut params = btc();
            change(&mut params);
            assert_eq!(params.check(), Err(error), "{at}");
        }
    }

    #[test]
    fn the_bias_is_at_least_four_tick_values() {
        assert_eq!(btc().bias(), 1 << 27);
        assert!(btc().bias() >= 4 * btc().price_max);
    }
}
