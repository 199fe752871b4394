//! `memory`: read-only memory, four addresses a row.

pub mod air;
pub mod columns;
pub mod trace;
