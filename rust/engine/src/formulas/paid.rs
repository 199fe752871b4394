//! Funding that a position owes (docs/spec/prices.md § 6).

use zkperp_schema as schema;

/// What a position of `size` lots pays in micro-USDC, below 0 where it is paid: rounded against the
/// user. `entry` is the cumulative funding when it last paid.
#[inline]
#[must_use]
pub const fn paid(size: i64, funding: i64, entry: i64) -> i64 {
    if funding == entry {
        return 0;
    }
    let ppm = schema::PPM.cast_signed();
    let due = funding - entry;
    // ceil(a · b) = −floor(−a · b), in parts so that nothing passes 64 bits.
    let (lots, per_lot) = (size.abs(), -size.signum() * due);
    -(lots * per_lot.div_euclid(ppm) + lots * per_lot.rem_euclid(ppm) / ppm)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn longs_pay_what_rises_and_both_round_up() {
        assert_eq!(paid(3, 500_000, 0), 2);
        assert_eq!(paid(-3, 500_000, 0), -1);
        assert_eq!(paid(3, 0, 500_000), -1);
        assert_eq!(paid(-3, 0, 500_000), 2);
        assert_eq!(paid(0, 7, 9), 0);
        assert_eq!(paid(4, -7, -7), 0);
    }

    proptest! {
        #[test]
        fn it_is_that_of_the_integers(
            size in -(1_i64 << 28)..1 << 28,
            funding in -(1_i64 << 46)..1 << 46,
            entry in -(1_i64 << 46)..1 << 46,
        ) {
            let due = i128::from(funding) - i128::from(entry);
            let exact = -(-i128::from(size) * due).div_euclid(1_000_000);
            prop_assert_eq!(i128::from(paid(size, funding, entry)), exact);
        }
    }
}
