//! `state`: the builtin that reads and writes the exchange's state, one access a row.

pub mod air;
pub mod columns;
pub mod trace;
