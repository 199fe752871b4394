//! What a step must satisfy. Proven here: 1. the first step is at the program's first word with
//! `ap = fp` at the start of the execution segment; 2. each step executes the instruction that the
//! `program` table decoded at its pc, on the cells that `memory` holds; 3. the last step is at
//! `__end__`, and its `ap` is the public `final_ap`. Not proven here: that the words at these
//! addresses are the program of the public digest (`program`), and where arguments and returned
//! pointers lie (`public`).
//!
//! Every transition constraint holds on the last row too, without a selector: the library's
//! successor of the last row is that row itself, and `__end__: jmp rel 0` is its own successor.
//! Padding rows are further steps of that loop.

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;
use zkperp_field::F;

use super::columns::{CpuCols, Selectors};
use crate::builder::TableBuilder;
use crate::buses::Bus;
use crate::geometry::{Geometry, final_ap_address};

/// Numbers of the sources of op1; 0: relative to op0.
pub mod source {
    /// The word after the instruction.
    pub const IMMEDIATE: u64 = 1;
    /// Relative to fp.
    pub const FP: u64 = 2;
    /// Relative to ap.
    pub const AP: u64 = 3;
}

/// Numbers of the operations; 0: res = op1.
pub mod operation {
    /// res = op0 + op1.
    pub const ADD: u64 = 1;
    /// res = op0 * op1.
    pub const MUL: u64 = 2;
    /// None: a jnz.
    pub const NONE: u64 = 3;
}

/// Numbers of the jumps; 0: the next instruction.
pub mod jump {
    /// pc' = res.
    pub const ABSOLUTE: u64 = 1;
    /// pc' = pc + res.
    pub const RELATIVE: u64 = 2;
    /// pc' = pc + op1 if dst != 0.
    pub const CONDITIONAL: u64 = 3;
}

/// Numbers of the changes of ap; 0, 1, 2: grows by so much.
pub mod advance {
    /// ap' = ap + 1.
    pub const ONE: u64 = 1;
    /// ap' = ap + 2, on a call.
    pub const TWO: u64 = 2;
    /// ap' = ap + res.
    pub const RES: u64 = 3;
}

/// Numbers of the opcodes; 0: none.
pub mod opcode {
    /// Push fp and the return address; fp' = ap + 2.
    pub const CALL: u64 = 1;
    /// fp' = dst.
    pub const RET: u64 = 2;
    /// dst = res.
    pub const ASSERT_EQ: u64 = 3;
}

/// 1/6.
const SIXTH: F = F::new(15_372_286_724_512_153_601);

/// 1 if `value`, which is one of 0..3, is `CHOICE` (one of 1..3), else 0. Degree 3.
#[inline(always)]
fn is<AB: TableBuilder, const CHOICE: u64>(value: AB::Var) -> AB::Expr {
    let minus = |number: u64| value - F::from_u64(number);
    match CHOICE {
        1 => (minus(2) * minus(3) * value).halve(),
        2 => (minus(1) * -minus(3) * value).halve(),
        _ => minus(1) * minus(2) * value * SIXTH,
    }
}

/// Columns whose next row the constraints read.
pub fn next_row_columns() -> Vec<usize> {
    let n = CpuCols::numbers();
    vec![n.pc, n.ap, n.fp]
}

/// The constraints and messages of the table.
#[inline(always)]
pub fn eval<AB: TableBuilder>(geometry: &Geometry, b: &mut AB) {
    let main = b.main();
    let row = CpuCols::<AB::Var>::read(main.current_slice());
    let next = CpuCols::<AB::Var>::read(main.next_slice());
    boundary(geometry, b, &row);
    transition(b, &row, &next);
    operands(b, &row);
    instruction(b, &row);
}

fn boundary<AB: TableBuilder>(geometry: &Geometry, b: &mut AB, row: &CpuCols<AB::Var>) {
    let start = F::from_u32(geometry.program_base);
    let stack = F::from_u32(geometry.exec_base);
    b.zero_first(
        "cpu/first_pc: execution starts at the program's first word",
        row.pc - start,
    );
    b.zero_first(
        "cpu/first_ap: the stack starts behind the program",
        row.ap - stack,
    );
    b.zero_first("cpu/first_fp: fp = ap at the start", row.fp - stack);
    let end = F::from_u32(geometry.end_pc());
    b.zero_last("cpu/last_pc: execution ends at __end__", row.pc - end);
}

/// Words of the instruction.
fn size<AB: TableBuilder>(selectors: &Selectors<AB::Var>) -> AB::Expr {
    AB::Expr::ONE + is::<AB, { source::IMMEDIATE }>(selectors.source)
}

