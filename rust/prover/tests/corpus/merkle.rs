//! Bad witnesses against `merkle`.

use p3_field::{Field, PrimeCharacteristicRing};
use zkperp_field::poseidon2::compress;
use zkperp_prover::geometry::roots_address;
use zkperp_prover::machine::Kind;
use zkperp_prover::tables::leaf::columns::LeafCols;
use zkperp_prover::tables::merkle::columns::MerkleCols;
use zkperp_stark::F;
use zkperp_tree::{EMPTY_LEAF, empty_digest};

use crate::leaf;
use crate::state::{self, small_tree, three, touching, two_reads, unchanged_root};
use crate::support::case::{Case, constraint, message};
use crate::support::tree::{DEPTH, accesses, deep_tree, leaf as number, regrown, touched, tree};
use crate::support::witness::Witness;

/// Every case of this table.
pub(crate) fn cases() -> Vec<Case> {
    let roots = (0..8).map(|lane| {
        message(
            Kind::Merkle,
            lane,
            format!("lane {lane} of the claimed roots is another one"),
            "the proof would be about another state",
            move || {
                let mut w = Witness::of(&three());
                let at = roots_address(&w.geometry) as usize - 1 + lane;
                let claimed = w.public[at] + F::ONE;
                w.set_public(at, claimed);
                w.settle();
                w
            },
        )
    });
    let digests = [0, 1]
        .into_iter()
        .flat_map(|side| [5, 6, 7].map(|key| other_child(side, key)));
    let unsent = [unreceived(0), unreceived(1), disconnected()];
    roots
        .chain(root())
        .chain(flags())
        .chain(frontier())
        .chain(digests)
        .chain(unsent)
        .collect()
}

fn patch(w: &mut Witness, row: usize, change: impl FnOnce(&mut MerkleCols<F>)) {
    let cells = w.row_mut(Kind::Merkle, row);
    let mut columns = MerkleCols::read(cells);
    change(&mut columns);
    columns.write(cells);
}

/// The row of a node.
fn node(w: &Witness, level: u32, index: u64) -> usize {
    let n = MerkleCols::numbers();
    let rows = w.find(Kind::Merkle, |row| {
        row[n.is_real] == F::ONE
            && row[n.level] == F::from_u32(level)
            && row[n.index] == F::from_u64(index)
    });
    assert_eq!(rows.len(), 1, "one row a node");
    rows[0]
}

/// The row of a touched leaf.
fn leaf_row(w: &Witness, key: u64) -> usize {
    let n = LeafCols::numbers();
    let rows = w.find(Kind::Leaf, |row| {
        row[n.is_real] == F::ONE && row[n.key] == F::from_u64(key)
    });
    rows[0]
}

fn root() -> Vec<Case> {
    vec![
        constraint(
            "merkle/root_level: the first row is the root",
            "the tree is one of depth 39",
            "an inner digest of the state's tree would pass for its root, and so for a leaf's path",
            || {
                let leaves = [(5, number(1)), (6, number(2)), (7, number(3))];
                let shallow = deep_tree(DEPTH - 1, &leaves);
                let leaves: Vec<_> = (1..=3)
                    .map(|n| touched(4 + n, number(n), number(10 + n), n))
                    .collect();
                Witness::of(&regrown(&three(), &shallow, DEPTH - 1, &leaves))
            },
        ),
        constraint(
            "merkle/root_index: the first row is the root",
            "the root has the number that makes leaf 5 leaf 6",
            "a leaf would stand for any other",
            || {
                let run = accesses(&tree(&[(6, number(1))]), &[(6, number(11))]);
                let other = tree(&[(5, number(1))]);
                let leaves = [touched(5, number(1), number(11), 1)];
                let mut w = Witness::of(&regrown(&run, &other, DEPTH, &leaves));
                let root = F::from_u64(1 << DEPTH).inverse();
                for row in 0..DEPTH as usize {
                    patch(&mut w, row, |node| {
                        node.index += root * F::from_u64(1 << row);
                    });
                }
                let row = leaf_row(&w, 5);
                leaf::patch(&mut w, row, |leaf| leaf.key += F::ONE);
                w.settle();
                w
            },
        ),
        constraint(
            "merkle/root_real: the root is there",
            "the first row is padding that sends the root to the second",
            "a count of -1 would send what is received",
            || {
                let mut w = Witness::of(&three());
                for row in (1..w.rows(Kind::Merkle)).rev() {
                    let above = w.row(Kind::Merkle, row - 1).to_vec();
                    w.row_mut(Kind::Merkle, row).copy_from_slice(&above);
                }
                patch(&mut w, 0, |row| {
                    (row.is_real, row.touched) = (F::ZERO, [F::ZERO; 2]);
                    row.children_new = row.children_old;
                });
                w.settle();
                w
            },
        ),
    ]
}

