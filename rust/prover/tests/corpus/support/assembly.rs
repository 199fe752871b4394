//! Hand-written programs for executions that no compiler and no honest machine makes.

use zkperp_vm::instruction::{Flag, Instruction};

/// One word of a program.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Word {
    /// An instruction, well formed or not.
    Code(Instruction),
    /// An immediate, or data.
    Data(u64),
}
use Flag::*;
use Word::{Code, Data};

/// Offset of the first word after `ap += n; call main; jmp rel 0`.
pub(crate) const MAIN: u64 = 6;

/// An instruction from its offsets (dst, op0, op1) and flags.
#[must_use]
pub(crate) fn code(offsets: [i32; 3], flags: &[Flag]) -> Word {
    let flags = flags.iter().fold(0, |bits, flag| bits | flag.bit());
    Code(Instruction { offsets, flags })
}

/// A proof-mode program for one builtin, `main` and what follows it.
#[must_use]
pub(crate) fn program(main: &[Word]) -> Vec<Word> {
    program_for(1, main)
}

/// A proof-mode program for `builtins` builtins.
#[must_use]
pub(crate) fn program_for(builtins: u64, main: &[Word]) -> Vec<Word> {
    let header = [
        code([-1, -1, 1], &[DstFp, Op0Fp, Op1Imm, ApAdd]),
        Data(builtins),
        call(),
        Data(MAIN - 2),
        jump(),
        Data(0),
    ];
    [&header, main].concat()
}

/// `call rel` the immediate that follows.
#[must_use]
pub(crate) fn call() -> Word {
    code([0, 1, 1], &[Op1Imm, JmpRel, Call])
}

/// `jmp rel` the immediate that follows.
#[must_use]
pub(crate) fn jump() -> Word {
    code([-1, -1, 1], &[DstFp, Op0Fp, Op1Imm, JmpRel])
}

/// `ret`.
#[must_use]
pub(crate) fn ret() -> Word {
    code([-2, -1, -1], &[DstFp, Op0Fp, Op1Fp, JmpAbs, Ret])
}

/// `[ap] = the immediate that follows, ap++`.
#[must_use]
pub(crate) fn push() -> Word {
    code([0, -1, 1], &[Op0Fp, Op1Imm, ApAdd1, AssertEq])
}

/// `[ap] = [fp + offset], ap++`.
#[must_use]
pub(crate) fn push_fp(offset: i32) -> Word {
    code([0, -1, offset], &[Op0Fp, Op1Fp, ApAdd1, AssertEq])
}

/// `[ap] = [ap + offset] + the immediate that follows, ap++`.
#[must_use]
pub(crate) fn push_sum(offset: i32) -> Word {
    code([0, offset, 1], &[Op1Imm, ResAdd, ApAdd1, AssertEq])
}

/// `jmp rel` the immediate that follows `if [ap + offset] != 0`.
#[must_use]
pub(crate) fn jump_if(offset: i32) -> Word {
    code([offset, -1, 1], &[Op0Fp, Op1Imm, Jnz])
}
