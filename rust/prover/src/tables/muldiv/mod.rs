//! `muldiv`: the builtin that multiplies and divides over the integers.

pub mod air;
pub mod columns;
pub mod trace;
