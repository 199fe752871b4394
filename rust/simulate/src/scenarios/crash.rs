//! A crash: the index falls by 30 % within twenty minutes, and the books stay thin.

use super::{AROUND_THE_INDEX, BETA_PPM, Script};
use crate::path::PricePath;
use crate::population::{Population, USUAL};

/// A minute of quiet, twenty of falling, five of recovery, in steps of five seconds.
pub(super) fn script() -> Script {
    Script {
        name: "crash",
        about: "The index falls by 30 % within twenty minutes while the books are thin, and then \
                recovers a little.",
        steps: 312,
        step_ms: 5_000,
        path: PricePath {
            anchors: vec![
                (0, 1_000_000),
                (12, 1_000_000),
                (252, 700_000),
                (312, 740_000),
            ],
            noise_ppm: 1_500,
            beta_ppm: [BETA_PPM[0]; 2],
            feedback: None,
        },
        population: Population {
            leverages: USUAL,
            long_ppm: 620_000,
            both_ppm: 250_000,
        },
        quotes: AROUND_THE_INDEX,
        depth_ppm: 2_000,
        fund_ppm: 5_000,
        fund_trades: true,
    }
}
