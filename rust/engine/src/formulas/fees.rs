//! Fees (docs/spec/matching.md § 2).

use zkperp_schema as schema;

/// ceil(notional · ppm / 10^6), below 0 for a rebate: rounded against the one who pays it.
///
/// The product may pass 2^64. With notional = a · 10^6 + b it is a · ppm · 10^6 + b · ppm, so its
/// quotient is a · ppm and that of b · ppm, each of which fits: notional ≤ 2^52 and |ppm| ≤ 10^6.
#[inline]
#[must_use]
pub const fn fee(notional: u64, ppm: i64) -> i64 {
    let (whole, rest) = (notional / schema::PPM, notional % schema::PPM);
    let (whole, rest) = (whole.cast_signed() * ppm, rest.cast_signed() * ppm);
    let million = schema::PPM.cast_signed();
    // Division cuts towards zero: up for a rebate already, so only above 0 is one more due.
    let up = if rest > 0 && rest % million != 0 {
        1
    } else {
        0
    };
    whole + rest / million + up
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_that_of_the_integers(
            notional in 0..=1_u64 << 52,
            ppm in -1_000_000..=1_000_000_i64,
        ) {
            let exact = -(-i128::from(notional) * i128::from(ppm)).div_euclid(1_000_000);
            prop_assert_eq!(i128::from(fee(notional, ppm)), exact);
        }
    }
}
