//! A market's parameters and mark price (docs/spec/state.md § 3).

use thiserror::Error;
use zkperp_schema::{self as schema, market as felt};

use crate::leaf::{EMPTY, LeafWords, from_signed, to_signed};

/// What a market is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarketParams {
    /// Micro-USDC of one lot at one tick, 1 .. 2^20 − 1.
    pub multiplier: u64,
    /// Initial margin fraction, ppm, 1 .. 10^6.
    pub imf_ppm: u64,
    /// Taker fee, ppm, 0 .. 10^4.
    pub taker_ppm: u64,
    /// Maker fee, ppm, at most the taker fee either way; below 0 a rebate.
    pub maker_ppm: i64,
    /// Greatest price, ticks, 1 .. 2^32 − 1.
    pub price_max: u64,
    /// Greatest order and greatest position, lots, 1 .. 2^40 − 1.
    pub lots_max: u64,
}

/// A parameter that no market can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MarketError {
    /// A parameter is outside its range.
    #[error("{0} is out of range")]
    Range(&'static str),
    /// The greatest position would be worth more than 2^52 micro-USDC.
    #[error("lots_max * price_max * multiplier exceeds 2^52")]
    Notional,
}

impl MarketParams {
    /// Refuses parameters outside their ranges.
    ///
    /// # Errors
    /// [`MarketError`].
    pub fn check(&self) -> Result<(), MarketError> {
        let taker = self.taker_ppm;
        let ranges = [
            ("multiplier", self.multiplier, 1, schema::MULTIPLIER_MAX),
            ("imf_ppm", self.imf_ppm, 1, schema::IMF_PPM_MAX),
            ("taker_ppm", taker, 0, schema::FEE_PPM_MAX),
            ("maker_ppm", self.maker_ppm.unsigned_abs(), 0, taker),
            ("price_max", self.price_max, 1, schema::PRICE_MAX),
            ("lots_max", self.lots_max, 1, schema::LOTS_MAX),
        ];
        for (name, value, least, greatest) in ranges {
            if value < least || value > greatest {
                return Err(MarketError::Range(name));
            }
        }
        let position = u128::from(self.lots_max) * u128::from(self.price_max);
        if position * u128::from(self.multiplier) > u128::from(schema::NOTIONAL_MAX) {
            return Err(MarketError::Notional);
        }
        Ok(())
    }
}

/// A market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Market {
    /// Its parameters, checked.
    pub params: MarketParams,
    /// The mark price, ticks; 0: none yet.
    pub mark_ticks: u64,
    /// When the mark price was, ms.
    pub mark_time_ms: u64,
}

impl Market {
    /// Its leaf.
    #[must_use]
    pub const fn words(&self) -> LeafWords {
        let mut words = EMPTY;
        words[felt::MULTIPLIER] = self.params.multiplier;
        words[felt::MARK_TICKS] = self.mark_ticks;
        words[felt::MARK_TIME_MS] = self.mark_time_ms;
        words[felt::IMF_PPM] = self.params.imf_ppm;
        words[felt::TAKER_PPM] = self.params.taker_ppm;
        words[felt::MAKER_PPM] = from_signed(self.params.maker_ppm);
        words[felt::PRICE_MAX] = self.params.price_max;
        words[felt::LOTS_MAX] = self.params.lots_max;
        words
    }

    /// The market of a leaf.
    ///
    /// # Errors
    /// [`MarketError`].
    pub fn from_words(words: &LeafWords) -> Result<Self, MarketError> {
        let maker_ppm = to_signed(words[felt::MAKER_PPM]);
        let params = MarketParams {
            multiplier: words[felt::MULTIPLIER],
            imf_ppm: words[felt::IMF_PPM],
            taker_ppm: words[felt::TAKER_PPM],
            maker_ppm: maker_ppm.ok_or(MarketError::Range("maker_ppm"))?,
            price_max: words[felt::PRICE_MAX],
            lots_max: words[felt::LOTS_MAX],
        };
        params.check()?;
        let (mark_ticks, mark_time_ms) = (words[felt::MARK_TICKS], words[felt::MARK_TIME_MS]);
        if mark_ticks > params.price_max {
            return Err(MarketError::Range("mark_ticks"));
        }
        if mark_time_ms > schema::TIME_MAX {
            return Err(MarketError::Range("mark_time_ms"));
        }
        Ok(Self {
            params,
            mark_ticks,
            mark_time_ms,
        })
    }

    /// What `lots` cost at `ticks`, micro-USDC. Bounded by 2^52 as both are within the market's.
    pub(crate) const fn notional(&self, lots: u64, ticks: u64) -> u64 {
        lots * ticks * self.params.multiplier
    }

