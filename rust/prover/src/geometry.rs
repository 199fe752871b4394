//! Addresses that the constraints name: all constants of the statement's shape and program.

pub use zkperp_vm::layout::{FIRST_ADDRESS as PUBLIC_BASE, MemoryLayout as Geometry};

/// Address of the public cell that holds `ap` of the last step.
#[must_use]
pub const fn final_ap_address() -> u32 {
    PUBLIC_BASE
}

/// Address of the first of the four public cells that hold the program digest.
#[must_use]
pub fn program_digest_address(geometry: &Geometry) -> u32 {
    PUBLIC_BASE + geometry.digest_index() as u32
}

/// Depth of the state tree (docs/spec/state.md).
pub const TREE_DEPTH: usize = 40;

/// Address of the first of the eight public cells that hold the old and the new root.
#[must_use]
pub fn roots_address(geometry: &Geometry) -> u32 {
    PUBLIC_BASE + geometry.roots_index() as u32
}
