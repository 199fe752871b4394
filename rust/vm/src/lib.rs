//! A Cairo 0 virtual machine over Goldilocks.
//!
//! [`program::Program`] reads what `python -m zkperp.cairo` compiled, [`runner::run`] runs it on an
//! [`input::Input`], and the [`relocate::Run`] that comes back is what the proof's tables are filled
//! from: registers of every step, memory from address 1, the public column.
//!
//! Nothing here is trusted by a verifier: the machine produces the witness, the proof checks it.

pub mod builtins;
pub mod digest;
pub mod hints;
pub mod input;
pub mod instruction;
pub mod layout;
pub mod memory;
pub mod program;
pub mod relocate;
pub mod runner;
pub mod secure;
pub mod step;
pub mod value;

pub use input::Input;
pub use program::Program;
pub use relocate::Run;
pub use runner::{RunOptions, VmError, run};
