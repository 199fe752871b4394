//! Assembler: the program as EVM code, so that the chain runs it without an interpreter.
//!
//! A program contract takes the register file as calldata and returns it with the results filled
//! in. An instruction becomes loads, an operation or a call of one of four subroutines, and a
//! store; `listing` shows the same program in readable form. One contract's code is limited, so a
//! long program is cut into several that are called in turn.

use zkperp_field::P;

use super::GenerateError;
use super::program::{Compiled, Instruction, Operation};

/// EIP-170: the longest code of a contract.
const CODE_MAX: usize = 24_576;

/// Code that ends a program: return the registers.
const EPILOGUE: [u8; 3] = [op::CALLDATASIZE, op::PUSH0, op::RETURN];

/// The opcodes used.
mod op {
    pub(super) const ADD: u8 = 0x01;
    pub(super) const MUL: u8 = 0x02;
    pub(super) const SUB: u8 = 0x03;
    pub(super) const MOD: u8 = 0x06;
    pub(super) const AND: u8 = 0x16;
    pub(super) const OR: u8 = 0x17;
    pub(super) const SHL: u8 = 0x1b;
    pub(super) const SHR: u8 = 0x1c;
    pub(super) const CALLDATASIZE: u8 = 0x36;
    pub(super) const CALLDATACOPY: u8 = 0x37;
    pub(super) const POP: u8 = 0x50;
    pub(super) const MLOAD: u8 = 0x51;
    pub(super) const MSTORE: u8 = 0x52;
    pub(super) const JUMP: u8 = 0x56;
    pub(super) const JUMPDEST: u8 = 0x5b;
    pub(super) const PUSH0: u8 = 0x5f;
    pub(super) const PUSH1: u8 = 0x60;
    pub(super) const DUP1: u8 = 0x80;
    pub(super) const SWAP1: u8 = 0x90;
    pub(super) const RETURN: u8 = 0xf3;
}

/// Code under construction, with names for what lies on the stack.
#[derive(Default)]
struct Assembler {
    code: Vec<u8>,
    stack: Vec<&'static str>,
}

impl Assembler {
    fn push(&mut self, bytes: &[u8], name: &'static str) {
        let width = u8::try_from(bytes.len()).expect("Invariant: at most 32 bytes");
        self.code.push(op::PUSH1 - 1 + width);
        self.code.extend(bytes);
        self.stack.push(name);
    }

    fn dup(&mut self, name: &'static str) {
        let found = self.stack.iter().rev().position(|n| *n == name);
        let depth = found.and_then(|d| u8::try_from(d).ok()).filter(|d| *d < 16);
        self.code
            .push(op::DUP1 + depth.expect("Invariant: the name is within reach"));
        self.stack.push("");
    }

    /// An operation on the two topmost values; the topmost is its first operand.
    fn binary(&mut self, operation: u8, name: &'static str) {
        self.code.push(operation);
        self.stack.pop();
        self.stack.pop();
        self.stack.push(name);
    }

    fn product(&mut self, a: &'static str, b: &'static str) {
        self.dup(a);
        self.dup(b);
        self.binary(op::MUL, "");
    }

    /// Lane `i` of `word`.
    fn lane(&mut self, word: &'static str, i: u8, name: &'static str) {
        self.dup(word);
        if i > 0 {
            self.push(&[85 * i], "");
            self.binary(op::SHR, name);
        }
        if i < 2 {
            self.push(&((1u128 << 85) - 1).to_be_bytes()[5..], "");
            self.binary(op::AND, name);
        }
    }

    fn modulus(&mut self) {
        self.push(&P.to_be_bytes(), "");
    }

    /// Reduces the topmost value by the modulus below it and moves it to lane `i`.
    fn reduce_to_lane(&mut self, i: u8) {
        self.binary(op::MOD, "");
        if i > 0 {
            self.push(&[85 * i], "");
            self.binary(op::SHL, "");
        }
    }

    /// Ends a subroutine: the result on top, the return address at the bottom of its frame.
    fn leave(&mut self) {
        let below = u8::try_from(self.stack.len() - 1).expect("Invariant: a small frame");
        self.code
            .extend([op::SWAP1 + below - 1, op::SWAP1 + below - 2]);
        self.code
            .extend(std::iter::repeat_n(op::POP, usize::from(below) - 1));
        self.code.push(op::JUMP);
        self.stack.clear();
    }

