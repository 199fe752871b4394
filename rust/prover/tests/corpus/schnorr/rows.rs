//! Bad witnesses against the constraints of `schnorr`.

use p3_field::PrimeCharacteristicRing;
use zkperp_field::F;
use zkperp_prover::machine::Kind;
use zkperp_prover::tables::schnorr;
use zkperp_prover::witness::Requests;
use zkperp_signature::trace::Trace;
use zkperp_signature::{AffinePoint, Gfp5, PublicKey, Scalar};
use zkperp_vm::builtins::Builtin;
use zkperp_vm::builtins::schnorr::padding_trace;

use super::constraint;
use super::sum::{count_halves, end, walk};
use super::witness::{SECRET, Witness, challenge, claim, digest, honest, multiple, nonce, secret};
use crate::support::case::Case;

/// Cells of an instance.
const CELLS: u32 = 9;
/// Rows of the table.
const ROWS: u32 = 64;

/// Every case against a constraint of this table.
pub(super) fn cases() -> Vec<Case> {
    [instances(), keys(), commitments()]
        .into_iter()
        .flatten()
        .collect()
}

fn instances() -> Vec<Case> {
    let mut cases = vec![];
    // The table starts nine cells early, in the public segment, where a claimed output looks like
    // an instance; the last one is left out.
    let mut witness = Witness::honest();
    let base = witness.base();
    let padding = Builtin::Schnorr.padding();
    for (address, cell) in (base - CELLS..).zip(&padding) {
        witness.set_public(address, *cell);
    }
    let first = base - CELLS;
    let values: Vec<F> = (first..first + CELLS * ROWS)
        .map(|a| *witness.memory(a).0)
        .collect();
    let traces: [Trace; 2] = [padding_trace().clone(), honest()];
    *witness.cells(Kind::Schnorr) = schnorr::trace::fill(
        first,
        &values,
        &traces,
        padding_trace(),
        &mut Requests::new(1 << 20),
    );
    for k in 0..CELLS {
        *witness.memory(first + k).1 += F::ONE;
        *witness.memory(first + CELLS * ROWS + k).1 -= F::ONE;
    }
    cases.push(constraint(
        "schnorr/first: the first row is the segment's first instance",
        "the last instance is in no row",
        witness,
    ));

    let mut witness = Witness::honest();
    let last = base + CELLS * (ROWS - 1);
    witness.patch(ROWS as usize - 1, |row| row.address -= F::from_u32(CELLS));
    for k in 0..CELLS {
        *witness.memory(last + k).1 -= F::ONE;
        *witness.memory(last - CELLS + k).1 += F::ONE;
    }
    cases.push(constraint(
        "schnorr/step: nine cells a row",
        "an instance is read twice, the next one never",
        witness,
    ));
    cases
}

/// The trace with the sum that its key, challenge and scalar lead to, wherever the key lies.
fn followed(trace: Trace, wanted: AffinePoint) -> Witness {
    let mut forged = trace;
    let last = forged.steps.len() - 1;
    forged.steps[last].total = wanted;
    let mut witness = Witness::forged(forged);
    witness.patch_block(0, |rows| {
        count_halves(rows);
        walk(rows);
        assert_eq!(end(rows), wanted);
    });
    witness
}

fn keys() -> Vec<Case> {
    let mut cases = vec![];
    // The point of n-torsion that the key encodes too, N - A; the sum then ends in the torsion.
    let in_torsion = |point: AffinePoint| -point.plus_n().expect("not N");
    let commitment = multiple(&nonce(14));
    let e = challenge(&digest(commitment.encode()));
    let s = e.scalar() * secret() - nonce(14);
    let trace = claim(commitment.encode(), SECRET.public(), s, e);
    let total = in_torsion(commitment.to_affine());
    let moved = Trace {
        key: in_torsion(trace.key),
        key_root: Gfp5::ONE,
        ..trace
    };
    cases.push(constraint(
        "schnorr/key_group: x is 7 times a square",
        "the key's point in the torsion, where additions may meet equal x",
        followed(moved, total),
    ));

    // A whole forgery: N as the point of any key. R = s G for all challenges.
    let s = nonce(10);
    let commitment = multiple(&s);
    let e = challenge(&digest(commitment.encode()));
    let neutral = Trace {
        key: AffinePoint::NEUTRAL,
        key_root: Gfp5::ZERO,
        ..claim(commitment.encode(), SECRET.public(), s, e)
    };
    cases.push(constraint(
        "schnorr/key_x: x is of a point that the key encodes",
        "forgery: the key's point is the neutral",
        followed(neutral, commitment.to_affine()),
    ));

    // Minus the key: the signature is of the other secret.
    let minus = multiple(&-secret());
    let minus = PublicKey::from_felts(minus.encode().to_felts()).expect("a key");
    let commitment = multiple(&nonce(11));
    let e = challenge(&digest(commitment.encode()));
    let s = nonce(11) + e.scalar() * secret();
    let negated = Trace {
        key: minus.to_affine(),
        ..claim(commitment.encode(), &minus, s, e)
    };
    cases.push(constraint(
        "schnorr/key_y: y = w x",
        "the signature of minus the secret",
        Witness::forged(negated),
    ));
    cases
}

fn commitments() -> Vec<Case> {
    let mut cases = vec![];
    // The encoding of -R in the place of R's.
    let k = nonce(12);
    let encoding = multiple(&-k).encode();
    let e = challenge(&digest(encoding));
    let negated = claim(encoding, SECRET.public(), k - e.scalar() * secret(), e);
    cases.push(constraint(
        "schnorr/commitment_y: y = w x",
        "the commitment encodes minus the sum's end",
        Witness::forged(negated),
    ));

    // N has y = w x for all w.
    let encoding = multiple(&nonce(13)).encode();
    let e = challenge(&digest(encoding));
    let neutral = claim(
        encoding,
        SECRET.public(),
        Scalar::ZERO - e.scalar() * secret(),
        e,
    );
    assert_eq!(neutral.steps[351].total, AffinePoint::NEUTRAL);
    cases.push(constraint(
        "schnorr/commitment_x: x is of a point that the commitment encodes",
        "the sum ends at the neutral, under any commitment",
        Witness::forged(neutral),
    ));
    cases
}
