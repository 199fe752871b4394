//! Where the index goes: straight lines between anchors, noise, and the pressure of forced sales.

use crate::random::Random;
use crate::venue::MARKETS;

const MILLION: i64 = 1_000_000;

/// How far forced trading moves the index: a model of a market that the venue itself makes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Feedback {
    /// By how many ppm the index falls when a percent of the open interest is sold by force.
    pub(crate) ppm_per_percent: i64,
    /// How many ppm of that pressure go away in a step.
    pub(crate) decay_ppm: i64,
}

/// A path of the index from step to step.
#[derive(Clone, Debug)]
pub(crate) struct PricePath {
    /// (step, ppm of the price at the start), ascending by step, the first at step 0.
    pub(crate) anchors: Vec<(u64, i64)>,
    /// How far each step may be beside the line, ppm of the start.
    pub(crate) noise_ppm: u64,
    /// How much of the move each market makes, ppm.
    pub(crate) beta_ppm: [i64; MARKETS],
    /// The pressure of forced trading, if it moves the index.
    pub(crate) feedback: Option<Feedback>,
}

/// A path on its way.
#[derive(Clone, Debug)]
pub(crate) struct Walk<'a> {
    path: &'a PricePath,
    starts: [u64; MARKETS],
    random: Random,
    pressure_ppm: [i64; MARKETS],
}

impl PricePath {
    /// The line at a step, ppm of the start.
    fn line(&self, step: u64) -> i64 {
        let after = self.anchors.partition_point(|&(at, _)| at <= step);
        let (from, level) = self.anchors[after.saturating_sub(1)];
        let Some(&(to, target)) = self.anchors.get(after) else {
            return level;
        };
        let (gone, whole) = (step.saturating_sub(from), to - from);
        level + (target - level) * gone.cast_signed() / whole.cast_signed()
    }

    /// The path from its start.
    pub(crate) const fn walk(&self, starts: [u64; MARKETS], seed: u64) -> Walk<'_> {
        Walk {
            path: self,
            starts,
            random: Random::new(seed),
            pressure_ppm: [0; MARKETS],
        }
    }
}

impl Walk<'_> {
    /// The indices of a step, ticks.
    pub(crate) fn prices(&mut self, step: u64) -> [u64; MARKETS] {
        let move_ppm = self.path.line(step) - MILLION;
        let mut prices = self.starts;
        for (market, price) in prices.iter_mut().enumerate() {
            let own = move_ppm * self.path.beta_ppm[market] / MILLION;
            let noise = if step == 0 {
                0
            } else {
                self.random.around_zero(self.path.noise_ppm)
            };
            let level = (MILLION + own + noise).max(1);
            let pressed = level * (MILLION - self.pressure_ppm[market]) / MILLION;
            let ticks = i128::from(*price) * i128::from(pressed) / i128::from(MILLION);
            *price = u64::try_from(ticks).map_or(1, |ticks| ticks.max(1));
        }
        prices
    }

    /// Lots sold (above 0) or bought by force since the last step, of so much open interest.
    pub(crate) fn press(&mut self, sold: [i64; MARKETS], open_interest: [u64; MARKETS]) {
        let Some(feedback) = self.path.feedback else {
            return;
        };
        for (market, pressure) in self.pressure_ppm.iter_mut().enumerate() {
            *pressure -= *pressure * feedback.decay_ppm / MILLION;
            // Open interest counts both sides.
            let side = i128::from(open_interest[market] / 2).max(1);
            let moved =
                i128::from(sold[market]) * 100 * i128::from(feedback.ppm_per_percent) / side;
            *pressure = (*pressure + moved as i64).clamp(-MILLION / 2, MILLION / 2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path() -> PricePath {
        PricePath {
            anchors: vec![(0, MILLION), (10, 700_000), (20, 800_000)],
            noise_ppm: 0,
            beta_ppm: [MILLION, 2 * MILLION],
            feedback: Some(Feedback {
                ppm_per_percent: 1_000,
                decay_ppm: 500_000,
            }),
        }
    }

    #[test]
    fn lines_run_between_anchors() {
        let path = path();
        let mut walk = path.walk([1_000, 1_000], 1);
        assert_eq!(walk.prices(0), [1_000, 1_000]);
        assert_eq!(walk.prices(5), [850, 700]);
        assert_eq!(walk.prices(10), [700, 400]);
        assert_eq!(walk.prices(15), [750, 500]);
        assert_eq!(walk.prices(99), [800, 600]);
    }

    #[test]
    fn forced_sales_press_and_fade() {
        let path = path();
        let mut walk = path.walk([1_000_000, 1_000_000], 1);
        walk.press([10, 0], [200, 200]);
        assert_eq!(walk.prices(0), [990_000, 1_000_000]);
        walk.press([0, 0], [200, 200]);
        assert_eq!(walk.prices(0), [995_000, 1_000_000]);
    }
}
