//! The program. Proven here: 1. row i holds words 4i .. 4i+3 of the program segment, as `memory`
//! has them; 2. each of the program's words, all of them, once, in order, is absorbed by the sponge
//! whose end state is the public program digest, and their number is in the sponge's capacity;
//! 3. what `cpu` executes is the unique decoding of such a word. So nothing outside the digest can
//! be executed.

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;
use zkperp_field::F;
use zkperp_field::poseidon2::sponge_start;
use zkperp_vm::digest::PROGRAM_DOMAIN;

use super::columns::{OFFSET_BIAS, ProgramCols, WORDS, WordCols};
use super::flags::{
    AP_ADD, AP_ADD1, ASSERT_EQ, CALL, DST_FP, FLAGS, JMP_ABS, JMP_REL, JNZ, OP0_FP, OP1_AP, OP1_FP,
    OP1_IMM, RES_ADD, RES_MUL, RET, selectors,
};
use crate::builder::TableBuilder;
use crate::buses::Bus;
use crate::geometry::{Geometry, program_digest_address};

/// Columns whose next row the constraints read.
pub fn next_row_columns() -> Vec<usize> {
    let n = ProgramCols::numbers();
    let mut columns = vec![n.pc, n.words[0].is_real];
    columns.extend(n.words.map(|w| w.word));
    columns.extend(n.state_in);
    columns.extend(&n.state_out[..4]);
    columns.sort_unstable();
    columns
}

/// The constraints and messages of the table.
#[inline(always)]
pub fn eval<AB: TableBuilder>(geometry: &Geometry, b: &mut AB) {
    let main = b.main();
    let row = ProgramCols::<AB::Var>::read(main.current_slice());
    let next = ProgramCols::<AB::Var>::read(main.next_slice());
    extent(geometry, b, &row, &next);
    absorb(geometry, b, &row, &next);
    for (i, word) in row.words.iter().enumerate() {
        let pc = row.pc + F::from_usize(i);
        decode(b, pc.clone(), word);
        b.ask_if(Bus::Memory, [pc, word.word.into()], word.is_real.into());
    }
}

/// Which rows and words are the program's: `is_real` starts at 1 and may change only where the
/// address is the program's end, so it falls there, once, and never rises.
fn extent<AB: TableBuilder>(
    geometry: &Geometry,
    b: &mut AB,
    row: &ProgramCols<AB::Var>,
    next: &ProgramCols<AB::Var>,
) {
    let end = AB::Expr::from(F::from_u32(geometry.program_base + geometry.program_len));
    b.zero_first(
        "program/first_pc: the first row is the program's base",
        row.pc - F::from_u32(geometry.program_base),
    );
    b.zero_transition(
        "program/next_pc: four words a row",
        next.pc - row.pc - AB::Expr::from(F::from_usize(WORDS)),
    );
    b.zero_first(
        "program/first_real: the program is not empty",
        row.words[0].is_real - F::ONE,
    );
    for (i, word) in row.words.iter().enumerate() {
        b.boolean("program/is_real: 0 or 1", word.is_real);
        b.zero(
            "program/unreal_word: words behind the end are absorbed as 0",
            (AB::Expr::ONE - word.is_real) * word.word,
        );
        b.zero(
            "program/unreal_instruction: words behind the end are not executable",
            (AB::Expr::ONE - word.is_real) * word.is_instruction,
        );
        let pc_after = row.pc + F::from_usize(i + 1);
        if i + 1 < WORDS {
            let following = row.words[i + 1].is_real;
            b.zero(
                "program/end: within a row, the program ends at its length",
                (word.is_real - following) * (pc_after - end.clone()),
            );
        } else {
            let following = next.words[0].is_real;
            b.zero_transition(
                "program/next_end: across rows, the program ends at its length",
                (word.is_real - following) * (pc_after.clone() - end.clone()),
            );
            b.zero_last(
                "program/last_end: a full table ends at the program's length",
                word.is_real * (pc_after - end.clone()),
            );
        }
    }
}

