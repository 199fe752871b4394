//! A measured distribution as a table of its quantiles.

use crate::rng::Rng;

/// Thirty-two parts of equal weight, by their ends in ascending order.
#[derive(Clone, Copy, Debug)]
pub struct Quantiles(pub [i64; 33]);

impl Quantiles {
    /// A value: each part is as likely as any other, and even within.
    pub fn sample(&self, rng: &mut Rng) -> i64 {
        let part = rng.below(32) as usize;
        let (low, high) = (self.0[part], self.0[part + 1]);
        low + rng.below(high.abs_diff(low) + 1).cast_signed()
    }

    /// The median.
    #[must_use]
    pub const fn median(&self) -> i64 {
        self.0[16]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables;

    #[test]
    fn samples_have_the_table_s_quarters() {
        for table in tables::ALL {
            assert!(table.0.is_sorted());
            let mut rng = Rng::new(9);
            let mut samples: Vec<i64> = (0..32_000).map(|_| table.sample(&mut rng)).collect();
            samples.sort_unstable();
            for quarter in 1..4 {
                let got = samples[quarter * 8000];
                let around = table.0[quarter * 8 - 1]..=table.0[quarter * 8 + 1];
                assert!(around.contains(&got), "{got} {around:?}");
            }
        }
    }
}
