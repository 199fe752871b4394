//! `public`: the only owner of public values, as a segment of memory.

pub mod air;
pub mod columns;
pub mod trace;
