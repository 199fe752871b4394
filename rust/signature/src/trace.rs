//! A verification as the sequence of affine steps that the proof constrains.
//!
//! The order of the 352 steps is that of `equation`: for window 31 down to 0, four times (double,
//! add the key with the digit's sign), then the entries of tables 0, 1 and 2. Step by step, with
//! (x1, y1) the total before (S at first), (x2, y2) the addend and l the slope:
//!
//! - double: 2 l y1 = 3 x1^2 + 2 a x1 + b and x2 = x1;
//! - add: l (x2 - x1) = y2 - y1;
//! - both: x3 = l^2 - a - x1 - x2 and y3 = l (x1 - x3) - y1.
//!
//! The last total is R, in the group: y = w_R x and x^2 - (w_R^2 - a) x + b = 0, the second of which
//! also says that it is not N. The key is (x, y) in the group: x = 7 root^2, y = w_A x and
//! x^2 - (w_A^2 - a) x + b = 0, which w_A = 0, the neutral, can't satisfy.

use rayon::prelude::*;
use zkperp_field::{F, poseidon2::Digest};

use crate::affine::{AffinePoint, Slope};
use crate::challenge::Challenge;
use crate::equation::{self, Excluded, STEPS, TABLES, WINDOW_BITS, WINDOWS};
use crate::gfp5::Gfp5;
use crate::key::PublicKey;
use crate::refusal::Refusal;
use crate::scalar::Scalar;
use crate::schnorr::{Signature, Signed};

/// Verifications that are traced together, sharing their inversions.
const LANES: usize = 64;

/// What a step adds to the total.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addend {
    /// The total itself.
    Total,
    /// The key, or its negative.
    Key {
        /// Whether the challenge's digit is +1.
        positive: bool,
    },
    /// An entry of a table of [`crate::torsion_tables`].
    Fixed {
        /// Which table.
        table: usize,
        /// Which entry: four bits of s.
        digit: usize,
    },
}

/// One step of the sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AffineStep {
    /// What is added.
    pub addend: Addend,
    /// The slope of the step's line, its witness.
    pub slope: Gfp5,
    /// The total after the step.
    pub total: AffinePoint,
}

/// All that a proof of one verification needs.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The key's encoding w_A.
    pub key_w: Gfp5,
    /// The key's point, in the group.
    pub key: AffinePoint,
    /// A square root of key.x / 7, the witness that key.x is not a square.
    pub key_root: Gfp5,
    /// R's encoding w_R.
    pub commitment_w: Gfp5,
    /// The digest of the challenge's sponge; its first two felts are the challenge.
    pub digest: Digest,
    /// s.
    pub scalar: Scalar,
    /// The [`STEPS`] steps, in their order.
    pub steps: Vec<AffineStep>,
}

/// Traces one verification.
///
/// # Errors
/// The refusal that [`crate::verify`] gives for the same input.
pub fn verification_trace(
    key: &PublicKey,
    message: &[F],
    signature: &Signature,
) -> Result<Trace, Refusal> {
    let signed = Signed {
        key,
        message,
        signature,
    };
    trace_together(&[signed]).remove(0)
}

