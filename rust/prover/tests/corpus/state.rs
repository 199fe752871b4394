//! Bad witnesses against `state`.

use std::collections::HashMap;

use p3_field::PrimeCharacteristicRing;
use zkperp_prover::geometry::roots_address;
use zkperp_prover::machine::Kind;
use zkperp_prover::tables::leaf::columns::LeafCols;
use zkperp_prover::tables::merkle::columns::MerkleCols;
use zkperp_prover::tables::state::columns::{CELLS, LEAF, StateCols};
use zkperp_stark::F;
use zkperp_tree::Tree;
use zkperp_vm::builtins::Builtin;
use zkperp_vm::relocate::Run;

use crate::support::case::{Case, constraint, message, messages};
use crate::support::tree::{DEPTH, accesses, leaf, regrown, touched, tree};
use crate::support::witness::Witness;

/// Numbers of the messages that receive and send a leaf's value.
pub(crate) const RECEIVE: usize = 3 + CELLS;
pub(crate) const SEND: usize = RECEIVE + 1;

/// Every case of this table.
pub(crate) fn cases() -> Vec<Case> {
    let bound = (0..CELLS).map(|cell| {
        message(
            Kind::State,
            3 + cell,
            format!("cell {cell} of an access is not what memory holds"),
            "the program would read or write something else than the state has",
            move || {
                let mut w = Witness::of(&three());
                let first = last_instance(&w);
                *w.memory(first + cell as u32) += F::ONE;
                w.settle();
                w
            },
        )
    });
    let skipped = [skip_first(), skip_second()];
    [extent(), order(), histories()]
        .into_iter()
        .flatten()
        .chain(skipped)
        .chain(bound)
        .collect()
}

/// A tree in which leaves 5, 6 and 7 hold numbers 1, 2 and 3.
#[must_use]
pub(crate) fn small_tree() -> Tree {
    tree(&[(5, leaf(1)), (6, leaf(2)), (7, leaf(3))])
}

/// The run that writes numbers 11, 12 and 13 to leaves 5, 6 and 7.
#[must_use]
pub(crate) fn three() -> Run {
    accesses(
        &small_tree(),
        &[(5, leaf(11)), (6, leaf(12)), (7, leaf(13))],
    )
}

/// The same run over a tree in which only some of the three leaves are touched.
pub(crate) fn touching(keys: &[u64]) -> Run {
    let all = keys.iter().map(|&key| {
        let number = key - 4;
        touched(key, leaf(number), leaf(10 + number), number)
    });
    regrown(&three(), &small_tree(), DEPTH, &all.collect::<Vec<_>>())
}

/// Address of the first access.
fn base(w: &Witness) -> u32 {
    w.geometry.segment(Builtin::State).expect("a state").base
}

fn last_instance(w: &Witness) -> u32 {
    base(w) + ((w.rows(Kind::State) - 1) * CELLS) as u32
}

pub(crate) fn patch(w: &mut Witness, row: usize, change: impl FnOnce(&mut StateCols<F>)) {
    let cells = w.row_mut(Kind::State, row);
    let mut columns = StateCols::read(cells);
    change(&mut columns);
    columns.write(cells);
}

/// Fills the table anew from memory: row i stands for access `number(i)` (from 0), the first
/// `real` rows count, and all know `used`.
fn refill(w: &mut Witness, number: impl Fn(usize) -> usize, real: usize, used: u32) {
    let base = base(w);
    let mut last: HashMap<F, usize> = HashMap::new();
    for row in 0..w.rows(Kind::State) {
        let number = number(row);
        let address = base + (number * CELLS) as u32;
        let cells: [F; CELLS] = std::array::from_fn(|i| *w.memory(address + i as u32));
        let (key, time, is_real) = (cells[0], number + 1, row < real);
        let previous = if is_real {
            last.insert(key, time).unwrap_or(0)
        } else {
            0
        };
        let gap = if is_real { time - previous - 1 } else { 0 };
        patch(w, row, |row| {
            *row = StateCols {
                address: F::from_u32(address),
                key,
                old: std::array::from_fn(|i| cells[1 + i]),
                new: std::array::from_fn(|i| cells[1 + LEAF + i]),
                previous: F::from_usize(previous),
                gap: [F::from_usize(gap), F::ZERO],
                is_real: F::from_bool(is_real),
                used: F::from_u32(used),
            };
        });
    }
    w.settle();
}

/// Takes the tree away: the root stays as it is, and no node or leaf is touched.
pub(crate) fn untouch(w: &mut Witness) {
    for row in 0..w.rows(Kind::Leaf) {
        w.row_mut(Kind::Leaf, row).fill(F::ZERO);
    }
    for row in 1..w.rows(Kind::Merkle) {
        w.row_mut(Kind::Merkle, row).fill(F::ZERO);
    }
    unchanged_root(w);
}