fn transition<AB: TableBuilder>(b: &mut AB, row: &CpuCols<AB::Var>, next: &CpuCols<AB::Var>) {
    let does = row.selectors;
    let [pc, ap, fp, dst, op1, res] = [row.pc, row.ap, row.fp, row.dst, row.op1, row.res]
        .map(|column| -> AB::Expr { column.into() });
    let absolute = is::<AB, { jump::ABSOLUTE }>(does.jump);
    let relative = is::<AB, { jump::RELATIVE }>(does.jump);
    let conditional = is::<AB, { jump::CONDITIONAL }>(does.jump);

    b.zero(
        "cpu/jnz_taken: a jnz with dst != 0 goes to pc + op1",
        conditional.clone() * dst.clone() * (pc.clone() + op1 - next.pc),
    );
    // With dst = 0, the last term is zero and a jnz falls through.
    b.zero(
        "cpu/next_pc: absolute or relative jump, or the next instruction but for a taken jnz",
        pc.clone()
            + absolute.clone() * (res.clone() - pc)
            + relative.clone() * res.clone()
            + (AB::Expr::ONE - absolute - relative) * size::<AB>(&does)
            + conditional * dst.clone() * res.clone()
            - next.pc,
    );
    let add_res = is::<AB, { advance::RES }>(does.advance);
    b.zero(
        "cpu/next_ap: ap + res, + 1, + 2 on a call, or unchanged",
        ap.clone() + does.advance + add_res * (res - F::from_u64(advance::RES)) - next.ap,
    );
    b.zero(
        "cpu/next_fp: ap + 2 on a call, dst on a return, or unchanged",
        fp.clone()
            + is::<AB, { opcode::RET }>(does.opcode) * (dst - fp.clone())
            + is::<AB, { opcode::CALL }>(does.opcode) * (ap + AB::Expr::TWO - fp)
            - next.fp,
    );
}

fn operands<AB: TableBuilder>(b: &mut AB, row: &CpuCols<AB::Var>) {
    let does = row.selectors;
    let [dst, op0, op1, res] =
        [row.dst, row.op0, row.op1, row.res].map(|column| -> AB::Expr { column.into() });
    let add = is::<AB, { operation::ADD }>(does.operation);
    let mul = is::<AB, { operation::MUL }>(does.operation);
    let none = is::<AB, { operation::NONE }>(does.operation);
    b.zero(
        "cpu/res: sum, product or op1; unconstrained here on a jnz",
        (AB::Expr::ONE - none) * (op1.clone() - res.clone())
            + add * op0.clone()
            + mul * (op0.clone() * op1.clone() - op1),
    );
    b.zero(
        "cpu/assert_eq: dst = res",
        is::<AB, { opcode::ASSERT_EQ }>(does.opcode) * (dst.clone() - res),
    );
    let call = is::<AB, { opcode::CALL }>(does.opcode);
    b.zero(
        "cpu/call_fp: a call pushes fp",
        call.clone() * (dst - row.fp),
    );
    b.zero(
        "cpu/call_pc: a call pushes the address behind it",
        call * (op0 - row.pc - size::<AB>(&does)),
    );
}

/// The messages: the decoded instruction at pc, and the three cells it names. The last row's
/// instruction, `jmp rel 0`, uses no dst: there its message says that the public `final_ap` is ap.
/// (A program whose word there is another one has no identity: `Program::from_json` refuses it.)
fn instruction<AB: TableBuilder>(b: &mut AB, row: &CpuCols<AB::Var>) {
    let does = row.selectors;
    let [pc, ap, fp, op0] =
        [row.pc, row.ap, row.fp, row.op0].map(|column| -> AB::Expr { column.into() });
    let [o0, o1, o2] = row.offsets;
    let decoded = [
        row.pc,
        o0,
        o1,
        o2,
        does.dst_fp,
        does.op0_fp,
        does.source,
        does.operation,
        does.jump,
        does.advance,
        does.opcode,
    ];
    b.ask(Bus::Decoded, decoded.map(Into::into));
    let register = |is_fp: AB::Var| ap.clone() + (fp.clone() - ap.clone()) * is_fp;
    let dst_address = register(does.dst_fp) + o0;
    let op0_address = register(does.op0_fp) + o1;
    let op1_address = op0.clone()
        + is::<AB, { source::IMMEDIATE }>(does.source) * (pc - op0.clone())
        + is::<AB, { source::AP }>(does.source) * (ap.clone() - op0.clone())
        + is::<AB, { source::FP }>(does.source) * (fp.clone() - op0)
        + o2;
    let last = b.is_last_row();
    let final_ap = F::from_u32(final_ap_address());
    let address = dst_address.clone() + last.clone() * (-dst_address + final_ap);
    let value = last * (ap - row.dst) + row.dst;
    b.ask(Bus::Memory, [address, value]);
    b.ask(Bus::Memory, [op0_address, row.op0.into()]);
    b.ask(Bus::Memory, [op1_address, row.op1.into()]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sixth_is_one() {
        assert_eq!(SIXTH * F::from_u8(6), F::ONE);
    }
}
