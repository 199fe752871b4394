//! How far a market's book is from its index (docs/spec/prices.md § 4, step 3).

use zkperp_schema as schema;

use super::clamp;

/// The premium in ppm of the index, cut off at ±10^6: what the impact bid is above the index, minus
/// what the impact ask is below it. An absent side counts for nothing. `index` is above 0.
#[must_use]
pub fn premium_ppm(index: u64, impact_bid: Option<u64>, impact_ask: Option<u64>) -> i64 {
    let above = impact_bid.map_or(0, |bid| bid.saturating_sub(index));
    let below = impact_ask.map_or(0, |ask| index.saturating_sub(ask));
    // Prices are below 2^32, so the numerator is below 2^52.
    let apart = above.cast_signed() - below.cast_signed();
    let ppm = apart * schema::PPM.cast_signed() / index.cast_signed();
    clamp(ppm, schema::PREMIUM_PPM_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bid_above_or_an_ask_below_the_index_counts() {
        assert_eq!(premium_ppm(1000, Some(1010), Some(1020)), 10_000);
        assert_eq!(premium_ppm(1000, Some(980), Some(990)), -10_000);
        assert_eq!(premium_ppm(1000, Some(999), Some(1001)), 0);
        assert_eq!(premium_ppm(1000, None, None), 0);
        assert_eq!(premium_ppm(1000, Some(1003), Some(998)), 1000);
    }

    #[test]
    fn it_is_cut_towards_zero_and_bounded() {
        assert_eq!(premium_ppm(3, Some(4), None), 333_333);
        assert_eq!(premium_ppm(3, None, Some(2)), -333_333);
        assert_eq!(premium_ppm(1, Some((1 << 32) - 1), None), 1_000_000);
        assert_eq!(premium_ppm((1 << 32) - 1, None, Some(1)), -999_999);
    }
}
