//! A filled machine whose cells can be changed by name.

use std::sync::Arc;

use p3_field::{PrimeCharacteristicRing, PrimeField64};
use zkperp_field::poseidon2::{permute, sponge_start};
use zkperp_prover::check::{Report, check};
use zkperp_prover::geometry::{Geometry, program_digest_address};
use zkperp_prover::machine::{Kind, Table, kinds, tables};
use zkperp_prover::tables::memory::columns::{CELLS_PER_ROW, MemoryCols};
use zkperp_prover::tables::program::columns::{ProgramCols, WORDS};
use zkperp_prover::tables::public::columns::PublicCols;
use zkperp_prover::trace::{Trace, fill, fill_at};
use zkperp_stark::F;
use zkperp_vm::digest::PROGRAM_DOMAIN;
use zkperp_vm::relocate::Run;

/// All tables of a run, and the public column that it claims.
#[derive(Clone, Debug)]
pub(crate) struct Witness {
    /// Where everything lies.
    pub(crate) geometry: Arc<Geometry>,
    /// The claimed public column.
    pub(crate) public: Vec<F>,
    /// Log2 of each table's rows.
    pub(crate) log_rows: Vec<usize>,
    kinds: Vec<Kind>,
    cells: Vec<Vec<F>>,
}

impl From<Trace> for Witness {
    fn from(trace: Trace) -> Self {
        Self {
            kinds: kinds(&trace.geometry),
            geometry: trace.geometry,
            public: trace.public,
            log_rows: trace.log_rows,
            cells: trace.cells,
        }
    }
}

impl Witness {
    /// A run's tables at the least heights.
    #[must_use]
    pub(crate) fn of(run: &Run) -> Self {
        fill(run).into()
    }

    /// A run's tables, one of them taller than needed.
    #[must_use]
    pub(crate) fn taller(run: &Run, kind: Kind, log_rows: usize) -> Self {
        let mut heights = zkperp_prover::trace::heights(run);
        let table = kinds(&run.layout).iter().position(|k| *k == kind);
        heights[table.expect("the program has this table")] = log_rows;
        fill_at(run, heights).into()
    }

    /// The machine's tables for this witness's public column.
    #[must_use]
    pub(crate) fn tables(&self) -> Vec<Table> {
        tables(&self.geometry, &self.public)
    }

    /// What the whole machine finds wrong.
    #[must_use]
    pub(crate) fn report(&self) -> Report {
        check(&self.tables(), &self.cells)
    }

    /// The cells of all tables, row-major, in the machine's order.
    #[must_use]
    pub(crate) fn all_cells(&self) -> &[Vec<F>] {
        &self.cells
    }

    fn table(&self, kind: Kind) -> usize {
        let table = self.kinds.iter().position(|k| *k == kind);
        table.expect("the program has this table")
    }

    /// Whether the program has this table.
    #[must_use]
    pub(crate) fn has(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }

    /// Number of rows of a table.
    #[must_use]
    pub(crate) fn rows(&self, kind: Kind) -> usize {
        1 << self.log_rows[self.table(kind)]
    }

    /// A row of a table.
    #[must_use]
    pub(crate) fn row(&self, kind: Kind, row: usize) -> &[F] {
        &self.cells[self.table(kind)][row * kind.width()..][..kind.width()]
    }

    /// A row of a table, to change.
    pub(crate) fn row_mut(&mut self, kind: Kind, row: usize) -> &mut [F] {
        let table = self.table(kind);
        &mut self.cells[table][row * kind.width()..][..kind.width()]
    }

    /// A table's last row.
    pub(crate) fn last_row_mut(&mut self, kind: Kind) -> &mut [F] {
        let last = self.rows(kind) - 1;
        self.row_mut(kind, last)
    }

    /// The rows of a table that satisfy `test`.
    #[must_use]
    pub(crate) fn find(&self, kind: Kind, test: impl Fn(&[F]) -> bool) -> Vec<usize> {
        let rows = 0..self.rows(kind);
        rows.filter(|&row| test(self.row(kind, row))).collect()
    }

    /// Drops the upper half of a table.
    pub(crate) fn halve(&mut self, kind: Kind) {
        let table = self.table(kind);
        self.log_rows[table] -= 1;
        let half = self.cells[table].len() / 2;
        self.cells[table].truncate(half);
    }

    /// A memory cell's value.
    pub(crate) fn memory(&mut self, address: u32) -> &mut F {
        let (row, cell) = place(address);
        let column = MemoryCols::numbers().values[cell];
        &mut self.row_mut(Kind::Memory, row)[column]
    }

    /// Puts a value of the prover's choice at a memory address.
    pub(crate) fn set_memory(&mut self, address: u32, value: u64) {
        *self.memory(address) = F::from_u64(value);
    }

    /// Claims another public value, in the column, the `public` table and memory alike.
    pub(crate) fn set_public(&mut self, index: usize, value: F) {
        self.public[index] = value;
        let n = PublicCols::numbers();
        self.row_mut(Kind::Public, index)[n.value] = value;
        if index == 0 {
            for row in 0..self.rows(Kind::Public) {
                self.row_mut(Kind::Public, row)[n.final_ap] = value;
            }
        }
        *self.memory(1 + index as u32) = value;
    }

    /// Claims the digest that the `program` table's sponge ends with.
    fn claim_digest(&mut self, digest: &[F]) {
        let at = (program_digest_address(&self.geometry) - 1) as usize;
        for (lane, value) in digest.iter().enumerate() {
            self.set_public(at + lane, *value);
        }
    }

    /// Runs the program digest's sponge again over the table's words, and claims its end.
    pub(crate) fn absorb_again(&mut self) {
        self.absorb_with(|_, _| {});
    }

    /// The same, with `twist(row, state)` applied to each block's state before the permutation.
    pub(crate) fn absorb_with(&mut self, twist: impl Fn(usize, &mut [F; 8])) {
        let length = u64::from(self.geometry.program_len);
        let mut state = sponge_start(PROGRAM_DOMAIN, length);
        for number in 0..self.rows(Kind::Program) {
            let cells = self.row_mut(Kind::Program, number);
            let mut row = ProgramCols::<F>::read(cells);
            if row.words[0].is_real == F::ONE {
                (0..WORDS).for_each(|i| state[i] += row.words[i].word);
                twist(number, &mut state);
                row.state_in = state;
                permute(&mut state);
            }
            row.state_out = state;
            row.write(cells);
        }
        self.claim_digest(&state[..4]);
    }
}

/// Row and position of an address in the `memory` table.
#[must_use]
pub(crate) fn place(address: u32) -> (usize, usize) {
    let index = address as usize - 1;
    (index / CELLS_PER_ROW, index % CELLS_PER_ROW)
}

/// A field element as an address.
#[must_use]
pub(crate) fn address(value: F) -> u32 {
    u32::try_from(value.as_canonical_u64()).expect("an address is small")
}
