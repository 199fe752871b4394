//! Random numbers of a simulation: SplitMix64, so that a seed means the same run everywhere.

/// A stream of numbers that its seed alone decides.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// The stream of a seed.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators).
    pub(crate) const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is above 0.
    pub(crate) const fn below(&mut self, bound: u64) -> u64 {
        ((self.bits() as u128 * bound as u128) >> 64) as u64
    }

    /// A number from −`most` to `most`.
    pub(crate) const fn around_zero(&mut self, most: u64) -> i64 {
        self.below(2 * most + 1).cast_signed() - most.cast_signed()
    }

    /// One of several values, each with its weight.
    pub(crate) fn weighted(&mut self, choices: &[(u64, u64)]) -> u64 {
        let total = choices.iter().map(|&(_, weight)| weight).sum();
        let mut at = self.below(total);
        for &(value, weight) in choices {
            if at < weight {
                return value;
            }
            at -= weight;
        }
        unreachable!("Invariant: a number below the sum of the weights is past all of them")
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn the_stream_is_the_published_one() {
        // First outputs of seed 1234567 in the reference implementation by Vigna.
        let mut random = Random::new(1_234_567);
        assert_eq!(random.bits(), 6_457_827_717_110_365_317);
        assert_eq!(random.bits(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn weights_are_kept() {
        let mut random = Random::new(1);
        let mut counts = [0; 2];
        for _ in 0..10_000 {
            counts[random.weighted(&[(0, 1), (1, 3)]) as usize] += 1;
        }
        assert!((2_300..2_700).contains(&counts[0]), "{counts:?}");
        assert!((0..1_000).all(|_| random.around_zero(3).unsigned_abs() <= 3));
    }
}
