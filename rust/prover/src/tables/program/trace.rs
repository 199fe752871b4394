//! Fills the `program` table.

use p3_field::PrimeCharacteristicRing;
use zkperp_field::F;
use zkperp_field::poseidon2::{DIGEST, permute, sponge_start};
use zkperp_vm::digest::PROGRAM_DOMAIN;
use zkperp_vm::relocate::Run;

use super::columns::{OFFSET_BIAS, ProgramCols, WORDS, WordCols};

use super::flags::FLAGS;
use crate::geometry::program_digest_address;
use crate::witness::Requests;

/// Row-major cells for 2^`log_rows` rows; `executed[i]` is how often the word at offset i is
/// executed. Adds the table's requests.
#[must_use]
pub fn fill(run: &Run, executed: &[u32], log_rows: usize, requests: &mut Requests) -> Vec<F> {
    const WIDTH: usize = ProgramCols::<F>::WIDTH;
    let (base, length) = (run.layout.program_base, run.layout.program_len as usize);
    assert!(
        length <= WORDS << log_rows,
        "Invariant: the program fits its table"
    );
    let mut state = sponge_start(PROGRAM_DOMAIN, length as u64);
    let mut cells = F::zero_vec(WIDTH << log_rows);
    for (number, row) in cells.chunks_exact_mut(WIDTH).enumerate() {
        let first = number * WORDS;
        let words: [WordCols<F>; WORDS] =
            std::array::from_fn(|i| word_columns(run, executed, first + i));
        for word in &words {
            for offset in word.offsets {
                requests.range16_felt(offset + F::from_u32(OFFSET_BIAS));
            }
        }
        for address in first..length.min(first + WORDS) {
            requests.memory(base + address as u32);
        }
        let mut state_in = [F::ZERO; 8];
        if first < length {
            state_in = state;
            for (lane, word) in state_in.iter_mut().zip(&words) {
                *lane += word.word;
            }
            requests.poseidon2(state_in);
            state = state_in;
            permute(&mut state);
        }
        let pc = F::from_usize(base as usize + first);
        ProgramCols {
            pc,
            words,
            state_in,
            state_out: state,
        }
        .write(row);
    }
    for lane in 0..DIGEST as u32 {
        requests.memory(program_digest_address(&run.layout) + lane);
    }
    cells
}

/// One word's columns; decoded only where it is executed.
fn word_columns(run: &Run, executed: &[u32], offset: usize) -> WordCols<F> {
    let real = offset < run.layout.program_len as usize;
    let count = executed.get(offset).copied().unwrap_or(0);
    let mut columns = WordCols {
        word: F::ZERO,
        is_real: F::from_bool(real),
        is_instruction: F::from_bool(count > 0),
        count: F::from_u32(count),
        offsets: [F::ZERO; 3],
        flags: [F::ZERO; FLAGS],
    };
    if real {
        columns.word = run.memory[run.layout.program_base as usize - 1 + offset];
    }
    if let Some(Some(instruction)) = run.code.get(offset).filter(|_| count > 0) {
        columns.offsets = instruction.offsets.map(F::from_i32);
        columns.flags = std::array::from_fn(|i| F::from_bool(instruction.flags >> i & 1 == 1));
    }
    columns
}
