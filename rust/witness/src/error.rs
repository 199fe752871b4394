//! Why a batch has no witness.

use thiserror::Error;
use zkperp_signature::Refusal;
use zkperp_tree::{ProofError, TreeError};
use zkperp_vm::VmError;

/// A batch that cannot be proven, or that the program and the engine see differently.
#[derive(Debug, Error)]
pub enum WitnessError {
    /// The tree is not the one before the batch.
    #[error("the tree given is not the state before batch {batch}")]
    OtherTree {
        /// The batch's number.
        batch: u64,
    },
    /// A command that must be signed comes without its signature.
    #[error("command {command} of the batch has no signature")]
    NoSignature {
        /// Its place in the batch, from 0.
        command: usize,
    },
    /// A signature whose bytes are none.
    #[error("the signature of command {command} is not one: {refusal}")]
    BadSignature {
        /// Its place in the batch, from 0.
        command: usize,
        /// What is wrong with it.
        refusal: Refusal,
    },
    /// The program refuses the batch, or breaks off.
    #[error(transparent)]
    Vm(#[from] VmError),
    /// The tree refuses an address.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The touched leaves have no opening.
    #[error(transparent)]
    Opening(#[from] ProofError),
    /// The program's output differs from the engine's.
    #[error("word {index} of the output is {got:?} by the program and {expected:?} by the engine")]
    Output {
        /// The first word that differs.
        index: usize,
        /// The program's, if it has one there.
        got: Option<u64>,
        /// The engine's, if it has one there.
        expected: Option<u64>,
    },
    /// The root after the batch differs from the engine's.
    #[error("the {which} root differs between the program and the engine")]
    Root {
        /// `old` or `new`.
        which: &'static str,
    },
}
