//! The sum s G + e A of a signature's equation, as a fixed sequence of steps.
//!
//! ```text
//! total = S
//! for window i = 31, ..., 0:
//!     four times, for the digits of e from 4 i + 3 down to 4 i:
//!         total = 2 total
//!         total = total + (A or -A)
//!     for table j = 0, 1, 2:
//!         total = total + T_j[ four bits of s from 128 j + 4 i ]        T_j[v] = v 2^(128 j) G + C
//! ```
//! S is a point that nobody knows the logarithm of; C is the multiple of S that makes it vanish
//! from the total: S comes out 2^128 times, C 3 (2^128 - 1) / 15 times.
//!
//! The proof takes these steps on the curve, in affine coordinates with the slope as witness, and
//! nearly all of them are complete by structure. The curve has two cosets, the n-torsion and the
//! group, and 2 x any point is in the first. So a total is in the n-torsion just after a doubling
//! and in the group otherwise; the key is added as the group's element that it is, and the entries
//! of T_j after their shift by N, in the n-torsion. Then the two points of an addition lie in
//! different cosets and their x are never equal, whatever key and digits a prover may choose. One
//! case is left: a doubling whose total is N = (0, 0), where the tangent is vertical. It is
//! [`Excluded`], here as in the proof.
//!
//! No honest signature meets it: at a doubling after t full windows the total contains S
//! 2^k (2^128 - 16^t) / (2^128 - 1) times, which is not 0 mod n, and with A = a G the rest is a
//! multiple of G; the total is N only if that gives the logarithm of S. A key made from S can meet
//! it, and nobody can sign for such a key.

use std::sync::OnceLock;

use thiserror::Error;
use zkperp_field::{F, PrimeCharacteristicRing, poseidon2};

use crate::affine::AffinePoint;
use crate::challenge::Challenge;
use crate::curve::{Point, TableEntry};
use crate::gfp5::Gfp5;
use crate::key::PublicKey;
use crate::scalar::Scalar;

/// Windows of the sum.
pub const WINDOWS: usize = 32;
/// Doublings, and bits of each of the scalar's parts, in a window.
pub const WINDOW_BITS: usize = 4;
/// Entries of a table of multiples of G.
pub const ENTRIES: usize = 1 << WINDOW_BITS;
/// Tables of multiples of G, one for each 128 bits of the scalar.
pub const TABLES: usize = 3;
/// Additions and doublings in the whole sum.
pub const STEPS: usize = WINDOWS * (2 * WINDOW_BITS + TABLES);

/// Bits of the scalar that one table serves.
const TABLE_BITS: usize = WINDOWS * WINDOW_BITS;

/// The sponge's domain for the start: `start` in ASCII, read as a big-endian integer.
const START_DOMAIN: u64 = 0x0073_7461_7274;
/// What is hashed to the start S, one felt a byte, and a counter.
const START_NAME: &[u8] = b"zkperp: the point at which sums of Schnorr verification start";
/// -5 * 2^128 / (2^128 - 1) mod n, how many times S is in C.
const OFFSET_OVER_START: [u64; 5] = [
    0xf6a5_6c2a_b9f9_8220,
    0xe365_0985_542c_9279,
    0x11e6_a12d_672c_3cb9,
    0x79f2_b531_285d_a26b,
    0x5dc9_2e04_6a0e_faa6,
];

/// The total became N before a doubling, where the proof's affine step has no slope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the sum meets the neutral element before a doubling")]
pub struct Excluded;

struct Constants {
    start: Point,
    start_affine: AffinePoint,
    /// T_j\[v\] + N, for the proof.
    torsion: [[AffinePoint; ENTRIES]; TABLES],
    /// T_0\[v\] + T_1\[w\] at v + 16 w, in the group, for the verifier.
    low: Vec<TableEntry>,
    /// T_2, in the group, for the verifier.
    high: Vec<TableEntry>,
}

/// The start S of every sum, in affine coordinates. It is in the group.
#[must_use]
pub fn start() -> AffinePoint {
    constants().start_affine
}

/// The tables T_j\[v\] + N, points of n-torsion: the constants of the proof's additions.
#[must_use]
pub fn torsion_tables() -> &'static [[AffinePoint; ENTRIES]; TABLES] {
    &constants().torsion
}

/// The four bits of the scalar that pick an entry of a table in a window.
#[must_use]
pub(crate) const fn digit(s: &Scalar, table: usize, window: usize) -> usize {
    s.bits(TABLE_BITS * table + WINDOW_BITS * window, WINDOW_BITS) as usize
}

