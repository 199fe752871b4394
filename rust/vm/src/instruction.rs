//! Instructions: decoding a program word, and the forms that this machine executes.
//!
//! A word is `o0 + 2^16 o1 + 2^32 o2 + 2^48 Σ 2^j f_j` with offsets biased by 2^15 and 15 flag
//! bits, so it is below 2^63 < p and the split is unique (Cairo whitepaper, eprint 2021/1063,
//! § 4.4). Of all flag patterns only the six forms that the compiler emits are accepted; an
//! operand that a form does not read must be `[fp - 1]`, which exists at every step.

use thiserror::Error;

/// Number of flags in a word.
pub const FLAGS: usize = 15;

const OFFSET_BIAS: i32 = 1 << 15;

/// Bit positions of the flags, in Cairo's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Flag {
    /// `dst` is relative to `fp` (else `ap`).
    DstFp,
    /// `op0` is relative to `fp` (else `ap`).
    Op0Fp,
    /// `op1` is the word after this one.
    Op1Imm,
    /// `op1` is relative to `fp`.
    Op1Fp,
    /// `op1` is relative to `ap` (without any `Op1` flag: relative to the value of `op0`).
    Op1Ap,
    /// `res = op0 + op1`.
    ResAdd,
    /// `res = op0 * op1` (without any `Res` flag: `res = op1`).
    ResMul,
    /// `pc := res`.
    JmpAbs,
    /// `pc := pc + res`.
    JmpRel,
    /// `pc := pc + op1` if `dst != 0`; `res` is unused.
    Jnz,
    /// `ap := ap + res`.
    ApAdd,
    /// `ap := ap + 1`.
    ApAdd1,
    /// `[ap] = fp`, `[ap + 1] = ` address of the next instruction, `ap := fp := ap + 2`.
    Call,
    /// `fp := dst`.
    Ret,
    /// `dst = res`.
    AssertEq,
}

impl Flag {
    /// All flags, by bit position.
    pub const ALL: [Flag; FLAGS] = [
        Flag::DstFp,
        Flag::Op0Fp,
        Flag::Op1Imm,
        Flag::Op1Fp,
        Flag::Op1Ap,
        Flag::ResAdd,
        Flag::ResMul,
        Flag::JmpAbs,
        Flag::JmpRel,
        Flag::Jnz,
        Flag::ApAdd,
        Flag::ApAdd1,
        Flag::Call,
        Flag::Ret,
        Flag::AssertEq,
    ];

    /// The flag's bit within [`Instruction::flags`].
    #[must_use]
    pub const fn bit(self) -> u16 {
        1 << self as u8
    }
}

/// What an instruction does; the six shapes the compiler emits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `dst = res`, optionally `ap++`.
    AssertEq,
    /// `ap += res`.
    AddAp,
    /// `jmp abs res` or `jmp rel res`, optionally `ap++`.
    Jump,
    /// `jmp rel op1 if dst != 0`, optionally `ap++`.
    JumpIf,
    /// `call abs op1` or `call rel op1`.
    Call,
    /// `ret`.
    Ret,
}

/// Why a word is not an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InstructionError {
    /// Bit 63 is set.
    #[error("word is not below 2^63")]
    Bit63,
    /// More than one source of `op1`.
    #[error("more than one source of op1")]
    Op1Source,
    /// More than one of add, mul and jnz (a jnz has no result).
    #[error("more than one of add, mul, jnz")]
    ResLogic,
    /// More than one way to move `pc`.
    #[error("more than one update of pc")]
    PcUpdate,
    /// More than one way to move `ap`.
    #[error("more than one update of ap")]
    ApUpdate,
    /// More than one of call, ret and assert.
    #[error("more than one of call, ret, assert")]
    Opcode,
    /// A call that isn't `dst = [ap]`, `op0 = [ap + 1]` and one jump to `op1`.
    #[error("malformed call")]
    CallShape,
    /// A return that isn't `jmp abs [fp - 1]` with `dst = [fp - 2]`.
    #[error("malformed ret")]
    RetShape,
    /// A combination of updates outside the six forms.
    #[error("not one of the instruction forms")]
    NoForm,
    /// An immediate that isn't the very next word.
    #[error("an immediate must be the next word")]
    ImmediateOffset,
    /// An operand that the form does not read is not `[fp - 1]`.
    #[error("an unused operand must be [fp - 1]")]
    UnusedOperand,
}

/// A decoded instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// Offsets of `dst`, `op0`, `op1` without their bias, each in `-2^15 .. 2^15`.
    pub offsets: [i32; 3],
    /// Bit `j` is flag `j` of [`Flag::ALL`].
    pub flags: u16,
}

impl Instruction {
    /// Splits a word and checks it.
    ///
    /// # Errors
    /// Why the word is none of the six forms.
    pub fn decode(word: u64) -> Result<Self, InstructionError> {
        let instruction = Self::split(word)?;
        instruction.form()?;
        Ok(instruction)
    }

