//! The Cairo machine over Goldilocks as a proof statement.
//!
//! `tables` holds what is proven, one folder a table; `machine` lists the tables; `buses` says how
//! they are tied together; `statement` is what a verifier knows; `check` is the checker on plain
//! traces that the corpus of bad witnesses runs on.

pub mod builder;
pub mod buses;
pub mod check;
pub mod columns;
pub mod geometry;
pub mod gfp5;
pub mod machine;
pub mod parameters;
pub mod programs;
pub mod proof_file;
pub mod prove;
pub mod shapes;
pub mod statement;
pub mod tables;
pub mod trace;
pub mod verify;
pub mod witness;
