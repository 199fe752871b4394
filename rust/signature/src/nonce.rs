//! Secret scalars from hashes: HMAC-SHA-512 (RFC 2104, FIPS 180-4), whose 64 bytes are read as a
//! little-endian integer and reduced mod n, with a bias below 2^-192. SHA-512 runs in constant time:
//! it is additions, rotations and boolean functions of words.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha512;
use zeroize::Zeroizing;
use zkperp_field::{F, PrimeField64};

use crate::key::SecretKey;
use crate::scalar::Scalar;

/// What the nonce's HMAC absorbs first.
const NAME: &[u8] = b"zkperp/schnorr/nonce/v1";

/// An HMAC being fed.
pub(crate) struct Feed(Hmac<Sha512>);

impl Feed {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
}

/// The first nonzero scalar of HMAC-SHA-512(key, what `feed` pushes for the counter 0, 1, ...).
pub(crate) fn hash_to_scalar(key: &[u8], feed: impl Fn(u8, &mut Feed)) -> Scalar {
    for counter in 0..=u8::MAX {
        let hmac = Hmac::<Sha512>::new_from_slice(key);
        let mut hmac = Feed(hmac.expect("Invariant: HMAC takes a key of any length"));
        feed(counter, &mut hmac);
        let bytes = Zeroizing::new(<[u8; 64]>::from(hmac.0.finalize().into_bytes()));
        let scalar = Scalar::from_bytes_reduced(&bytes);
        if !bool::from(scalar.is_zero()) {
            return scalar;
        }
    }
    panic!("Invariant: 256 hashes are not all 0 mod n")
}

/// The nonce of a message: HMAC-SHA-512 under the secret scalar's 40 bytes of [`NAME`], a counter
/// byte, the public key's 40 bytes, the message's length and its felts (8 bytes each,
/// little-endian). One message always has one nonce, so no nonce ever serves two messages.
pub(crate) fn nonce(secret: &SecretKey, message: &[F]) -> Scalar {
    let key = Zeroizing::new(secret.to_bytes());
    hash_to_scalar(&key[..], |counter, hmac| {
        hmac.push(NAME);
        hmac.push(&[counter]);
        hmac.push(&secret.public().to_bytes());
        hmac.push(&(message.len() as u64).to_le_bytes());
        for felt in message {
            hmac.push(&felt.as_canonical_u64().to_le_bytes());
        }
    })
}
