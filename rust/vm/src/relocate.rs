//! A finished run in one contiguous address space: what the prover's tables are filled from.

use zkperp_field::F;

use crate::instruction::Instruction;
use crate::layout::MemoryLayout;

/// The registers before a step, as addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Address of the instruction.
    pub pc: u32,
    /// Allocation pointer.
    pub ap: u32,
    /// Frame pointer.
    pub fp: u32,
}

/// A finished run.
#[derive(Clone, Debug)]
pub struct Run {
    /// Registers before every step; the last entry stands at `__end__: jmp rel 0`, which is its own
    /// successor and pads the trace.
    pub steps: Vec<Step>,
    /// The value of address `i + 1` is `memory[i]`; cells that were never written hold 0.
    pub memory: Vec<F>,
    /// `code[i]` is the program's word `i` as an instruction, `None` where it isn't one (an
    /// immediate or data). An immediate may look like an instruction.
    pub code: Vec<Option<Instruction>>,
    /// Where everything lies.
    pub layout: MemoryLayout,
    /// Instances used of each builtin, in the order of `layout.builtins`.
    pub used: Vec<u32>,
    /// `ap` of the last row.
    pub final_ap: u32,
    /// The public column: the public segment's `2^log_public` cells.
    pub public: Vec<F>,
}
