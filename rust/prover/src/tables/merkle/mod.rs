//! `merkle`: the touched inner nodes of the state tree, old and new side.

pub mod air;
pub mod columns;
pub mod trace;
