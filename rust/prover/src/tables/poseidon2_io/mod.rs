//! `poseidon2_io`: the hash builtin's memory cells.

pub mod air;
pub mod columns;
pub mod trace;
