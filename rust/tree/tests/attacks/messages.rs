//! The witness's rows on their two buses, checked the way the proof will, and forged rows.
//!
//! The checker knows what a row shows by itself and that messages sent and received are the same
//! multiset. Where a forgery is stopped by the buses being multisets, it is also shown to pass when
//! they are lookups with free multiplicity.

use std::collections::BTreeMap;

use zkperp_field::poseidon2::{compress, node};
use zkperp_tree::witness::{Digests, FrontierRow, LeafRow, NodeRow, Row, Touched, Witness};
use zkperp_tree::{Digest, EMPTY_LEAF, Leaf, Tree, digest_to_words, leaf_to_words};

use crate::reference::leaf;

const DEPTH: u32 = 5;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Message {
    /// Level, index, old and new digest.
    Merkle(u32, u64, [u64; 4], [u64; 4]),
    /// Address, value, timestamp.
    State(u64, [u64; 8], u64),
}

fn merkle(level: u32, index: u64, digests: &Digests) -> Message {
    Message::Merkle(
        level,
        index,
        digest_to_words(&digests.old),
        digest_to_words(&digests.new),
    )
}

fn state(addr: u64, value: &Leaf, timestamp: u64) -> Message {
    Message::State(addr, leaf_to_words(value), timestamp)
}

/// One access of the `state` builtin.
#[derive(Clone, Copy)]
struct Access {
    addr: u64,
    old: Leaf,
    before: u64,
    new: Leaf,
    timestamp: u64,
}

/// How often a message may be received.
#[derive(Clone, Copy)]
enum Bus {
    /// As often as it was sent.
    Permutation,
    /// As often as one likes, if it was sent at all; also never.
    Lookup,
}

#[derive(Clone)]
struct Proof {
    root: Digests,
    rows: Vec<Row>,
    accesses: Vec<Access>,
}

impl Proof {
    fn accepted(&self, bus: Bus) -> bool {
        self.rows.iter().all(row_holds) && self.balanced(bus)
    }

    fn balanced(&self, bus: Bus) -> bool {
        let mut sent = vec![merkle(DEPTH, 0, &self.root)];
        let mut received = Vec::new();
        for row in &self.rows {
            match row {
                Row::Node(NodeRow {
                    level,
                    index,
                    digests,
                    children: [left, right],
                }) => {
                    received.push(merkle(*level, *index, digests));
                    sent.push(merkle(level - 1, 2 * index, left));
                    sent.push(merkle(level - 1, 2 * index + 1, right));
                }
                Row::Frontier(FrontierRow {
                    level,
                    index,
                    digest,
                }) => {
                    let digests = Digests {
                        old: *digest,
                        new: *digest,
                    };
                    received.push(merkle(*level, *index, &digests));
                }
                Row::Leaf(LeafRow { touched, digests }) => {
                    received.push(merkle(0, touched.addr, digests));
                    sent.push(state(touched.addr, &touched.old, 0));
                    received.push(state(touched.addr, &touched.new, touched.last_timestamp));
                }
            }
        }
        for access in &self.accesses {
            received.push(state(access.addr, &access.old, access.before));
            sent.push(state(access.addr, &access.new, access.timestamp));
        }
        match bus {
            Bus::Permutation => counted(sent) == counted(received),
            Bus::Lookup => received.iter().all(|message| sent.contains(message)),
        }
    }

    fn leaf_row(&mut self, addr: u64) -> &mut LeafRow {
        let found = self.rows.iter_mut().find_map(|row| match row {
            Row::Leaf(row) if row.touched.addr == addr => Some(row),
            _ => None,
        });
        found.unwrap()
    }

