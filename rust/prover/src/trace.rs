//! Fills all tables from a run: providers last, once it is known what they are asked for.

use std::collections::HashSet;
use std::sync::Arc;

use zkperp_field::F;
use zkperp_signature::trace::Trace as SumTrace;
use zkperp_tree::witness::{LeafRow, Row};
use zkperp_vm::builtins::Builtin;
use zkperp_vm::builtins::schnorr::padding_trace;
use zkperp_vm::layout::MIN_LOG_ROWS;
use zkperp_vm::relocate::Run;

use crate::geometry::{Geometry, PUBLIC_BASE, roots_address};
use crate::machine::{Kind, kinds};
use crate::tables::memory::columns::CELLS_PER_ROW;
use crate::tables::merkle::trace::TouchedNode;
use crate::tables::program::columns::WORDS;
use crate::tables::{
    cpu, leaf, memory, merkle, muldiv, poseidon2, poseidon2_io, program, public, range_check,
    range16, schnorr, schnorr_sum, state,
};
use crate::witness::Requests;

/// A run as tables.
#[derive(Debug)]
pub struct Trace {
    /// Where everything lies.
    pub geometry: Arc<Geometry>,
    /// The public column.
    pub public: Vec<F>,
    /// Log2 of each table's rows, in the order of [`kinds`].
    pub log_rows: Vec<usize>,
    /// Each table's cells, row-major.
    pub cells: Vec<Vec<F>>,
}

/// The least log height that holds `rows`.
fn log_height(rows: usize) -> usize {
    (rows.next_power_of_two().trailing_zeros() as usize).max(MIN_LOG_ROWS)
}

/// Log heights of the tables for a run, in the order of [`kinds`]; the least that hold it.
#[must_use]
pub fn heights(run: &Run) -> Vec<usize> {
    let layout = &run.layout;
    let blocks = (layout.program_len as usize).div_ceil(WORDS);
    let tree = TouchedTree::of(run);
    let height = |kind: Kind| match kind {
        Kind::Cpu => log_height(run.steps.len()),
        Kind::Program => log_height(blocks),
        Kind::Memory => log_height(run.memory.len().div_ceil(CELLS_PER_ROW)),
        Kind::Range16 => range16::columns::LOG_ROWS,
        Kind::Poseidon2 => {
            let of_builtins = instances(layout, Builtin::Poseidon2)
                + schnorr::columns::BLOCKS * instances(layout, Builtin::Schnorr);
            log_height(blocks + of_builtins + tree.compressions())
        }
        Kind::Public => layout.log_public,
        Kind::Leaf => log_height(tree.leaves.len()),
        Kind::Merkle => log_height(tree.nodes.len()),
        Kind::SchnorrSum => log_height(schnorr_sum::columns::ROWS * sums(run).len()),
        Kind::RangeCheck | Kind::Poseidon2Io | Kind::MulDiv | Kind::State | Kind::Schnorr => {
            let own = layout
                .builtins
                .iter()
                .find(|b| Kind::of_builtin(b.builtin) == Some(kind));
            own.map_or(MIN_LOG_ROWS, |segment| segment.log_rows)
        }
    };
    kinds(layout).into_iter().map(height).collect()
}

/// Instances of a builtin's table, used or not.
fn instances(layout: &Geometry, builtin: Builtin) -> usize {
    layout
        .segment(builtin)
        .map_or(0, |segment| 1 << segment.log_rows)
}

/// The sums behind the signatures, with how often each is asked for: those of the used instances,
/// and one for all others.
fn sums(run: &Run) -> Vec<(&SumTrace, u32)> {
    let unused = instances(&run.layout, Builtin::Schnorr) - run.signatures.len();
    let used = run.signatures.iter().map(|trace| (trace, 1));
    let padding = (unused > 0).then(|| (padding_trace(), unused as u32));
    used.chain(padding).collect()
}

/// The touched part of the state tree; empty without the `state` builtin.
#[derive(Debug, Default)]
struct TouchedTree<'a> {
    nodes: Vec<TouchedNode<'a>>,
    leaves: Vec<&'a LeafRow>,
}

