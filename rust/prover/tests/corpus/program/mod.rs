//! Bad witnesses against `program`.

mod decoding;
mod messages;

use p3_field::PrimeCharacteristicRing;
use zkperp_prover::geometry::program_digest_address;
use zkperp_prover::machine::Kind;
use zkperp_prover::tables::program::columns::{OFFSET_BIAS, ProgramCols, WORDS, WordCols};
use zkperp_stark::F;
use zkperp_vm::instruction::Instruction;

use crate::support::assembly::{MAIN, Word};
use crate::support::base::{honest, idle};
use crate::support::case::{Case, constraint};
use crate::support::witness::Witness;
use Word::Data;

/// Every case of this table.
pub(crate) fn cases() -> Vec<Case> {
    [
        extent(),
        sponge(),
        decoding::cases(),
        decoding::shapes(),
        messages::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Offset of the first word that no run executes.
const DEAD: usize = MAIN as usize + 2;

/// A program whose words from `DEAD` on are `dead`: nothing jumps there.
fn with_dead(dead: &[Word]) -> Witness {
    honest(&[&idle()[..], dead].concat())
}

fn patch_row(w: &mut Witness, row: usize, patch: impl FnOnce(&mut ProgramCols<F>)) {
    let cells = w.row_mut(Kind::Program, row);
    let mut columns = ProgramCols::read(cells);
    patch(&mut columns);
    columns.write(cells);
}

fn patch_word(w: &mut Witness, offset: usize, patch: impl FnOnce(&mut WordCols<F>)) {
    patch_row(w, offset / WORDS, |row| {
        patch(&mut row.words[offset % WORDS])
    });
}

fn settled(mut w: Witness) -> Witness {
    w.settle();
    w
}

/// With the sponge and the claimed digest made to fit the words.
fn absorbed(mut w: Witness) -> Witness {
    w.absorb_again();
    settled(w)
}

/// Moves every row's pc.
fn shift(w: &mut Witness, from: usize, by: i32) {
    let pc = ProgramCols::numbers().pc;
    for row in from..w.rows(Kind::Program) {
        w.row_mut(Kind::Program, row)[pc] += F::from_i32(by);
    }
}
/// All words moved one place up, behind a first word of the prover's.
fn moved_up(length: usize) -> Witness {
    let mut w = with_dead(&vec![Data(1); length - DEAD]);
    let words: Vec<WordCols<F>> = (0..length)
        .map(|i| ProgramCols::read(w.row(Kind::Program, i / WORDS)).words[i % WORDS])
        .collect();
    let below = *w.memory(w.geometry.program_base - 1);
    shift(&mut w, 0, -1);
    patch_word(&mut w, 0, |word| {
        *word = WordCols {
            word: below,
            is_real: F::ONE,
            is_instruction: F::ZERO,
            ..*word
        };
    });
    for (i, moved) in words.into_iter().enumerate() {
        patch_word(&mut w, i + 1, |word| *word = moved);
    }
    absorbed(w)
}

fn extent() -> Vec<Case> {
    let zero = Instruction {
        offsets: [-(OFFSET_BIAS as i32); 3],
        flags: 0,
    };
    vec![
        constraint(
            "program/first_pc: the first row is the program's base",
            "the table starts one address below the program",
            "the digest would be that of another program, with a word of the prover's in front",
            || moved_up(13),
        ),
        constraint(
            "program/next_pc: four words a row",
            "a row of four words that nothing executes is skipped",
            "part of the program could be left out of the digest",
            || {
                let mut w = with_dead(&[Data(3); 8]);
                // Words 8 .. 12 are left out: row 2 now holds words 12 .. 16.
                shift(&mut w, 2, 4);
                patch_row(&mut w, 3, |row| {
                    row.words.iter_mut().for_each(|word| {
                        (word.word, word.is_real) = (F::ZERO, F::ZERO);
                    });
                });
                absorbed(w)
            },
        ),
        constraint(
            "program/unreal_word: words behind the end are absorbed as 0",
            "the last block absorbs a word behind the program's end",
            "one program would have many digests, and one digest many programs",
            || {
                let mut w = with_dead(&[Data(1)]);
                patch_word(&mut w, DEAD + 1, |word| word.word = F::TWO);
                absorbed(w)
            },
        ),
        constraint(
            "program/unreal_instruction: words behind the end are not executable",
            "the zero behind the program's end is decoded as an instruction",
            "execution could run past the program, where every word reads as a no-op",
            move || {
                let mut w = with_dead(&[Data(1)]);
                patch_word(&mut w, DEAD + 1, |word| decode(word, zero));
                settled(w)
            },
        ),
        constraint(
            "program/end: within a row, the program ends at its length",
            "the last word, not the first of its row, is not absorbed",
            "a word could be dropped from the digest",
            || {
                let mut w = with_dead(&[Data(1), Data(2)]);
                patch_word(&mut w, DEAD + 1, |word| {
                    (word.word, word.is_real) = (F::ZERO, F::ZERO);
                });
                absorbed(w)
            },
        ),
        constraint(
            "program/next_end: across rows, the program ends at its length",
            "the last word, the first of its row, is not absorbed",
            "a word could be dropped from the digest",
            || {
                let mut w = with_dead(&[Data(1)]);
                patch_word(&mut w, DEAD, |word| {
                    (word.word, word.is_real) = (F::ZERO, F::ZERO);
                });
                absorbed(w)
            },
        ),
        constraint(
            "program/last_end: a full table ends at the program's length",
            "a program of 260 words in a table for 256",
            "words that don't fit would be dropped from the digest",
            || {
                let mut w = with_dead(&vec![Data(1); 260 - DEAD]);
                w.halve(Kind::Program);
                absorbed(w)
            },
        ),
    ]
}

fn sponge() -> Vec<Case> {
    vec![
        constraint(
            "program/sponge_start: empty rate, capacity (domain, length)",
            "the sponge starts from another length",
            "a digest of the prover's choice could be run back to a start",
            || {
                let mut w = with_dead(&[Data(1)]);
                w.absorb_with(|row, state| {
                    if row == 0 {
                        state[5] += F::ONE;
                    }
                });
                settled(w)
            },
        ),
        constraint(
            "program/sponge_start: empty rate, capacity (domain, length)",
            "the first word is not what the sponge starts with",
            "the first block could be another one",
            || {
                let mut w = with_dead(&[Data(1)]);
                w.absorb_with(|row, state| {
                    if row == 0 {
                        state[1] += F::ONE;
                    }
                });
                settled(w)
            },
        ),
        constraint(
            "program/sponge_step: the next block is added to the state",
            "one word of the second block is not absorbed",
            "a word could be dropped from the digest",
            || {
                let mut w = with_dead(&[Data(1)]);
                let word = ProgramCols::read(w.row(Kind::Program, 1)).words[2].word;
                w.absorb_with(|row, state| {
                    if row == 1 {
                        state[2] -= word;
                    }
                });
                settled(w)
            },
        ),
        constraint(
            "program/sponge_step: the next block is added to the state",
            "the capacity is changed between two blocks",
            "the sponge would be a chain of permutations that can be run backwards",
            || {
                let mut w = with_dead(&[Data(1)]);
                w.absorb_with(|row, state| {
                    if row == 1 {
                        state[6] += F::ONE;
                    }
                });
                settled(w)
            },
        ),
        constraint(
            "program/sponge_end: behind the end the digest is carried on",
            "a padding row starts to carry another digest",
            "any program would have any digest",
            || {
                let mut w = with_dead(&[Data(1)]);
                for row in 40..w.rows(Kind::Program) {
                    patch_row(&mut w, row, |row| row.state_out[3] += F::ONE);
                }
                claim_carried(&mut w);
                settled(w)
            },
        ),
    ]
}

/// Claims the digest that the last row carries.
fn claim_carried(w: &mut Witness) {
    let last = w.rows(Kind::Program) - 1;
    let state = ProgramCols::read(w.row(Kind::Program, last)).state_out;
    let first = program_digest_address(&w.geometry) as usize - 1;
    for (lane, value) in state[..4].iter().enumerate() {
        w.set_public(first + lane, *value);
    }
}
/// Makes a word's columns say that it is this instruction.
fn decode(word: &mut WordCols<F>, instruction: Instruction) {
    word.is_instruction = F::ONE;
    word.offsets = instruction.offsets.map(F::from_i32);
    word.flags = std::array::from_fn(|i| F::from_bool(instruction.flags >> i & 1 == 1));
}
