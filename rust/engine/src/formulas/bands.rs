//! Between which prices orders may stand (docs/spec/prices.md § 4, step 6).

use zkperp_schema as schema;

/// The least price of a sale and the greatest of a buy: `band_ppm` around the mark, within
/// 1 .. `price_max`.
#[must_use]
pub fn bands(mark: u64, band_ppm: u64, price_max: u64) -> (u64, u64) {
    let low = (mark * (schema::PPM - band_ppm)).div_ceil(schema::PPM);
    let high = mark * (schema::PPM + band_ppm) / schema::PPM;
    (low.max(1), high.min(price_max))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_round_towards_the_mark_and_stay_within_the_market() {
        assert_eq!(bands(1000, 50_000, 5000), (950, 1050));
        assert_eq!(bands(1001, 50_000, 5000), (951, 1051));
        assert_eq!(bands(1000, 1_000_000, 1500), (1, 1500));
        assert_eq!(bands(1, 0, 5000), (1, 1));
        let greatest = (1 << 32) - 1;
        assert_eq!(bands(greatest, 1_000_000, greatest), (1, greatest));
    }
}