impl<'a> TouchedTree<'a> {
    fn of(run: &'a Run) -> Self {
        let rows = run
            .state
            .as_ref()
            .map_or(&[][..], |witness| &witness.rows[..]);
        let beside: HashSet<(u32, u64)> = rows
            .iter()
            .filter_map(|row| match row {
                Row::Frontier(row) => Some((row.level, row.index)),
                _ => None,
            })
            .collect();
        let mut tree = Self::default();
        for row in rows {
            match row {
                Row::Node(node) => {
                    let child = |side: u64| (node.level - 1, 2 * node.index + side);
                    let touched = [0, 1].map(|side| !beside.contains(&child(side)));
                    tree.nodes.push(TouchedNode { node, touched });
                }
                Row::Leaf(leaf) => tree.leaves.push(leaf),
                Row::Frontier(_) => {}
            }
        }
        tree
    }

    /// Old and new side of every node and leaf.
    fn compressions(&self) -> usize {
        2 * (self.nodes.len() + self.leaves.len())
    }
}

/// Fills the tables at the least heights.
#[must_use]
pub fn fill(run: &Run) -> Trace {
    fill_at(run, heights(run))
}

/// Fills the tables at given heights, each at least that of [`heights`].
#[must_use]
pub fn fill_at(run: &Run, log_rows: Vec<usize>) -> Trace {
    let geometry = Arc::new(run.layout.clone());
    let kinds = kinds(&geometry);
    assert_eq!(kinds.len(), log_rows.len(), "Invariant: one height a table");
    let height = |kind: Kind| {
        let at = kinds.iter().position(|k| *k == kind);
        log_rows[at.expect("Invariant: core tables are in every machine")]
    };
    let mut requests = Requests::new(run.memory.len());
    let steps = cpu::trace::fill(run, height(Kind::Cpu));
    steps
        .addresses
        .iter()
        .flatten()
        .for_each(|&address| requests.memory(address));
    let words = program::trace::fill(run, &steps.executed, height(Kind::Program), &mut requests);
    let values = public::trace::fill(&geometry, &run.public, &mut requests);
    let tree = TouchedTree::of(run);
    let builtins: Vec<Vec<F>> = kinds[Kind::CORE.len()..]
        .iter()
        .map(|&kind| match kind {
            Kind::Leaf => leaf::trace::fill(&tree.leaves, height(kind), &mut requests),
            Kind::Merkle => {
                let roots = roots_address(&geometry);
                merkle::trace::fill(&tree.nodes, roots, height(kind), &mut requests)
            }
            Kind::SchnorrSum => schnorr_sum::trace::fill(&sums(run), padding_trace(), height(kind)),
            _ => fill_builtin(run, kind, &mut requests),
        })
        .collect();
    let permutations = poseidon2::trace::fill(
        &requests.poseidon2,
        &requests.compress,
        height(Kind::Poseidon2),
    );
    let limbs = range16::trace::fill(&requests.range16);
    let store = memory::trace::fill(&run.memory, &requests.memory, height(Kind::Memory));
    let core = [steps.cells, words, store, limbs, permutations, values];
    Trace {
        geometry,
        public: run.public.clone(),
        log_rows,
        cells: core.into_iter().chain(builtins).collect(),
    }
}

fn fill_builtin(run: &Run, kind: Kind, requests: &mut Requests) -> Vec<F> {
    let builtins = &run.layout.builtins;
    let number = builtins
        .iter()
        .position(|b| Kind::of_builtin(b.builtin) == Some(kind));
    let number = number.expect("Invariant: a builtin's table has a builtin");
    let segment = &builtins[number];
    let first = (segment.base - PUBLIC_BASE) as usize;
    let values = &run.memory[first..first + segment.table_cells() as usize];
    match segment.builtin {
        Builtin::Output => unreachable!("Invariant: output has no table"),
        Builtin::RangeCheck => range_check::trace::fill(segment.base, values, requests),
        Builtin::Poseidon2 => poseidon2_io::trace::fill(segment.base, values, requests),
        Builtin::Muldiv => muldiv::trace::fill(segment.base, values, requests),
        Builtin::State => {
            let used_address = PUBLIC_BASE + 1 + number as u32;
            state::trace::fill(
                segment.base,
                values,
                run.used[number],
                used_address,
                requests,
            )
        }
        Builtin::Schnorr => schnorr::trace::fill(
            segment.base,
            values,
            &run.signatures,
            padding_trace(),
            requests,
        ),
    }
}
