//! Keys.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};
use zkperp_field::F;

use crate::affine::AffinePoint;
use crate::comb::times_generator;
use crate::curve::{Point, TableEntry};
use crate::gfp5::{self, Gfp5};
use crate::nonce::hash_to_scalar;
use crate::refusal::Refusal;
use crate::scalar::{self, NotBelowOrder, Scalar};

/// The key of the HMAC that makes a secret key from a seed.
const SEED_NAME: &[u8] = b"zkperp/schnorr/key/v1";

/// A public key: an element of the group other than the neutral, named by its encoding w.
#[derive(Clone, Copy, Debug)]
pub struct PublicKey {
    w: Gfp5,
    entry: TableEntry,
}

impl PublicKey {
    /// Reads a key's 40 bytes.
    ///
    /// # Errors
    /// [`Refusal::KeyEncoding`], [`Refusal::KeyNeutral`] or [`Refusal::KeyNotInGroup`].
    pub fn from_bytes(bytes: &[u8; gfp5::ENCODED_BYTES]) -> Result<Self, Refusal> {
        Self::from_element(Gfp5::from_bytes(bytes).map_err(Refusal::KeyEncoding)?)
    }

    /// The key of an encoding in felts.
    ///
    /// # Errors
    /// [`Refusal::KeyNeutral`] or [`Refusal::KeyNotInGroup`].
    pub fn from_felts(w: [F; 5]) -> Result<Self, Refusal> {
        Self::from_element(Gfp5::from_felts(w))
    }

    fn from_element(w: Gfp5) -> Result<Self, Refusal> {
        if w.is_zero() {
            return Err(Refusal::KeyNeutral);
        }
        let point = Point::decode_vartime(w).map_err(Refusal::KeyNotInGroup)?;
        Ok(Self {
            w,
            entry: point.to_entry(),
        })
    }

    /// The encoding w.
    #[must_use]
    pub fn w(&self) -> Gfp5 {
        self.w
    }

    /// The encoding in 40 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; gfp5::ENCODED_BYTES] {
        self.w.to_bytes()
    }

    /// The encoding in felts.
    #[must_use]
    pub fn to_felts(&self) -> [F; 5] {
        self.w.to_felts()
    }

    /// The key's point on the curve, a member of the group: its x is not a square.
    #[must_use]
    pub fn to_affine(&self) -> AffinePoint {
        let x = self.entry.x();
        AffinePoint { x, y: x * self.w }
    }

    pub(crate) fn entry(&self) -> &TableEntry {
        &self.entry
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.w == other.w
    }
}

impl Eq for PublicKey {}

/// Whether an encoding w is a key, with the witness that proves either answer.
///
/// w is a key just when d = (w^2 - a)^2 - 4b is a square. d is never 0, as b is not a square, and
/// for w = 0, the neutral, it is not a square. So d = root^2 proves a key and d = 7 root^2 proves
/// that there is none, and no w has both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyValidity {
    /// Whether w encodes an element other than the neutral.
    pub is_key: bool,
    /// The witness: d = root^2 for a key, d = 7 root^2 otherwise.
    pub root: Gfp5,
}

impl KeyValidity {
    /// The answer for any element w of GF(p^5). For public data only.
    #[must_use]
    pub fn of(w: Gfp5) -> Self {
        let discriminant = Point::discriminant(w);
        if let Some(root) = discriminant.sqrt_vartime() {
            return Self { is_key: true, root };
        }
        let seventh = Gfp5::from_canonical([7, 0, 0, 0, 0]).inverse();
        let root = (discriminant * seventh).sqrt_vartime();
        Self {
            is_key: false,
            root: root.expect("Invariant: 7 is not a square, so one of d and d / 7 is"),
        }
    }
}

/// A secret key: a nonzero scalar a, and its public key a G. Wiped when dropped.
#[derive(Clone)]
pub struct SecretKey {
    scalar: Scalar,
    public: PublicKey,
}

impl SecretKey {
    /// The key of 32 random bytes: HMAC-SHA-512 under `zkperp/schnorr/key/v1` of a counter byte and the
    /// seed, read little-endian, mod n; the counter, from 0, is raised where that is 0.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let scalar = hash_to_scalar(SEED_NAME, |counter, hmac| {
            hmac.push(&[counter]);
            hmac.push(seed);
        });
        Self::from_nonzero(scalar)
    }

    /// Reads a secret key's 40 bytes. `None` for 0, which has no public key.
    ///
    /// # Errors
    /// [`NotBelowOrder`] for n and above.
    pub fn from_bytes(bytes: &[u8; scalar::ENCODED_BYTES]) -> Result<Option<Self>, NotBelowOrder> {
        let scalar = Scalar::from_bytes(bytes)?;
        Ok((!bool::from(scalar.is_zero())).then(|| Self::from_nonzero(scalar)))
    }

    fn from_nonzero(scalar: Scalar) -> Self {
        let point = times_generator(&scalar);
        Self {
            scalar,
            public: PublicKey {
                w: point.encode(),
                entry: point.to_entry(),
            },
        }
    }

    /// The secret in 40 bytes, which the caller has to guard.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; scalar::ENCODED_BYTES] {
        self.scalar.to_bytes()
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) fn scalar(&self) -> &Scalar {
        &self.scalar
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretKey")
            .field("public", &self.public.w)
            .finish_non_exhaustive()
    }
}

impl Drop for SecretKey {
    fn drop(&mut self) {
        self.scalar.zeroize();
    }
}

impl ZeroizeOnDrop for SecretKey {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive_their_bytes_and_the_secret_does_not_print() {
        let secret = SecretKey::from_seed(&[7; 32]);
        let again = SecretKey::from_bytes(&secret.to_bytes()).ok().flatten();
        assert_eq!(again.as_ref().map(SecretKey::public), Some(secret.public()));
        assert_eq!(
            PublicKey::from_bytes(&secret.public().to_bytes()),
            Ok(*secret.public())
        );
        assert_eq!(
            PublicKey::from_felts(secret.public().to_felts()),
            Ok(*secret.public())
        );
        assert!(secret.public().to_affine().is_on_curve());
        let words = secret
            .scalar()
            .to_bytes()
            .as_chunks::<8>()
            .0
            .iter()
            .map(|w| u64::from_le_bytes(*w))
            .collect::<Vec<_>>();
        let printed = format!("{secret:?}");
        assert!(
            words
                .iter()
                .all(|word| !printed.contains(&word.to_string()))
        );
    }

    #[test]
    fn each_encoding_is_proven_a_key_or_none() {
        let element = |w: u64| Gfp5::from_canonical([w, 0, 1, 0, 0]);
        let keys = (0..32).map(element).chain([Gfp5::ZERO]).filter(|w| {
            let KeyValidity { is_key, root } = KeyValidity::of(*w);
            assert_eq!(is_key, PublicKey::from_element(*w).is_ok());
            let factor = if is_key { 1 } else { 7 };
            assert_eq!(root.square().times_small(factor), Point::discriminant(*w));
            is_key
        });
        assert!((8..24).contains(&keys.count()));
        assert!(!KeyValidity::of(Gfp5::ZERO).is_key);
    }

    #[test]
    fn zero_is_neither_a_secret_nor_a_public_key() {
        assert!(matches!(SecretKey::from_bytes(&[0; 40]), Ok(None)));
        assert!(matches!(
            SecretKey::from_bytes(&[0xff; 40]),
            Err(NotBelowOrder)
        ));
        assert_eq!(PublicKey::from_bytes(&[0; 40]), Err(Refusal::KeyNeutral));
    }
}
