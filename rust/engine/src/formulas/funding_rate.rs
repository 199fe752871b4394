//! What funding costs in an hour, and what it has cost so far (docs/spec/prices.md § 5).

use zkperp_schema as schema;

use super::clamp;

/// The premium's sum in ppm · ms after `passed_ms` more at this premium, of which no more counts than
/// a tick may be late.
#[must_use]
pub fn sampled_premium(
    premium_sum: i64,
    premium_ppm: i64,
    passed_ms: u64,
    tick_max_ms: u64,
) -> i64 {
    premium_sum + premium_ppm * passed_ms.min(tick_max_ms).cast_signed()
}

/// The hour's average premium in ppm, from its sum in ppm · ms.
#[must_use]
pub fn average_premium_ppm(premium_sum: i64) -> i64 {
    premium_sum / schema::FUNDING_PERIOD_MS.cast_signed()
}

/// The rate of eight hours in ppm of the index: interest pulls the average premium towards itself by
/// at most `clamp_ppm`; what comes out is at most ±`rate_max_ppm`.
#[must_use]
pub fn rate_ppm(average_ppm: i64, interest_ppm: u64, clamp_ppm: u64, rate_max_ppm: u64) -> i64 {
    let pull = clamp(interest_ppm.cast_signed() - average_ppm, clamp_ppm);
    clamp(average_ppm + pull, rate_max_ppm)
}

/// The rate of one hour, from that of eight.
#[must_use]
pub fn hourly_rate_ppm(rate_ppm: i64) -> i64 {
    rate_ppm / schema::FUNDING_RATE_HOURS.cast_signed()
}

/// What an hour at this rate adds to cumulative funding, 10^-6 micro-USDC a lot: ppm of what a lot
/// is worth at the index, at most 2^32 micro-USDC.
#[must_use]
pub fn funding_step(hourly_ppm: i64, index: u64, multiplier: u64) -> i64 {
    hourly_ppm * (index * multiplier).cast_signed()
}

/// Cumulative funding after a step, at most ±`funding_max`.
#[must_use]
pub fn next_funding(funding: i64, step: i64, funding_max: u64) -> i64 {
    clamp(funding + step, funding_max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interest_holds_the_rate_until_the_premium_leaves_its_clamp() {
        let hourly = |average| hourly_rate_ppm(rate_ppm(average, 100, 500, 40_000));
        assert_eq!(hourly(0), 12);
        assert_eq!(hourly(600), 12);
        assert_eq!(hourly(1300), 100);
        assert_eq!(hourly(-1300), -100);
        assert_eq!(hourly(1_000_000), 5000);
        assert_eq!(hourly(-1_000_000), -5000);
    }

    #[test]
    fn the_average_is_cut_towards_zero() {
        assert_eq!(average_premium_ppm(3_599_999), 0);
        assert_eq!(average_premium_ppm(-3_600_001), -1);
        assert_eq!(average_premium_ppm(3_600_000_000_000), 1_000_000);
    }

    #[test]
    fn cumulative_funding_ends_at_its_bound() {
        assert_eq!(next_funding(5, funding_step(-2, 100, 3), 1000), -595);
        assert_eq!(next_funding(900, 600, 1000), 1000);
        assert_eq!(next_funding(-900, -600, 1000), -1000);
    }
}