/// Makes the root row one of no touched child, and claims that the root stays.
pub(crate) fn unchanged_root(w: &mut Witness) {
    let cells = w.row_mut(Kind::Merkle, 0);
    let mut root = MerkleCols::read(cells);
    root.new = root.old;
    root.children_new = root.children_old;
    root.touched = [F::ZERO; 2];
    root.write(cells);
    let first = roots_address(&w.geometry) as usize - 1;
    for (lane, value) in root.old.into_iter().enumerate() {
        w.set_public(first + 4 + lane, value);
    }
}

fn skip_first() -> Case {
    constraint(
        "state/first: the first row is the segment's first instance",
        "the table starts at the second access",
        "the first access would read anything",
        || {
            let mut w = Witness::of(&touching(&[6, 7]));
            refill(&mut w, |row| row + 1, 2, 3);
            w
        },
    )
}

fn skip_second() -> Case {
    constraint(
        "state/step: seventeen cells a row",
        "the second access has no row",
        "an access would read anything",
        || {
            let mut w = Witness::of(&touching(&[5, 7]));
            refill(&mut w, |row| if row == 0 { 0 } else { row + 1 }, 2, 3);
            w
        },
    )
}

fn extent() -> Vec<Case> {
    let dropped = "accesses of the program would not count: they would read anything";
    vec![
        constraint(
            "state/used: every row knows the number used",
            "the first row knows that three are used, the others say two",
            dropped,
            || {
                let mut w = Witness::of(&touching(&[5, 6]));
                refill(&mut w, |row| row, 2, 2);
                patch(&mut w, 0, |row| row.used = F::from_u32(3));
                w.settle();
                w
            },
        ),
        constraint(
            "state/none: no real row only if none is used",
            "three accesses are used, none counts",
            dropped,
            || {
                let mut w = Witness::of(&three());
                untouch(&mut w);
                refill(&mut w, |row| row, 0, 3);
                w
            },
        ),
        constraint(
            "state/end: real rows end behind the last instance used",
            "three accesses are used, the first one counts",
            dropped,
            || {
                let mut w = Witness::of(&touching(&[5]));
                refill(&mut w, |row| row, 1, 3);
                w
            },
        ),
        constraint(
            "state/end: real rows end behind the last instance used",
            "three accesses are used, the first two count",
            dropped,
            || {
                let mut w = Witness::of(&touching(&[5, 6]));
                refill(&mut w, |row| row, 2, 3);
                w
            },
        ),
        constraint(
            "state/last_end: a full table ends there too",
            "three accesses are used, all of the table's count",
            "the state would change by accesses that the program never made",
            more_than_used,
        ),
        message(
            Kind::State,
            0,
            "all rows say that two accesses are used, the statement says three",
            dropped,
            || {
                let mut w = Witness::of(&touching(&[5, 6]));
                refill(&mut w, |row| row, 2, 2);
                w
            },
        ),
    ]
}

/// Behind the three accesses of the program, 61 of the prover's: the last one writes number 99.
fn more_than_used() -> Witness {
    let run = three();
    let segment = *run.layout.segment(Builtin::State).expect("a state");
    let leaves = [
        touched(5, leaf(1), leaf(99), 64),
        touched(6, leaf(2), leaf(12), 2),
        touched(7, leaf(3), leaf(13), 3),
    ];
    let mut run = regrown(&run, &small_tree(), DEPTH, &leaves);
    for number in 3..64 {
        let new = if number == 63 { leaf(99) } else { leaf(11) };
        let access = std::iter::once(F::from_u32(5)).chain(leaf(11)).chain(new);
        let first = segment.base as usize - 1 + number * CELLS;
        run.memory.splice(first..first + CELLS, access);
    }
    let mut w = Witness::of(&run);
    refill(&mut w, |row| row, 64, 3);
    w
}

/// Two accesses to leaf 5 that leave number 1 in it.
pub(crate) fn two_reads() -> Run {
    accesses(&small_tree(), &[(5, leaf(1)), (5, leaf(1))])
}

/// The two reads in the wrong order: the first one sees what the second one leaves.
fn reversed(gap: [F; 2]) -> Witness {
    let leaves = [touched(5, leaf(1), leaf(1), 1)];
    let mut w = Witness::of(&regrown(&two_reads(), &small_tree(), DEPTH, &leaves));
    patch(&mut w, 0, |row| (row.previous, row.gap) = (F::TWO, gap));
    patch(&mut w, 1, |row| {
        (row.previous, row.gap) = (F::ZERO, [F::ONE, F::ZERO])
    });
    w.settle();
    w
}

