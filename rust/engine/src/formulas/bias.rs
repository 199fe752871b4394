//! A market's bias, which bounds what a lot can be worth or owe (docs/spec/state.md § 3 and
//! prices.md § 5).

use zkperp_schema as schema;

/// The bias in micro-USDC a lot of a market with this position limit, above 0:
/// min(2^40, floor(2^55 / position limit)).
#[must_use]
pub const fn bias(position_limit: u64) -> u64 {
    let bias = schema::BIAS_NOTIONAL / position_limit;
    if bias < schema::BIAS_MAX {
        bias
    } else {
        schema::BIAS_MAX
    }
}

/// The greatest |cumulative funding| of a market, 10^-6 micro-USDC a lot; `tick_value` is
/// price_max · multiplier, at most a quarter of `bias`.
#[must_use]
pub const fn funding_max(bias: u64, tick_value: u64) -> u64 {
    schema::PPM * (bias / 2 - tick_value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_capped_and_cumulative_funding_stays_within_half_of_it() {
        assert_eq!(bias(1 << 28), 1 << 27);
        assert_eq!(bias(3), 1 << 40);
        assert_eq!(funding_max(9, 2), 2_000_000);
    }
}
