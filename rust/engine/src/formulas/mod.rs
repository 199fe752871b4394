//! The rule book's formulas as pure functions of integers, one concept in each file
//! (docs/spec/prices.md and docs/spec/margin.md).
//!
//! Units: prices in ticks, sizes in lots, money in micro-USDC, fractions in ppm, times in ms.
//! `mark_value` is micro-USDC of one lot at the mark; cumulative funding is 10^-6 micro-USDC a lot.
//! The functions expect values within the bounds of docs/spec/state.md § 11, which the rules keep;
//! beyond them a sum that overflows stops the program rather than wrapping.

mod bands;
mod basis;
mod bias;
mod deleverage;
mod due;
mod fees;
mod funding_rate;
mod health;
mod impact;
mod index;
mod liquidation;
mod mark;
mod paid;
mod position_sums;
mod premium;
mod takeover;
mod tier;
mod trigger;

pub use bands::bands;
pub use basis::basis_ppm;
pub use bias::{bias, funding_max};
pub use deleverage::{DeleveragingShare, deleveraging_share};
pub use due::DueRank;
pub use fees::fee;
pub use funding_rate::{
    average_premium_ppm, funding_step, hourly_rate_ppm, next_funding, rate_ppm, sampled_premium,
};
pub use health::{Health, only_improves};
pub use impact::{BookOrder, Rounding, impact_price};
pub use index::{index_price, median};
use liquidation::enough;
pub use liquidation::{DuePosition, LiquidationFill, Offer};
pub use mark::mark_ticks;
pub use paid::paid;
pub(crate) use position_sums::scaled;
pub use position_sums::{Fractions, Sums, Valuation, initial_margin_sum, position_sums};
pub use premium::premium_ppm;
pub use takeover::{Takeover, fund_closing, takeover};
pub use tier::tier_of;
pub use trigger::{key_ratio, trigger, trigger_use, trigger_value};

/// `|value| ≤ bound` by cutting off what is beyond.
const fn clamp(value: i64, bound: u64) -> i64 {
    let bound = bound.cast_signed();
    if value > bound {
        bound
    } else if value < -bound {
        -bound
    } else {
        value
    }
}
