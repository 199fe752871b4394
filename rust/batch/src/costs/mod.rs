//! What each command of a batch costs to prove: steps, accesses, rows and cells of every table.
//!
//! The batch is run as for a proof. Every step, every instance of a builtin and every memory cell is
//! given to the command in whose execution it falls, or to the batch itself: what is the same for any
//! number of commands. What no run asks for, but the tables' heights have, is padding. So commands,
//! batch and padding together are the whole proof, and the share of each is known.

mod attribution;
pub mod extras;
mod functions;
pub mod liquidations;
mod owners;

use std::collections::BTreeMap;

use serde::Serialize;
use thiserror::Error;
use zkperp_engine::{Accepted, Kind, RequestKind, SealedBatch};
use zkperp_prover::machine::{Kind as Table, kinds};
use zkperp_prover::programs::BATCH;
use zkperp_prover::prove::{ProveRunError, check_fits};
use zkperp_prover::statement::{StatementError, capacities};
use zkperp_prover::tables::memory::columns::CELLS_PER_ROW;
use zkperp_prover::tables::{schnorr, schnorr_sum};
use zkperp_prover::trace::heights;
use zkperp_schema::{EventType, KIND_BITS};
use zkperp_tree::Tree;
use zkperp_vm::builtins::Builtin;
use zkperp_vm::program::{Program, ProgramError};
use zkperp_vm::{Input, Run, RunOptions, VmError};
use zkperp_witness::{WitnessError, batch_input, check_run};

use crate::on_chain::batch_shape;
use attribution::attribute;
use functions::Functions;
use owners::{Owner, owners};

