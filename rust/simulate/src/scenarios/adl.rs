//! Deleveraging alone: no maker quotes and the fund is empty, so that counterparties take what it
//! gathers.

use super::{AROUND_THE_INDEX, BETA_PPM, Script};
use crate::path::PricePath;
use crate::population::{Population, USUAL};

/// The index falls by 15 % in five minutes.
pub(super) fn script() -> Script {
    Script {
        name: "adl",
        about: "The index falls by 15 % within five minutes while no maker quotes and the fund is \
                empty: what it takes over goes on to counterparties.",
        steps: 84,
        step_ms: 5_000,
        path: PricePath {
            anchors: vec![
                (0, 1_000_000),
                (12, 1_000_000),
                (72, 850_000),
                (84, 860_000),
            ],
            noise_ppm: 500,
            beta_ppm: [BETA_PPM[0]; 2],
            feedback: None,
        },
        population: Population {
            leverages: USUAL,
            long_ppm: 500_000,
            both_ppm: 250_000,
        },
        quotes: AROUND_THE_INDEX,
        depth_ppm: 0,
        fund_ppm: 0,
        fund_trades: false,
    }
}
