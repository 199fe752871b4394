//! The known answers of tests/vectors/tree, which the Python model wrote.

mod reference;

use std::collections::BTreeMap;
use std::path::Path;

use reference::SplitMix;
use serde_json::Value;
use zkperp_tree::witness::{FrontierRow, LeafRow, NodeRow, Row, Touched, Witness};
use zkperp_tree::{
    Digest, EMPTY_LEAF, Leaf, NonCanonical, ProofError, Tree, TreeError, digest_from_words,
    digest_to_words, empty_digest, leaf_from_words, leaf_to_words, verify, verify_many,
};

fn read(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/vectors/tree")
        .join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().unwrap().iter()
}

fn word(value: &Value) -> u64 {
    value.as_str().unwrap().parse().unwrap()
}

fn words<const N: usize>(value: &Value) -> [u64; N] {
    list(value)
        .map(word)
        .collect::<Vec<_>>()
        .try_into()
        .unwrap()
}

fn number(value: &Value) -> u32 {
    value.as_u64().unwrap().try_into().unwrap()
}

fn digest(value: &Value) -> Result<Digest, NonCanonical> {
    digest_from_words(&words(value))
}

fn leaf(value: &Value) -> Result<Leaf, NonCanonical> {
    leaf_from_words(&words(value))
}

fn entries(value: &Value) -> Result<Vec<(u64, Leaf)>, NonCanonical> {
    list(value)
        .map(|entry| Ok((word(&entry["addr"]), leaf(&entry["leaf"])?)))
        .collect()
}

#[test]
fn empty_subtrees() {
    let vectors = read("empty_digests.json");
    let digests: Vec<Digest> = list(&vectors["digests"])
        .map(|d| digest(d).unwrap())
        .collect();
    assert_eq!(digests.len(), 49);
    for (level, expected) in (0..).zip(digests) {
        assert_eq!(empty_digest(level), expected, "level {level}");
    }
}

#[test]
fn roots_after_updates() {
    let vectors = read("updates.json");
    for case in list(&vectors["cases"]) {
        let mut tree = Tree::new(number(&case["depth"])).unwrap();
        for step in list(&case["steps"]) {
            tree.update(&entries(&step["batch"]).unwrap()).unwrap();
            assert_eq!(
                tree.root(),
                digest(&step["root"]).unwrap(),
                "{}",
                case["name"]
            );
        }
    }
}

/// The verdict of the crate on an opening, by the names of the README.
fn verdict(case: &Value, single: bool) -> &'static str {
    let depth = number(&case["depth"]);
    let parsed = || -> Result<_, NonCanonical> {
        let siblings = list(&case["siblings"])
            .map(digest)
            .collect::<Result<Vec<_>, _>>()?;
        Ok((digest(&case["root"])?, entries(&case["leaves"])?, siblings))
    };
    let Ok((root, leaves, siblings)) = parsed() else {
        return "non_canonical";
    };
    let result = if single {
        let [(addr, leaf)] = leaves[..] else {
            panic!("{} has not one leaf", case["name"])
        };
        verify(&root, depth, addr, &leaf, &siblings)
    } else {
        verify_many(&root, depth, &leaves, &siblings)
    };
    match result {
        Ok(()) => "accepted",
        Err(ProofError::SiblingCount { .. }) => "sibling_count",
        Err(ProofError::RootMismatch) => "root_mismatch",
        Err(ProofError::Malformed(malformed)) => match malformed {
            TreeError::Depth { .. } => "depth",
            TreeError::AddressOutOfRange { .. } => "address_out_of_range",
            TreeError::Duplicate { .. } => "duplicate",
            TreeError::Unsorted { .. } => "unsorted",
            TreeError::Full => panic!("{}: nothing to be full", case["name"]),
        },
    }
}

#[test]
fn openings_of_one_address() {
    let vectors = read("openings_single.json");
    for case in list(&vectors["cases"]) {
        assert_eq!(verdict(case, true), case["verdict"], "{}", case["name"]);
        // One address is a case of many.
        assert_eq!(verdict(case, false), case["verdict"], "{}", case["name"]);
    }
}

#[test]
fn openings_of_many_addresses() {
    let vectors = read("openings_many.json");
    for case in list(&vectors["cases"]) {
        assert_eq!(verdict(case, false), case["verdict"], "{}", case["name"]);
    }
}

