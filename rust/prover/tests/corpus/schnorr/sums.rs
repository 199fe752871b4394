//! Bad witnesses against `schnorr_sum`.

use p3_field::PrimeCharacteristicRing;
use zkperp_field::F;
use zkperp_prover::machine::Kind;
use zkperp_prover::prove::prove;
use zkperp_prover::tables::schnorr_sum::constants::{digits, order_digits};
use zkperp_prover::tables::schnorr_sum::trace::{bits, block};
use zkperp_prover::verify::verify;
use zkperp_signature::trace::{Trace, sum_steps};
use zkperp_signature::{AffinePoint, Challenge, Point, Scalar, SecretKey, start};
use zkperp_stark::Params;

use super::sum::{Digits, count_halves, decide, end, rows, walk, walk_with};
use super::witness::{
    Rows, SECRET, Witness, challenge, claim, digest, forged_run, honest, multiple, nonce, secret,
};
use super::{constraint, message};
use crate::support::case::Case;

/// Any challenge of two halves below p.
const C: u128 = 0x0123_4567_89ab_cdef_fedc_ba98_7654_3210;
/// Row of n's top digit, 7, in part 2.
const TOP: usize = 15;

fn key() -> AffinePoint {
    SECRET.public().to_affine()
}

/// n's digits with others at some places.
fn near_order(changes: &[(usize, usize, u8)]) -> Digits {
    let mut digits = order_digits();
    for &(part, row, digit) in changes {
        digits[part][row] = digit;
    }
    digits
}

/// A sum that nobody asks for, over a scalar below n, with changes.
fn unasked(patch: impl FnOnce(&mut Rows)) -> Witness {
    let mut rows = rows(key(), C, &near_order(&[(2, TOP, 6)]), Some((2, TOP)));
    patch(&mut rows);
    Witness::unasked(&rows)
}

