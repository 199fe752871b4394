//! The venue that all scenarios run on: two markets with the tiers of the devnet.

use zkperp_engine::{Domain, KeyLimbs, MarketParams, PricingParams, VenueParams};
use zkperp_flow::devnet_market;

/// Markets of the venue.
pub(crate) const MARKETS: usize = 2;
/// What each market is called, what one tick is in µUSD, and its price at the start in ticks. One
/// lot at one tick is one micro-USDC in both: lots of 0.00001 BTC and 0.0001 ETH.
pub(crate) const NAMED: [(&str, u64, u64); MARKETS] =
    [("BTC-USD", 100_000, 600_000), ("ETH-USD", 10_000, 300_000)];
/// Micro-USDC of one lot at one tick.
pub(crate) const MULTIPLIER: u64 = 1;
/// When every simulation begins, ms since 1970: 2,800 s before funding is first due.
pub(crate) const START_MS: u64 = 1_700_000_000_000;
/// Oracle keys; each reports before each tick.
pub(crate) const ORACLES: u8 = 3;
/// The public key of everybody: the group's generator (docs/spec/signature.md). Nobody signs here.
pub(crate) const KEY: KeyLimbs = [4, 0, 0, 0, 0];

const CHAIN_ID: u64 = 31_337;
const ROLLUP: [u8; 20] = [1; 20];
/// The greatest funding rate of eight hours, ppm.
pub(crate) const RATE_MAX_PPM: u64 = 40_000;

fn market() -> MarketParams {
    MarketParams {
        multiplier: MULTIPLIER,
        price_max: (1 << 24) - 1,
        lots_max: 1 << 26,
        lots_min: 1,
        taker_ppm: 450,
        maker_ppm: -50,
        oi_max: 1 << 40,
        pricing: PricingParams {
            // 1,000 USDC: a small run has small books.
            impact_quote: 1_000_000_000,
            band_ppm: 50_000,
            interest_ppm: 100,
            clamp_ppm: 500,
            rate_max_ppm: RATE_MAX_PPM,
            liquidation_ppm: 10_000,
            bonus_ppm: 2_500,
        },
        tiers: devnet_market().tiers,
    }
}

/// The venue; a market without a tick for `tick_max_ms` is overdue.
pub(crate) fn venue(tick_max_ms: u64) -> VenueParams {
    VenueParams {
        domain: Domain::new(CHAIN_ID, &ROLLUP).expect("Invariant: the chain id is small"),
        start_time_ms: START_MS,
        staleness_ms: tick_max_ms,
        tick_max_ms,
        quorum: 2,
        deviation_ppm: 5_000,
        basis_cap_ppm: 5_000,
        basis_window_ms: 150_000,
        oracle_keys: vec![KEY; ORACLES.into()],
        fund_key: KEY,
        markets: vec![market(); MARKETS],
    }
}
