//! A cascade: the venue makes its own price, so that forced sales push the index further down.

use super::{AROUND_THE_INDEX, BETA_PPM, Script};
use crate::path::{Feedback, PricePath};
use crate::population::{Population, USUAL};

/// The index starts to fall by 6 % in five minutes; what is liquidated decides how far it goes.
pub(super) fn script() -> Script {
    Script {
        name: "cascade",
        about: "A fall of 6 % starts liquidations, and what they sell pushes the index further: \
                0.6 % for each percent of the open interest, fading by 2 % in a step.",
        steps: 240,
        step_ms: 5_000,
        path: PricePath {
            anchors: vec![
                (0, 1_000_000),
                (12, 1_000_000),
                (72, 940_000),
                (240, 960_000),
            ],
            noise_ppm: 1_000,
            beta_ppm: BETA_PPM,
            feedback: Some(Feedback {
                ppm_per_percent: 6_000,
                decay_ppm: 20_000,
            }),
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
