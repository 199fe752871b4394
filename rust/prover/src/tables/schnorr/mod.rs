//! `schnorr`: the builtin's signatures, one a row.

pub mod air;
pub mod columns;
pub mod trace;