    /// Splits a word without checking the flags.
    fn split(word: u64) -> Result<Self, InstructionError> {
        if word >> 63 != 0 {
            return Err(InstructionError::Bit63);
        }
        let offset = |i: u32| (word >> (16 * i) & 0xffff) as i32 - OFFSET_BIAS;
        Ok(Self {
            offsets: [offset(0), offset(1), offset(2)],
            flags: (word >> 48) as u16,
        })
    }

    /// The word that decodes to this instruction.
    #[must_use]
    pub fn encode(&self) -> u64 {
        let biased = |i: usize| ((self.offsets[i] + OFFSET_BIAS) as u64 & 0xffff) << (16 * i);
        biased(0) | biased(1) | biased(2) | u64::from(self.flags) << 48
    }

    /// Whether a flag is set.
    #[inline(always)]
    #[must_use]
    pub const fn has(&self, flag: Flag) -> bool {
        self.flags & flag.bit() != 0
    }

    /// Words taken by the instruction: 2 with an immediate, else 1.
    #[inline(always)]
    #[must_use]
    pub const fn size(&self) -> u32 {
        1 + self.has(Flag::Op1Imm) as u32
    }

    /// Whether `op1` is addressed through the value of `op0`.
    #[inline(always)]
    #[must_use]
    pub const fn op1_through_op0(&self) -> bool {
        self.flags & (Flag::Op1Imm.bit() | Flag::Op1Fp.bit() | Flag::Op1Ap.bit()) == 0
    }

    /// Whether `res` is a sum or a product.
    #[inline(always)]
    #[must_use]
    pub const fn combines(&self) -> bool {
        self.flags & (Flag::ResAdd.bit() | Flag::ResMul.bit()) != 0
    }

    /// The instruction's form, after all checks.
    ///
    /// # Errors
    /// The first rule that the instruction breaks.
    pub fn form(&self) -> Result<Form, InstructionError> {
        self.check_groups()?;
        let form = self.classify()?;
        if self.has(Flag::Op1Imm) && self.offsets[2] != 1 {
            return Err(InstructionError::ImmediateOffset);
        }
        let reads_dst = !matches!(form, Form::AddAp | Form::Jump);
        let reads_op0 = self.combines() || self.op1_through_op0() || form == Form::Call;
        let fp_minus_1 = |flag: Flag, i: usize| self.has(flag) && self.offsets[i] == -1;
        let idle_operands_are_fp_minus_1 =
            (reads_dst || fp_minus_1(Flag::DstFp, 0)) && (reads_op0 || fp_minus_1(Flag::Op0Fp, 1));
        if !idle_operands_are_fp_minus_1 {
            return Err(InstructionError::UnusedOperand);
        }
        Ok(form)
    }

    fn count(&self, group: &[Flag]) -> usize {
        group.iter().filter(|&&flag| self.has(flag)).count()
    }

    /// At most one flag of each group.
    fn check_groups(&self) -> Result<(), InstructionError> {
        use Flag::*;
        let groups: [(&[Flag], InstructionError); 5] = [
            (&[Op1Imm, Op1Fp, Op1Ap], InstructionError::Op1Source),
            (&[ResAdd, ResMul, Jnz], InstructionError::ResLogic),
            (&[JmpAbs, JmpRel, Jnz], InstructionError::PcUpdate),
            (&[ApAdd, ApAdd1, Call], InstructionError::ApUpdate),
            (&[Call, Ret, AssertEq], InstructionError::Opcode),
        ];
        match groups.iter().find(|(group, _)| self.count(group) > 1) {
            Some((_, error)) => Err(*error),
            None => Ok(()),
        }
    }

    fn classify(&self) -> Result<Form, InstructionError> {
        use Flag::*;
        let jumps = self.count(&[JmpAbs, JmpRel]) == 1;
        if self.has(Call) {
            let shape = jumps
                && !self.combines()
                && !self.op1_through_op0()
                && self.count(&[DstFp, Op0Fp]) == 0
                && self.offsets[..2] == [0, 1];
            return if shape {
                Ok(Form::Call)
            } else {
                Err(InstructionError::CallShape)
            };
        }
        if self.has(Ret) {
            const RET: u16 = Ret.bit() | JmpAbs.bit() | DstFp.bit() | Op0Fp.bit() | Op1Fp.bit();
            let shape = self.flags == RET && self.offsets == [-2, -1, -1];
            return if shape {
                Ok(Form::Ret)
            } else {
                Err(InstructionError::RetShape)
            };
        }
        match (self.has(AssertEq), jumps, self.has(Jnz), self.has(ApAdd)) {
            (true, false, false, false) => Ok(Form::AssertEq),
            (false, true, false, false) => Ok(Form::Jump),
            (false, false, true, false) => Ok(Form::JumpIf),
            (false, false, false, true) => Ok(Form::AddAp),
            _ => Err(InstructionError::NoForm),
        }
    }
}

#[cfg(test)]
mod tests;
