//! Deleveraging pro rata (docs/spec/liquidation.md § 7).

/// What the counterparties visited so far have taken together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeleveragingShare {
    /// Lots.
    pub closed: u64,
    /// What the account in liquidation got for them, micro-USDC.
    pub paid: i64,
}

/// The share of `visited` lots out of `total` in `lots` lots for `quote` micro-USDC, `lots` above 0
/// and at most `total`. What one counterparty takes is the difference of two shares, so that they
/// sum to all of it.
#[must_use]
pub fn deleveraging_share(lots: u64, quote: i64, total: u64, visited: u64) -> DeleveragingShare {
    // visited ≤ total, so closed ≤ lots and |paid| ≤ |quote|.
    let closed = (u128::from(visited) * u128::from(lots) / u128::from(total)) as u64;
    let paid = u128::from(closed) * u128::from(quote.unsigned_abs()) / u128::from(lots);
    DeleveragingShare {
        closed,
        paid: quote.signum() * (paid as u64).cast_signed(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn shares_ascend_and_sum_to_the_whole(
            sizes in prop::collection::vec(1..1000_u64, 1..20),
            part in 1..=1000_u64,
            quote in -(1_i64 << 56)..1 << 56,
        ) {
            let total: u64 = sizes.iter().sum();
            let lots = (total * part / 1000).max(1);
            let mut visited = 0;
            let mut before = DeleveragingShare { closed: 0, paid: 0 };
            for size in sizes {
                visited += size;
                let share = deleveraging_share(lots, quote, total, visited);
                prop_assert!(share.closed - before.closed <= size);
                prop_assert!(quote.signum() * (share.paid - before.paid) >= 0);
                before = share;
            }
            prop_assert_eq!(before, DeleveragingShare { closed: lots, paid: quote });
        }
    }
}
