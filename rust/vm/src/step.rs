//! One step of the machine: operands, deduction, registers.
//!
//! `dst = res` is a constraint, not an assignment: of its operands one may be unknown and is then
//! deduced and written. (Cairo whitepaper § 4.5.)

use thiserror::Error;

use crate::builtins::state::StateMemory;
use crate::builtins::{Builtin, BuiltinError};
use crate::hints::{Hint, Proposal, Register};
use crate::input::Input;
use crate::instruction::{Flag, Form, Instruction};
use crate::memory::{Memory, MemoryError};
use crate::value::{MAX_OFFSET, Segment, Value, ValueError};

/// An instruction's operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// `[ap or fp + o0]`.
    Dst,
    /// `[ap or fp + o1]`.
    Op0,
    /// `[base + o2]`.
    Op1,
}

/// Why a step has no successor.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// `pc` left the program.
    #[error("pc is outside the program")]
    PcOutsideProgram,
    /// The word at `pc` is not an instruction.
    #[error("the word at pc is not an instruction: {0:#x}")]
    NotAnInstruction(u64),
    /// An operand that was never written and can't be deduced.
    #[error("{0:?} is unknown and can't be deduced")]
    Unknown(Operand),
    /// An operand's address is before its segment.
    #[error("the address of {0:?} lies before its segment")]
    Address(Operand),
    /// `dst = res` does not hold.
    #[error("assertion failed: {dst} != {res}")]
    AssertEq {
        /// Left side.
        dst: Value,
        /// Right side.
        res: Value,
    },
    /// A pointer was needed.
    #[error("{0} is not a pointer")]
    NotAPointer(Value),
    /// The jump target is not in the program.
    #[error("jump to {0}, which is not an address of the program")]
    JumpTarget(Value),
    /// `ap` or `fp` would leave the execution segment.
    #[error("register moved to {0}, which is not an address of the execution segment")]
    RegisterTarget(Value),
    /// Arithmetic without a result.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// A refused write.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// A refused builtin cell.
    #[error(transparent)]
    Builtin(#[from] BuiltinError),
    /// A hint names an input that was not given.
    #[error("program_input[{0:?}] was not given")]
    MissingInput(String),
}

/// The registers, as offsets: `pc` into the program, `ap` and `fp` into the execution segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registers {
    /// Next instruction.
    pub pc: u32,
    /// Allocation pointer.
    pub ap: u32,
    /// Frame pointer.
    pub fp: u32,
}

/// Registers, memory, and what gives its segments their meaning.
pub struct Machine<'a> {
    /// The registers.
    pub registers: Registers,
    /// Memory.
    pub memory: Memory,
    /// The state's leaves, as the accesses so far left them.
    pub state: StateMemory<'a>,
    builtins: &'a [Builtin],
    input: &'a Input,
}

impl<'a> Machine<'a> {
    /// A machine with these registers and this memory.
    #[must_use]
    pub fn new(
        registers: Registers,
        memory: Memory,
        builtins: &'a [Builtin],
        input: &'a Input,
    ) -> Self {
        Self {
            registers,
            memory,
            state: StateMemory::new(input.state.as_ref()),
            builtins,
            input,
        }
    }

    /// Executes a hint.
    ///
    /// # Errors
    /// When its input is missing or its cell can't be written.
    pub fn hint(&mut self, hint: &Hint) -> Result<(), Fault> {
        let base = match hint.register {
            Register::Ap => self.registers.ap,
            Register::Fp => self.registers.fp,
        };
        let offset = base
            .checked_add_signed(hint.offset)
            .ok_or(Fault::Address(Operand::Dst))?;
        let value = match &hint.proposal {
            Proposal::Advice => Value::pointer(Segment::ADVICE, 0),
            Proposal::Input(name) => match self.input.named.get(name) {
                Some(felt) => Value::felt(*felt),
                None => return Err(Fault::MissingInput(name.clone())),
            },
        };
        Ok(self.memory.set(Segment::EXECUTION, offset, value)?)
    }

    /// Executes one instruction and moves the registers.
    ///
    /// # Errors
    /// When the instruction has no successor; the registers are then those before it.
    #[inline(always)]
    pub fn step(&mut self, instruction: Instruction, form: Form) -> Result<(), Fault> {
        let next_pc = self.registers.pc + instruction.size();
        match form {
            Form::AssertEq => {
                self.assert_eq(instruction)?;
                self.registers.pc = next_pc;
            }
            Form::JumpIf => {
                let taken = self.dst(instruction)? != Value::ZERO;
                let op1 = self.op1(instruction)?;
                self.registers.pc = if taken { self.relative(op1)? } else { next_pc };
            }
            Form::Jump => {
                let res = self.res(instruction)?;
                self.registers.pc = self.target(instruction, res)?;
            }
            Form::AddAp => {
                let res = self.res(instruction)?;
                let ap = Value::pointer(Segment::EXECUTION, self.registers.ap).try_add(res)?;
                self.registers.ap = register_offset(ap)?;
                self.registers.pc = next_pc;
            }
            Form::Call => return self.call(instruction, next_pc),
            Form::Ret => return self.ret(instruction),
        }
        if instruction.has(Flag::ApAdd1) {
            self.registers.ap = self.ap_plus(1)?;
        }
        Ok(())
    }