/// An access that receives what it sends itself, of a leaf that the tree doesn't hold.
fn of_itself(gap: [F; 2]) -> Witness {
    let with = accesses(&small_tree(), &[(5, leaf(1)), (6, leaf(12))]);
    let without = tree(&[(6, leaf(2)), (7, leaf(3))]);
    let leaves = [touched(6, leaf(2), leaf(12), 2)];
    let mut w = Witness::of(&regrown(&with, &without, DEPTH, &leaves));
    patch(&mut w, 0, |row| (row.previous, row.gap) = (F::ONE, gap));
    w.settle();
    w
}

fn order() -> Vec<Case> {
    let label = "state/order: the previous access is earlier";
    let future = "an access would read what a later one writes";
    let nothing = "an access would read anything, in a circle of its own";
    // -1 and -2 in limbs, the first or the second of which is no 16-bit integer.
    let bad = |which: usize, size: u32| match which {
        0 => [-F::from_u32(size), F::ZERO],
        _ => [F::from_u32((1 << 16) - size), F::NEG_ONE],
    };
    let mut cases = vec![
        constraint(
            label,
            "the first of two accesses reads from the second",
            future,
            || reversed([F::ZERO; 2]),
        ),
        constraint(label, "an access reads from itself", nothing, || {
            of_itself([F::ZERO; 2])
        }),
    ];
    for which in 0..2 {
        let limb = ["low", "high"][which];
        cases.push(message(
            Kind::State,
            1 + which,
            format!(
                "the first of two accesses reads from the second: the {limb} limb of -2 is bad"
            ),
            future,
            move || reversed(bad(which, 2)),
        ));
        cases.push(message(
            Kind::State,
            1 + which,
            format!("an access reads from itself: the {limb} limb of -1 is bad"),
            nothing,
            move || of_itself(bad(which, 1)),
        ));
    }
    cases
}

/// Values that go over to another history of a leaf. A send that nobody receives and a receive that
/// nobody sends come together, since both are counted by the same flags.
fn histories() -> Vec<Case> {
    let first = [(Kind::Leaf, 3), (Kind::State, RECEIVE)];
    let last = [(Kind::State, SEND), (Kind::Leaf, 4)];
    let between = [(Kind::State, RECEIVE), (Kind::State, SEND)];
    let values = [(5, 0), (6, 1), (7, 2)];
    let olds = values.map(|(key, row)| {
        messages(
            first,
            format!("the first access to leaf {key} reads a value that the old root doesn't hold"),
            "the program would read anything",
            move || {
                let mut leaves: Vec<_> = (1..=3)
                    .map(|n| touched(4 + n, leaf(n), leaf(10 + n), n))
                    .collect();
                leaves[row].old = leaf(50);
                let changed = tree(&[5, 6, 7].map(|key| (key, leaves[key as usize - 5].old)));
                let mut w = Witness::of(&regrown(&three(), &changed, DEPTH, &leaves));
                w.settle();
                w
            },
        )
    });
    let news = values.map(|(key, row)| {
        messages(
            last,
            format!("the last value of leaf {key} is not what the new root holds"),
            "the new root would be the prover's choice",
            move || {
                let mut leaves: Vec<_> = (1..=3)
                    .map(|n| touched(4 + n, leaf(n), leaf(10 + n), n))
                    .collect();
                leaves[row].new = leaf(50);
                let mut w = Witness::of(&regrown(&three(), &small_tree(), DEPTH, &leaves));
                w.settle();
                w
            },
        )
    });
    let rest = [
        messages(
            last,
            "a leaf's history ends with an access that there isn't",
            "the last access would not be the one whose value the new root holds",
            || {
                let mut w = Witness::of(&three());
                let last = LeafCols::numbers().last;
                w.row_mut(Kind::Leaf, 0)[last] = F::from_u32(9);
                w
            },
        ),
        messages(
            between,
            "two histories of one leaf: the second access starts from the old root again",
            "a value could be spent twice",
            || {
                let updates = [(5, leaf(11)), (5, leaf(12))];
                let mut w = Witness::of(&accesses(&small_tree(), &updates));
                patch(&mut w, 1, |row| {
                    (row.previous, row.gap) = (F::ZERO, [F::ONE, F::ZERO])
                });
                w.settle();
                w
            },
        )
        .for_the_checker(),
    ];
    olds.into_iter().chain(news).chain(rest).collect()
}

#[test]
fn the_bases_are_accepted() {
    for run in [three(), two_reads(), touching(&[5, 6, 7])] {
        let mut w = Witness::of(&run);
        assert!(w.report().is_clean(), "{:?}", w.report());
        w.settle();
        assert!(w.report().is_clean(), "{:?}", w.report());
        let used = w.public[2];
        let real = crate::support::witness::address(used);
        refill(&mut w, |row| row, real as usize, real);
        assert!(w.report().is_clean(), "{:?}", w.report());
    }
}
