//! Fills the `cpu` table from a run of the VM.

use p3_field::{PrimeCharacteristicRing, PrimeField64, batch_multiplicative_inverse};
use rayon::prelude::*;
use zkperp_field::F;
use zkperp_vm::instruction::Instruction;
use zkperp_vm::relocate::Run;

use super::air::flag::{DST_FP, JNZ, OP0_FP, OP1_AP, OP1_FP, OP1_IMM, RES_ADD, RES_MUL};
use super::columns::{CpuCols, FLAGS};

const WIDTH: usize = CpuCols::<F>::WIDTH;
/// Rows filled by one task; batch inversion works within it.
const CHUNK: usize = 1 << 12;

/// The table's cells (row-major), and what its rows ask for.
#[derive(Debug)]
pub struct CpuTrace {
    /// 2^`log_rows` rows.
    pub cells: Vec<F>,
    /// Addresses of dst, op0 and op1 of every row.
    pub addresses: Vec<[u32; 3]>,
    /// How often the instruction at each offset of the program is executed.
    pub executed: Vec<u32>,
}

/// Fills 2^`log_rows` rows; those behind the run's last step repeat it (`jmp rel 0`).
#[must_use]
pub fn fill(run: &Run, log_rows: usize) -> CpuTrace {
    let rows = 1 << log_rows;
    assert!(
        !run.steps.is_empty() && run.steps.len() <= rows,
        "Invariant: the steps fit the table"
    );
    let mut cells = F::zero_vec(rows * WIDTH);
    let mut addresses = vec![[0u32; 3]; rows];
    cells
        .par_chunks_mut(CHUNK * WIDTH)
        .zip(addresses.par_chunks_mut(CHUNK))
        .enumerate()
        .for_each(|(chunk, (cells, addresses))| fill_chunk(run, chunk * CHUNK, cells, addresses));
    let mut executed = vec![0u32; run.code.len()];
    let offset = |pc: u32| (pc - run.layout.program_base) as usize;
    for step in &run.steps {
        executed[offset(step.pc)] += 1;
    }
    executed[offset(run.steps[run.steps.len() - 1].pc)] += (rows - run.steps.len()) as u32;
    CpuTrace {
        cells,
        addresses,
        executed,
    }
}

fn fill_chunk(run: &Run, first: usize, cells: &mut [F], addresses: &mut [[u32; 3]]) {
    let mut jumps = Vec::new();
    let mut inverses = Vec::new();
    for (i, (row, named)) in cells
        .chunks_exact_mut(WIDTH)
        .zip(addresses.iter_mut())
        .enumerate()
    {
        let cols = step_row(run, first + i, named);
        if cols.flags[JNZ] == F::ONE && cols.dst != F::ZERO {
            jumps.push(i);
            inverses.push(cols.dst);
        }
        cols.write(row);
    }
    let numbers = CpuCols::numbers();
    for (i, inverse) in jumps
        .into_iter()
        .zip(batch_multiplicative_inverse(&inverses))
    {
        cells[i * WIDTH + numbers.res] = inverse;
        cells[i * WIDTH + numbers.taken] = F::ONE;
    }
}

/// One row, but for `res` and `taken` of a jnz.
fn step_row(run: &Run, number: usize, named: &mut [u32; 3]) -> CpuCols<F> {
    let step = run.steps[number.min(run.steps.len() - 1)];
    let instruction = run.code[(step.pc - run.layout.program_base) as usize]
        .as_ref()
        .expect("Invariant: the VM executes decoded instructions only");
    let value = |address: u32| run.memory[address as usize - 1];
    let has = |flag: usize| instruction.flags >> flag & 1 == 1;
    let at = |base: u32, i: usize| base.wrapping_add_signed(instruction.offsets[i]);
    let dst_address = at(if has(DST_FP) { step.fp } else { step.ap }, 0);
    let op0_address = at(if has(OP0_FP) { step.fp } else { step.ap }, 1);
    let op0 = value(op0_address);
    let op1_address = at(op1_base(instruction, step.pc, step.ap, step.fp, op0), 2);
    let (dst, op1) = (value(dst_address), value(op1_address));
    *named = [dst_address, op0_address, op1_address];
    CpuCols {
        pc: F::from_u32(step.pc),
        ap: F::from_u32(step.ap),
        fp: F::from_u32(step.fp),
        offsets: instruction.offsets.map(F::from_i32),
        flags: std::array::from_fn::<F, FLAGS, _>(|i| F::from_bool(has(i))),
        dst,
        op0,
        op1,
        res: if has(JNZ) {
            F::ZERO
        } else if has(RES_ADD) {
            op0 + op1
        } else if has(RES_MUL) {
            op0 * op1
        } else {
            op1
        },
        taken: F::ZERO,
    }
}

fn op1_base(instruction: &Instruction, pc: u32, ap: u32, fp: u32, op0: F) -> u32 {
    let has = |flag: usize| instruction.flags >> flag & 1 == 1;
    if has(OP1_IMM) {
        pc
    } else if has(OP1_FP) {
        fp
    } else if has(OP1_AP) {
        ap
    } else {
        op0.as_canonical_u64() as u32
    }
}