/// Why the costs of a batch are not known.
#[derive(Debug, Error)]
pub enum CostsError {
    /// The checked-in program can't be read: our mistake.
    #[error("the batch program: {0}")]
    Program(#[from] ProgramError),
    /// The batch has no run.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// The run can't be laid out.
    #[error(transparent)]
    Vm(#[from] VmError),
    /// The shape is not one of the program's: our mistake.
    #[error(transparent)]
    Shape(#[from] StatementError),
    /// The run can't be proven.
    #[error(transparent)]
    Prove(#[from] ProveRunError),
    /// The program has no function of that name: it was renamed.
    #[error("the batch program has no function {0}")]
    NoFunction(&'static str),
    /// The function that executes a command was entered another number of times.
    #[error("{entered} frames of {function} for {commands} commands")]
    Frames {
        /// The function.
        function: &'static str,
        /// How often it was entered.
        entered: usize,
        /// Commands of the batch.
        commands: usize,
    },
    /// A record of no kind: the engine's mistake.
    #[error("the record of command {0} is of no kind")]
    UnknownKind(usize),
}

/// A table of the proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableSize {
    /// Its name.
    pub name: &'static str,
    /// Columns.
    pub width: usize,
    /// Units that share a row: of `memory` several addresses, of the others one row.
    pub units_per_row: usize,
    /// Log rows.
    pub log_rows: usize,
}

/// What one command needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CommandCost {
    /// Its kind, by the schema's name.
    pub kind: &'static str,
    /// Of a request from L1, its kind.
    pub request: Option<&'static str>,
    /// Fills that it made.
    pub fills: usize,
    /// Units of each table: `cpu` has the steps, `state` the accesses, `memory` the cells.
    pub units: Vec<u64>,
}

/// What a batch needs, by command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BatchCosts {
    /// Number of the batch.
    pub batch_number: u64,
    /// The contracts' shape that it is laid out in; none: it does not fit, and the heights are the
    /// least that hold it.
    pub shape: Option<u32>,
    /// The tables, in the statement's order.
    pub tables: Vec<TableSize>,
    /// The commands, in their order.
    pub commands: Vec<CommandCost>,
    /// Units of each table that are nobody's: the program, the batch's frame.
    pub fixed: Vec<u64>,
    /// What one signature adds to its command: part of the command's own units.
    pub signature: Vec<u64>,
    /// By kind of command, the steps within each function itself, of all commands together.
    pub functions: BTreeMap<&'static str, BTreeMap<String, u64>>,
}

/// Runs the batch program on a batch and finds what each command needs; `old` is the tree before it.
///
/// # Errors
/// [`CostsError`].
pub fn measure(old: &Tree, batch: &SealedBatch) -> Result<BatchCosts, CostsError> {
    let program = Program::from_json(BATCH.compiled)?;
    let input = batch_input(&program, old, batch, &RunOptions::default())?;
    let LaidOut {
        run,
        log_rows,
        shape,
    } = lay_out(&program, &input)?;
    check_run(&run, batch)?;
    let count = batch.accepted.len();
    let owners = owners(&program, &run, count)?;
    let mut units = attribute(&run, &owners, count);
    let fixed = units.pop().unwrap_or_default();
    let mut requests = batch.requests.iter();
    let mut commands = Vec::with_capacity(count);
    for ((number, accepted), units) in batch.accepted.iter().enumerate().zip(units) {
        let kind = kind_of(accepted).ok_or(CostsError::UnknownKind(number))?;
        let words = (kind == Kind::Request).then(|| requests.next()).flatten();
        let is_fill = |event: &&zkperp_engine::Event| event.event_type() == EventType::Trade;
        commands.push(CommandCost {
            kind: kind.name(),
            request: words
                .and_then(|words| RequestKind::from_code(words[0]))
                .map(RequestKind::name),
            fills: accepted.events.iter().filter(is_fill).count(),
            units,
        });
    }
    let functions = by_kind(&program, &run, &owners, &commands);
    let signature = signature(&run);
    let sizes = kinds(&run.layout).into_iter().zip(log_rows);
    Ok(BatchCosts {
        batch_number: batch.public.batch_number,
        shape,
        tables: sizes
            .map(|(table, log_rows)| size(table, log_rows))
            .collect(),
        commands,
        fixed,
        signature,
        functions,
    })
}

/// A record's first word begins with its kind, whatever the kind (docs/spec/batch.md § 2).
fn kind_of(accepted: &Accepted) -> Option<Kind> {
    let head = accepted.record.words().first()?;
    Kind::from_code(head % (1 << KIND_BITS))
}

fn size(table: Table, log_rows: usize) -> TableSize {
    TableSize {
        name: table.name(),
        width: table.width(),
        units_per_row: if table == Table::Memory {
            CELLS_PER_ROW
        } else {
            1
        },
        log_rows,
    }
}

/// A run with the heights of its tables.
struct LaidOut {
    run: Run,
    log_rows: Vec<usize>,
    shape: Option<u32>,
}

/// Runs the program in the contracts' shape, or where that is too small, in the least heights.
fn lay_out(program: &Program, input: &Input) -> Result<LaidOut, CostsError> {
    let named = batch_shape();
    let options = RunOptions {
        capacities: capacities(program.builtins(), named.log_rows)?,
        ..RunOptions::default()
    };
    match zkperp_vm::run(program, input, &options) {
        Ok(run) => match check_fits(&run, &named.shape()) {
            Ok(()) => {
                return Ok(LaidOut {
                    run,
                    log_rows: named.log_rows.to_vec(),
                    shape: Some(named.id),
                });
            }
            Err(ProveRunError::TooTall { .. }) => {}
            Err(error) => return Err(error.into()),
        },
        Err(VmError::Layout(_)) => {}
        Err(error) => return Err(error.into()),
    }
    let run = zkperp_vm::run(program, input, &RunOptions::default())?;
    Ok(LaidOut {
        log_rows: heights(&run),
        run,
        shape: None,
    })
}

/// What a signature needs: its row and all that the row asks for. The steps that make its message are
/// those of the command.
fn signature(run: &Run) -> Vec<u64> {
    let units = |table: Table| match table {
        Table::Memory => u64::from(Builtin::Schnorr.cells()),
        Table::Poseidon2 => schnorr::columns::BLOCKS as u64,
        Table::Schnorr => 1,
        Table::SchnorrSum => schnorr_sum::columns::ROWS as u64,
        _ => 0,
    };
    kinds(&run.layout).into_iter().map(units).collect()
}

/// Steps of each function by kind of command.
fn by_kind(
    program: &Program,
    run: &Run,
    owners: &[Owner],
    commands: &[CommandCost],
) -> BTreeMap<&'static str, BTreeMap<String, u64>> {
    let functions = Functions::of(program);
    let mut counted: BTreeMap<&'static str, Vec<u64>> = BTreeMap::new();
    for (step, owner) in run.steps.iter().zip(owners) {
        let Some(command) = owner.and_then(|number| commands.get(number as usize)) else {
            continue;
        };
        let steps = counted.entry(command.kind);
        let steps = steps.or_insert_with(|| vec![0; functions.len()]);
        steps[functions.at(step.pc - run.layout.program_base)] += 1;
    }
    let named = |steps: Vec<u64>| functions.named(&steps);
    counted
        .into_iter()
        .map(|(kind, steps)| (kind, named(steps)))
        .collect()
}