    /// Puts `digest` on the new side of a child, and soundly hashes everything above it anew.
    fn replace_above(&mut self, level: u32, index: u64, digest: Digest) {
        let parent = self.rows.iter_mut().find_map(|row| match row {
            Row::Node(node) if (node.level, node.index) == (level + 1, index / 2) => Some(node),
            _ => None,
        });
        let Some(parent) = parent else {
            self.root.new = digest;
            return;
        };
        parent.children[(index % 2) as usize].new = digest;
        let [left, right] = &parent.children;
        parent.digests.new = node(&left.new, &right.new);
        let (level, index, digest) = (parent.level, parent.index, parent.digests.new);
        self.replace_above(level, index, digest);
    }
}

fn counted(messages: Vec<Message>) -> BTreeMap<Message, usize> {
    messages
        .into_iter()
        .fold(BTreeMap::new(), |mut counts, message| {
            *counts.entry(message).or_default() += 1;
            counts
        })
}

/// What a row shows without its neighbours: its digests are the compressions of its inputs.
fn row_holds(row: &Row) -> bool {
    let digests = match row {
        Row::Node(NodeRow { digests, .. }) | Row::Leaf(LeafRow { digests, .. }) => digests,
        Row::Frontier(_) => return true,
    };
    let [old, new] = row.compressions().unwrap();
    compress(&old) == digests.old && compress(&new) == digests.new
}

/// Two leaves written, one of them twice, and an absent one read.
fn honest() -> Proof {
    let mut tree = Tree::new(DEPTH).unwrap();
    tree.update(&[(3, leaf(1)), (20, leaf(2)), (21, leaf(3))])
        .unwrap();
    let touched = [
        Touched {
            addr: 3,
            old: leaf(1),
            new: leaf(5),
            last_timestamp: 3,
        },
        Touched {
            addr: 9,
            old: EMPTY_LEAF,
            new: EMPTY_LEAF,
            last_timestamp: 2,
        },
        Touched {
            addr: 21,
            old: leaf(3),
            new: leaf(6),
            last_timestamp: 4,
        },
    ];
    let accesses = vec![
        Access {
            addr: 3,
            old: leaf(1),
            before: 0,
            new: leaf(4),
            timestamp: 1,
        },
        Access {
            addr: 9,
            old: EMPTY_LEAF,
            before: 0,
            new: EMPTY_LEAF,
            timestamp: 2,
        },
        Access {
            addr: 3,
            old: leaf(4),
            before: 1,
            new: leaf(5),
            timestamp: 3,
        },
        Access {
            addr: 21,
            old: leaf(3),
            before: 0,
            new: leaf(6),
            timestamp: 4,
        },
    ];
    let frontier = tree.prove_many(&[3, 9, 21]).unwrap();
    let witness = Witness::build(DEPTH, &touched, &frontier).unwrap();
    assert_eq!(witness.root.old, tree.root());
    tree.update(&[(3, leaf(5)), (21, leaf(6))]).unwrap();
    assert_eq!(witness.root.new, tree.root());
    let inputs = witness.rows.iter().filter_map(Row::compressions).flatten();
    assert!(inputs.eq(witness.compressions()));
    Proof {
        root: witness.root,
        rows: witness.rows,
        accesses,
    }
}

#[test]
fn honest_rows_balance() {
    assert!(honest().accepted(Bus::Permutation));
}

#[test]
fn every_single_row_is_needed_and_needed_once() {
    let proof = honest();
    for at in 0..proof.rows.len() {
        let mut short = proof.clone();
        short.rows.remove(at);
        assert!(!short.accepted(Bus::Permutation), "without row {at}");
        let mut double = proof.clone();
        double.rows.push(proof.rows[at]);
        assert!(!double.accepted(Bus::Permutation), "row {at} twice");
        assert!(
            double.accepted(Bus::Lookup),
            "a lookup bus lets row {at} pass twice"
        );
    }
}

#[test]
fn a_leaf_has_one_history() {
    let mut proof = honest();
    // A second history of leaf 21 starts again from the old root's value and ends nowhere.
    let spent = Access {
        addr: 21,
        old: leaf(3),
        before: 0,
        new: leaf(77),
        timestamp: 5,
    };
    proof.accesses.push(spent);
    assert!(!proof.accepted(Bus::Permutation));
    assert!(proof.accepted(Bus::Lookup));
}

