//! `program`: the program's words, decoded once and absorbed into the program digest.

pub mod air;
pub mod columns;
pub mod flags;
pub mod trace;