    /// The taker's fee on a notional: rounded up, against the user.
    pub(crate) const fn taker_fee(&self, notional: u64) -> u64 {
        ceil_ppm(notional, self.params.taker_ppm)
    }

    /// The maker's fee on a notional: rounded up, so a rebate is rounded down.
    pub(crate) const fn maker_fee(&self, notional: u64) -> i64 {
        let ppm = self.params.maker_ppm;
        if ppm < 0 {
            -(floor_ppm(notional, ppm.unsigned_abs()).cast_signed())
        } else {
            ceil_ppm(notional, ppm.unsigned_abs()).cast_signed()
        }
    }

    /// Value of a position at the mark, signed, and the initial margin it needs, rounded up.
    pub(crate) const fn position(&self, size: i64) -> (i64, u64) {
        let value = self.notional(size.unsigned_abs(), self.mark_ticks);
        let margin = ceil_ppm(value, self.params.imf_ppm);
        let value = value.cast_signed();
        (if size < 0 { -value } else { value }, margin)
    }
}

// amount · ppm may pass 2^64. With amount = a · 10^6 + b it is a · ppm · 10^6 + b · ppm, so its
// quotient is a · ppm and that of b · ppm, each of which fits: amount ≤ 2^52 and ppm ≤ 10^6.

/// floor(amount · ppm / 10^6).
const fn floor_ppm(amount: u64, ppm: u64) -> u64 {
    amount / schema::PPM * ppm + amount % schema::PPM * ppm / schema::PPM
}

/// ceil(amount · ppm / 10^6).
const fn ceil_ppm(amount: u64, ppm: u64) -> u64 {
    amount / schema::PPM * ppm + (amount % schema::PPM * ppm).div_ceil(schema::PPM)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// BTC-USD of docs/spec/state.md § 3 with a rebate.
    const BTC: MarketParams = MarketParams {
        multiplier: 1,
        imf_ppm: 50_000,
        taker_ppm: 500,
        maker_ppm: -100,
        price_max: (1 << 24) - 1,
        lots_max: 1 << 28,
    };

    fn market(params: MarketParams) -> Market {
        Market {
            params,
            mark_ticks: 600_000,
            mark_time_ms: 7,
        }
    }

    #[test]
    fn a_leaf_gives_the_market_back() {
        let market = market(BTC);
        assert_eq!(Market::from_words(&market.words()), Ok(market));
    }

    #[test]
    fn every_bound_is_checked() {
        assert_eq!(BTC.check(), Ok(()));
        type Change = fn(&mut MarketParams);
        let cases: [(&str, Change); 11] = [
            ("multiplier", |p| p.multiplier = 0),
            ("multiplier", |p| p.multiplier = 1 << 20),
            ("imf_ppm", |p| p.imf_ppm = 0),
            ("imf_ppm", |p| p.imf_ppm = 1_000_001),
            ("taker_ppm", |p| p.taker_ppm = 10_001),
            ("maker_ppm", |p| p.maker_ppm = 501),
            ("maker_ppm", |p| p.maker_ppm = -501),
            ("price_max", |p| p.price_max = 0),
            ("price_max", |p| p.price_max = 1 << 32),
            ("lots_max", |p| p.lots_max = 0),
            ("lots_max", |p| p.lots_max = 1 << 40),
        ];
        for (name, change) in cases {
            let mut params = BTC;
            change(&mut params);
            assert_eq!(params.check(), Err(MarketError::Range(name)));
        }
        let wide = MarketParams {
            lots_max: (1 << 28) + 32,
            ..BTC
        };
        assert_eq!(wide.check(), Err(MarketError::Notional));
        let mut words = market(BTC).words();
        words[felt::MARK_TICKS] = 1 << 24;
        assert_eq!(
            Market::from_words(&words),
            Err(MarketError::Range("mark_ticks"))
        );
    }

    #[test]
    fn fees_round_against_the_user() {
        let market = market(BTC);
        assert_eq!(market.taker_fee(1), 1);
        assert_eq!(market.taker_fee(2000), 1);
        assert_eq!(market.taker_fee(2001), 2);
        assert_eq!(market.maker_fee(9_999), 0);
        assert_eq!(market.maker_fee(10_000), -1);
        assert_eq!(market.maker_fee(19_999), -1);
        assert_eq!(market.position(-3), (-1_800_000, 90_000));
        assert_eq!(market.position(0), (0, 0));
    }

    proptest! {
        #[test]
        fn rounding_is_that_of_the_integers(amount in 0..=1_u64 << 52, ppm in 0..=1_000_000_u64) {
            let product = u128::from(amount) * u128::from(ppm);
            prop_assert_eq!(u128::from(floor_ppm(amount, ppm)), product / 1_000_000);
            prop_assert_eq!(u128::from(ceil_ppm(amount, ppm)), product.div_ceil(1_000_000));
        }
    }
}
