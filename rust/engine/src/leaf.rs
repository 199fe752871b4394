//! Leaves as plain words, and how signed values and the tree's felts go in and out of them.

use zkperp_field::{P, PrimeField64};
use zkperp_schema::SIGNED_BOUND;
use zkperp_tree::{Leaf, leaf_from_words, leaf_to_words};

/// The eight canonical felts of a leaf.
pub type LeafWords = [u64; 8];

/// What an address never written holds.
pub const EMPTY: LeafWords = [0; 8];

/// The felt of a signed value: x mod p. `value` is below 2^61 in absolute value.
#[must_use]
pub const fn from_signed(value: i64) -> u64 {
    if value < 0 {
        P - value.unsigned_abs()
    } else {
        value.unsigned_abs()
    }
}

/// The signed value of a felt, if it is one: |x| < 2^61.
#[must_use]
pub const fn to_signed(felt: u64) -> Option<i64> {
    if felt < SIGNED_BOUND {
        Some(felt.cast_signed())
    } else if felt < P && P - felt < SIGNED_BOUND {
        Some(-((P - felt).cast_signed()))
    } else {
        None
    }
}

/// The tree's form of a leaf whose words are felts.
///
/// # Panics
/// `Invariant:` if a word is not below p: the rules bound every field far below.
#[must_use]
pub fn to_tree(words: &LeafWords) -> Leaf {
    leaf_from_words(words).expect("Invariant: a leaf holds a word that is no felt")
}

/// The words of the tree's form.
#[must_use]
pub fn from_tree(leaf: &Leaf) -> LeafWords {
    debug_assert!(leaf.iter().all(|felt| felt.as_canonical_u64() < P));
    leaf_to_words(leaf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signed_values_survive_and_the_middle_of_the_field_is_none() {
        for value in [0, 1, -1, (1 << 61) - 1, 1 - (1 << 61)] {
            assert_eq!(to_signed(from_signed(value)), Some(value));
        }
        assert_eq!(from_signed(-1), P - 1);
        for felt in [1 << 61, P - (1 << 61), P, u64::MAX] {
            assert_eq!(to_signed(felt), None);
        }
    }

    #[test]
    fn the_tree_form_is_the_same_words() {
        let words = [1, 2, P - 1, 0, 5, 6, 7, 8];
        assert_eq!(from_tree(&to_tree(&words)), words);
    }
}
