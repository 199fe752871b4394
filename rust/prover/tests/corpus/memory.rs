//! Bad witnesses against `memory`.

use p3_field::PrimeCharacteristicRing;
use zkperp_prover::machine::Kind;
use zkperp_prover::tables::cpu::columns::CpuCols;
use zkperp_prover::tables::memory::columns::{CELLS_PER_ROW, MemoryCols};
use zkperp_stark::F;

use crate::support::base::{FIBONACCI, roomy};
use crate::support::case::{Case, constraint, message};
use crate::support::witness::{Witness, address, place};

/// Every case of this table.
pub(crate) fn cases() -> Vec<Case> {
    let first = [-1, -3, -7].map(shifted);
    let steps = (0..8).map(second_value);
    let jumps = [(20, 4), (40, -1), (60, 1 << 20)].map(|(row, by)| gap(row, by));
    let surplus = (0..CELLS_PER_ROW).flat_map(|cell| [1, 7].map(|count| surplus(cell, count)));
    first
        .into_iter()
        .chain(steps)
        .chain(jumps)
        .chain(surplus)
        .collect()
}

/// All addresses shifted, contents with them; nothing that is read leaves the table.
fn shifted(by: i32) -> Case {
    constraint(
        "memory/first: addresses start at 1",
        format!("the first row's address is {}", 1 + by),
        "addresses of no cell would exist: 0, or p - 1",
        move || {
            let mut w = roomy(&FIBONACCI);
            let n = MemoryCols::numbers();
            let cells: Vec<F> = (0..w.rows(Kind::Memory))
                .flat_map(|row| n.values.map(|value| w.row(Kind::Memory, row)[value]))
                .collect();
            for row in 0..w.rows(Kind::Memory) {
                let columns = w.row_mut(Kind::Memory, row);
                columns[n.address] += F::from_i32(by);
                for (i, value) in n.values.into_iter().enumerate() {
                    let from = (row * CELLS_PER_ROW + i).checked_add_signed(by as isize);
                    columns[value] = from.and_then(|i| cells.get(i)).copied().unwrap_or(F::ZERO);
                }
            }
            w.settle();
            w
        },
    )
}

/// A padding row claims the addresses of a row in use, with another value that one step reads.
fn second_value(seed: usize) -> Case {
    constraint(
        "memory/step: the next row holds the next four addresses",
        format!("an address has a second value, number {seed}, in the last row"),
        "a cell would have two values, and every reader its choice",
        move || {
            let mut w = roomy(&FIBONACCI);
            let n = CpuCols::numbers();
            // __end__ reads [fp - 1] and uses it for nothing.
            let step = w.rows(Kind::Cpu) - 2 - seed;
            let fp = address(w.row(Kind::Cpu, step)[n.fp]);
            let (row, cell) = place(fp - 1);
            let mut twin = w.row(Kind::Memory, row).to_vec();
            let other = F::from_usize(1000 + seed);
            twin[MemoryCols::numbers().values[cell]] = other;
            w.last_row_mut(Kind::Memory).copy_from_slice(&twin);
            w.row_mut(Kind::Cpu, step)[n.dst] = other;
            w.settle();
            w
        },
    )
}

/// Addresses jump between two rows that nobody reads.
fn gap(row: usize, by: i64) -> Case {
    constraint(
        "memory/step: the next row holds the next four addresses",
        format!("addresses jump by {by} before row {row} from the end"),
        "addresses could repeat, or not exist",
        move || {
            let mut w = roomy(&FIBONACCI);
            let n = MemoryCols::numbers();
            let rows = w.rows(Kind::Memory);
            for number in rows - row.min(40)..rows {
                let columns = w.row_mut(Kind::Memory, number);
                columns[n.address] += F::from_i64(by);
            }
            w.settle();
            w
        },
    )
}

/// A cell that nobody reads is provided.
fn surplus(cell: usize, count: u32) -> Case {
    message(
        Kind::Memory,
        cell,
        format!("cell {cell} of the last row is provided {count} times and never asked for"),
        "a lookup balances exactly, or it says nothing",
        move || {
            let mut w = roomy(&FIBONACCI);
            let column = MemoryCols::numbers().counts[cell];
            w.last_row_mut(Kind::Memory)[column] = F::from_u32(count);
            w
        },
    )
}

#[test]
fn the_base_is_accepted() {
    let report = Witness::report(&roomy(&FIBONACCI));
    assert!(report.is_clean(), "{:?}", report.labels());
}