/// Traces many verifications, on all threads of the current rayon pool, in order.
#[must_use]
pub fn verification_traces(signed: &[Signed<'_>]) -> Vec<Result<Trace, Refusal>> {
    signed
        .par_chunks(LANES)
        .flat_map_iter(trace_together)
        .collect()
}

/// The steps of the sum s G + e A for any key, scalar and challenge; the last total is the sum.
///
/// # Errors
/// [`Excluded`] where a total before a doubling is N.
pub fn sum_steps(
    key: &PublicKey,
    scalar: &Scalar,
    challenge: Challenge,
) -> Result<Vec<AffineStep>, Excluded> {
    let mut lanes = [Lane::new(key.to_affine(), scalar, challenge)];
    take_all_steps(&mut lanes);
    let [lane] = lanes;
    lane.total.map(|_| lane.steps)
}

fn trace_together(signed: &[Signed<'_>]) -> Vec<Result<Trace, Refusal>> {
    let digest = |s: &Signed<'_>| Challenge::digest(s.signature.commitment(), s.key.w(), s.message);
    let digests: Vec<Digest> = signed.iter().map(digest).collect();
    let start = |(s, digest): (&Signed<'_>, &Digest)| {
        let challenge = Challenge::of_digest(digest);
        Lane::new(s.key.to_affine(), s.signature.scalar(), challenge)
    };
    let mut lanes: Vec<Lane> = signed.iter().zip(&digests).map(start).collect();
    take_all_steps(&mut lanes);
    let ended = lanes.into_iter().zip(signed).zip(digests);
    ended
        .map(|((lane, signed), digest)| finish(lane, signed, digest))
        .collect()
}

/// Checks the sum against the signature, and adds what the proof needs besides.
fn finish(lane: Lane, signed: &Signed<'_>, digest: Digest) -> Result<Trace, Refusal> {
    let total = lane.total?;
    let commitment_w = signed.signature.commitment();
    if total == AffinePoint::NEUTRAL || total.y != total.x * commitment_w {
        return Err(Refusal::Equation);
    }
    let seventh = Gfp5::from_canonical([7, 0, 0, 0, 0]).inverse();
    let key_root = (lane.key.x * seventh).sqrt_vartime();
    Ok(Trace {
        key_w: signed.key.w(),
        key: lane.key,
        key_root: key_root.expect("Invariant: x of a group element is 7 times a square"),
        commitment_w,
        digest,
        scalar: lane.scalar,
        steps: lane.steps,
    })
}

/// One sum on its way.
struct Lane {
    key: AffinePoint,
    scalar: Scalar,
    challenge: Challenge,
    total: Result<AffinePoint, Excluded>,
    steps: Vec<AffineStep>,
}

fn take_all_steps(lanes: &mut [Lane]) {
    for window in (0..WINDOWS).rev() {
        for bit in (WINDOW_BITS * window..WINDOW_BITS * (window + 1)).rev() {
            step_together(lanes, |_| Addend::Total);
            step_together(lanes, |lane| Addend::Key {
                positive: lane.challenge.is_positive(bit),
            });
        }
        for table in 0..TABLES {
            step_together(lanes, |lane| Addend::Fixed {
                table,
                digit: equation::digit(&lane.scalar, table, window),
            });
        }
    }
}

/// Takes one step in every lane that has not met the excluded case, with one inversion for all.
fn step_together(lanes: &mut [Lane], addend: impl Fn(&Lane) -> Addend) {
    let mut planned = Vec::with_capacity(lanes.len());
    let mut inverses = Vec::with_capacity(lanes.len());
    for lane in lanes.iter_mut() {
        let addend = addend(lane);
        if let Some((slope, other_x)) = lane.line(addend) {
            inverses.push(slope.denominator);
            planned.push((lane, addend, slope, other_x));
        }
    }
    Gfp5::invert_all(&mut inverses);
    for ((lane, addend, slope, other_x), inverse) in planned.into_iter().zip(inverses) {
        lane.take(addend, slope.numerator * inverse, other_x);
    }
}

impl Lane {
    fn new(key: AffinePoint, scalar: &Scalar, challenge: Challenge) -> Self {
        Self {
            key,
            scalar: *scalar,
            challenge,
            total: Ok(equation::start()),
            steps: Vec::with_capacity(STEPS),
        }
    }

    /// The line of a step and the addend's x; `None` once the total met N before a doubling.
    fn line(&mut self, addend: Addend) -> Option<(Slope, Gfp5)> {
        let total = self.total.ok()?;
        let other = match addend {
            Addend::Total if total == AffinePoint::NEUTRAL => {
                self.total = Err(Excluded);
                return None;
            }
            Addend::Total => return Some((total.tangent(), total.x)),
            Addend::Key { positive: true } => self.key,
            Addend::Key { positive: false } => -self.key,
            Addend::Fixed { table, digit } => equation::torsion_tables()[table][digit],
        };
        Some((total.chord(&other), other.x))
    }

    fn take(&mut self, addend: Addend, slope: Gfp5, other_x: Gfp5) {
        self.total = self.total.map(|total| {
            let total = total.sum_on_line(other_x, slope);
            self.steps.push(AffineStep {
                addend,
                slope,
                total,
            });
            total
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SecretKey;
    use crate::schnorr::{sign, verify, verify_all};
    use zkperp_field::PrimeCharacteristicRing;

    fn small(value: u64) -> Gfp5 {
        Gfp5::from_canonical([value, 0, 0, 0, 0])
    }

    fn b() -> Gfp5 {
        Gfp5::from_canonical([0, 263, 0, 0, 0])
    }

    /// x^2 - (w^2 - a) x + b = 0 and y = w x.
    fn is_encoded_by(point: &AffinePoint, w: Gfp5) -> bool {
        let quadratic = point.x.square() - (w.square() - small(2)) * point.x + b();
        quadratic.is_zero() && point.y == w * point.x
    }

    /// The relations of the module's text, as the proof will state them.
    fn assert_relations(trace: &Trace) {
        let challenge = Challenge::of_digest(&trace.digest);
        let mut total = equation::start();
        let mut steps = trace.steps.iter();
        let mut take = |addend: Addend, other: Option<AffinePoint>| {
            let step = steps.next().expect("352 steps");
            assert_eq!(step.addend, addend);
            let AffineStep {
                slope, total: sum, ..
            } = *step;
            if let Some(other) = other {
                assert_eq!(slope * (other.x - total.x), other.y - total.y);
            } else {
                let tangent = small(3) * total.x.square() + small(4) * total.x + b();
                assert_eq!(small(2) * slope * total.y, tangent);
            }
            let other_x = other.map_or(total.x, |other| other.x);
            assert_eq!(sum.x, slope.square() - small(2) - total.x - other_x);
            assert_eq!(sum.y, slope * (total.x - sum.x) - total.y);
            total = sum;
        };
        for window in (0..32).rev() {
            for bit in (4 * window..4 * window + 4).rev() {
                take(Addend::Total, None);
                let positive = challenge.0 >> bit & 1 == 1;
                let key = if positive { trace.key } else { -trace.key };
                take(Addend::Key { positive }, Some(key));
            }
            for table in 0..3 {
                let digit = trace.scalar.bits(128 * table + 4 * window, 4) as usize;
                let entry = equation::torsion_tables()[table][digit];
                take(Addend::Fixed { table, digit }, Some(entry));
            }
        }
        assert!(steps.next().is_none());
        assert!(is_encoded_by(&total, trace.commitment_w));
        assert!(is_encoded_by(&trace.key, trace.key_w));
        assert_eq!(small(7) * trace.key_root.square(), trace.key.x);
    }

    #[test]
    fn many_traces_hold_and_refusals_stay_in_their_places() {
        let secret = SecretKey::from_seed(&[3; 32]);
        let messages: Vec<[F; 4]> = (0..100).map(|i| [F::from_u64(i); 4]).collect();
        let signatures: Vec<Signature> = messages.iter().map(|m| sign(&secret, m)).collect();
        // Every seventh carries the signature of the message before it.
        let signed: Vec<Signed<'_>> = (0..messages.len())
            .map(|i| Signed {
                key: secret.public(),
                message: &messages[i],
                signature: &signatures[if i % 7 == 6 { i - 1 } else { i }],
            })
            .collect();
        let traces = verification_traces(&signed);
        assert_eq!(traces.len(), signed.len());
        for ((item, trace), result) in signed.iter().zip(traces).zip(verify_all(&signed)) {
            assert_eq!(result, verify(item.key, item.message, item.signature));
            match trace {
                Ok(trace) => assert_relations(&trace),
                Err(refusal) => assert_eq!(Err(refusal), result),
            }
        }
    }
}