/// The digest's sponge: capacity starts at (domain, length), four words a block.
fn absorb<AB: TableBuilder>(
    geometry: &Geometry,
    b: &mut AB,
    row: &ProgramCols<AB::Var>,
    next: &ProgramCols<AB::Var>,
) {
    let real = row.words[0].is_real;
    let next_real = next.words[0].is_real;
    let start = sponge_start(PROGRAM_DOMAIN, u64::from(geometry.program_len));
    for (lane, start) in start.into_iter().enumerate() {
        let (first, following) = if lane < WORDS {
            (
                row.words[lane].word + start,
                next.state_in[lane] - next.words[lane].word,
            )
        } else {
            (AB::Expr::from(start), next.state_in[lane].into())
        };
        b.zero_first(
            "program/sponge_start: empty rate, capacity (domain, length)",
            row.state_in[lane] - first,
        );
        b.zero_transition(
            "program/sponge_step: the next block is added to the state",
            AB::Expr::from(next_real) * (following - row.state_out[lane]),
        );
        if lane < 4 {
            b.zero_transition(
                "program/sponge_end: behind the end the digest is carried on",
                (AB::Expr::ONE - next_real) * (next.state_out[lane] - row.state_out[lane]),
            );
        }
    }
    let tuple: [AB::Expr; 16] = std::array::from_fn(|i| {
        if i < 8 {
            row.state_in[i]
        } else {
            row.state_out[i - 8]
        }
        .into()
    });
    b.ask_if(Bus::Poseidon2, tuple, real.into());
    for lane in 0..4 {
        let address = AB::Expr::from(F::from_u32(program_digest_address(geometry) + lane));
        // The carried state of the last row is the public program digest.
        let last = b.is_last_row();
        b.ask_if(
            Bus::Memory,
            [address, row.state_out[lane as usize].into()],
            last,
        );
    }
}

/// word = o0 + 2^16 o1 + 2^32 o2 + 2^48 sum 2^j f_j with 16-bit offsets and 15 bits: below
/// 2^63 < p, so the decoding is unique.
fn decode<AB: TableBuilder>(b: &mut AB, pc: AB::Expr, word: &WordCols<AB::Var>) {
    let f = |i: usize| -> AB::Expr { word.flags[i].into() };
    let one = AB::Expr::ONE;
    b.boolean("program/is_instruction: 0 or 1", word.is_instruction);
    for flag in word.flags {
        b.boolean("program/flag: 0 or 1", flag);
    }
    let op1_from_op0 = one.clone() - f(OP1_IMM) - f(OP1_FP) - f(OP1_AP);
    let res_is_op1 = one.clone() - f(RES_ADD) - f(RES_MUL) - f(JNZ);
    b.boolean("program/op1_group: one source of op1 at most", op1_from_op0);
    b.boolean(
        "program/res_group: one operation at most",
        res_is_op1.clone(),
    );
    b.boolean(
        "program/pc_group: one jump at most",
        one.clone() - f(JMP_ABS) - f(JMP_REL) - f(JNZ),
    );
    b.boolean(
        "program/ap_group: one change of ap at most",
        one.clone() - f(AP_ADD) - f(AP_ADD1) - f(CALL),
    );
    b.boolean(
        "program/opcode_group: one opcode at most",
        one.clone() - f(CALL) - f(RET) - f(ASSERT_EQ),
    );
    b.zero(
        "program/jnz_res: a jnz has no result to add to ap or to assert",
        f(JNZ) * (f(AP_ADD) + f(ASSERT_EQ)),
    );
    let offset = |i: usize| -> AB::Expr { word.offsets[i].into() };
    b.zero(
        "program/call_dst: a call writes fp to [ap]",
        f(CALL) * offset(0),
    );
    b.zero(
        "program/call_op0: a call writes the return address to [ap + 1]",
        f(CALL) * (offset(1) - one.clone()),
    );
    b.zero(
        "program/call_registers: a call pushes relative to ap",
        f(CALL) * (f(DST_FP) + f(OP0_FP)),
    );
    b.zero(
        "program/ret_dst: a return restores fp from [fp - 2]",
        f(RET) * (offset(0) + AB::Expr::TWO),
    );
    b.zero(
        "program/ret_op1: a return jumps to [fp - 1]",
        f(RET) * (offset(2) + one),
    );
    b.zero(
        "program/ret_flags: a return is an absolute jump relative to fp",
        f(RET) * (f(JMP_ABS) + f(DST_FP) + f(OP1_FP) + res_is_op1 - AB::Expr::TWO.double()),
    );

    let mut encoded = AB::Expr::ZERO;
    for i in 0..3 {
        let biased = offset(i) + F::from_u32(OFFSET_BIAS);
        encoded += biased.clone() * F::from_u64(1 << (16 * i));
        b.ask(Bus::Range16, [biased]);
    }
    for i in 0..FLAGS {
        encoded += f(i) * F::from_u64(1 << (48 + i));
    }
    b.zero(
        "program/word: an instruction's offsets and flags are its word",
        AB::Expr::from(word.is_instruction) * (encoded - word.word),
    );
    let does = selectors(f);
    let decoded = [
        pc,
        offset(0),
        offset(1),
        offset(2),
        does.dst_fp,
        does.op0_fp,
        does.source,
        does.operation,
        does.jump,
        does.advance,
        does.opcode,
    ];
    b.provide(
        Bus::Decoded,
        decoded,
        AB::Expr::from(word.count) * word.is_instruction,
    );
}
