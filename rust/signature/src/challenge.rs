//! The challenge e of a signature.
//!
//! e is made from the Poseidon2 sponge over (R, A, message) under [`DOMAIN`]: the first two felts
//! of the digest are read as c = d0 + 2^64 d1, 128 bits, and e is the number whose 128 binary
//! digits are +1 where c has a one and -1 where it has a zero, e = 2c + 1 - 2^128.
//!
//! Why so, rather than a scalar of the group's full 319 bits:
//! - *enough*: c is one of p^2 = 2^127.99 values, all equally likely where the sponge is a random
//!   oracle, so there is no bias at all, and a forger who hashes q times has a chance of q / p^2
//!   beside the discrete logarithm. A challenge as long as the security level is what Schnorr
//!   proposed, and in the generic group model it is enough (Neven, Smart, Warinschi, "Hash function
//!   requirements for Schnorr signatures", 2009). Two challenges differ by an invertible number, as
//!   |e - e'| < 2^129 < n, which is what extracting a key from two signatures needs;
//! - *cheap in the proof*: the key, the one point that is not a constant, is doubled and added 128
//!   times instead of 319;
//! - *free of the neutral*: a digit is never zero, so each step adds A or -A, by one selection of
//!   the sign of y, and e is odd, so never zero.
//!
//! The proof must read d0 and d1 as integers below p: 64 bits, and not (high half all ones and low
//! half nonzero).

use zkperp_field::poseidon2::{Digest, sponge};
use zkperp_field::{F, PrimeField64};

use crate::gfp5::Gfp5;
use crate::scalar::Scalar;

/// The sponge's domain: `schnorr` in ASCII, read as a big-endian integer.
pub const DOMAIN: u64 = 0x0073_6368_6e6f_7272;
/// Digits of a challenge.
pub const BITS: usize = 128;

/// A challenge, by the number c whose bits are the signs of its digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge(pub u128);

impl Challenge {
    /// The challenge of a commitment, a key (both encoded) and a message.
    #[must_use]
    pub fn new(commitment: Gfp5, key: Gfp5, message: &[F]) -> Self {
        Self::of_digest(&Self::digest(commitment, key, message))
    }

    /// The digest that the challenge is cut from.
    pub(crate) fn digest(commitment: Gfp5, key: Gfp5, message: &[F]) -> Digest {
        let mut input = Vec::with_capacity(10 + message.len());
        input.extend(commitment.to_felts());
        input.extend(key.to_felts());
        input.extend(message);
        sponge(DOMAIN, &input)
    }

    /// c = d0 + 2^64 d1.
    pub(crate) fn of_digest(digest: &Digest) -> Self {
        let [low, high, ..] = digest.map(|felt| u128::from(felt.as_canonical_u64()));
        Self(low | high << 64)
    }

    /// Whether the digit of weight 2^index is +1 rather than -1.
    #[must_use]
    pub const fn is_positive(self, index: usize) -> bool {
        self.0 >> index & 1 == 1
    }

    /// e = 2c + 1 - 2^128 mod n.
    #[must_use]
    pub fn scalar(self) -> Scalar {
        let c = Scalar::from_u128(self.0);
        c + c - Scalar::from_u128(u128::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scalar_is_the_sum_of_its_digits() {
        for c in [0, 1, u128::MAX, 0x0123_4567_89ab_cdef << 60] {
            let challenge = Challenge(c);
            let sum = (0..BITS).rev().fold(Scalar::ZERO, |sum, i| {
                let one = if challenge.is_positive(i) {
                    Scalar::ONE
                } else {
                    -Scalar::ONE
                };
                sum + sum + one
            });
            assert_eq!(challenge.scalar(), sum);
        }
    }

    #[test]
    fn the_domain_is_its_ascii_text() {
        assert_eq!(DOMAIN.to_be_bytes(), *b"\0schnorr");
    }
}
