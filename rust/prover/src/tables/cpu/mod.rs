//! `cpu`: one row per step.

pub mod air;
pub mod columns;
pub mod trace;
