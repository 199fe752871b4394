//! Parameters of the built-in devnet (docs/flow.md says why these).

use zkperp_engine::{Domain, MarketParams, PricingParams, TierParams, VenueParams};

use crate::keys::Keys;

/// Names of its markets. BTC-USD: tick 0.1 USD, lot 0.00001 BTC; ETH-USD: tick 0.01 USD, lot
/// 0.0001 ETH; so one lot at one tick is one micro-USDC in both.
pub const DEVNET_MARKETS: [&str; 2] = ["BTC-USD", "ETH-USD"];
/// Six rounds of prices at the usual interval.
const STALENESS_MS: u64 = 60_000;
const TICK_MAX_MS: u64 = 60_000;
const QUORUM: u64 = 2;
/// 0.5 %.
const DEVIATION_PPM: u64 = 5_000;
const BASIS_CAP_PPM: u64 = 5_000;
const BASIS_WINDOW_MS: u64 = 150_000;

const PRICE_MAX: u64 = (1 << 24) - 1;
const LOTS_MAX: u64 = 1 << 26;
/// No least order: the recorded flow has orders of one lot.
const LOTS_MIN: u64 = 1;
const OI_MAX: u64 = 1 << 34;
const TAKER_PPM: u64 = 450;
const MAKER_PPM: i64 = -50;
/// 10,000 USDC.
const IMPACT_QUOTE: u64 = 10_000_000_000;
/// 5 %.
const BAND_PPM: u64 = 50_000;
/// 0.01 % of 8 hours, moved by 0.05 % at most, 2 % at most.
const INTEREST_PPM: u64 = 100;
const CLAMP_PPM: u64 = 500;
const RATE_MAX_PPM: u64 = 20_000;
/// 1 % of what is liquidated, a quarter of it the maker's bonus at most.
const LIQUIDATION_PPM: u64 = 10_000;
const BONUS_PPM: u64 = 2_500;

/// Margin tiers: lots, then initial, maintenance and close-out fraction in ppm.
const TIERS: [(u64, u64, u64, u64); 3] = [
    (1 << 22, 20_000, 12_000, 8_000),
    (1 << 25, 50_000, 30_000, 20_000),
    (1 << 28, 100_000, 60_000, 40_000),
];

/// Either of its markets: they have the same parameters.
#[must_use]
pub fn devnet_market() -> MarketParams {
    let tiers = TIERS.map(|(lots_upto, imf_ppm, mmf_ppm, cmf_ppm)| TierParams {
        lots_upto,
        imf_ppm,
        mmf_ppm,
        cmf_ppm,
    });
    MarketParams {
        multiplier: 1,
        price_max: PRICE_MAX,
        lots_max: LOTS_MAX,
        lots_min: LOTS_MIN,
        taker_ppm: TAKER_PPM,
        maker_ppm: MAKER_PPM,
        oi_max: OI_MAX,
        pricing: PricingParams {
            impact_quote: IMPACT_QUOTE,
            band_ppm: BAND_PPM,
            interest_ppm: INTEREST_PPM,
            clamp_ppm: CLAMP_PPM,
            rate_max_ppm: RATE_MAX_PPM,
            liquidation_ppm: LIQUIDATION_PPM,
            bonus_ppm: BONUS_PPM,
        },
        tiers: tiers.to_vec(),
    }
}

/// The devnet with the oracle keys and the fund's key of a seed.
#[must_use]
pub fn devnet(domain: Domain, start_time_ms: u64, keys: &Keys) -> VenueParams {
    VenueParams {
        domain,
        start_time_ms,
        staleness_ms: STALENESS_MS,
        tick_max_ms: TICK_MAX_MS,
        quorum: QUORUM,
        deviation_ppm: DEVIATION_PPM,
        basis_cap_ppm: BASIS_CAP_PPM,
        basis_window_ms: BASIS_WINDOW_MS,
        oracle_keys: keys.oracles(),
        fund_key: keys.fund(),
        markets: vec![devnet_market(); DEVNET_MARKETS.len()],
    }
}
