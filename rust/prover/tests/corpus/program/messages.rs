//! Bad witnesses against the table's messages.

use p3_field::PrimeCharacteristicRing;
use zkperp_prover::geometry::program_digest_address;
use zkperp_prover::machine::Kind;
use zkperp_prover::tables::program::columns::WORDS;
use zkperp_stark::F;

use super::decoding::plain;
use super::{DEAD, absorbed, claim_carried, decode, patch_row, patch_word, settled, with_dead};
use crate::support::assembly::Word;
use crate::support::case::{Case, message};
use Word::{Code, Data};

/// Numbers of a word's five messages.
fn numbers(word: usize) -> (impl Fn(usize) -> usize, usize, usize) {
    let first = 5 + 5 * word;
    (move |offset| first + offset, first + 3, first + 4)
}

/// One case for each message.
pub(super) fn cases() -> Vec<Case> {
    let digest = (0..4).map(|lane| {
        message(
            Kind::Program,
            1 + lane,
            format!("lane {lane} of the claimed digest is another one"),
            "the proof would be about a program that was not run",
            move || {
                let mut w = with_dead(&[Data(1)]);
                let at = program_digest_address(&w.geometry) as usize - 1 + lane;
                let claimed = w.public[at] + F::ONE;
                w.set_public(at, claimed);
                settled(w)
            },
        )
    });
    let permutation = message(
        Kind::Program,
        0,
        "the last block's permutation gives a digest of the prover's choice",
        "any program would have any digest",
        || {
            let mut w = with_dead(&[Data(1)]);
            let last_real = DEAD / WORDS;
            for row in last_real..w.rows(Kind::Program) {
                patch_row(&mut w, row, |row| row.state_out[0] = F::from_u32(4711));
            }
            claim_carried(&mut w);
            settled(w)
        },
    );
    let words = (0..WORDS).flat_map(word_messages);
    std::iter::once(permutation)
        .chain(digest)
        .chain(words)
        .collect()
}

/// The dead word at position `i` of row 2, which a run declares but does not execute.
fn word_messages(i: usize) -> Vec<Case> {
    let (range16, decoded, memory) = numbers(i);
    let dead = [plain(), plain(), plain(), plain()];
    let offset = DEAD + i;
    let borrow = move |k: usize| {
        move || {
            let Code(instruction) = plain() else {
                unreachable!()
            };
            let mut w = with_dead(&dead);
            patch_word(&mut w, offset, |word| {
                decode(word, instruction);
                // The same word: 2^16 more in one offset, one less in the next (or flag 0).
                word.offsets[k] += F::from_u32(1 << 16);
                match word.offsets.get_mut(k + 1) {
                    Some(next) => *next -= F::ONE,
                    None => word.flags[0] -= F::ONE,
                }
            });
            settled(w)
        }
    };
    let mut cases: Vec<Case> = (0..3)
        .map(|k| {
            message(
                Kind::Program,
                range16(k),
                format!("offset {k} of word {i} is 2^16 too large, the next one too small"),
                "the decoding would not be unique",
                borrow(k),
            )
        })
        .collect();
    cases.push(message(
        Kind::Program,
        decoded,
        format!("word {i} of the last row is provided once more than it is executed"),
        "a lookup balances exactly, or it says nothing",
        move || {
            let mut w = with_dead(&vec![plain(); 256 - DEAD]);
            let Code(instruction) = plain() else {
                unreachable!()
            };
            let last = 252 + i;
            patch_word(&mut w, last, |word| decode(word, instruction));
            w.settle();
            patch_word(&mut w, last, |word| word.count += F::ONE);
            w
        },
    ));
    cases.push(message(
        Kind::Program,
        memory,
        format!("word {i} of a row is not the one that memory holds"),
        "immediates are read from memory: they would not be those of the digest",
        move || {
            let mut w = with_dead(&[Data(1); 4]);
            patch_word(&mut w, offset, |word| word.word = F::TWO);
            absorbed(w)
        },
    ));
    cases
}
