//! What was measured on a recorded feed of 50,000 rows (docs/flow.md says how), at a tick of 0.1 USD
//! and a lot of 0.00001 BTC.

use crate::quantiles::Quantiles;

/// Rows that place an order.
pub const PLACES: u64 = 18_130;
/// Rows that amend one.
pub const AMENDS: u64 = 13_384;
/// Rows that take.
pub const TAKES: u64 = 400;
/// Rows that cancel an order; the generator cancels when a lifetime ends, which comes to the same.
pub const CANCELS: u64 = 18_086;

/// Of the orders, those that are ever amended, in a thousand.
pub const AMENDED_PER_MILLE: u64 = 81;
/// Of the amendments, those that change the size alone, in a thousand.
pub const SIZE_ONLY_PER_MILLE: u64 = 9;
/// Of the amendments, those that raise the size, in a thousand.
pub const RAISED_PER_MILLE: u64 = 264;
/// Of the amendments, those that lower the size, in a thousand.
pub const LOWERED_PER_MILLE: u64 = 239;

/// Rows between two moves of the mid.
pub const MID_ROWS: u64 = 50;
/// The first mid, ticks.
pub const OPENING_MID: u64 = 609_503;
/// Rows of the opening snapshot, half of them bids.
pub const SNAPSHOT_ROWS: u64 = 50;

/// Distance of a new order from the mid, ticks, below 0 for one beyond it.
pub const DISTANCE: Quantiles = Quantiles([
    -205, 3, 5, 7, 10, 20, 35, 46, 60, 72, 85, 96, 109, 123, 135, 150, 165, 183, 196, 210, 225,
    236, 252, 266, 285, 300, 321, 340, 365, 395, 436, 500, 727,
]);

/// Change of an amended price away from the other side, ticks.
pub const REPRICING: Quantiles = Quantiles([
    -394, -90, -60, -50, -40, -30, -30, -20, -20, -20, -10, -10, -10, -10, -10, -10, -10, -10, 10,
    10, 10, 10, 10, 10, 10, 20, 20, 30, 30, 40, 55, 80, 340,
]);

/// Size of a new order, lots. The feed's least is below one lot.
pub const SIZE: Quantiles = Quantiles([
    1, 20, 22, 40, 296, 2_000, 3_170, 3_900, 3_900, 4_000, 4_100, 5_000, 6_554, 8_193, 9_950,
    10_000, 10_487, 12_307, 14_100, 16_300, 16_600, 21_000, 21_000, 24_000, 24_637, 32_761, 33_719,
    39_272, 43_881, 78_000, 100_000, 139_837, 3_884_254,
]);

/// Size of a take, lots.
pub const TAKE_SIZE: Quantiles = Quantiles([
    1, 84, 140, 238, 340, 456, 500, 500, 500, 500, 500, 500, 500, 500, 500, 672, 934, 1_000, 1_000,
    1_000, 1_500, 1_810, 2_500, 2_940, 2_940, 3_000, 4_860, 5_744, 16_357, 24_574, 32_805, 40_480,
    1_500_000,
]);

/// Rows that an order lives which is never amended.
pub const LIFETIME: Quantiles = Quantiles([
    1, 2, 3, 4, 4, 5, 6, 7, 8, 10, 11, 13, 15, 17, 20, 23, 26, 30, 35, 39, 46, 54, 63, 76, 90, 108,
    129, 160, 204, 270, 397, 669, 7_150,
]);

/// Rows that an order lives which is amended.
pub const LIFETIME_AMENDED: Quantiles = Quantiles([
    2, 13, 19, 24, 28, 34, 39, 44, 52, 58, 65, 75, 85, 95, 108, 121, 136, 148, 169, 184, 205, 238,
    282, 325, 386, 445, 549, 676, 869, 1_050, 1_309, 1_906, 11_834,
]);

/// Move of the mid in [`MID_ROWS`] rows, ticks.
pub const MID_MOVE: Quantiles = Quantiles([
    -274, -50, -35, -24, -18, -11, -10, -5, -4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 5, 7,
    12, 20, 25, 33, 44, 66, 226,
]);

/// Every distribution.
pub const ALL: [Quantiles; 7] = [
    DISTANCE,
    REPRICING,
    SIZE,
    TAKE_SIZE,
    LIFETIME,
    LIFETIME_AMENDED,
    MID_MOVE,
];
