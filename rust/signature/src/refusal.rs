//! Why a signature is not accepted.

use thiserror::Error;

use crate::curve::NotInGroup;
use crate::equation::Excluded;
use crate::gfp5::NotCanonical;
use crate::scalar::NotBelowOrder;

/// Why a key or a signature is not accepted, in the order of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The key's 40 bytes are not a canonical field element.
    #[error("key: {0}")]
    KeyEncoding(NotCanonical),
    /// The key is the neutral element, for which anyone can sign.
    #[error("key: it is the neutral element")]
    KeyNeutral,
    /// The key's field element encodes no element of the group.
    #[error("key: {0}")]
    KeyNotInGroup(NotInGroup),
    /// The commitment's 40 bytes are not a canonical field element.
    #[error("commitment: {0}")]
    CommitmentEncoding(NotCanonical),
    /// The commitment is the neutral element.
    #[error("commitment: it is the neutral element")]
    CommitmentNeutral,
    /// s is not below n.
    #[error("scalar: {0}")]
    ScalarRange(NotBelowOrder),
    /// The sum meets the case that the proof can't express.
    #[error("{0}")]
    Excluded(#[from] Excluded),
    /// R is not s G + e A: another message, key or signature. A commitment that encodes no element
    /// ends here too.
    #[error("the signature is not of this message under this key")]
    Equation,
}

impl Refusal {
    /// The name in vectors, reports and the Python model.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::KeyEncoding(_) => "key_encoding",
            Self::KeyNeutral => "key_neutral",
            Self::KeyNotInGroup(_) => "key_not_in_group",
            Self::CommitmentEncoding(_) => "commitment_encoding",
            Self::CommitmentNeutral => "commitment_neutral",
            Self::ScalarRange(_) => "scalar_range",
            Self::Excluded(_) => "excluded",
            Self::Equation => "equation",
        }
    }
}