/// Every case of this table.
pub(super) fn cases() -> Vec<Case> {
    [
        slopes(),
        totals(),
        one_key(),
        bits_of_challenge_and_scalar(),
        halves(),
        halves_that_are_not_below_p(),
        scalars_that_are_not_below_the_order(),
        a_scalar_has_320_bits(),
        sums_are_provided_by_their_ends(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn the_sums_followed_here_are_the_signers() {
    let trace = honest();
    let challenge = challenge(&trace.digest);
    let digits = digits(&trace.scalar.to_bytes());
    let order = order_digits();
    let places = (0..3)
        .rev()
        .flat_map(|part| (0..32).rev().map(move |row| (part, row)));
    let first = places
        .into_iter()
        .find(|&(part, row)| digits[part][row] != order[part][row]);
    let ours = rows(key(), challenge.0, &digits, first);
    for (ours, theirs) in ours.iter().zip(block(&trace, 0)) {
        assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
    }
    assert!(unasked(|_| {}).report().is_clean());
}

/// A whole forgery: the digits that are added are not those of the challenge.
fn other_digits() -> Trace {
    let (s, digits) = (nonce(5), Challenge(C));
    let steps = sum_steps(SECRET.public(), &s, digits).expect("not excluded");
    let total = steps[steps.len() - 1].total;
    Trace {
        steps,
        ..claim(total.y * total.x.inverse(), SECRET.public(), s, digits)
    }
}

fn slopes() -> Vec<Case> {
    let mut cases = vec![];
    // A = -2S: with a digit of +1 the first addition ends at N, which has no tangent.
    let w = start().y * start().x.inverse();
    let start = Point::decode_vartime(w).expect("S is in the group");
    let vertical = rows(
        (-start.double()).to_affine(),
        1 << 127,
        &near_order(&[(2, TOP, 6)]),
        Some((2, TOP)),
    );
    cases.push(constraint(
        "schnorr_sum/double: the slope is the tangent's",
        "a sum goes through N with a slope of the prover's choice",
        Witness::unasked(&vertical),
    ));

    cases.push(constraint(
        "schnorr_sum/key_step: the slope leads to the key, signed by the digit",
        "forgery: slopes lead to minus the key where the digit says plus",
        Witness::forged(other_digits()),
    ));

    cases.push(constraint(
        "schnorr_sum/entry_step: the slope leads to the digit's entry",
        "an entry is subtracted",
        unasked(|rows| walk_with(rows, Some((1, 20)), |_, _, after| after)),
    ));
    cases
}

#[test]
fn a_forged_proof_is_refused() {
    let run = forged_run(other_digits());
    let (statement, proof) = prove(&run, &Params::OFFCHAIN).expect("the prover doesn't look");
    assert!(verify(&statement.program, &statement, &proof).is_err());
}

fn totals() -> Vec<Case> {
    let mut cases = vec![];
    const TOTAL: &str = "schnorr_sum/total: the total is the last step's";
    // A whole forgery: the sum just ends where the commitment says.
    let commitment = multiple(&nonce(6));
    let digits = challenge(&digest(commitment.encode()));
    let mut forged = claim(commitment.encode(), SECRET.public(), nonce(7), digits);
    let last = forged.steps.len() - 1;
    forged.steps[last].total = commitment.to_affine();
    cases.push(constraint(
        TOTAL,
        "forgery: the sum ends anywhere",
        Witness::forged(forged),
    ));

    let skip = |i, before, after| if i == 9 { before } else { after };
    let skipped = unasked(|rows| walk_with(rows, None, skip));
    cases.push(constraint(TOTAL, "a window is skipped", skipped));

    let first = multiple(&nonce(8)).to_affine();
    let elsewhere = |i, _, after| if i == 31 { first } else { after };
    let moved = unasked(|rows| walk_with(rows, None, elsewhere));
    cases.push(constraint(
        TOTAL,
        "the sum goes on from a point other than S gives",
        moved,
    ));
    cases
}

fn one_key() -> Vec<Case> {
    let mut cases = vec![];
    // A whole forgery: all but the last window add a key whose secret the forger has; the last one
    // is right for one challenge in sixteen.
    let other = SecretKey::from_seed(&[2; 32]);
    let other_secret = Scalar::from_bytes(&other.to_bytes()).expect("a scalar");
    let victim = multiple(&secret());
    let mut forged = None;
    for number in 0.. {
        let (k, low) = (nonce(number), number % 16);
        // The low digits of e, as e has them: the sum of plus and minus 2^i.
        let low_sum = Scalar::from_u128(2 * low) - Scalar::from_u128(15);
        let commitment = multiple(&k) + victim.times_vartime(&low_sum);
        let e = challenge(&digest(commitment.encode()));
        if e.0 % 16 == low {
            let s = k - (e.scalar() - low_sum) * other_secret;
            let mut trace = claim(commitment.encode(), SECRET.public(), s, e);
            trace.steps[351].total = commitment.to_affine();
            forged = Some(trace);
            break;
        }
    }
    let mut witness = Witness::forged(forged.expect("one in sixteen"));
    witness.patch_block(0, |rows| {
        let other = other.public().to_affine();
        for row in &mut rows[1..] {
            (row.key_x, row.key_y) = (other.x.to_felts(), other.y.to_felts());
        }
        let wanted = end(rows);
        walk(rows);
        assert_eq!(end(rows), wanted);
    });
    cases.push(constraint(
        "schnorr_sum/key: a block has one key",
        "forgery: a key of the forger's in all windows but the last",
        witness,
    ));
    cases
}

fn bits_of_challenge_and_scalar() -> Vec<Case> {
    let mut cases = vec![];
    let digit = unasked(|rows| {
        rows[3].challenge[1] = F::TWO;
        count_halves(rows);
        walk(rows);
    });
    cases.push(constraint(
        "schnorr_sum/challenge: its bits are 0 or 1",
        "a digit is neither +1 nor -1: three times the y of the key",
        digit,
    ));
    let bit = unasked(|rows| {
        rows[3].scalar[1][2] = F::from_u8(7);
        walk(rows);
    });
    cases.push(constraint(
        "schnorr_sum/scalar: its bits are 0 or 1",
        "an entry that is in no table",
        bit,
    ));
    cases
}

fn halves() -> Vec<Case> {
    let mut cases = vec![];
    // A whole forgery: c is what the forger's sum needs, d0 and d1 are what the sponge gives.
    let forged = other_digits();
    let [d0, d1, ..] = forged.digest;
    let mut witness = Witness::forged(forged);
    witness.patch_block(0, |rows| {
        for (i, row) in rows.iter_mut().enumerate() {
            row.challenge = bits((C >> (4 * i)) as u8);
        }
        count_halves(rows);
        (rows[0].half, rows[16].half) = (d0, d1);
        rows.iter_mut().for_each(|row| row.upper = d1);
        walk(rows);
    });
    cases.push(constraint(
        "schnorr_sum/half: a half of the challenge is made of its digits",
        "forgery: the sum's digits are not the challenge's",
        witness,
    ));
    cases.push(constraint(
        "schnorr_sum/upper: the lower half's rows know the upper half",
        "another upper half is provided than was read",
        unasked(|rows| rows[..4].iter_mut().for_each(|row| row.upper += F::ONE)),
    ));
    cases
}

fn halves_that_are_not_below_p() -> Vec<Case> {
    let mut cases = vec![];
    // The upper half is 2^64 - 1, the felt 2^32 - 2: one felt, two challenges.
    let twice = |patch: fn(&mut Rows)| {
        let c = C | u128::from(u64::MAX) << 64;
        let mut rows = rows(key(), c, &near_order(&[(2, TOP, 6)]), Some((2, TOP)));
        patch(&mut rows);
        Witness::unasked(&rows)
    };
    cases.push(constraint(
        "schnorr_sum/full: 1 where the top 32 bits are all ones",
        "d1 + p is read, its full top kept quiet",
        twice(|rows| rows[16..24].iter_mut().for_each(|row| row.full = F::ZERO)),
    ));
    cases.push(constraint(
        "schnorr_sum/canonical: no bits below a full top",
        "d1 + p is read",
        twice(|_| {}),
    ));
    let mut rows = rows(
        key(),
        C | 0xffff_ffff << 96,
        &near_order(&[(2, TOP, 6)]),
        Some((2, TOP)),
    );
    rows[23].challenge = [F::ZERO; 4];
    count_halves(&mut rows);
    rows[16..23].iter_mut().for_each(|row| row.full = F::ZERO);
    walk(&mut rows);
    cases.push(constraint(
        "schnorr_sum/full_kept: known to all lower bits",
        "d1 + p is read, its full top forgotten after one digit",
        Witness::unasked(&rows),
    ));
    cases
}

/// A sum that nobody asks for, over digits of s that count as below n from `decided` on.
fn compared(
    changes: &[(usize, usize, u8)],
    decided: Option<(usize, usize)>,
    patch: fn(&mut Rows),
) -> Witness {
    let mut rows = rows(key(), C, &near_order(changes), decided);
    patch(&mut rows);
    Witness::unasked(&rows)
}

fn scalars_that_are_not_below_the_order() -> Vec<Case> {
    let above = [(2, TOP, 8), (0, 0, 0)];
    vec![
        constraint(
            "schnorr_sum/less: in the end s is below n",
            "s = n",
            compared(&[], None, |_| {}),
        ),
        constraint(
            "schnorr_sum/equal: digits are n's until s is below",
            "s > n: a larger digit is passed over",
            compared(&above, Some((0, 0)), |_| {}),
        ),
        constraint(
            "schnorr_sum/gap: the first other digit is smaller",
            "s > n: a larger digit counts as smaller",
            compared(&above, Some((2, TOP)), |_| {}),
        ),
        constraint(
            "schnorr_sum/gap_bits: 0 or 1",
            "s > n: a digit is smaller by a negative number",
            compared(&above, Some((2, TOP)), |rows| rows[TOP].gap[0] = -F::TWO),
        ),
        constraint(
            "schnorr_sum/below_kept: what is below stays below",
            "s is below n, then not, then again",
            compared(&[(2, TOP, 6), (0, 0, 0)], Some((2, TOP)), |rows| {
                rows[1].below[0] = F::ZERO;
                rows[1].gap[0] = F::ONE;
            }),
        ),
        constraint(
            "schnorr_sum/below: 0 or 1",
            "s is below n by minus one",
            compared(&[(0, 0, 0)], Some((0, 0)), |rows| {
                rows[1].below[0] = -F::ONE;
                rows[1].gap[0] = F::ONE;
            }),
        ),
        constraint(
            "schnorr_sum/carried: the part below goes on from where this one ends",
            "s > n: the part where it is larger starts as if below",
            compared(&[(1, 31, 15)], None, |rows| {
                for row in rows {
                    (row.carried, row.below[0], row.below[1]) = ([F::ONE; 2], F::ONE, F::ONE);
                }
            }),
        ),
        constraint(
            "schnorr_sum/carried_kept: known to all rows of a block",
            "s > n: what is carried becomes 1 on the way",
            compared(&[(1, 31, 15)], None, |rows| {
                for row in rows.iter_mut() {
                    (row.carried, row.below[0], row.below[1]) = ([F::ONE; 2], F::ONE, F::ONE);
                }
                rows[..7]
                    .iter_mut()
                    .for_each(|row| row.carried[1] = F::ZERO);
            }),
        ),
    ]
}

fn sums_are_provided_by_their_ends() -> Vec<Case> {
    let mut on_the_way = Witness::honest();
    for (number, count) in [(2, F::ONE), (3, -F::ONE)] {
        on_the_way.patch_block(number, |rows| rows[1].count = count);
    }
    let surplus = unasked(|rows| rows[0].count = F::ONE);
    vec![
        constraint(
            "schnorr_sum/count: a sum is provided by its first row",
            "a total on the way is provided as a sum's end",
            on_the_way,
        ),
        // A surplus on a first row; no prover can make up for it on the last row.
        message(
            Kind::SchnorrSum,
            0,
            "a sum is provided that nobody asks for",
            surplus,
        )
        .for_the_checker(),
    ]
}

fn a_scalar_has_320_bits() -> Vec<Case> {
    let mut cases = vec![];
    // s = 2^320 + 6..., in the upper digits of the last part, is above n.
    let mut digits = near_order(&[(2, TOP, 6)]);
    digits[2][16] = 1;
    let witness = |decided| {
        let mut rows = rows(key(), C, &digits, None);
        decide(&mut rows, Some(decided));
        Witness::unasked(&rows)
    };
    let labels = [
        ((2, 16), "schnorr_sum/gap: the first other digit is smaller"),
        (
            (2, TOP),
            "schnorr_sum/equal: digits are n's until s is below",
        ),
    ];
    for (decided, label) in labels {
        cases.push(constraint(label, "a digit above n's top", witness(decided)));
    }
    cases
}
