//! A finished run in one contiguous address space: what the prover's tables are filled from.

use zkperp_field::{F, PrimeCharacteristicRing};
use zkperp_signature::trace::Trace;
use zkperp_tree::witness::Witness;

use crate::builtins::Builtin;
use crate::instruction::Instruction;
use crate::layout::{Capacities, FIRST_ADDRESS, LayoutError, MemoryLayout, advance};
use crate::memory::Memory;
use crate::program::Program;
use crate::secure::Usage;
use crate::value::{Segment, Value};

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
    /// The state tree before and after the run, if the program has the `state` builtin.
    pub state: Option<Witness>,
    /// The verified signatures of the `schnorr` builtin's used instances, in their order.
    pub signatures: Vec<Trace>,
}

impl Run {
    /// The felts that the program wrote to its output.
    #[must_use]
    pub fn output(&self) -> &[F] {
        let first = self.layout.header_cells() as usize;
        let count = self.used.first().map_or(0, |used| *used as usize);
        &self.public[first..first + count]
    }
}

/// What the builtins that are no functions of their cells bring to a [`Run`].
#[derive(Debug)]
pub(crate) struct Witnesses {
    /// See [`Run::state`].
    pub(crate) state: Option<Witness>,
    /// See [`Run::signatures`].
    pub(crate) signatures: Vec<Trace>,
}

/// Lays a finished run out in one address space.
///
/// # Errors
/// When it doesn't fit the capacities asked for, or the address space.
pub(crate) fn relocate(
    program: &Program,
    memory: &Memory,
    mut steps: Vec<Step>,
    usage: Usage,
    witnesses: Witnesses,
    capacities: &Capacities,
) -> Result<Run, LayoutError> {
    let used = usage.used;
    let Witnesses { state, signatures } = witnesses;
    let builtins = program.builtins();
    let program_len = program.words().len() as u32;
    let usage: Vec<(Builtin, u32)> = builtins.iter().copied().zip(used.iter().copied()).collect();
    let layout = MemoryLayout::new(&usage, program_len, capacities)?;

    let execution = memory.written(Segment::EXECUTION);
    let advice = memory.written(Segment::ADVICE);
    let advice_base = advance(layout.exec_base, execution.len() as u64)?;
    let end = advance(advice_base, advice.len() as u64)?;
    let mut bases = vec![layout.program_base, layout.exec_base, advice_base];
    bases.extend(layout.builtins.iter().map(|segment| segment.base));

    for step in &mut steps {
        step.pc += layout.program_base;
        step.ap += layout.exec_base;
        step.fp += layout.exec_base;
    }
    let final_ap = steps.last().expect("Invariant: a run has a first step").ap;

    let mut cells = vec![F::ZERO; (end - FIRST_ADDRESS) as usize];
    let mut place = |base: u32, values: &[Value]| {
        let start = (base - FIRST_ADDRESS) as usize;
        for (cell, value) in cells[start..start + values.len()].iter_mut().zip(values) {
            *cell = felt_at(*value, &bases);
        }
    };
    place(layout.program_base, memory.written(Segment::PROGRAM));
    place(layout.exec_base, execution);
    place(advice_base, advice);
    for (index, segment) in layout.builtins.iter().enumerate() {
        place(segment.base, memory.written(Segment::builtin(index)));
    }
    pad_builtins(&mut cells, &layout, &used);
    let roots = state
        .iter()
        .flat_map(|witness| [witness.root.old, witness.root.new].concat());
    let digest = program.digest().into_iter().chain(roots);
    write_header(&mut cells, final_ap, &used, digest);

    let public = cells[..1 << layout.log_public].to_vec();
    let code = program.code().to_vec();
    Ok(Run {
        steps,
        memory: cells,
        code,
        layout,
        used,
        final_ap,
        public,
        state,
        signatures,
    })
}

/// A cell's value once every segment has its base; 0 for a cell that was not written.
#[inline(always)]
fn felt_at(value: Value, bases: &[u32]) -> F {
    match (value.as_felt(), value.as_pointer()) {
        (Some(felt), _) => felt,
        (_, Some((segment, offset))) => F::from_u32(bases[segment.index()] + offset),
        _ => F::ZERO,
    }
}

/// Fills the instances behind the used ones, so that every row of every table is valid.
fn pad_builtins(cells: &mut [F], layout: &MemoryLayout, used: &[u32]) {
    for (segment, &used) in layout.builtins.iter().zip(used) {
        if segment.builtin == Builtin::Output {
            continue; // Behind the outputs the public segment is zero already.
        }
        let start = (segment.base - FIRST_ADDRESS) as usize;
        let table = &mut cells[start..start + segment.table_cells() as usize];
        let padding = segment.builtin.padding();
        for instance in table.chunks_exact_mut(padding.len()).skip(used as usize) {
            instance.copy_from_slice(&padding);
        }
    }
}

/// The public segment's cells before the outputs.
fn write_header(
    cells: &mut [F],
    final_ap: u32,
    used: &[u32],
    digest_and_roots: impl Iterator<Item = F>,
) {
    let counts = std::iter::once(final_ap)
        .chain(used.iter().copied())
        .map(F::from_u32);
    for (cell, value) in cells.iter_mut().zip(counts.chain(digest_and_roots)) {
        *cell = value;
    }
}
