//! The proof system behind one module: Plonky3's multilinear STARK with our transcript, our
//! Merkle hash, our parameters and our proof format.
//!
//! Callers bring tables (AIRs with their rows) and a [`Shape`]; they get proof bytes back, and
//! never see a Plonky3 proof. Nothing of the statement is read from the proof: heights,
//! parameters and the public column come from the caller and are absorbed before the first
//! challenge. `docs/spec/proof-format.md` describes every byte.

pub mod config;
pub mod keccak;
pub mod merkle;
pub mod mutation;
mod parts;
pub mod plan;
pub mod proof;
pub mod prove;
pub mod security;
pub mod seeds;
pub mod shape;
pub mod solidity;
pub mod symbolic;
pub mod transcript;
pub mod verify;
mod walk;

pub use config::{Config, EF};
pub use proof::DecodeError;
pub use prove::{ProveError, prove};
pub use security::SecurityReport;
pub use shape::{Params, PublicColumn, Shape, ShapeError, Statement};
pub use verify::{VerifyError, report, verify};
pub use zkperp_field::F;