/// An untouched, empty subtree of the witness: a node's row and the side of that child.
fn empty_child(w: &Witness) -> (usize, usize) {
    let n = MerkleCols::numbers();
    let rows = w.find(Kind::Merkle, |row| {
        row[n.is_real] == F::ONE && row[n.level] == F::from_u32(9)
    });
    let row = MerkleCols::read(w.row(Kind::Merkle, rows[0]));
    let side = usize::from(row.children_old[0] != empty_digest(8));
    assert_eq!(row.children_old[side], empty_digest(8));
    (rows[0], side)
}

/// Gives an untouched empty subtree rows of its own, with these counts, and has its parent send it
/// as often as `sent` says.
fn expanded(sent: i32, counts: &[i32]) -> Witness {
    let mut w = Witness::of(&three());
    let (parent, side) = empty_child(&w);
    patch(&mut w, parent, |row| row.touched[side] = F::from_i32(sent));
    let parent = MerkleCols::<F>::read(w.row(Kind::Merkle, parent));
    let last = w.rows(Kind::Merkle) - 1;
    for (i, count) in counts.iter().enumerate() {
        patch(&mut w, last - i, |row| {
            *row = MerkleCols {
                level: parent.level - F::ONE,
                index: parent.index * F::TWO + F::from_usize(side),
                old: empty_digest(8),
                new: empty_digest(8),
                children_old: [empty_digest(7); 2],
                children_new: [empty_digest(7); 2],
                touched: [F::ZERO; 2],
                is_real: F::from_i32(*count),
            };
        });
    }
    w.settle();
    w
}

fn flags() -> Vec<Case> {
    vec![
        constraint(
            "merkle/is_real: 0 or 1",
            "a node counts twice in one row and -1 times in another",
            "negative counts would send what is received",
            || expanded(1, &[2, -1]),
        ),
        constraint(
            "merkle/is_real: 0 or 1",
            "a node counts 5 times in one row and -4 times in another",
            "negative counts would send what is received",
            || expanded(1, &[5, -4]),
        ),
        constraint(
            "merkle/touched: 0 or 1",
            "an unchanged child is sent twice, to two rows",
            "a subtree would be there twice",
            || expanded(2, &[1, 1]),
        ),
        constraint(
            "merkle/touched: 0 or 1",
            "the same leaf twice in an image: each of two accesses has its own",
            "a leaf would have two histories",
            || {
                let mut w = Witness::of(&two_reads());
                let parent = node(&w, 1, 2);
                patch(&mut w, parent, |row| row.touched[1] = F::TWO);
                let row = leaf_row(&w, 5);
                let twin = w.row(Kind::Leaf, row).to_vec();
                w.last_row_mut(Kind::Leaf).copy_from_slice(&twin);
                leaf::patch(&mut w, row, |leaf| leaf.last = F::ONE);
                state::patch(&mut w, 1, |row| {
                    (row.previous, row.gap) = (F::ZERO, [F::ONE, F::ZERO]);
                });
                w.settle();
                w
            },
        ),
        constraint(
            "merkle/padding: padding sends nothing on",
            "a padding row sends a leaf that hangs in no tree",
            "leaves would come out of nowhere",
            || {
                let mut w = Witness::of(&touching(&[5, 6]));
                let digests = [compress(&number(3)), compress(&number(13))];
                let last = w.rows(Kind::Leaf) - 1;
                leaf::patch(&mut w, last, |row| {
                    *row = LeafCols {
                        key: F::from_u32(7),
                        old: number(3),
                        new: number(13),
                        old_digest: digests[0],
                        new_digest: digests[1],
                        last: F::from_u32(3),
                        is_real: F::ONE,
                    };
                });
                let last = w.rows(Kind::Merkle) - 1;
                patch(&mut w, last, |row| {
                    (row.level, row.index) = (F::ONE, F::from_u32(3));
                    row.touched[1] = F::ONE;
                    row.children_old[1] = digests[0];
                    row.children_new[1] = digests[1];
                });
                w.settle();
                w
            },
        ),
    ]
}

