//! Runs a program from `__start__` to `__end__`, records the registers of every step, and hands the
//! finished run on to the security check and the relocation.

use std::fmt;

use thiserror::Error;
use zkperp_signature::trace::Trace;
use zkperp_tree::witness::Touched;

use crate::builtins::schnorr::{self, SchnorrError};
use crate::builtins::{Builtin, state};
use crate::input::Input;
use crate::instruction::{Form, Instruction};
use crate::layout::{Capacities, LayoutError};
use crate::memory::Memory;
use crate::program::{END, Program};
use crate::relocate::{Run, Step, Witnesses, relocate};
use crate::secure::{SecurityError, Usage, complete_builtins};
use crate::step::{Fault, Machine, Registers};
use crate::value::{Segment, Value};

/// Frames listed in a traceback, innermost first.
const MAX_FRAMES: usize = 32;

/// Steps that room is reserved for at first: address space only, until it is touched.
const RESERVED_STEPS: usize = 1 << 20;

/// How a run is bounded and laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunOptions {
    /// Steps after which the run is given up.
    pub max_steps: usize,
    /// Heights to lay the run out with.
    pub capacities: Capacities,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            max_steps: 1 << 26,
            capacities: Capacities::default(),
        }
    }
}

/// A step that has no successor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunError {
    /// Offset of the instruction in the program.
    pub pc: u32,
    /// Steps done before it.
    pub steps: usize,
    /// The instruction's place, `function+distance`.
    pub location: String,
    /// The places of the calls that led there, innermost first.
    pub traceback: Vec<String>,
    /// What went wrong.
    pub fault: Fault,
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "at pc {} ({}), step {}: {}",
            self.pc, self.location, self.steps, self.fault
        )?;
        self.traceback
            .iter()
            .try_for_each(|place| write!(f, "\n  called from {place}"))
    }
}

impl std::error::Error for RunError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.fault)
    }
}

