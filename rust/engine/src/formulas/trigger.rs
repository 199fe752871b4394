//! Triggers: at which value of a position somebody has to look at its account
//! (docs/spec/liquidation.md § 1 and § 2).

use zkperp_schema as schema;

/// What changes of a position's maintenance sum while nobody touches it, 10^-6 micro-USDC a lot:
/// `sign` is 1 for a long, −1 for a short; `mark_value` is micro-USDC of a lot at the mark.
#[inline]
#[must_use]
pub const fn trigger_value(sign: i64, mark_value: u64, funding: i64, mmf_ppm: u64) -> i64 {
    let value = (mark_value * schema::PPM).cast_signed() - funding;
    sign * value - (mmf_ppm * mark_value).cast_signed()
}

/// By how much prices may move before an account with this slack (S ≥ 0, micro-USDC) and notional
/// (at the mark, above 0) is looked at again, in 10^-9: half the slack, in proportion.
#[must_use]
pub fn key_ratio(slack: u64, notional: u64) -> u64 {
    let spent = if slack >= schema::KEY_SLACK_MIN {
        slack / 2
    } else {
        0
    };
    if spent / 4 >= notional {
        return schema::KEY_RATIO_MAX;
    }
    // Below KEY_RATIO_MAX = 4 · KEY_RATIO, as spent < 4 · notional.
    (u128::from(spent) * u128::from(schema::KEY_RATIO) / u128::from(notional)) as u64
}

/// The trigger of a position with this [`trigger_value`] for a ratio of [`key_ratio`].
#[inline]
#[must_use]
pub const fn trigger(value: i64, ratio: u64, mark_value: u64) -> i64 {
    value - (ratio * mark_value / 1000).cast_signed()
}

/// What a position's trigger leaves to be lost before it is crossed, micro-USDC, rounded up.
#[inline]
#[must_use]
pub const fn trigger_use(lots: u64, value: i64, trigger: i64) -> u64 {
    if value <= trigger {
        return 0;
    }
    let room = (value - trigger).unsigned_abs();
    lots * (room / schema::PPM) + (lots * (room % schema::PPM)).div_ceil(schema::PPM)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_of_both_sides() {
        assert_eq!(trigger_value(1, 100, 7, 30_000), 97_000_000 - 7);
        assert_eq!(trigger_value(-1, 100, 7, 30_000), 7 - 103_000_000);
    }

    #[test]
    fn little_slack_is_not_spent_and_much_is_capped() {
        assert_eq!(key_ratio(63, 1000), 0);
        assert_eq!(key_ratio(64, 1000), 32_000_000);
        assert_eq!(key_ratio(65, 1000), 32_000_000);
        assert_eq!(key_ratio(8 * 1000 - 1, 1000), 3_999_000_000);
        assert_eq!(key_ratio(8 * 1000, 1000), 4_000_000_000);
        assert_eq!(key_ratio(u64::MAX >> 3, 1), 4_000_000_000);
    }

    #[test]
    fn the_greatest_ratio_and_value_fit() {
        assert_eq!(
            trigger(0, schema::KEY_RATIO_MAX, 1 << 32),
            -((4_000_000_000_i128 << 32) / 1000) as i64
        );
    }

    proptest! {
        #[test]
        fn keyed_positions_use_at_most_half_the_slack_but_for_rounding(
            slack in 0..1_u64 << 50,
            positions in prop::collection::vec((1..1_u64 << 28, 1..1_u64 << 24), 1..32),
        ) {
            let notional = positions.iter().map(|(lots, value)| lots * value).sum();
            let ratio = key_ratio(slack, notional);
            let used: u64 = positions
                .iter()
                .map(|&(lots, mark_value)| {
                    let value = trigger_value(1, mark_value, 0, 30_000);
                    trigger_use(lots, value, trigger(value, ratio, mark_value))
                })
                .sum();
            prop_assert!(used <= slack);
        }

        #[test]
        fn use_is_that_of_the_integers(
            lots in 0..1_u64 << 40,
            value in -(1_i64 << 35)..1 << 35,
            trigger in -(1_i64 << 35)..1 << 35,
        ) {
            let exact = i128::from(lots) * i128::from(value - trigger).max(0);
            let exact = -(-exact).div_euclid(1_000_000);
            prop_assert_eq!(i128::from(trigger_use(lots, value, trigger)), exact);
        }
    }
}
