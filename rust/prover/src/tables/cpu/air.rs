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

use super::columns::{CpuCols, FLAGS};
use crate::builder::TableBuilder;
use crate::buses::Bus;
use crate::geometry::{Geometry, final_ap_address};

/// Positions of the flags within `flags`.
pub mod flag {
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
}
use flag::*;

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
    let final_ap = AB::Expr::from(F::from_u32(final_ap_address()));
    // The stack's end is a public value: `public` reads the returned pointers below it.
    let last = b.is_last_row();
    b.ask_if(Bus::Memory, [final_ap, row.ap.into()], last);
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

fn transition<AB: TableBuilder>(b: &mut AB, row: &CpuCols<AB::Var>, next: &CpuCols<AB::Var>) {
    let f = |i: usize| -> AB::Expr { row.flags[i].into() };
    let (pc, ap, fp): (AB::Expr, AB::Expr, AB::Expr) =
        (row.pc.into(), row.ap.into(), row.fp.into());
    let (dst, op1, res): (AB::Expr, AB::Expr, AB::Expr) =
        (row.dst.into(), row.op1.into(), row.res.into());
    let size = AB::Expr::ONE + f(OP1_IMM);
    let jumps = f(JMP_ABS) + f(JMP_REL);
    let taken = f(JNZ) * row.taken;

    // A jnz jumps iff dst != 0: then res is its inverse.
    b.zero(
        "cpu/jnz_taken: on a jnz, dst * res = taken",
        f(JNZ) * dst.clone() * res.clone() - taken.clone(),
    );
    b.zero(
        "cpu/jnz_fall: a jnz with dst != 0 is taken",
        f(JNZ) * dst.clone() * (AB::Expr::ONE - row.taken),
    );
    b.zero(
        "cpu/next_pc: absolute, relative, conditional jump or the next instruction",
        (AB::Expr::ONE - jumps.clone()) * (pc.clone() + size.clone())
            + taken * (op1 - size)
            + jumps * res.clone()
            + f(JMP_REL) * pc
            - next.pc,
    );
    b.zero(
        "cpu/next_ap: ap + res, + 1, + 2 on a call, or unchanged",
        ap.clone() + f(AP_ADD) * res + f(AP_ADD1) + f(CALL).double() - next.ap,
    );
    b.zero(
        "cpu/next_fp: ap + 2 on a call, dst on a return, or unchanged",
        fp.clone() + f(RET) * (dst - fp.clone()) + f(CALL) * (ap + AB::Expr::TWO - fp) - next.fp,
    );
}

fn operands<AB: TableBuilder>(b: &mut AB, row: &CpuCols<AB::Var>) {
    let f = |i: usize| -> AB::Expr { row.flags[i].into() };
    let (dst, op0, op1, res): (AB::Expr, AB::Expr, AB::Expr, AB::Expr) = (
        row.dst.into(),
        row.op0.into(),
        row.op1.into(),
        row.res.into(),
    );
    b.zero(
        "cpu/res: sum, product or op1; unconstrained here on a jnz",
        f(RES_ADD) * (op0.clone() + op1.clone())
            + f(RES_MUL) * op0.clone() * op1.clone()
            + (AB::Expr::ONE - f(RES_ADD) - f(RES_MUL) - f(JNZ)) * op1
            - (AB::Expr::ONE - f(JNZ)) * res.clone(),
    );
    b.zero(
        "cpu/assert_eq: dst = res",
        f(ASSERT_EQ) * (dst.clone() - res),
    );
    b.zero("cpu/call_fp: a call pushes fp", f(CALL) * (dst - row.fp));
    b.zero(
        "cpu/call_pc: a call pushes the address behind it",
        f(CALL) * (op0 - row.pc - AB::Expr::ONE - f(OP1_IMM)),
    );
}

/// The messages: the decoded instruction at pc, and the three cells it names.
fn instruction<AB: TableBuilder>(b: &mut AB, row: &CpuCols<AB::Var>) {
    let f = |i: usize| -> AB::Expr { row.flags[i].into() };
    let (pc, ap, fp, op0): (AB::Expr, AB::Expr, AB::Expr, AB::Expr) =
        (row.pc.into(), row.ap.into(), row.fp.into(), row.op0.into());
    let decoded: [AB::Expr; 4 + FLAGS] = std::array::from_fn(|i| match i {
        0 => pc.clone(),
        1..=3 => row.offsets[i - 1].into(),
        _ => row.flags[i - 4].into(),
    });
    b.ask(Bus::Decoded, decoded);
    let register = |use_fp: usize| ap.clone() + f(use_fp) * (fp.clone() - ap.clone());
    let dst_address = register(DST_FP) + row.offsets[0];
    let op0_address = register(OP0_FP) + row.offsets[1];
    let op1_address = op0.clone()
        + f(OP1_IMM) * (pc - op0.clone())
        + f(OP1_AP) * (ap.clone() - op0.clone())
        + f(OP1_FP) * (fp - op0)
        + row.offsets[2];
    b.ask(Bus::Memory, [dst_address, row.dst.into()]);
    b.ask(Bus::Memory, [op0_address, row.op0.into()]);
    b.ask(Bus::Memory, [op1_address, row.op1.into()]);
}
