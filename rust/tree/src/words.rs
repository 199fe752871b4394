//! Leaves and digests from and to plain 64-bit words, the form they have in files and calldata.

use zkperp_field::{F, PrimeField64, canonical};

use crate::{Digest, Leaf, NonCanonical};

fn from_words<const N: usize>(words: &[u64; N]) -> Result<[F; N], NonCanonical> {
    let mut felts = [F::new(0); N];
    for (position, (felt, &value)) in felts.iter_mut().zip(words).enumerate() {
        *felt = canonical(value).ok_or(NonCanonical { position, value })?;
    }
    Ok(felts)
}

fn to_words<const N: usize>(felts: &[F; N]) -> [u64; N] {
    felts.map(|felt| felt.as_canonical_u64())
}

/// The leaf that `words` name.
///
/// # Errors
/// [`NonCanonical`] if a word is not below p: a second name for a leaf that exists already.
pub fn leaf_from_words(words: &[u64; 8]) -> Result<Leaf, NonCanonical> {
    from_words(words)
}

/// The digest that `words` name.
///
/// # Errors
/// [`NonCanonical`] if a word is not below p.
pub fn digest_from_words(words: &[u64; 4]) -> Result<Digest, NonCanonical> {
    from_words(words)
}

/// The canonical words of a leaf.
#[must_use]
pub fn leaf_to_words(leaf: &Leaf) -> [u64; 8] {
    to_words(leaf)
}

/// The canonical words of a digest.
#[must_use]
pub fn digest_to_words(digest: &Digest) -> [u64; 4] {
    to_words(digest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use zkperp_field::P;

    #[test]
    fn a_second_name_for_a_felt_is_refused() {
        let mut words = [1, 2, 3, 4, 5, 6, 7, P - 1];
        assert_eq!(leaf_to_words(&leaf_from_words(&words).unwrap()), words);
        words[6] = P + 7;
        let refusal = NonCanonical {
            position: 6,
            value: P + 7,
        };
        assert_eq!(leaf_from_words(&words), Err(refusal));
        assert_eq!(
            digest_from_words(&[0, 0, 0, u64::MAX]),
            Err(NonCanonical {
                position: 3,
                value: u64::MAX
            })
        );
    }
}
