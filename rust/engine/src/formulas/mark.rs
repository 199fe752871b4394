//! The mark price (docs/spec/prices.md § 4, step 5).

use zkperp_schema as schema;

/// The mark in ticks, 1 .. `price_max`: the middle one of the index with its basis, the index, and
/// the middle of the impact prices, which is the index where one of them is absent.
#[must_use]
pub fn mark_ticks(
    index: u64,
    basis_ppm: i64,
    impact_bid: Option<u64>,
    impact_ask: Option<u64>,
    price_max: u64,
) -> u64 {
    let index = index.cast_signed();
    let based = index + index * basis_ppm / schema::PPM.cast_signed();
    let middle = match (impact_bid, impact_ask) {
        (Some(bid), Some(ask)) => u64::midpoint(bid, ask).cast_signed(),
        _ => index,
    };
    let mark = median3(based, index, middle);
    mark.clamp(1, price_max.cast_signed()).cast_unsigned()
}

fn median3(a: i64, b: i64, c: i64) -> i64 {
    a.max(b).min(a.min(b).max(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one() {
        for (a, b, c) in [
            (1, 2, 3),
            (1, 3, 2),
            (2, 1, 3),
            (2, 3, 1),
            (3, 1, 2),
            (3, 2, 1),
        ] {
            assert_eq!(median3(a, b, c), 2);
        }
        assert_eq!(median3(1, 1, 2), 1);
        assert_eq!(median3(1, 2, 2), 2);
    }

    #[test]
    fn a_book_alone_moves_nothing_and_a_basis_alone_neither() {
        assert_eq!(mark_ticks(1000, 0, Some(1100), Some(1200), 5000), 1000);
        assert_eq!(mark_ticks(1000, 50_000, None, Some(1200), 5000), 1000);
        assert_eq!(mark_ticks(1000, 50_000, Some(1100), Some(1200), 5000), 1050);
        assert_eq!(mark_ticks(1000, 50_000, Some(1010), Some(1031), 5000), 1020);
        assert_eq!(mark_ticks(1000, -50_000, Some(900), Some(901), 5000), 950);
    }

    #[test]
    fn it_stays_within_the_market_s_prices() {
        assert_eq!(mark_ticks(5000, 50_000, Some(5000), Some(9000), 5000), 5000);
        assert_eq!(mark_ticks(1, -1_000_000, Some(0), Some(1), 5000), 1);
    }
}
