//! Bad witnesses against `leaf`.

use p3_field::PrimeCharacteristicRing;
use zkperp_field::poseidon2::compress;
use zkperp_prover::machine::Kind;
use zkperp_prover::tables::leaf::columns::LeafCols;
use zkperp_stark::F;

use crate::state::{small_tree, three, unchanged_root};
use crate::support::case::{Case, constraint, message};
use crate::support::tree::{DEPTH, leaf, regrown, touched, tree};
use crate::support::witness::Witness;

/// Every case of this table. Its messages on the `state` bus are in `state`'s pairs.
pub(crate) fn cases() -> Vec<Case> {
    let counts = [(0, 2), (1, 2), (2, 2), (0, 3), (1, -4), (2, 100)];
    let twice = counts.into_iter().map(|(row, count)| counted(row, count));
    let old = (0..3).flat_map(|row| [0, 3, 7].map(|felt| other_value(1, row, felt)));
    let new = (0..3).flat_map(|row| [0, 7].map(|felt| other_value(2, row, felt)));
    twice
        .chain(old)
        .chain(new)
        .chain([unreached(), unreached_and_unchanged()])
        .collect()
}

pub(crate) fn patch(w: &mut Witness, row: usize, change: impl FnOnce(&mut LeafCols<F>)) {
    let cells = w.row_mut(Kind::Leaf, row);
    let mut columns = LeafCols::read(cells);
    change(&mut columns);
    columns.write(cells);
}

/// A leaf that counts `count` times in one row and `1 - count` times in another.
fn counted(row: usize, count: i32) -> Case {
    constraint(
        "leaf/is_real: 0 or 1",
        format!(
            "leaf row {row} counts {count} times, and {} times in a row more",
            1 - count
        ),
        "negative counts would send what is received: a leaf would have two histories",
        move || {
            let mut w = Witness::of(&three());
            let twin = w.row(Kind::Leaf, row).to_vec();
            w.last_row_mut(Kind::Leaf).copy_from_slice(&twin);
            let last = w.rows(Kind::Leaf) - 1;
            patch(&mut w, row, |leaf| leaf.is_real = F::from_i32(count));
            patch(&mut w, last, |leaf| leaf.is_real = F::from_i32(1 - count));
            w.settle();
            w
        },
    )
}

/// The accesses are to another value than the digest under the root is of.
fn other_value(number: usize, row: usize, felt: usize) -> Case {
    let side = ["", "old", "new"][number];
    message(
        Kind::Leaf,
        number,
        format!("felt {felt} of leaf row {row} is not the one whose digest the {side} root holds"),
        "the program would read anything, or the new root hold anything",
        move || {
            let mut leaves: Vec<_> = (1..=3)
                .map(|n| touched(4 + n, leaf(n), leaf(10 + n), n))
                .collect();
            let value = if number == 1 {
                &mut leaves[row].old
            } else {
                &mut leaves[row].new
            };
            value[felt] += F::ONE;
            let olds: Vec<_> = leaves.iter().map(|leaf| (leaf.addr, leaf.old)).collect();
            let mut w = Witness::of(&regrown(&three(), &tree(&olds), DEPTH, &leaves));
            patch(&mut w, row, |columns| {
                let value = if number == 1 {
                    &mut columns.old
                } else {
                    &mut columns.new
                };
                value[felt] -= F::ONE;
            });
            w.settle();
            w
        },
    )
}

/// No path leads to the leaves: the tree is untouched.
fn unreached() -> Case {
    message(
        Kind::Leaf,
        0,
        "three leaves are accessed, and the tree has no path to them",
        "the accesses would be to leaves of no tree",
        || {
            let mut w = Witness::of(&three());
            for row in 1..w.rows(Kind::Merkle) {
                w.row_mut(Kind::Merkle, row).fill(F::ZERO);
            }
            unchanged_root(&mut w);
            w.settle();
            w
        },
    )
}

/// A leaf more, read and never written, besides a tree that is right.
fn unreached_and_unchanged() -> Case {
    message(
        Kind::Leaf,
        0,
        "a leaf row that no access and no node belongs to; it receives what it sends",
        "leaves of no tree would pass",
        || {
            let mut w = Witness::of(&regrown(
                &three(),
                &small_tree(),
                DEPTH,
                &[5, 6, 7].map(|key| touched(key, leaf(key - 4), leaf(key + 6), key - 4)),
            ));
            let last = w.rows(Kind::Leaf) - 1;
            patch(&mut w, last, |row| {
                let digest = compress(&leaf(77));
                *row = LeafCols {
                    key: F::from_u32(9),
                    old: leaf(77),
                    new: leaf(77),
                    old_digest: digest,
                    new_digest: digest,
                    last: F::ZERO,
                    is_real: F::ONE,
                };
            });
            w.settle();
            w
        },
    )
    .for_the_checker()
}
