//! A Cairo 0 virtual machine over Goldilocks.

pub mod builtins;
pub mod instruction;
pub mod layout;
pub mod program;
pub mod relocate;
