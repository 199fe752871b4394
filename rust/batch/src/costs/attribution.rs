//! Rows and cells of a run, by who needs them.

use std::collections::HashSet;

use zkperp_field::PrimeField64;
use zkperp_prover::machine::{Kind as Table, kinds};
use zkperp_prover::tables::program::columns::WORDS;
use zkperp_prover::tables::{cpu, range16, schnorr, schnorr_sum};
use zkperp_prover::trace::heights;
use zkperp_vm::builtins::Builtin;
use zkperp_vm::layout::{BuiltinSegment, FIRST_ADDRESS};
use zkperp_vm::relocate::Run;

use super::owners::Owner;

/// Old and new side of a leaf or node of the tree.
const SIDES: u64 = 2;

/// Units of each table: those of `commands` commands by number, then the batch's own.
///
/// - A step, and the cells by which `ap` grows in it, are its owner's.
/// - An instance of a builtin, an output word or a cell of the advice is the owner's of the first step
///   that touches it; so is a leaf of the tree, with the nodes above it that no earlier one needed.
/// - Permutations and the rows of a signature's sum go with what asks for them.
/// - The program, its words' permutations, the public values before the output, the table of 16-bit
///   values, and cells of the advice that no step touches are the batch's.
pub(super) fn attribute(run: &Run, owners: &[Owner], commands: usize) -> Vec<Vec<u64>> {
    let mut tally = Tally::new(run, commands);
    for (pair, owner) in run.steps.windows(2).zip(owners) {
        tally.add(*owner, Table::Memory, u64::from(pair[1].ap - pair[0].ap));
    }
    let log_steps = heights(run)[0];
    let addresses = cpu::trace::fill(run, log_steps).addresses;
    for (owner, addresses) in owners.iter().zip(&addresses) {
        tally.add(*owner, Table::Cpu, 1);
        // The last step's cells are named for the public `final_ap` too, which is no operand.
        addresses
            .iter()
            .for_each(|address| tally.touch(*owner, *address));
    }
    tally.batch();
    tally.units
}

/// Units while they are counted.
struct Tally<'a> {
    run: &'a Run,
    tables: Vec<Table>,
    /// By command, then the batch's; of each table.
    units: Vec<Vec<u64>>,
    /// By address - [`FIRST_ADDRESS`]: cells of the advice and first cells of instances.
    touched: Vec<bool>,
    leaves: HashSet<u64>,
    nodes: HashSet<(u32, u64)>,
}

impl<'a> Tally<'a> {
    fn new(run: &'a Run, commands: usize) -> Self {
        let tables = kinds(&run.layout);
        Self {
            run,
            units: vec![vec![0; tables.len()]; commands + 1],
            tables,
            touched: vec![false; run.memory.len()],
            leaves: HashSet::new(),
            nodes: HashSet::new(),
        }
    }

    /// Counts units of a table, if the machine has it.
    fn add(&mut self, owner: Owner, table: Table, units: u64) {
        let of_batch = self.units.len() - 1;
        let row = owner.map_or(of_batch, |number| number as usize);
        if let Some(column) = self.tables.iter().position(|t| *t == table) {
            self.units[row][column] += units;
        }
    }

    /// A step's operand.
    fn touch(&mut self, owner: Owner, address: u32) {
        let segments = &self.run.layout.builtins;
        let segment = segments.iter().find(|segment| holds(segment, address));
        let Some(&segment) = segment else {
            // Cells of the stack are counted by `ap`; those behind it are the advice's.
            if address >= self.run.final_ap && self.is_first(address) {
                self.add(owner, Table::Memory, 1);
            }
            return;
        };
        let first = address - (address - segment.base) % segment.cells;
        if self.is_first(first) {
            self.instance(owner, &segment, first);
        }
    }

    fn is_first(&mut self, address: u32) -> bool {
        let touched = &mut self.touched[(address - FIRST_ADDRESS) as usize];
        !std::mem::replace(touched, true)
    }

    /// An instance and what its table brings along.
    fn instance(&mut self, owner: Owner, segment: &BuiltinSegment, first: u32) {
        self.add(owner, Table::Memory, u64::from(segment.cells));
        if let Some(table) = Table::of_builtin(segment.builtin) {
            self.add(owner, table, 1);
        }
        match segment.builtin {
            Builtin::Output => self.add(owner, Table::Public, 1),
            Builtin::Poseidon2 => self.add(owner, Table::Poseidon2, 1),
            Builtin::Schnorr => {
                self.add(owner, Table::Poseidon2, schnorr::columns::BLOCKS as u64);
                self.add(owner, Table::SchnorrSum, schnorr_sum::columns::ROWS as u64);
            }
            Builtin::State => {
                let key = self.run.memory[(first - FIRST_ADDRESS) as usize];
                self.leaf(owner, key.as_canonical_u64());
            }
            Builtin::RangeCheck | Builtin::Muldiv => {}
        }
    }

    /// A leaf, if it is the first access, and the nodes above it that are new.
    fn leaf(&mut self, owner: Owner, key: u64) {
        if !self.leaves.insert(key) {
            return;
        }
        self.add(owner, Table::Leaf, 1);
        self.add(owner, Table::Poseidon2, SIDES);
        let depth = self.run.state.as_ref().map_or(0, |state| state.depth);
        for level in 1..=depth {
            if !self.nodes.insert((level, key >> level)) {
                return;
            }
            self.add(owner, Table::Merkle, 1);
            self.add(owner, Table::Poseidon2, SIDES);
        }
    }

    /// What every batch needs.
    fn batch(&mut self) {
        let layout = &self.run.layout;
        let header = u64::from(layout.header_cells());
        let blocks = (layout.program_len as u64).div_ceil(WORDS as u64);
        let behind_stack = (self.run.final_ap - FIRST_ADDRESS) as usize;
        let advice = self.touched[behind_stack..].iter();
        let untouched = advice.filter(|touched| !**touched).count() as u64;
        let program = u64::from(layout.program_len);
        self.add(None, Table::Memory, header + program + untouched);
        self.add(None, Table::Public, header);
        self.add(None, Table::Program, blocks);
        self.add(None, Table::Poseidon2, blocks);
        self.add(None, Table::Range16, 1 << range16::columns::LOG_ROWS);
    }
}

/// Whether an address is a cell of a builtin.
fn holds(segment: &BuiltinSegment, address: u32) -> bool {
    let cells = match segment.builtin {
        // The public segment's tail, up to its end.
        Builtin::Output => FIRST_ADDRESS + (1 << segment.log_rows) - segment.base,
        _ => segment.table_cells(),
    };
    (segment.base..segment.base + cells).contains(&address)
}
