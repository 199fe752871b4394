//! The fifteen flags of an instruction word, and what `cpu` is told of them.

use p3_field::PrimeCharacteristicRing;

use crate::tables::cpu::air::{advance, jump, opcode, operation, source};
use crate::tables::cpu::columns::Selectors;

/// Flags of an instruction, in Cairo's order; the 16th bit of the word is always zero.
pub const FLAGS: usize = 15;

/// dst is relative to fp (else ap).
pub const DST_FP: usize = 0;
/// op0 is relative to fp (else ap).
pub const OP0_FP: usize = 1;
/// op1 is the word after the instruction.
pub const OP1_IMM: usize = 2;
/// op1 is relative to fp.
pub const OP1_FP: usize = 3;
/// op1 is relative to ap (with none of the three: relative to op0).
pub const OP1_AP: usize = 4;
/// res = op0 + op1.
pub const RES_ADD: usize = 5;
/// res = op0 * op1 (with neither: res = op1).
pub const RES_MUL: usize = 6;
/// pc' = res.
pub const JMP_ABS: usize = 7;
/// pc' = pc + res.
pub const JMP_REL: usize = 8;
/// pc' = pc + op1 if dst != 0.
pub const JNZ: usize = 9;
/// ap' = ap + res.
pub const AP_ADD: usize = 10;
/// ap' = ap + 1.
pub const AP_ADD1: usize = 11;
/// Push fp and the return address; ap' = ap + 2, fp' = ap + 2.
pub const CALL: usize = 12;
/// fp' = dst.
pub const RET: usize = 13;
/// dst = res.
pub const ASSERT_EQ: usize = 14;

/// The selectors of an instruction whose flags are `f`: at most one of each group is 1.
pub fn selectors<T: PrimeCharacteristicRing>(f: impl Fn(usize) -> T) -> Selectors<T> {
    let choice = |flags: &[(usize, u64)]| {
        let parts = flags
            .iter()
            .map(|&(flag, number)| f(flag) * T::from_u64(number));
        parts.sum()
    };
    Selectors {
        dst_fp: f(DST_FP),
        op0_fp: f(OP0_FP),
        source: choice(&[
            (OP1_IMM, source::IMMEDIATE),
            (OP1_FP, source::FP),
            (OP1_AP, source::AP),
        ]),
        operation: choice(&[
            (RES_ADD, operation::ADD),
            (RES_MUL, operation::MUL),
            (JNZ, operation::NONE),
        ]),
        jump: choice(&[
            (JMP_ABS, jump::ABSOLUTE),
            (JMP_REL, jump::RELATIVE),
            (JNZ, jump::CONDITIONAL),
        ]),
        advance: choice(&[
            (AP_ADD1, advance::ONE),
            (CALL, advance::TWO),
            (AP_ADD, advance::RES),
        ]),
        opcode: choice(&[
            (CALL, opcode::CALL),
            (RET, opcode::RET),
            (ASSERT_EQ, opcode::ASSERT_EQ),
        ]),
    }
}
