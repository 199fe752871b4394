//! Which of two due accounts is liquidated first (docs/spec/liquidation.md § 4).

use std::cmp::Ordering;

use zkperp_schema as schema;

/// What the list of due accounts is sorted by: value over margin ascending, then account; the fund
/// stands behind all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueRank {
    /// Its value when it became due, micro-USDC, below its margin.
    pub tav: i64,
    /// Its maintenance margin then, micro-USDC.
    pub mmr: u64,
    /// Its number.
    pub account: u32,
}

impl Ord for DueRank {
    /// By the cross products: an account without margin owes, so it stands before those with one.
    fn cmp(&self, other: &Self) -> Ordering {
        let cross = |a: &Self, b: &Self| i128::from(a.tav) * i128::from(b.mmr);
        let is_fund = |key: &Self| u64::from(key.account) == schema::FUND_ACCOUNT;
        let ratios = cross(self, other).cmp(&cross(other, self));
        let last = is_fund(self).cmp(&is_fund(other));
        last.then(ratios).then(self.account.cmp(&other.account))
    }
}

impl PartialOrd for DueRank {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_ratio_comes_first_of_equal_ones_the_lower_account_and_the_fund_last() {
        let key = |tav, mmr, account| DueRank { tav, mmr, account };
        let mut keys = [
            key(50, 100, 1),
            key(1, 2, 7),
            key(49, 100, 9),
            key(-1, 0, 5),
            key(-5, 3, 4),
            key(0, 9, 8),
            key(-9, 0, 6),
            key(1, 2, 3),
            key(-99, 1, schema::FUND_ACCOUNT as u32),
            key(1, 2, schema::FUND_ACCOUNT as u32 + 1),
        ];
        keys.sort_unstable();
        let fund = schema::FUND_ACCOUNT as u32;
        assert_eq!(
            keys.map(|key| key.account),
            [5, 6, 4, 8, 9, 1, 3, 7, fund + 1, fund]
        );
    }
}