    #[inline(always)]
    fn call(&mut self, instruction: Instruction, next_pc: u32) -> Result<(), Fault> {
        let Registers { ap, fp, .. } = self.registers;
        let (stack, new_ap) = (Segment::EXECUTION, self.ap_plus(2)?);
        self.memory.set(stack, ap, Value::pointer(stack, fp))?;
        self.memory
            .set(stack, ap + 1, Value::pointer(Segment::PROGRAM, next_pc))?;
        let op1 = self.op1(instruction)?;
        let pc = self.target(instruction, op1)?;
        self.registers = Registers {
            pc,
            ap: new_ap,
            fp: new_ap,
        };
        Ok(())
    }

    /// `ap` moved on, still an offset that a pointer can hold.
    #[inline(always)]
    fn ap_plus(&self, cells: u32) -> Result<u32, Fault> {
        let ap = self.registers.ap + cells;
        if ap < MAX_OFFSET {
            Ok(ap)
        } else {
            Err(MemoryError::OutOfSpace(Segment::EXECUTION, ap).into())
        }
    }

    #[inline(always)]
    fn ret(&mut self, instruction: Instruction) -> Result<(), Fault> {
        let fp = register_offset(self.dst(instruction)?)?;
        let op1 = self.op1(instruction)?;
        self.registers.pc = self.target(instruction, op1)?;
        self.registers.fp = fp;
        Ok(())
    }

    #[inline(always)]
    fn assert_eq(&mut self, instruction: Instruction) -> Result<(), Fault> {
        let dst_at = self.address(instruction, Flag::DstFp, Operand::Dst)?;
        let dst = self.memory.get(Segment::EXECUTION, dst_at);
        let (segment, op1_at) = self.op1_place(instruction)?;
        let op1 = self.read(segment, op1_at)?;
        let res = if instruction.combines() {
            let op0_at = self.address(instruction, Flag::Op0Fp, Operand::Op0)?;
            let op0 = self.memory.get(Segment::EXECUTION, op0_at);
            match (op0.is_known(), op1.is_known()) {
                (true, true) => combine(instruction, op0, op1)?,
                (true, false) => {
                    let op1 = solve(instruction, dst, op0, Operand::Op1)?;
                    return self.write(segment, op1_at, op1);
                }
                (false, true) => {
                    let op0 = solve(instruction, dst, op1, Operand::Op0)?;
                    return self.write(Segment::EXECUTION, op0_at, op0);
                }
                (false, false) => return Err(Fault::Unknown(Operand::Op0)),
            }
        } else if op1.is_known() {
            op1
        } else if dst.is_known() {
            return self.write(segment, op1_at, dst);
        } else {
            return Err(Fault::Unknown(Operand::Op1));
        };
        if dst == res {
            Ok(())
        } else if dst.is_known() {
            Err(Fault::AssertEq { dst, res })
        } else {
            Ok(self.memory.set(Segment::EXECUTION, dst_at, res)?)
        }
    }

    /// `res` where all operands must be known.
    #[inline(always)]
    fn res(&mut self, instruction: Instruction) -> Result<Value, Fault> {
        let op1 = self.op1(instruction)?;
        if !instruction.combines() {
            return Ok(op1);
        }
        let op0_at = self.address(instruction, Flag::Op0Fp, Operand::Op0)?;
        let op0 = self.memory.get(Segment::EXECUTION, op0_at);
        if op0.is_known() {
            Ok(combine(instruction, op0, op1)?)
        } else {
            Err(Fault::Unknown(Operand::Op0))
        }
    }

    #[inline(always)]
    fn dst(&self, instruction: Instruction) -> Result<Value, Fault> {
        let at = self.address(instruction, Flag::DstFp, Operand::Dst)?;
        let dst = self.memory.get(Segment::EXECUTION, at);
        if dst.is_known() {
            Ok(dst)
        } else {
            Err(Fault::Unknown(Operand::Dst))
        }
    }

    #[inline(always)]
    fn op1(&mut self, instruction: Instruction) -> Result<Value, Fault> {
        let (segment, offset) = self.op1_place(instruction)?;
        let op1 = self.read(segment, offset)?;
        if op1.is_known() {
            Ok(op1)
        } else {
            Err(Fault::Unknown(Operand::Op1))
        }
    }