/// A row the way the vectors hold it.
fn row(row: &Row) -> Value {
    let text = |words: &[u64]| words.iter().map(u64::to_string).collect::<Vec<_>>();
    let (kind, level, index, old, new) = match row {
        Row::Node(NodeRow {
            level,
            index,
            digests,
            ..
        }) => ("node", *level, *index, digests.old, digests.new),
        Row::Frontier(FrontierRow {
            level,
            index,
            digest,
        }) => ("frontier", *level, *index, *digest, *digest),
        Row::Leaf(LeafRow { touched, digests }) => {
            ("leaf", 0, touched.addr, digests.old, digests.new)
        }
    };
    let mut value = serde_json::json!({
        "kind": kind,
        "level": level,
        "index": index.to_string(),
        "old": text(&digest_to_words(&old)),
        "new": text(&digest_to_words(&new)),
    });
    if let Some([old, new]) = row.compressions() {
        value["old_input"] = text(&leaf_to_words(&old)).into();
        value["new_input"] = text(&leaf_to_words(&new)).into();
    }
    value
}

#[test]
fn rows_of_the_merkle_table() {
    let vectors = read("witnesses.json");
    for case in list(&vectors["cases"]) {
        let touched: Vec<_> = list(&case["touched"])
            .map(|entry| Touched {
                addr: word(&entry["addr"]),
                old: leaf(&entry["old"]).unwrap(),
                new: leaf(&entry["new"]).unwrap(),
                last_timestamp: 1,
            })
            .collect();
        let siblings: Vec<_> = list(&case["siblings"])
            .map(|d| digest(d).unwrap())
            .collect();
        let witness = Witness::build(number(&case["depth"]), &touched, &siblings).unwrap();
        let rows: Value = witness.rows.iter().map(row).collect();
        assert_eq!(rows, case["rows"], "{}", case["name"]);
    }
}

/// The next batch of a seeded flow, as the README defines it; the last write to an address counts.
fn flow_batch(flow: &Value, words: &mut SplitMix) -> BTreeMap<u64, Leaf> {
    let parameter = |name: &str| flow[name].as_u64().unwrap();
    let (depth, regions) = (parameter("depth"), parameter("region_bits"));
    (0..parameter("batch_size"))
        .map(|_| {
            let w = words.next();
            let addr = if w % 8 < parameter("scattered_per_8") {
                words.next() >> (64 - depth)
            } else {
                let region = (w >> 8) % (1 << regions);
                let slot = (w >> 16) % (1 << parameter("slot_bits"));
                region << (depth - regions) | slot
            };
            let empty = (w >> 3) % 8 < parameter("empty_per_8");
            (addr, if empty { EMPTY_LEAF } else { words.leaf() })
        })
        .collect()
}

/// 10^5 updates each: the incremental tree, the model's roots, a tree rebuilt from the leaves that
/// are left, and the test's own plain hashing all agree.
#[test]
fn seeded_flows() {
    let vectors = read("flows.json");
    for flow in list(&vectors["flows"]) {
        let depth = number(&flow["depth"]);
        let mut random = SplitMix(flow["seed"].as_u64().unwrap());
        let mut tree = Tree::new(depth).unwrap();
        let mut memory = BTreeMap::new();
        for root in list(&flow["roots"]) {
            let batch = flow_batch(flow, &mut random);
            tree.update(
                &batch
                    .iter()
                    .map(|(&addr, &leaf)| (addr, leaf))
                    .collect::<Vec<_>>(),
            )
            .unwrap();
            tree.seal();
            assert_eq!(tree.root(), digest(root).unwrap(), "{}", flow["name"]);
            memory.extend(batch);
        }
        memory.retain(|_, leaf| *leaf != EMPTY_LEAF);
        assert_eq!(memory.len() as u64, flow["leaves"].as_u64().unwrap());
        assert_eq!(
            tree.root(),
            reference::root(depth, &memory),
            "{}",
            flow["name"]
        );
        let mut rebuilt = Tree::new(depth).unwrap();
        rebuilt
            .update(&memory.into_iter().collect::<Vec<_>>())
            .unwrap();
        assert_eq!(tree.root(), rebuilt.root(), "{}", flow["name"]);
        assert!(tree.leaves().eq(rebuilt.leaves()), "{}", flow["name"]);
    }
}

#[test]
fn snapshot_of_version_1() {
    let vector = read("snapshot_v1.json");
    let hex = vector["bytes"].as_str().unwrap();
    let golden: Vec<u8> = (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect();
    let read_back = Tree::read_snapshot(golden.as_slice()).unwrap();
    assert_eq!(read_back.root(), digest(&vector["root"]).unwrap());
    let mut tree = Tree::new(number(&vector["depth"])).unwrap();
    tree.update(&entries(&vector["leaves"]).unwrap()).unwrap();
    tree.seal();
    let mut written = Vec::new();
    tree.write_snapshot(&mut written).unwrap();
    assert_eq!(written, golden);
}