/// s G + e A. Its time depends on the input: for public data only.
///
/// # Errors
/// [`Excluded`] when a total before a doubling is the neutral element.
pub fn sum_vartime(key: &PublicKey, s: &Scalar, challenge: Challenge) -> Result<Point, Excluded> {
    let Constants {
        start, low, high, ..
    } = constants();
    let signed_key = [-*key.entry(), *key.entry()];
    let mut total = *start;
    for window in (0..WINDOWS).rev() {
        for bit in (WINDOW_BITS * window..WINDOW_BITS * (window + 1)).rev() {
            if total.is_neutral() {
                return Err(Excluded);
            }
            let addend = &signed_key[usize::from(challenge.is_positive(bit))];
            total = total.double().plus_entry(addend);
        }
        let [first, second, third] = std::array::from_fn(|table| digit(s, table, window));
        total = total
            .plus_entry(&low[first + ENTRIES * second])
            .plus_entry(&high[third]);
    }
    Ok(total)
}

fn constants() -> &'static Constants {
    static CONSTANTS: OnceLock<Constants> = OnceLock::new();
    CONSTANTS.get_or_init(|| {
        let start = hash_to_start();
        let tables = tables(start);
        let low: Vec<Point> = tables[1]
            .iter()
            .flat_map(|second| tables[0].map(|first| first + *second))
            .collect();
        Constants {
            start,
            start_affine: start.to_affine(),
            torsion: tables.map(|table| table.map(torsion)),
            low: Point::to_entries(&low),
            high: Point::to_entries(&tables[2]),
        }
    })
}

/// The first element encoded by (digest, counter), the digest being of the name and the counter.
fn hash_to_start() -> Point {
    let named = |counter: u8| {
        let text = START_NAME
            .iter()
            .chain([&counter])
            .map(|byte| F::from_u8(*byte));
        let [d0, d1, d2, d3] = poseidon2::sponge(START_DOMAIN, &text.collect::<Vec<_>>());
        Gfp5::from_felts([d0, d1, d2, d3, F::from_u8(counter)])
    };
    (0..=u8::MAX)
        .find_map(|counter| Point::decode_vartime(named(counter)).ok())
        .expect("Invariant: half of all encodings have an element, so some of 256 does")
}

/// T_j\[v\] = v 2^(128 j) G + C.
fn tables(start: Point) -> [[Point; ENTRIES]; TABLES] {
    let offset = start.times_vartime(&Scalar::from_words(OFFSET_OVER_START));
    let mut base = Point::GENERATOR;
    std::array::from_fn(|_| {
        let mut entry = offset;
        let table = std::array::from_fn(|_| {
            let this = entry;
            entry = entry + base;
            this
        });
        base = (0..TABLE_BITS).fold(base, |point, _| point.double());
        table
    })
}

fn torsion(element: Point) -> AffinePoint {
    let shifted = element.to_affine().plus_n();
    shifted.expect("Invariant: no entry is the neutral element, else log S would be known")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_of(point: Point) -> PublicKey {
        PublicKey::from_felts(point.encode().to_felts()).expect("an element, not the neutral")
    }

    fn direct(key: Point, s: &Scalar, challenge: Challenge) -> Point {
        Point::GENERATOR.times_vartime(s) + key.times_vartime(&challenge.scalar())
    }

    #[test]
    fn the_start_vanishes_from_the_sum() {
        let shift = Scalar::from_u128(u128::MAX);
        let wanted = -(Scalar::from_u128(5) * (shift + Scalar::ONE));
        assert_eq!(Scalar::from_words(OFFSET_OVER_START) * shift, wanted);
    }

    #[test]
    fn the_sum_is_the_equation_for_extreme_scalars_and_special_keys() {
        let g = Point::GENERATOR;
        let random = Scalar::from_bytes_reduced(&[0xc5; 64]);
        for key in [g, -g, g.times_vartime(&random)] {
            for s in [Scalar::ZERO, Scalar::ONE, -Scalar::ONE, random] {
                for c in [0, u128::MAX, 0xfeed_beef << 70] {
                    let sum = sum_vartime(&key_of(key), &s, Challenge(c));
                    assert_eq!(sum, Ok(direct(key, &s, Challenge(c))));
                }
            }
        }
    }

    #[test]
    fn a_key_that_cancels_the_start_is_excluded() {
        // The first step of a window is 2S + A or 2S - A; with A = -2S one of them is N.
        let key = -(constants().start.double());
        let (plus, minus) = (Challenge(1 << 127), Challenge(0));
        assert_eq!(sum_vartime(&key_of(key), &Scalar::ONE, plus), Err(Excluded));
        assert_eq!(
            sum_vartime(&key_of(-key), &Scalar::ONE, minus),
            Err(Excluded)
        );
        let sum = sum_vartime(&key_of(key), &Scalar::ONE, minus);
        assert_eq!(sum, Ok(direct(key, &Scalar::ONE, minus)));
    }

    #[test]
    fn the_cosets_are_as_the_completeness_argument_needs_them() {
        assert!(start().is_on_curve() && !start().x.is_nonzero_square());
        for point in torsion_tables().as_flattened() {
            assert!(point.is_on_curve() && point.x.is_nonzero_square());
        }
    }
}
