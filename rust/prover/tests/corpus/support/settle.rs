//! Counts of the prover's choice: whatever is asked for and can be provided, is provided as often
//! as it is asked for. What a cheating prover would do after each change.

use std::collections::HashMap;

use p3_field::{Field, PrimeCharacteristicRing, PrimeField64};
use zkperp_prover::buses::Bus;
use zkperp_prover::check::{Origin, Part};
use zkperp_prover::machine::Kind;
use zkperp_prover::tables::cpu::columns::Selectors;
use zkperp_prover::tables::memory::columns::{CELLS_PER_ROW, MemoryCols};
use zkperp_prover::tables::poseidon2::columns::Poseidon2Cols;
use zkperp_prover::tables::poseidon2::trace::fill;
use zkperp_prover::tables::program::columns::{ProgramCols, WORDS, WordCols};
use zkperp_prover::tables::program::flags::selectors;
use zkperp_prover::tables::range16::columns::Range16Cols;
use zkperp_prover::tables::schnorr_sum::columns::{ROWS, SumCols};
use zkperp_stark::F;

use super::witness::Witness;

/// A provider's count: table, row, column, and what the count is multiplied by.
type Place = (Kind, usize, usize, F);

/// Every tuple that some row can provide.
type Providers = HashMap<(&'static str, Vec<u64>), Place>;

impl Witness {
    /// Balances the buses by the providers' counts, as far as that goes; permutations that are
    /// asked for and true get a row of their own.
    pub(crate) fn settle(&mut self) {
        self.settle_but(|_| false);
    }

    /// The same for a machine without `parts`: what only they ask for is not provided.
    pub(crate) fn settle_without(&mut self, parts: &[Part]) {
        self.settle_but(|origin| parts.contains(&Part::Message(origin.table, origin.message)));
    }

    fn settle_but(&mut self, left_out: impl Fn(&Origin) -> bool) {
        let mut providers = self.take_counts();
        let asked = self.report().imbalances;
        let mut free = self.find(Kind::Poseidon2, |row| {
            let n = Poseidon2Cols::numbers();
            row[n.input[0]..n.input[0] + 8]
                .iter()
                .all(|x| *x == F::ZERO)
        });
        // The last of them provides the permutation of zero, should anyone ask for it.
        free.reverse();
        for request in asked {
            let key = (request.bus, request.tuple);
            let counts = request
                .origins
                .iter()
                .filter(|(origin, _)| !left_out(origin));
            let total: F = counts.map(|(_, count)| *count).sum();
            if total == F::ZERO {
                continue;
            }
            if !providers.contains_key(&key) && is_true_permutation(&key) {
                let input = std::array::from_fn(|i| F::from_u64(key.1[i]));
                let row = free.pop().expect("a padding row for one more permutation");
                self.row_mut(Kind::Poseidon2, row)
                    .copy_from_slice(&fill(&[input], &[], 0));
                let n = Poseidon2Cols::numbers();
                self.row_mut(Kind::Poseidon2, row)[n.permutations] = F::ZERO;
                for (key, place) in permutation_tuples(self.row(Kind::Poseidon2, row), row) {
                    providers.insert(key, place);
                }
            }
            if let Some(&(kind, row, column, factor)) = providers.get(&key) {
                self.row_mut(kind, row)[column] = total * factor.inverse();
            }
        }
    }

    /// Sets all counts to zero and lists who can provide what.
    fn take_counts(&mut self) -> Providers {
        let mut providers = Providers::new();
        let n = MemoryCols::numbers();
        for row in 0..self.rows(Kind::Memory) {
            let cells = self.row_mut(Kind::Memory, row);
            for cell in 0..CELLS_PER_ROW {
                let address = cells[n.address] + F::from_usize(cell);
                let key = tuple(Bus::Memory, [address, cells[n.values[cell]]]);
                providers.insert(key, (Kind::Memory, row, n.counts[cell], F::ONE));
                cells[n.counts[cell]] = F::ZERO;
            }
        }
        let n = Range16Cols::numbers();
        for row in 0..self.rows(Kind::Range16) {
            let cells = self.row_mut(Kind::Range16, row);
            let key = tuple(Bus::Range16, [cells[n.value]]);
            providers.insert(key, (Kind::Range16, row, n.count, F::ONE));
            cells[n.count] = F::ZERO;
        }
        for row in 0..self.rows(Kind::Poseidon2) {
            let n = Poseidon2Cols::numbers();
            let cells = self.row_mut(Kind::Poseidon2, row);
            cells[n.permutations] = F::ZERO;
            cells[n.compressions] = F::ZERO;
            providers.extend(permutation_tuples(cells, row));
        }
        for row in 0..self.rows(Kind::Program) {
            let cells = self.row_mut(Kind::Program, row);
            providers.extend(decoded_tuples(cells, row));
        }
        if self.has(Kind::SchnorrSum) {
            let n = SumCols::numbers();
            for row in (0..self.rows(Kind::SchnorrSum)).step_by(ROWS) {
                let cells = self.row_mut(Kind::SchnorrSum, row);
                let columns = [&n.key_x[..], &n.key_y, &n.total_x, &n.total_y].concat();
                let columns = columns.into_iter().chain([n.half, n.upper]);
                let key = tuple(Bus::SchnorrSum, columns.map(|column| cells[column]));
                providers.insert(key, (Kind::SchnorrSum, row, n.count, F::ONE));
                cells[n.count] = F::ZERO;
            }
        }
        providers
    }
}

fn tuple(bus: Bus, values: impl IntoIterator<Item = F>) -> (&'static str, Vec<u64>) {
    let values = values.into_iter().map(|v| v.as_canonical_u64());
    (bus.name(), values.collect())
}

fn permutation_tuples(cells: &[F], row: usize) -> [((&'static str, Vec<u64>), Place); 2] {
    let n = Poseidon2Cols::numbers();
    let cols = Poseidon2Cols::<F>::read(cells);
    let output = cols.last_rounds[cols.last_rounds.len() - 1];
    let digest = (0..4).map(|i| output[i] + cols.input[i]);
    let place = |column| (Kind::Poseidon2, row, column, F::ONE);
    [
        (
            tuple(Bus::Poseidon2, cols.input.into_iter().chain(output)),
            place(n.permutations),
        ),
        (
            tuple(Bus::Compress, cols.input.into_iter().chain(digest)),
            place(n.compressions),
        ),
    ]
}

/// Whether a tuple of the permutation's buses is one that an honest row would provide.
fn is_true_permutation((bus, tuple): &(&'static str, Vec<u64>)) -> bool {
    if *bus != Bus::Poseidon2.name() && *bus != Bus::Compress.name() {
        return false;
    }
    let input = std::array::from_fn(|i| F::from_u64(tuple[i]));
    let row = fill(&[input], &[], 0);
    permutation_tuples(&row, 0)
        .iter()
        .any(|((b, t), _)| (b, t) == (bus, tuple))
}

fn decoded_tuples(cells: &mut [F], row: usize) -> Vec<((&'static str, Vec<u64>), Place)> {
    let n = ProgramCols::numbers();
    let mut providers = vec![];
    for i in 0..WORDS {
        let pc = cells[n.pc] + F::from_usize(i);
        let word = WordCols::<F>::read(&cells[n.words[i].word..]);
        let count = n.words[i].count;
        cells[count] = F::ZERO;
        if word.is_instruction != F::ZERO {
            let mut does = [F::ZERO; Selectors::<F>::WIDTH];
            selectors(|flag| word.flags[flag]).write(&mut does);
            let decoded = [pc].into_iter().chain(word.offsets).chain(does);
            let place = (Kind::Program, row, count, word.is_instruction);
            providers.push((tuple(Bus::Decoded, decoded), place));
        }
    }
    providers
}