    /// Starts a subroutine with the given frame; returns its address.
    fn enter(&mut self, frame: &[&'static str]) -> u16 {
        let address = u16::try_from(self.code.len()).expect("Invariant: subroutines come first");
        self.code.push(op::JUMPDEST);
        self.stack = frame.to_vec();
        address
    }
}

/// Addresses of the subroutines.
#[derive(Clone, Copy)]
struct Subroutines {
    mul: u16,
    square: u16,
    scale: u16,
    reduce: u16,
}

/// (return, a, b) -> a b: X^3 = X + 1 and X^4 = X^2 + X fold the two upper coefficients.
fn mul(asm: &mut Assembler) -> u16 {
    let address = asm.enter(&["return", "a", "b"]);
    for (word, names) in [("a", ["a0", "a1", "a2"]), ("b", ["b0", "b1", "b2"])] {
        (0..3).for_each(|i| asm.lane(word, i, names[usize::from(i)]));
    }
    asm.product("a1", "b2");
    asm.product("a2", "b1");
    asm.binary(op::ADD, "t");
    asm.product("a2", "b2");
    asm.binary_name("u");
    asm.modulus();
    asm.product("a0", "b2");
    asm.product("a1", "b1");
    asm.binary(op::ADD, "");
    asm.product("a2", "b0");
    asm.binary(op::ADD, "");
    asm.dup("u");
    asm.binary(op::ADD, "");
    asm.reduce_to_lane(2);
    asm.modulus();
    asm.product("a0", "b1");
    asm.product("a1", "b0");
    asm.binary(op::ADD, "");
    asm.dup("t");
    asm.binary(op::ADD, "");
    asm.dup("u");
    asm.binary(op::ADD, "");
    asm.reduce_to_lane(1);
    asm.binary(op::OR, "");
    asm.modulus();
    asm.product("a0", "b0");
    asm.dup("t");
    asm.binary(op::ADD, "");
    asm.reduce_to_lane(0);
    asm.binary(op::OR, "");
    asm.leave();
    address
}

/// (return, a) -> a a.
fn square(asm: &mut Assembler) -> u16 {
    let address = asm.enter(&["return", "a"]);
    (0..3).for_each(|i| asm.lane("a", i, ["a0", "a1", "a2"][usize::from(i)]));
    for (a, name) in [("a1", "t"), ("a0", "v"), ("a0", "w")] {
        // t = 2 a1 a2, v = 2 a0 a1, w = 2 a0 a2.
        let b = if name == "v" { "a1" } else { "a2" };
        asm.product(a, b);
        asm.push(&[1], "");
        asm.binary(op::SHL, name);
    }
    asm.product("a2", "a2");
    asm.binary_name("u");
    asm.modulus();
    asm.product("a1", "a1");
    asm.dup("w");
    asm.binary(op::ADD, "");
    asm.dup("u");
    asm.binary(op::ADD, "");
    asm.reduce_to_lane(2);
    asm.modulus();
    asm.dup("v");
    asm.dup("t");
    asm.binary(op::ADD, "");
    asm.dup("u");
    asm.binary(op::ADD, "");
    asm.reduce_to_lane(1);
    asm.binary(op::OR, "");
    asm.modulus();
    asm.product("a0", "a0");
    asm.dup("t");
    asm.binary(op::ADD, "");
    asm.reduce_to_lane(0);
    asm.binary(op::OR, "");
    asm.leave();
    address
}

/// (return, a, k) -> k a for a base element k; without k, a reduced.
fn lanes(asm: &mut Assembler, frame: &[&'static str]) -> u16 {
    let address = asm.enter(frame);
    for i in (0..3).rev() {
        asm.modulus();
        asm.lane("a", i, "");
        if frame.len() == 3 {
            asm.dup("k");
            asm.binary(op::MUL, "");
        }
        asm.reduce_to_lane(i);
        if i < 2 {
            asm.binary(op::OR, "");
        }
    }
    asm.leave();
    address
}

impl Assembler {
    /// Names the topmost value.
    fn binary_name(&mut self, name: &'static str) {
        self.stack.pop();
        self.stack.push(name);
    }
}

/// Code up to the first instruction: registers into memory, the lift behind them, subroutines.
fn prologue(lift: &[u8; 2]) -> (Vec<u8>, Subroutines) {
    let mut asm = Assembler::default();
    asm.code
        .extend([op::CALLDATASIZE, op::PUSH0, op::PUSH0, op::CALLDATACOPY]);
    // 2^17 p in every lane: what a difference adds so that no lane goes below zero.
    let mut word = [0u8; 32];
    for lane in 0..3 {
        let value = u128::from(P) << 17;
        for bit in (0..128).filter(|bit| value >> bit & 1 == 1) {
            let at = 85 * lane + bit;
            word[31 - at / 8] |= 1 << (at % 8);
        }
    }
    asm.push(&word, "");
    asm.push(lift, "");
    asm.code.push(op::MSTORE);
    asm.push(&[0, 0], "");
    let target = asm.code.len() - 2;
    asm.code.push(op::JUMP);
    let subroutines = Subroutines {
        mul: mul(&mut asm),
        square: square(&mut asm),
        scale: lanes(&mut asm, &["return", "a", "k"]),
        reduce: lanes(&mut asm, &["return", "a"]),
    };
    let main = u16::try_from(asm.code.len()).expect("Invariant: subroutines are short");
    asm.code[target..target + 2].copy_from_slice(&main.to_be_bytes());
    asm.code.push(op::JUMPDEST);
    (asm.code, subroutines)
}

/// Code of all programs, in the order in which they are called.
pub(super) fn assemble(compiled: &Compiled) -> Result<Vec<Vec<u8>>, GenerateError> {
    let lift = address(compiled.registers);
    let constants = compiled.first_constant..compiled.first_constant + compiled.constants.len();
    let (start, subroutines) = prologue(&lift);
    let mut codes = Vec::new();
    let mut code = start.clone();
    for instruction in &compiled.instructions {
        let is_constant = |register: usize| constants.contains(&register);
        let part = encode(instruction, &subroutines, &lift, code.len(), is_constant);
        if code.len() + part.len() + EPILOGUE.len() > CODE_MAX {
            code.extend(EPILOGUE);
            codes.push(std::mem::replace(&mut code, start.clone()));
            code.extend(encode(
                instruction,
                &subroutines,
                &lift,
                start.len(),
                is_constant,
            ));
        } else {
            code.extend(part);
        }
    }
    code.extend(EPILOGUE);
    codes.push(code);
    Ok(codes)
}

/// Memory address of a register.
fn address(register: usize) -> [u8; 2] {
    u16::try_from(32 * register)
        .expect("Invariant: registers were counted")
        .to_be_bytes()
}

/// Code of one instruction that starts at `position`.
fn encode(
    instruction: &Instruction,
    subroutines: &Subroutines,
    lift: &[u8; 2],
    position: usize,
    is_constant: impl Fn(usize) -> bool,
) -> Vec<u8> {
    const PUSH2: u8 = op::PUSH1 + 1;
    let Instruction {
        operation,
        result,
        a,
        b,
    } = *instruction;
    let load = |at: [u8; 2]| [PUSH2, at[0], at[1], op::MLOAD];
    let mut out = Vec::new();
    let (subroutine, operands) = match operation {
        Operation::Add => {
            out.extend(load(address(a)));
            out.extend(load(address(b)));
            out.push(op::ADD);
            (None, vec![])
        }
        Operation::Sub => {
            out.extend(load(address(b)));
            out.extend(load(address(a)));
            out.extend(load(*lift));
            out.extend([op::ADD, op::SUB]);
            (None, vec![])
        }
        Operation::Reduce => (Some(subroutines.reduce), vec![a]),
        Operation::Mul if a == b => (Some(subroutines.square), vec![a]),
        Operation::Mul if is_constant(a) => (Some(subroutines.scale), vec![b, a]),
        Operation::Mul if is_constant(b) => (Some(subroutines.scale), vec![a, b]),
        Operation::Mul => (Some(subroutines.mul), vec![a, b]),
    };
    if let Some(subroutine) = subroutine {
        // Return address, operands, jump; the return lands behind the jump.
        let length = 3 + 4 * operands.len() + 4;
        let back = u16::try_from(position + length).expect("Invariant: code is below 2^16");
        let (back, subroutine) = (back.to_be_bytes(), subroutine.to_be_bytes());
        out.extend([PUSH2, back[0], back[1]]);
        operands
            .iter()
            .for_each(|&operand| out.extend(load(address(operand))));
        out.extend([PUSH2, subroutine[0], subroutine[1], op::JUMP, op::JUMPDEST]);
    }
    let at = address(result);
    out.extend([PUSH2, at[0], at[1], op::MSTORE]);
    out
}