    /// Address of `dst` or `op0`, which are always in the execution segment.
    #[inline(always)]
    fn address(
        &self,
        instruction: Instruction,
        fp_flag: Flag,
        operand: Operand,
    ) -> Result<u32, Fault> {
        let Registers { ap, fp, .. } = self.registers;
        let base = if instruction.has(fp_flag) { fp } else { ap };
        let offset = instruction.offsets[operand as usize];
        base.checked_add_signed(offset)
            .ok_or(Fault::Address(operand))
    }

    #[inline(always)]
    fn op1_place(&self, instruction: Instruction) -> Result<(Segment, u32), Fault> {
        let Registers { pc, ap, fp } = self.registers;
        let (segment, base) = if instruction.has(Flag::Op1Imm) {
            (Segment::PROGRAM, pc)
        } else if instruction.has(Flag::Op1Fp) {
            (Segment::EXECUTION, fp)
        } else if instruction.has(Flag::Op1Ap) {
            (Segment::EXECUTION, ap)
        } else {
            let op0_at = self.address(instruction, Flag::Op0Fp, Operand::Op0)?;
            let op0 = self.memory.get(Segment::EXECUTION, op0_at);
            if !op0.is_known() {
                return Err(Fault::Unknown(Operand::Op0));
            }
            op0.as_pointer().ok_or(Fault::NotAPointer(op0))?
        };
        match base.checked_add_signed(instruction.offsets[2]) {
            Some(offset) => Ok((segment, offset)),
            None => Err(Fault::Address(Operand::Op1)),
        }
    }

    #[inline(always)]
    fn target(&self, instruction: Instruction, to: Value) -> Result<u32, Fault> {
        if instruction.has(Flag::JmpAbs) {
            program_offset(to)
        } else {
            self.relative(to)
        }
    }

    #[inline(always)]
    fn relative(&self, by: Value) -> Result<u32, Fault> {
        program_offset(Value::pointer(Segment::PROGRAM, self.registers.pc).try_add(by)?)
    }

    /// A cell's value, deduced if it is a builtin's output.
    #[inline(always)]
    fn read(&mut self, segment: Segment, offset: u32) -> Result<Value, Fault> {
        let value = self.memory.get(segment, offset);
        match segment.builtin_index() {
            Some(index) if !value.is_known() => self.deduce(index, offset),
            _ => Ok(value),
        }
    }

    #[inline(always)]
    fn write(&mut self, segment: Segment, offset: u32, value: Value) -> Result<(), Fault> {
        if let Some(index) = segment.builtin_index() {
            let builtin = self.builtins[index];
            builtin.check_write(offset % builtin.cells(), value)?;
        }
        Ok(self.memory.set(segment, offset, value)?)
    }

    /// Completes the instance that an unwritten output cell belongs to, if its inputs are known.
    fn deduce(&mut self, index: usize, offset: u32) -> Result<Value, Fault> {
        let (builtin, segment) = (self.builtins[index], Segment::builtin(index));
        let cell = offset % builtin.cells();
        if builtin == Builtin::State && !builtin.is_input(cell) {
            let accesses = self
                .memory
                .cells_mut(segment, 0, offset - cell + builtin.cells())?;
            let number = offset / builtin.cells();
            self.state
                .read(accesses, number)
                .map_err(BuiltinError::from)?;
        } else if !builtin.is_input(cell) {
            let instance = self
                .memory
                .cells_mut(segment, offset - cell, builtin.cells())?;
            builtin.complete(instance)?;
        }
        Ok(self.memory.get(segment, offset))
    }
}

#[inline(always)]
fn combine(instruction: Instruction, op0: Value, op1: Value) -> Result<Value, ValueError> {
    if instruction.has(Flag::ResAdd) {
        op0.try_add(op1)
    } else {
        op0.try_mul(op1)
    }
}

/// The missing operand of `dst = missing ∘ known`.
#[inline(always)]
fn solve(
    instruction: Instruction,
    dst: Value,
    known: Value,
    missing: Operand,
) -> Result<Value, Fault> {
    if !dst.is_known() {
        return Err(Fault::Unknown(missing));
    }
    Ok(if instruction.has(Flag::ResAdd) {
        dst.try_sub(known)?
    } else {
        dst.try_div(known)?
    })
}

#[inline(always)]
fn program_offset(pc: Value) -> Result<u32, Fault> {
    match pc.as_pointer() {
        Some((Segment::PROGRAM, offset)) => Ok(offset),
        _ => Err(Fault::JumpTarget(pc)),
    }
}

#[inline(always)]
fn register_offset(register: Value) -> Result<u32, Fault> {
    match register.as_pointer() {
        Some((Segment::EXECUTION, offset)) => Ok(offset),
        _ => Err(Fault::RegisterTarget(register)),
    }
}

#[cfg(test)]
mod tests;
