//! The index: what oracles agree a price is (docs/spec/prices.md § 2).

use zkperp_schema as schema;

/// The median, of an even number of prices the lower one in the middle; `None` of none. Sorts the
/// prices.
pub fn median(prices: &mut [u64]) -> Option<u64> {
    prices.sort_unstable();
    let last = prices.len().checked_sub(1)?;
    Some(prices[last / 2])
}

/// The index of fresh reports' prices, each above 0: their median, if at least `quorum` of them are
/// within `deviation_ppm` of it. Sorts the prices.
pub fn index_price(prices: &mut [u64], quorum: u64, deviation_ppm: u64) -> Option<u64> {
    let index = median(prices)?;
    // Prices are below 2^32, so the products are below 2^52.
    let agrees = |price: u64| price.abs_diff(index) * schema::PPM <= deviation_ppm * index;
    let agreeing = prices.iter().filter(|&&price| agrees(price)).count();
    (agreeing as u64 >= quorum).then_some(index)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_lower_middle_one_and_enough_that_agree() {
        assert_eq!(median(&mut []), None);
        assert_eq!(median(&mut [4, 1]), Some(1));
        assert_eq!(median(&mut [4, 1, 9]), Some(4));
        let three = [1000, 1010, 2000];
        assert_eq!(index_price(&mut three.clone(), 2, 10_000), Some(1010));
        assert_eq!(index_price(&mut three.clone(), 2, 9_900), None);
        assert_eq!(index_price(&mut three.clone(), 3, 10_000), None);
        assert_eq!(index_price(&mut [], 0, 0), None);
    }

    proptest! {
        /// The text's definition: 2·#{< p} < n ≤ 2·#{≤ p}.
        #[test]
        fn the_median_is_the_one_of_the_text(prices in prop::collection::vec(1..9_u64, 1..9)) {
            let index = median(&mut prices.clone()).unwrap();
            let below = prices.iter().filter(|&&price| price < index).count();
            let upto = prices.iter().filter(|&&price| price <= index).count();
            prop_assert!(2 * below < prices.len() && prices.len() <= 2 * upto);
        }
    }
}
