//! Bad witnesses against what a word decodes to.

use p3_field::PrimeCharacteristicRing;
use zkperp_prover::machine::Kind;
use zkperp_prover::tables::cpu::columns::CpuCols;
use zkperp_stark::F;
use zkperp_vm::instruction::Flag;

use super::{DEAD, decode, patch_word, settled, with_dead};
use crate::support::assembly::{Word, code, ret};
use crate::support::case::{Case, constraint};
use crate::support::witness::{Witness, address};
use Word::{Code, Data};

/// A program with one dead word, an instruction that the table then declares executable.
fn declared(word: Word) -> Witness {
    let Code(instruction) = word else {
        panic!("an instruction");
    };
    let mut w = with_dead(&[word]);
    patch_word(&mut w, DEAD, |word| decode(word, instruction));
    settled(w)
}

/// `[fp - 1] = [fp - 1]`-like: its flags may be exchanged for others of no group.
pub(super) fn plain() -> Word {
    code([-1, -1, -1], &[Flag::DstFp, Flag::Op1Fp])
}

/// A word that is decoded as something else.
pub(super) fn cases() -> Vec<Case> {
    vec![
        constraint(
            "program/is_instruction: 0 or 1",
            "__end__ is marked twice and provided half as often",
            "a multiplicity must not depend on more than the free count",
            || {
                let mut w = with_dead(&[Data(1)]);
                patch_word(&mut w, 4, |word| word.is_instruction = F::TWO);
                settled(w)
            },
        ),
        constraint(
            "program/flag: 0 or 1",
            "flags 3 and -1 instead of 1 and 0: the word is the same",
            "the decoding would not be unique: dst = [ap + 3 (fp - ap) ...]",
            || {
                let mut w = declared(plain());
                patch_word(&mut w, DEAD, |word| {
                    word.flags[Flag::DstFp as usize] = F::from_u32(3);
                    word.flags[Flag::Op0Fp as usize] = -F::ONE;
                });
                settled(w)
            },
        ),
        constraint(
            "program/word: an instruction's offsets and flags are its word",
            "__end__ reads [fp - 2] instead of [fp - 1]",
            "what is executed would not be the program",
            || {
                let mut w = with_dead(&[Data(1)]);
                patch_word(&mut w, 4, |word| word.offsets[0] = -F::TWO);
                let end = F::from_u32(w.geometry.end_pc());
                let n = CpuCols::numbers();
                for row in w.find(Kind::Cpu, |row| row[n.pc] == end) {
                    let fp = address(w.row(Kind::Cpu, row)[n.fp]);
                    let dst = *w.memory(fp - 2);
                    let cells = w.row_mut(Kind::Cpu, row);
                    cells[n.offsets[0]] = -F::TWO;
                    cells[n.dst] = dst;
                }
                settled(w)
            },
        ),
        constraint(
            "program/word: an instruction's offsets and flags are its word",
            "an immediate is declared an instruction that it doesn't encode",
            "what is executed would not be the program",
            || {
                let mut w = with_dead(&[Data(1)]);
                let Code(other) = ret() else { unreachable!() };
                patch_word(&mut w, DEAD, |word| decode(word, other));
                settled(w)
            },
        ),
    ]
}

/// Words whose flags contradict each other: the compiler never emits them, so a program that has
/// one was made to have it.
pub(super) fn shapes() -> Vec<Case> {
    use Flag::*;
    let contradiction = "two readings of one flag group would add up to a third";
    let call = [Op1Imm, JmpRel, Call];
    let back = [DstFp, Op0Fp, Op1Fp, JmpAbs, Ret];
    let shape = |label, mutation: &str, why, offsets, flags: &[Flag]| {
        let word = code(offsets, flags);
        constraint(label, mutation, why, move || declared(word))
    };
    vec![
        shape(
            "program/op1_group: one source of op1 at most",
            "op1 both an immediate and relative to ap",
            contradiction,
            [-1, -1, 1],
            &[DstFp, Op0Fp, Op1Imm, Op1Ap, AssertEq],
        ),
        shape(
            "program/op1_group: one source of op1 at most",
            "op1 relative to fp and to ap and an immediate",
            contradiction,
            [-1, -1, 1],
            &[DstFp, Op0Fp, Op1Imm, Op1Ap, Op1Fp, AssertEq],
        ),
        shape(
            "program/res_group: one operation at most",
            "res both a sum and a product",
            contradiction,
            [-1, -1, 1],
            &[DstFp, Op0Fp, Op1Imm, ResAdd, ResMul, AssertEq],
        ),
        shape(
            "program/pc_group: one jump at most",
            "both an absolute and a relative jump",
            contradiction,
            [-1, -1, 1],
            &[DstFp, Op0Fp, Op1Imm, JmpAbs, JmpRel],
        ),
        shape(
            "program/ap_group: one change of ap at most",
            "ap grows by res and by 1",
            contradiction,
            [-1, -1, 1],
            &[DstFp, Op0Fp, Op1Imm, ApAdd, ApAdd1],
        ),
        shape(
            "program/opcode_group: one opcode at most",
            "a call that asserts",
            contradiction,
            [0, 1, 1],
            &[Op1Imm, JmpRel, Call, AssertEq],
        ),
        shape(
            "program/jnz_res: a jnz has no result to add to ap or to assert",
            "a jnz that adds its res, which is the prover's, to ap",
            "ap would go where the prover wants",
            [-1, -1, 1],
            &[DstFp, Op0Fp, Op1Imm, Jnz, ApAdd],
        ),
        shape(
            "program/jnz_res: a jnz has no result to add to ap or to assert",
            "a jnz that asserts dst to be its res, which is the prover's",
            "the assertion would be empty",
            [-1, -1, 1],
            &[DstFp, Op0Fp, Op1Imm, Jnz, AssertEq],
        ),
        shape(
            "program/call_dst: a call writes fp to [ap]",
            "a call that saves fp at [ap + 1]",
            "a return would not find it",
            [1, 1, 1],
            &call,
        ),
        shape(
            "program/call_op0: a call writes the return address to [ap + 1]",
            "a call that saves the return address at [ap]",
            "a return would not find it",
            [0, 0, 1],
            &call,
        ),
        shape(
            "program/call_registers: a call pushes relative to ap",
            "a call that saves fp at [fp]",
            "a return would not find it",
            [0, 1, 1],
            &[DstFp, Op1Imm, JmpRel, Call],
        ),
        shape(
            "program/call_registers: a call pushes relative to ap",
            "a call that saves the return address at [fp + 1]",
            "a return would not find it",
            [0, 1, 1],
            &[Op0Fp, Op1Imm, JmpRel, Call],
        ),
        shape(
            "program/ret_dst: a return restores fp from [fp - 2]",
            "a return that restores fp from [fp - 3]",
            "the caller's frame would be an argument of the callee's",
            [-3, -1, -1],
            &back,
        ),
        shape(
            "program/ret_op1: a return jumps to [fp - 1]",
            "a return that jumps to [fp - 3]",
            "the return address would be an argument of the callee's",
            [-2, -1, -3],
            &back,
        ),
        shape(
            "program/ret_flags: a return is an absolute jump relative to fp",
            "a return that jumps relative to its own pc",
            "it would not go back to its caller",
            [-2, -1, -1],
            &[DstFp, Op0Fp, Op1Fp, JmpRel, Ret],
        ),
    ]
}