#[test]
fn the_last_write_is_what_the_new_root_holds() {
    let mut proof = honest();
    // Leaf 3 ends at its first write, and so does the new root; the second write is left hanging.
    let row = proof.leaf_row(3);
    row.touched.new = leaf(4);
    row.touched.last_timestamp = 1;
    row.digests.new = compress(&leaf(4));
    proof.replace_above(0, 3, compress(&leaf(4)));
    assert!(!proof.accepted(Bus::Permutation));
    assert!(proof.accepted(Bus::Lookup));
}

#[test]
fn a_disconnected_subtree_is_received_by_nobody() {
    let mut proof = honest();
    // A whole second tree, sound in itself, in which leaf 12 is rich.
    let touched = [Touched {
        addr: 12,
        old: leaf(900),
        new: leaf(901),
        last_timestamp: 5,
    }];
    let frontier = Tree::new(DEPTH).unwrap().prove_many(&[12]).unwrap();
    let island = Witness::build(DEPTH, &touched, &frontier).unwrap();
    let spent = Access {
        addr: 12,
        old: leaf(900),
        before: 0,
        new: leaf(901),
        timestamp: 5,
    };
    proof.accesses.push(spent);
    for rows in [&island.rows[..], &island.rows[1..]] {
        let mut forged = proof.clone();
        forged.rows.extend(rows);
        assert!(!forged.accepted(Bus::Permutation));
        // Only the island's root lacks a sender.
        let mut rooted = forged;
        rooted.root = island.root;
        assert!(!rooted.accepted(Bus::Permutation), "there is one root");
    }
    let alone = Proof {
        root: island.root,
        rows: island.rows,
        accesses: vec![spent],
    };
    assert!(
        alone.accepted(Bus::Permutation),
        "nothing else is wrong with it"
    );
}

/// A frontier row has one digest for both sides. If it had two, whole subtrees could change unseen.
#[test]
fn the_frontier_does_not_change() {
    let proof = honest();
    let changed: Digest = compress(&leaf(1234));
    let at = proof
        .rows
        .iter()
        .position(|row| matches!(row, Row::Frontier(_)))
        .unwrap();
    let Row::Frontier(hidden) = proof.rows[at] else {
        unreachable!()
    };
    let mut forged = proof;
    forged.replace_above(hidden.level, hidden.index, changed);
    assert!(forged.rows.iter().all(row_holds));
    assert!(!forged.accepted(Bus::Permutation));
    for digest in [hidden.digest, changed] {
        forged.rows[at] = Row::Frontier(FrontierRow { digest, ..hidden });
        assert!(!forged.accepted(Bus::Permutation));
    }
}

#[test]
fn levels_keep_leaves_and_nodes_apart() {
    let mut proof = honest();
    // The node above leaves 20 and 21, passed off as a leaf with their digests as its value.
    let (at, node) = proof
        .rows
        .iter()
        .enumerate()
        .find_map(|(at, row)| match row {
            Row::Node(node) if node.level == 1 && node.index == 10 => Some((at, *node)),
            _ => None,
        })
        .unwrap();
    let [old, new] = Row::Node(node).compressions().unwrap();
    let touched = Touched {
        addr: node.index,
        old,
        new,
        last_timestamp: 5,
    };
    proof.rows[at] = Row::Leaf(LeafRow {
        touched,
        digests: node.digests,
    });
    proof.rows.retain(|row| match row {
        Row::Leaf(row) => row.touched.addr != 21,
        Row::Frontier(row) => (row.level, row.index) != (0, 20),
        Row::Node(_) => true,
    });
    proof.accesses.retain(|access| access.addr != 21);
    proof.accesses.push(Access {
        addr: node.index,
        old,
        before: 0,
        new,
        timestamp: 5,
    });
    assert!(
        proof.rows.iter().all(row_holds),
        "each row is sound by itself"
    );
    assert!(!proof.accepted(Bus::Permutation));
}
