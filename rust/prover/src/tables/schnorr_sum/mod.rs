//! `schnorr_sum`: the sums s G + e A behind the signatures, 32 rows each.

pub mod air;
pub mod columns;
pub mod constants;
pub mod trace;
