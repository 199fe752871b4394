//! The program digest: what a proof says was executed.

use zkperp_field::F;
use zkperp_field::poseidon2::{Digest, sponge};

/// Domain tag of program digests; the sponge's capacity starts at (domain, length).
pub const PROGRAM_DOMAIN: u64 = 1;

/// The digest of a program: every word, in order.
#[must_use]
pub fn program_digest(words: &[F]) -> Digest {
    sponge(PROGRAM_DOMAIN, words)
}
