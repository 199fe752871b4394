//! A gap: from one tick to the next the index is 30 % lower, through everybody's margin at once.

use super::{AROUND_THE_INDEX, BETA_PPM, Script};
use crate::path::PricePath;
use crate::population::{Population, USUAL};

/// A minute of quiet, one step of 30 %, four minutes at the new price.
pub(super) fn script() -> Script {
    Script {
        name: "gap",
        about: "From one tick to the next the index is 30 % lower: most longs are bankrupt before \
                anybody can sell.",
        steps: 60,
        step_ms: 5_000,
        path: PricePath {
            anchors: vec![
                (0, 1_000_000),
                (11, 1_000_000),
                (12, 700_000),
                (60, 700_000),
            ],
            noise_ppm: 500,
            beta_ppm: [BETA_PPM[0]; 2],
            feedback: None,
        },
        population: Population {
            leverages: USUAL,
            long_ppm: 620_000,
            both_ppm: 250_000,
        },
        quotes: AROUND_THE_INDEX,
        depth_ppm: 4_000,
        fund_ppm: 10_000,
        fund_trades: true,
    }
}
