//! `program`: the program's words, decoded once and absorbed into the program digest.

pub mod air;
pub mod columns;
pub mod trace;
