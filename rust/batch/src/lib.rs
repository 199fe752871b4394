//! A sealed batch on disk, and its proof.
//!
//! A batch directory holds the tree before the batch, the accepted commands with their signatures,
//! and what happened; everything else follows by applying the commands again. [`write`] makes one,
//! [`open`] reads it back (and finds out if it was changed), [`prove`] runs the batch program on it
//! and proves the run.

pub mod accounts;
pub mod costs;
mod desk;
mod directory;
mod draft;
mod logs;
pub mod on_chain;
mod prove;
pub mod rebuild;
pub mod replay;
pub mod venue;

pub use desk::{Desk, DeskError, Signer};
pub use directory::{BatchSummary, DirectoryError, OpenedBatch, open, write};
pub use prove::{Phases, ProveBatchError, ProvenBatch, Target, prove};
