//! Who says whether a signature is good: the rules ask, the caller decides how it knows.

use zkperp_signature::{PublicKey, Signature};

use crate::command::{KeyLimbs, SignatureBytes};
use crate::message::{Message, felts};

/// Answers check 1006 of the rule book and decides which public keys exist.
pub trait Signatures {
    /// Whether `signature` is the signature of `message` by `key`, limbs that the state holds.
    fn verify(&self, key: &KeyLimbs, message: &Message, signature: Option<&SignatureBytes>)
    -> bool;
}

/// Verifies with `zkperp-signature`; a command without a signature is refused.
#[derive(Clone, Copy, Debug, Default)]
pub struct Verify;

impl Signatures for Verify {
    fn verify(
        &self,
        key: &KeyLimbs,
        message: &Message,
        signature: Option<&SignatureBytes>,
    ) -> bool {
        let Some(Ok(signature)) = signature.map(Signature::from_bytes) else {
            return false;
        };
        PublicKey::from_felts(felts(key))
            .is_ok_and(|key| zkperp_signature::verify(&key, &message.hash(), &signature).is_ok())
    }
}

/// A verdict that was reached before: by another process, by a proof, or for a whole batch at once.
#[derive(Clone, Copy, Debug)]
pub struct Recorded(
    /// Whether signatures are good.
    pub bool,
);

impl Signatures for Recorded {
    fn verify(&self, _: &KeyLimbs, _: &Message, _: Option<&SignatureBytes>) -> bool {
        self.0
    }
}

/// Whether the limbs are the canonical encoding of a group element other than the neutral: what a
/// deposit may register (refusal 5003). The limbs are felts, as the contract admits no others.
#[must_use]
pub(crate) fn is_public_key(limbs: &KeyLimbs) -> bool {
    PublicKey::from_felts(felts(limbs)).is_ok()
}