/// The three accesses, and a leaf that none of them touches but that the new root has changed.
fn with_hidden_change(key: u64) -> Witness {
    let mut leaves: Vec<_> = (1..=3)
        .map(|n| touched(4 + n, number(n), number(10 + n), n))
        .collect();
    leaves.push(touched(key, EMPTY_LEAF, number(77), 1));
    leaves.sort_by_key(|leaf| leaf.addr);
    let mut w = Witness::of(&regrown(&three(), &small_tree(), DEPTH, &leaves));
    let row = leaf_row(&w, key);
    w.row_mut(Kind::Leaf, row).fill(F::ZERO);
    w
}

fn frontier() -> impl Iterator<Item = Case> {
    [4, 8, 1 << 20, (1 << DEPTH) - 1].into_iter().map(|key| {
        constraint(
            "merkle/frontier: a child that is not sent on is unchanged",
            format!("leaf {key} is changed under the new root, and no access wrote it"),
            "the new root would hold changes that no program made",
            move || {
                let mut w = with_hidden_change(key);
                let parent = node(&w, 1, key / 2);
                patch(&mut w, parent, |row| {
                    row.touched[key as usize % 2] = F::ZERO
                });
                w.settle();
                w
            },
        )
    })
}

/// A change that a node sends to a leaf that isn't there. All paths go the other way, so that no
/// other message is sent to this side.
fn unreceived(side: u64) -> Case {
    message(
        Kind::Merkle,
        8 + side as usize,
        format!("a changed child on side {side} is sent, and nobody receives it"),
        "the new root would hold changes that no program made",
        move || {
            let all = (1 << DEPTH) - 1;
            let (key, hidden) = if side == 0 { (all, all - 1) } else { (0, 1) };
            let grown = tree(&[(key, number(1))]);
            let run = accesses(&grown, &[(key, number(11))]);
            let mut leaves = [
                touched(key, number(1), number(11), 1),
                touched(hidden, EMPTY_LEAF, number(77), 1),
            ];
            leaves.sort_by_key(|leaf| leaf.addr);
            let mut w = Witness::of(&regrown(&run, &grown, DEPTH, &leaves));
            let row = leaf_row(&w, hidden);
            w.row_mut(Kind::Leaf, row).fill(F::ZERO);
            w.settle();
            w
        },
    )
}

/// The path to a leaf ends at a node whose digest is of another child.
fn other_child(side: usize, key: u64) -> Case {
    let name = ["old", "new"][side];
    message(
        Kind::Merkle,
        10 + side,
        format!("the {name} digest of leaf {key}'s parent is not of its children"),
        "any value would hang under any root",
        move || {
            let mut leaves: Vec<_> = (1..=3)
                .map(|n| touched(4 + n, number(n), number(10 + n), n))
                .collect();
            let own = leaves[key as usize - 5];
            let value = &mut leaves[key as usize - 5];
            let value = if side == 0 {
                &mut value.old
            } else {
                &mut value.new
            };
            *value = number(50);
            let olds: Vec<_> = leaves.iter().map(|leaf| (leaf.addr, leaf.old)).collect();
            let mut w = Witness::of(&regrown(&three(), &tree(&olds), DEPTH, &leaves));
            let digests = [compress(&own.old), compress(&own.new)];
            let row = leaf_row(&w, key);
            leaf::patch(&mut w, row, |row| {
                (row.old, row.new) = (own.old, own.new);
                (row.old_digest, row.new_digest) = (digests[0], digests[1]);
            });
            let parent = node(&w, 1, key / 2);
            patch(&mut w, parent, |row| {
                row.children_old[key as usize % 2] = digests[0];
                row.children_new[key as usize % 2] = digests[1];
            });
            w.settle();
            w
        },
    )
}

/// The lowest node of a path without those above it; the root stays as it was.
fn disconnected() -> Case {
    message(
        Kind::Merkle,
        12,
        "a leaf is accessed under a node that is nobody's child",
        "leaves would come out of nowhere",
        || {
            let run = accesses(&small_tree(), &[(5, number(11))]);
            let mut w = Witness::of(&run);
            let parent = node(&w, 1, 2);
            for row in (1..w.rows(Kind::Merkle)).filter(|row| *row != parent) {
                w.row_mut(Kind::Merkle, row).fill(F::ZERO);
            }
            unchanged_root(&mut w);
            w.settle();
            w
        },
    )
}
