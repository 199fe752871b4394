//! `range_check`: the builtin cells that hold integers below 2^62.

pub mod air;
pub mod columns;
pub mod trace;
