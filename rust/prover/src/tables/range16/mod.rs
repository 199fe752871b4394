//! `range16`: every 16-bit value, once.

pub mod air;
pub mod columns;
pub mod trace;
