//! Fills the `cpu` table from a run of the VM.

use p3_field::{PrimeCharacteristicRing, PrimeField64, batch_multiplicative_inverse};
use rayon::prelude::*;
use zkperp_field::F;
use zkperp_vm::instruction::{Flag, Instruction};
use zkperp_vm::relocate::{Run, Step};

use super::columns::CpuCols;
use crate::geometry::final_ap_address;
use crate::tables::program::flags::selectors;

const WIDTH: usize = CpuCols::<F>::WIDTH;
/// Rows filled by one task; batch inversion works within it.
const CHUNK: usize = 1 << 12;

/// The table's cells (row-major), and what its rows ask for.
#[derive(Debug)]
pub struct CpuTrace {
    /// 2^`log_rows` rows.
    pub cells: Vec<F>,
    /// Addresses of dst, op0 and op1 of every row; on the last one, of `final_ap` for dst.
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
    addresses[rows - 1][0] = final_ap_address();
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
    let mut conditions = Vec::new();
    for (i, (row, named)) in cells
        .chunks_exact_mut(WIDTH)
        .zip(addresses.iter_mut())
        .enumerate()
    {
        let instruction = instruction_at(run, first + i);
        let cols = step_row(run, first + i, instruction, named);
        if has(instruction, Flag::Jnz) && cols.dst != F::ZERO {
            jumps.push((i, cols.op1 - size(instruction)));
            conditions.push(cols.dst);
        }
        cols.write(row);
    }
    // A taken jnz's res times dst is the distance from the next instruction to the target.
    let res = CpuCols::numbers().res;
    let inverses = batch_multiplicative_inverse(&conditions);
    for ((i, distance), inverse) in jumps.into_iter().zip(inverses) {
        cells[i * WIDTH + res] = distance * inverse;
    }
}

fn has(instruction: &Instruction, flag: Flag) -> bool {
    instruction.flags & flag.bit() != 0
}

/// Words of the instruction.
fn size(instruction: &Instruction) -> F {
    F::from_u8(1 + u8::from(has(instruction, Flag::Op1Imm)))
}

/// The instruction of a row; those behind the last step repeat it.
fn instruction_at(run: &Run, number: usize) -> &Instruction {
    let step = run.steps[number.min(run.steps.len() - 1)];
    run.code[(step.pc - run.layout.program_base) as usize]
        .as_ref()
        .expect("Invariant: the VM executes decoded instructions only")
}

/// One row, but for `res` of a jnz, which is 0 if it falls through.
fn step_row(
    run: &Run,
    number: usize,
    instruction: &Instruction,
    named: &mut [u32; 3],
) -> CpuCols<F> {
    let step = run.steps[number.min(run.steps.len() - 1)];
    let value = |address: u32| run.memory[address as usize - 1];
    let has = |flag: Flag| has(instruction, flag);
    let at = |base: u32, i: usize| base.wrapping_add_signed(instruction.offsets[i]);
    let register = |is_fp: bool| if is_fp { step.fp } else { step.ap };
    let dst_address = at(register(has(Flag::DstFp)), 0);
    let op0_address = at(register(has(Flag::Op0Fp)), 1);
    let op0 = value(op0_address);
    let op1_address = at(op1_base(instruction, step, op0), 2);
    let (dst, op1) = (value(dst_address), value(op1_address));
    *named = [dst_address, op0_address, op1_address];
    CpuCols {
        pc: F::from_u32(step.pc),
        ap: F::from_u32(step.ap),
        fp: F::from_u32(step.fp),
        offsets: instruction.offsets.map(F::from_i32),
        selectors: selectors(|i| F::from_bool(instruction.flags >> i & 1 == 1)),
        dst,
        op0,
        op1,
        res: if has(Flag::Jnz) {
            F::ZERO
        } else if has(Flag::ResAdd) {
            op0 + op1
        } else if has(Flag::ResMul) {
            op0 * op1
        } else {
            op1
        },
    }
}

fn op1_base(instruction: &Instruction, step: Step, op0: F) -> u32 {
    if has(instruction, Flag::Op1Imm) {
        step.pc
    } else if has(instruction, Flag::Op1Fp) {
        step.fp
    } else if has(instruction, Flag::Op1Ap) {
        step.ap
    } else {
        op0.as_canonical_u64() as u32
    }
}
