//! Which margin tier a position belongs to (docs/spec/margin.md § 1).

/// The first tier whose greatest position is not below `lots`; `None` above the last. `lots_upto`
/// ascends; 0 ends the tiers.
#[inline]
pub fn tier_of(lots_upto: impl IntoIterator<Item = u64>, lots: u64) -> Option<usize> {
    let mut tiers = lots_upto.into_iter().take_while(|&upto| upto != 0);
    tiers.position(|upto| lots <= upto)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tier_reaches_to_its_greatest_position() {
        let tier = |lots| tier_of([10, 20, 0, 0], lots);
        assert_eq!(
            [0, 10, 11, 20].map(tier),
            [Some(0), Some(0), Some(1), Some(1)]
        );
        assert_eq!(tier(21), None);
        assert_eq!(tier_of([5, 6, 7, 8], 8), Some(3));
        assert_eq!(tier_of([5, 6, 7, 8], 9), None);
    }
}