/// Why a program has no run that could be proven.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VmError {
    /// A step failed.
    #[error(transparent)]
    Run(#[from] Box<RunError>),
    /// The program did not end in time.
    #[error("the program did not reach its end within {0} steps")]
    StepLimit(usize),
    /// The finished run breaks a rule that the proof relies on.
    #[error(transparent)]
    Security(#[from] SecurityError),
    /// The run does not fit into the layout asked for.
    #[error(transparent)]
    Layout(#[from] LayoutError),
}

/// Runs a program.
///
/// # Errors
/// When a step fails, the run doesn't end, or it can't be laid out for a proof.
pub fn run(program: &Program, input: &Input, options: &RunOptions) -> Result<Run, VmError> {
    let finished = finish(program, input, options)?;
    let touched = finished.usage.touched.as_deref();
    let state = touched
        .map(|touched| state::witness(input.state.as_ref(), touched))
        .transpose()
        .map_err(SecurityError::from)?;
    let Finished {
        steps,
        memory,
        usage,
    } = finished;
    let signatures =
        verify_signatures(program, &memory, &usage, input).map_err(SecurityError::from)?;
    let witnesses = Witnesses { state, signatures };
    Ok(relocate(
        program,
        &memory,
        steps,
        usage,
        witnesses,
        &options.capacities,
    )?)
}

/// The leaves of the state that a program touches on an input, by key: what `input.state` must hold
/// for [`run`], and no more. Here it may hold more, and its frontier is not used; nor are
/// signatures.
///
/// # Errors
/// When a step fails or the run doesn't end.
pub fn touched_leaves(
    program: &Program,
    input: &Input,
    options: &RunOptions,
) -> Result<Vec<Touched>, VmError> {
    Ok(finish(program, input, options)?
        .usage
        .touched
        .unwrap_or_default())
}

/// What the proof needs of the signatures of a finished run; nothing without the `schnorr` builtin.
fn verify_signatures(
    program: &Program,
    memory: &Memory,
    usage: &Usage,
    input: &Input,
) -> Result<Vec<Trace>, SchnorrError> {
    let index = program
        .builtins()
        .iter()
        .position(|b| *b == Builtin::Schnorr);
    index.map_or(Ok(Vec::new()), |index| {
        let cells = (usage.used[index] * schnorr::CELLS) as usize;
        let written = memory.written(Segment::builtin(index));
        schnorr::verify(&written[..cells], &input.signatures)
    })
}

/// A run that is checked, but not laid out.
struct Finished {
    steps: Vec<Step>,
    memory: Memory,
    usage: Usage,
}

fn finish(program: &Program, input: &Input, options: &RunOptions) -> Result<Finished, VmError> {
    let mut machine = start(program, input);
    let steps = execute(program, &mut machine, options.max_steps)?;
    let Machine {
        mut memory,
        registers,
        state,
        ..
    } = machine;
    let usage = complete_builtins(&mut memory, program.builtins(), registers.ap, state)?;
    Ok(Finished {
        steps,
        memory,
        usage,
    })
}

/// The machine before the first step: `ap = fp` at the execution segment's start, and there one
/// argument cell for each builtin, which `__start__` skips with its `ap += n`.
fn start<'a>(program: &'a Program, input: &'a Input) -> Machine<'a> {
    let words = program
        .words()
        .iter()
        .map(|word| Value::felt(*word))
        .collect();
    let builtins = program.builtins();
    let mut memory = Memory::new(words, builtins.len());
    let arguments = (0..builtins.len())
        .map(|i| Value::pointer(Segment::builtin(i), 0))
        .collect();
    memory.fill(Segment::EXECUTION, arguments);
    memory.fill(
        Segment::ADVICE,
        input.advice.iter().map(|felt| Value::felt(*felt)).collect(),
    );
    Machine::new(
        Registers {
            pc: 0,
            ap: 0,
            fp: 0,
        },
        memory,
        builtins,
        input,
    )
}

/// A word of the program, ready to execute.
#[derive(Clone, Copy)]
struct Decoded {
    instruction: Instruction,
    form: Form,
    hinted: bool,
}

fn decode(program: &Program) -> Vec<Option<Decoded>> {
    let ready = |(pc, word): (usize, &Option<Instruction>)| {
        let instruction = (*word)?;
        let form = instruction.form().ok()?;
        let hinted = !program.hints_at(pc as u32).is_empty();
        Some(Decoded {
            instruction,
            form,
            hinted,
        })
    };
    program.code().iter().enumerate().map(ready).collect()
}

/// Steps until `__end__`; the registers before each step, as offsets, and those at `__end__`.
fn execute(
    program: &Program,
    machine: &mut Machine<'_>,
    max_steps: usize,
) -> Result<Vec<Step>, VmError> {
    let code = decode(program);
    let mut steps = Vec::with_capacity(RESERVED_STEPS);
    loop {
        let Registers { pc, ap, fp } = machine.registers;
        steps.push(Step { pc, ap, fp });
        if pc == END {
            return Ok(steps);
        }
        if steps.len() > max_steps {
            return Err(VmError::StepLimit(max_steps));
        }
        let outcome = match code.get(pc as usize) {
            Some(Some(word)) => {
                let hints = if word.hinted {
                    run_hints(program, machine)
                } else {
                    Ok(())
                };
                match hints {
                    Ok(()) => machine.step(word.instruction, word.form),
                    fault => fault,
                }
            }
            Some(None) => Err(not_an_instruction(program, pc)),
            None => Err(Fault::PcOutsideProgram),
        };
        if let Err(fault) = outcome {
            machine.registers = Registers { pc, ap, fp };
            return Err(describe(program, machine, steps.len() - 1, fault).into());
        }
    }
}

#[cold]
fn run_hints(program: &Program, machine: &mut Machine<'_>) -> Result<(), Fault> {
    let hints = program.hints_at(machine.registers.pc);
    hints.iter().try_for_each(|hint| machine.hint(hint))
}

#[cold]
fn not_an_instruction(program: &Program, pc: u32) -> Fault {
    use zkperp_field::PrimeField64;
    Fault::NotAnInstruction(program.words()[pc as usize].as_canonical_u64())
}

/// The fault with its place and the calls that led there.
#[cold]
fn describe(program: &Program, machine: &Machine<'_>, steps: usize, fault: Fault) -> Box<RunError> {
    let pc = machine.registers.pc;
    let mut traceback = Vec::new();
    let mut fp = machine.registers.fp;
    while traceback.len() < MAX_FRAMES {
        let Some((caller_fp, return_pc)) = frame(&machine.memory, fp) else {
            break;
        };
        traceback.push(program.locate(return_pc));
        fp = caller_fp;
    }
    Box::new(RunError {
        pc,
        steps,
        location: program.locate(pc),
        traceback,
        fault,
    })
}

/// The caller's `fp` and the return address that a call pushed below `fp`.
fn frame(memory: &Memory, fp: u32) -> Option<(u32, u32)> {
    let cell = |below: u32| {
        memory
            .get(Segment::EXECUTION, fp.checked_sub(below)?)
            .as_pointer()
    };
    match (cell(2)?, cell(1)?) {
        ((Segment::EXECUTION, caller_fp), (Segment::PROGRAM, return_pc)) if caller_fp < fp => {
            Some((caller_fp, return_pc))
        }
        _ => None,
    }
}
