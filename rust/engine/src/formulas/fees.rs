//! Parts per million of an amount (docs/spec/matching.md § 2).
//!
//! amount · ppm may pass 2^64. With amount = a · 10^6 + b it is a · ppm · 10^6 + b · ppm, so its
//! quotient is a · ppm and that of b · ppm, each of which fits: amount ≤ 2^52 and ppm ≤ 10^6.

use zkperp_schema as schema;

/// floor(amount · ppm / 10^6).
pub(crate) const fn floor_ppm(amount: u64, ppm: u64) -> u64 {
    amount / schema::PPM * ppm + amount % schema::PPM * ppm / schema::PPM
}

/// ceil(amount · ppm / 10^6).
pub(crate) const fn ceil_ppm(amount: u64, ppm: u64) -> u64 {
    amount / schema::PPM * ppm + (amount % schema::PPM * ppm).div_ceil(schema::PPM)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rounding_is_that_of_the_integers(amount in 0..=1_u64 << 52, ppm in 0..=1_000_000_u64) {
            let product = u128::from(amount) * u128::from(ppm);
            prop_assert_eq!(u128::from(floor_ppm(amount, ppm)), product / 1_000_000);
            prop_assert_eq!(u128::from(ceil_ppm(amount, ppm)), product.div_ceil(1_000_000));
        }
    }
}
