//! Funding: three days in which longs pay shorts almost the greatest rate.

use super::Script;
use crate::makers::Quotes;
use crate::path::PricePath;
use crate::population::{Population, USUAL};

/// The books trade 3 % above the index for three days, in steps of ten minutes.
pub(super) fn script() -> Script {
    Script {
        name: "funding",
        about: "The books trade 3 % above an index that stands still: for three days longs pay \
                shorts about a third of a percent an hour.",
        steps: 432,
        step_ms: 600_000,
        path: PricePath {
            anchors: vec![(0, 1_000_000)],
            noise_ppm: 1_000,
            beta_ppm: [1_000_000; 2],
            feedback: None,
        },
        population: Population {
            leverages: USUAL,
            long_ppm: 620_000,
            both_ppm: 250_000,
        },
        quotes: Quotes {
            half_spread_ppm: 500,
            gap_ppm: 500,
            middle_ppm: 1_030_000,
        },
        depth_ppm: 10_000,
        fund_ppm: 4_000,
        fund_trades: true,
    }
}
