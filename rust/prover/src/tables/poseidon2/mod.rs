//! `poseidon2`: the permutation, one a row.

pub mod air;
pub mod columns;
pub mod trace;
