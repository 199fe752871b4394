//! The base field of everything, p = 2^64 - 2^32 + 1, and the one hash that proofs see.

pub mod poseidon2;

pub use p3_field::{Field, PrimeCharacteristicRing, PrimeField64};
pub use p3_goldilocks::Goldilocks as F;

/// The field's modulus, 2^64 - 2^32 + 1.
pub const P: u64 = 0xffff_ffff_0000_0001;

/// The field element whose canonical representative is `value`, or `None` if `value >= p`.
///
/// Input from outside (files, calldata, users) goes through here: a non-canonical encoding is a
/// second name for the same element and must be refused.
#[must_use]
pub fn canonical(value: u64) -> Option<F> {
    (value < P).then(|| F::from_u64(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_refuses_the_modulus_and_above() {
        assert_eq!(canonical(P - 1), Some(-F::ONE));
        assert_eq!(canonical(P), None);
        assert_eq!(canonical(u64::MAX), None);
    }
}
