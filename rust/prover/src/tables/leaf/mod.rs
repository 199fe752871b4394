//! `leaf`: the touched leaves of the state tree, first and last value.

pub mod air;
pub mod columns;
pub mod trace;
