//! Signing and verifying.
//!
//! A signature of a message under the key A is (R, s) with R = s G + e A, R not the neutral, and e
//! the challenge of (R, A, message). The signer knows a with A = a G and k with R = k G, and
//! s = k - e a. docs/spec/signature.md is the whole text.

use rayon::prelude::*;
use zeroize::Zeroize;
use zkperp_field::F;

use crate::challenge::Challenge;
use crate::comb::times_generator;
use crate::equation::sum_vartime;
use crate::gfp5::{self, Gfp5};
use crate::key::{PublicKey, SecretKey};
use crate::nonce::nonce;
use crate::refusal::Refusal;
use crate::scalar::{self, Scalar};

/// Bytes of a signature: R's encoding, then s.
pub const SIGNATURE_BYTES: usize = gfp5::ENCODED_BYTES + scalar::ENCODED_BYTES;

/// A signature whose parts are canonical and whose commitment is not the neutral; nothing else is
/// known of it before [`verify`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    commitment: Gfp5,
    scalar: Scalar,
}

impl Signature {
    /// Reads a signature's 80 bytes.
    ///
    /// # Errors
    /// [`Refusal::CommitmentEncoding`], [`Refusal::CommitmentNeutral`] or [`Refusal::ScalarRange`].
    pub fn from_bytes(bytes: &[u8; SIGNATURE_BYTES]) -> Result<Self, Refusal> {
        let [commitment, scalar] = bytes.as_chunks().0 else {
            unreachable!("Invariant: 80 bytes are two chunks of 40");
        };
        let commitment = Gfp5::from_bytes(commitment).map_err(Refusal::CommitmentEncoding)?;
        if commitment.is_zero() {
            return Err(Refusal::CommitmentNeutral);
        }
        let scalar = Scalar::from_bytes(scalar).map_err(Refusal::ScalarRange)?;
        Ok(Self { commitment, scalar })
    }

    /// The signature's 80 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; SIGNATURE_BYTES] {
        let mut bytes = [0; SIGNATURE_BYTES];
        bytes[..gfp5::ENCODED_BYTES].copy_from_slice(&self.commitment.to_bytes());
        bytes[gfp5::ENCODED_BYTES..].copy_from_slice(&self.scalar.to_bytes());
        bytes
    }

    /// R's encoding.
    #[must_use]
    pub fn commitment(&self) -> Gfp5 {
        self.commitment
    }

    /// s.
    #[must_use]
    pub fn scalar(&self) -> &Scalar {
        &self.scalar
    }
}

/// Signs a message. Deterministic: the nonce is a keyed hash of the message. Neither branches nor
/// addresses depend on the secret key or the nonce; the key, the message and R are public.
#[must_use]
pub fn sign(secret: &SecretKey, message: &[F]) -> Signature {
    let mut nonce = nonce(secret, message);
    let signature = sign_with_nonce(secret, message, &nonce);
    nonce.zeroize();
    signature
}

/// Signs with a given nonce, which must be nonzero and never serve twice.
fn sign_with_nonce(secret: &SecretKey, message: &[F], nonce: &Scalar) -> Signature {
    let commitment = times_generator(nonce).encode();
    let challenge = Challenge::new(commitment, secret.public().w(), message);
    Signature {
        commitment,
        scalar: *nonce - challenge.scalar() * *secret.scalar(),
    }
}

/// Accepts a signature, or says why not. What is accepted is what can be proven.
///
/// # Errors
/// [`Refusal::Excluded`] or [`Refusal::Equation`].
pub fn verify(key: &PublicKey, message: &[F], signature: &Signature) -> Result<(), Refusal> {
    let challenge = Challenge::new(signature.commitment, key.w(), message);
    let total = sum_vartime(key, &signature.scalar, challenge)?;
    if total.is_encoded_by(signature.commitment) {
        Ok(())
    } else {
        Err(Refusal::Equation)
    }
}

/// A message with what claims to be its signature.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// Whose signature it should be.
    pub key: &'a PublicKey,
    /// What is signed.
    pub message: &'a [F],
    /// The signature.
    pub signature: &'a Signature,
}

/// Verifies many, on all threads of the current rayon pool: each result is [`verify`]'s, in order.
#[must_use]
pub fn verify_all(signed: &[Signed<'_>]) -> Vec<Result<(), Refusal>> {
    signed
        .par_iter()
        .with_min_len(8)
        .map(|item| verify(item.key, item.message, item.signature))
        .collect()
}
