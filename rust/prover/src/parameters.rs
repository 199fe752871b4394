//! The parameter sets that our verifiers know. Bits are never taken from here: each set names a
//! target, and the security report of the very statement must reach it.

use zkperp_stark::Params;

/// Where a proof is verified, which decides what is cheap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Venue {
    /// By our own verifiers: rate 1/2, fastest to prove.
    OffChain,
    /// By the contract: rate 1/8, few bytes.
    OnChain,
}

/// Targets on offer, in bits of proven security.
pub const TARGETS: [usize; 2] = [100, 120];

/// The set for a venue and a target of [`TARGETS`]; `None` for another target.
#[must_use]
pub fn parameters(venue: Venue, target_bits: usize) -> Option<Params> {
    let base = match venue {
        Venue::OffChain => Params::OFFCHAIN,
        Venue::OnChain => Params::ONCHAIN,
    };
    match target_bits {
        100 => Some(base),
        // Error terms add up, so each is sized above the target; 32-byte digests allow 128 bits.
        120 => Some(Params {
            whir_bits: 124,
            digest_bytes: 32,
            target_bits: 120,
            ..base
        }),
        _ => None,
    }
}

/// Whether our verifiers know the set.
#[must_use]
pub fn is_known(params: &Params) -> bool {
    [Venue::OffChain, Venue::OnChain]
        .into_iter()
        .any(|venue| parameters(venue, params.target_bits).as_ref() == Some(params))
}
