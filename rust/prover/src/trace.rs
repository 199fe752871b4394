//! Fills all tables from a run: providers last, once it is known what they are asked for.

use std::sync::Arc;

use zkperp_field::F;
use zkperp_vm::layout::{BuiltinSegment, MIN_LOG_ROWS};
use zkperp_vm::relocate::Run;

use crate::geometry::Geometry;
use crate::machine::{Kind, kinds};
use crate::tables::memory::columns::CELLS_PER_ROW;
use crate::tables::program::columns::WORDS;
use crate::tables::{
    cpu, memory, muldiv, poseidon2, poseidon2_io, program, public, range_check, range16,
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
///
/// The permutations are those of the program digest and of the hash builtin's segment.
#[must_use]
pub fn heights(run: &Run) -> Vec<usize> {
    let layout = &run.layout;
    let blocks = (layout.program_len as usize).div_ceil(WORDS);
    let hashes = |b: &BuiltinSegment| match Kind::of_builtin(b.builtin) {
        Some(Kind::Poseidon2Io) => 1 << b.log_rows,
        _ => 0,
    };
    let permutations = blocks + layout.builtins.iter().map(hashes).sum::<usize>();
    let builtins = layout
        .builtins
        .iter()
        .filter(|b| Kind::of_builtin(b.builtin).is_some())
        .map(|b| b.log_rows);
    [
        log_height(run.steps.len()),
        log_height(blocks),
        log_height(run.memory.len().div_ceil(CELLS_PER_ROW)),
        range16::columns::LOG_ROWS,
        log_height(permutations),
        layout.log_public,
    ]
    .into_iter()
    .chain(builtins)
    .collect()
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
    requests.memory(crate::geometry::final_ap_address());
    let words = program::trace::fill(run, &steps.executed, height(Kind::Program), &mut requests);
    let values = public::trace::fill(&geometry, &run.public, &mut requests);
    let builtins: Vec<Vec<F>> = geometry
        .builtins
        .iter()
        .filter_map(|segment| fill_builtin(run, segment, &mut requests))
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

fn fill_builtin(run: &Run, segment: &BuiltinSegment, requests: &mut Requests) -> Option<Vec<F>> {
    let first = segment.base as usize - 1;
    let values = || &run.memory[first..first + segment.table_cells() as usize];
    match Kind::of_builtin(segment.builtin)? {
        Kind::RangeCheck => Some(range_check::trace::fill(segment.base, values(), requests)),
        Kind::Poseidon2Io => Some(poseidon2_io::trace::fill(segment.base, values(), requests)),
        Kind::MulDiv => Some(muldiv::trace::fill(segment.base, values(), requests)),
        _ => unreachable!("Invariant: the core tables are no builtins"),
    }
}
