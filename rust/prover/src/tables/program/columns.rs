//! Columns of the `program` table: four words a row, which is one block of the digest's sponge.

use super::flags::FLAGS;
use crate::columns::{Cells, columns};

/// Words a row: the sponge's rate.
pub const WORDS: usize = 4;
/// What an offset is biased by inside an instruction word.
pub const OFFSET_BIAS: u32 = 1 << 15;

columns! {
    /// One word of the program, and its decoding if it is an instruction.
    pub struct WordCols<T> {
        /// The word, as `memory` holds it.
        pub word: T,
        /// 1 on words of the program, 0 behind its end.
        pub is_real: T,
        /// 1 if this word may be executed as an instruction. The prover's choice: decoding is
        /// unique, so a data word that happens to decode does no harm.
        pub is_instruction: T,
        /// How often it is executed: free, since the word at an address is unique.
        pub count: T,
        /// Offsets of dst, op0, op1 without their bias (`range16` bus).
        pub offsets: [T; 3],
        /// The fifteen flag bits.
        pub flags: [T; FLAGS],
    }
}

impl<T: Copy> Cells<T> for [WordCols<T>; WORDS] {
    const COUNT: usize = WORDS * WordCols::<T>::WIDTH;
    #[inline(always)]
    fn read(row: &[T]) -> Self {
        std::array::from_fn(|i| WordCols::read(&row[i * WordCols::<T>::WIDTH..]))
    }
    #[inline(always)]
    fn write(&self, row: &mut [T]) {
        for (word, cells) in self.iter().zip(row.chunks_exact_mut(WordCols::<T>::WIDTH)) {
            word.write(cells);
        }
    }
}

columns! {
    /// Four consecutive words and the sponge's step that absorbs them.
    pub struct ProgramCols<T> {
        /// Address of the first word: program base + 4 x row number.
        pub pc: T,
        /// The words.
        pub words: [WordCols<T>; WORDS],
        /// The sponge's state before the permutation, the row's words added.
        pub state_in: [T; 8],
        /// The state after it; behind the program's end, its first four lanes carry the digest on.
        pub state_out: [T; 8],
    }
}
