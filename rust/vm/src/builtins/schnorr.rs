//! `schnorr`: `(key[5], message[4])`, of which a valid signature exists.
//!
//! The key is the encoding w of docs/spec/signature.md, the message a hash of four felts. The
//! signatures are the host's, in the order of the instances; they are in no cell, and none is
//! checked before the run has ended.

use std::sync::OnceLock;

use thiserror::Error;
use zkperp_field::{F, PrimeCharacteristicRing};
use zkperp_signature::trace::{Trace, verification_trace, verification_traces};
use zkperp_signature::{PublicKey, Refusal, SecretKey, Signature, Signed, sign};

use super::felt;
use crate::value::Value;

/// Felts of a key.
pub const KEY: usize = 5;
/// Felts of a message.
pub const MESSAGE: usize = 4;
/// Cells of an instance.
pub const CELLS: u32 = (KEY + MESSAGE) as u32;

/// An instance without a valid signature.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SchnorrError {
    /// The host gave more or fewer signatures than the run has instances.
    #[error("schnorr: {given} signatures were given for {instances} instances")]
    Count {
        /// Instances of the run.
        instances: usize,
        /// Signatures given.
        given: usize,
    },
    /// A signature that is not one of the instance's message under its key.
    #[error("schnorr: instance {instance}: {refusal}")]
    Refused {
        /// The instance.
        instance: usize,
        /// Why.
        refusal: Refusal,
    },
}

/// Verifies the signatures of a finished run; what the proof needs of each, in order.
///
/// # Errors
/// When there is not exactly one signature an instance, or for the first that is refused.
pub fn verify(cells: &[Value], signatures: &[Signature]) -> Result<Vec<Trace>, SchnorrError> {
    let instances = cells.chunks_exact(CELLS as usize);
    if instances.len() != signatures.len() {
        return Err(SchnorrError::Count {
            instances: instances.len(),
            given: signatures.len(),
        });
    }
    let refused = |instance: usize| move |refusal| SchnorrError::Refused { instance, refusal };
    let signed: Vec<(PublicKey, [F; MESSAGE])> = instances
        .enumerate()
        .map(|(instance, cells)| {
            let key = PublicKey::from_felts(std::array::from_fn(|i| felt(cells[i])));
            let message = std::array::from_fn(|i| felt(cells[KEY + i]));
            Ok((key.map_err(refused(instance))?, message))
        })
        .collect::<Result<_, _>>()?;
    let signed: Vec<Signed<'_>> = signed
        .iter()
        .zip(signatures)
        .map(|((key, message), signature)| Signed {
            key,
            message,
            signature,
        })
        .collect();
    let traces = verification_traces(&signed).into_iter().enumerate();
    traces
        .map(|(instance, trace)| trace.map_err(refused(instance)))
        .collect()
}

/// The signature behind an instance that the program didn't use: of secret key 1, for the message
/// of four zeros.
#[must_use]
pub fn padding_trace() -> &'static Trace {
    static PADDING: OnceLock<Trace> = OnceLock::new();
    PADDING.get_or_init(|| {
        let mut one = [0; 40];
        one[0] = 1;
        let secret = SecretKey::from_bytes(&one).ok().flatten();
        let secret = secret.expect("Invariant: 1 is a secret key");
        let message = [F::ZERO; MESSAGE];
        let signature = sign(&secret, &message);
        verification_trace(secret.public(), &message, &signature)
            .expect("Invariant: what is signed verifies")
    })
}

/// The key and the message of [`padding_trace`].
pub(super) fn padding() -> Vec<F> {
    let key = padding_trace().key_w.to_felts();
    key.into_iter().chain([F::ZERO; MESSAGE]).collect()
}
