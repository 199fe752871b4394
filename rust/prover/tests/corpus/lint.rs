//! What the proof system takes on trust, held against the constraints that make it true, and a
//! snapshot of every table, so that a change of soundness can't hide in a refactoring.
//!
//! `UPDATE_SNAPSHOTS=1 cargo test -p zkperp-prover --test corpus` writes the snapshots anew.

use std::collections::BTreeMap;

use p3_field::PrimeCharacteristicRing;
use serde_json::{Value as Json, json};
use zkperp_stark::F;
use zkperp_stark::keccak::keccak256;
use zkperp_stark::symbolic::{AirDag, Node, NodeId, Periodic};

use crate::support::recorded::{Recorded, recorded};

/// Compares with a file of `tests/snapshots`, or writes it.
fn snapshot(name: &str, found: &Json) {
    let path = format!("{}/tests/snapshots/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = serde_json::to_string_pretty(found).expect("JSON") + "\n";
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, text).unwrap_or_else(|e| panic!("{path}: {e}"));
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    assert!(
        expected == text,
        "{name} has changed. If that is meant, and reviewed as a change of soundness:\n\
         UPDATE_SNAPSHOTS=1 cargo test --release -p zkperp-prover --test corpus lint\n{text}"
    );
}

#[test]
fn tables_are_as_reviewed() {
    let tables = recorded().into_iter().map(|table| {
        let mut labels: BTreeMap<&str, usize> = BTreeMap::new();
        for label in &table.labels {
            *labels.entry(label).or_default() += 1;
        }
        let mut buses: BTreeMap<&str, usize> = BTreeMap::new();
        for message in &table.dag.interactions {
            *buses.entry(&message.bus).or_default() += 1;
        }
        let hex: String = keccak256(&table.dag.encode())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let summary = json!({
            "columns": table.dag.width,
            "fixed_columns": table.dag.periodic.len(),
            "next_row_columns": table.dag.next_columns,
            "constraint_degree": table.dag.constraint_degree,
            "message_degree": table.dag.interaction_degree,
            "constraints": labels,
            "messages": buses,
            "fingerprint": hex,
        });
        (table.kind.name().to_owned(), summary)
    });
    snapshot("tables", &Json::Object(tables.collect()));
}

#[test]
fn next_row_columns_are_those_that_are_read() {
    for table in recorded() {
        let mut read: Vec<usize> = table
            .dag
            .nodes
            .iter()
            .filter_map(|node| match node {
                Node::Next(column) => Some(*column as usize),
                _ => None,
            })
            .collect();
        read.sort_unstable();
        let mut declared = table.dag.next_columns.clone();
        declared.sort_unstable();
        assert_eq!(read, declared, "{}", table.kind.name());
    }
}

#[test]
fn messages_read_the_current_row_only() {
    for table in recorded() {
        for (number, message) in table.dag.interactions.iter().enumerate() {
            let leaves = message.fields.iter().chain([&message.count]);
            for &leaf in leaves {
                let next = reachable(&table.dag, leaf)
                    .any(|node| matches!(node, Node::Next(_) | Node::Periodic(_)));
                assert!(!next, "{} message {number}", table.kind.name());
            }
        }
    }
}

/// The nodes under one.
fn reachable(dag: &AirDag, root: NodeId) -> impl Iterator<Item = Node> + '_ {
    let mut stack = vec![root];
    std::iter::from_fn(move || {
        let node = dag.nodes[stack.pop()? as usize];
        match node {
            Node::Add(a, b) | Node::Sub(a, b) | Node::Mul(a, b) => stack.extend([a, b]),
            Node::Neg(a) => stack.push(a),
            _ => {}
        }
        Some(node)
    })
}

/// The library takes a count's bound as declared. Each count that isn't a constant is a selector,
/// or a constraint of the same table makes it 0 or 1: which one is written down, and found to be so.
#[test]
fn every_bounded_count_is_bounded_by_a_constraint() {
    let tables = recorded().into_iter().map(|table| {
        let counts = table.dag.interactions.iter().enumerate();
        let bounded = counts.filter_map(|(number, message)| {
            if message.weight == 0 {
                return None;
            }
            assert_eq!(message.weight, 1, "{} message {number}", table.kind.name());
            let reason = bound(&table, message.count)?;
            Some(json!({"message": number, "bus": message.bus, "bounded_by": reason}))
        });
        (table.kind.name().to_owned(), Json::Array(bounded.collect()))
    });
    snapshot("bounded_counts", &Json::Object(tables.collect()));
}

/// Why a count is -1, 0 or 1; `None` for the constants 1 and -1.
fn bound(table: &Recorded, count: NodeId) -> Option<String> {
    let dag = &table.dag;
    let points: Vec<Point> = (1..=4).map(|seed| Point::new(dag, seed, None)).collect();
    let values: Vec<F> = points.iter().map(|point| point.at(count)).collect();
    if values.iter().all(|v| *v == F::ONE) || values.iter().all(|v| *v == F::NEG_ONE) {
        return None;
    }
    let selectors = [
        ("first row's selector", Node::First),
        ("last row's selector", Node::Last),
    ];
    for (name, selector) in selectors {
        if equal_up_to_sign(&points, |point| point.leaf(selector), &values) {
            return Some(name.to_owned());
        }
    }
    let boolean = |value: F| value * (value - F::ONE);
    for (constraint, label) in dag.constraints.iter().zip(&table.labels) {
        for sign in [F::ONE, F::NEG_ONE] {
            let expected: Vec<F> = values.iter().map(|v| boolean(sign * *v)).collect();
            if equal_up_to_sign(&points, |point| point.at(*constraint), &expected) {
                return Some((*label).to_owned());
            }
        }
    }
    if let Some(label) = equal_to_a_fixed_column(table, &points, &values) {
        return Some(label);
    }
    Some(bound_behind_the_first_row(table, count))
}

/// A count that a constraint makes equal to a fixed column of zeros and ones.
fn equal_to_a_fixed_column(table: &Recorded, points: &[Point], values: &[F]) -> Option<String> {
    let dag = &table.dag;
    let boolean = |column: &Periodic| match column {
        Periodic::Constant(values) => values.iter().all(|v| *v == F::ZERO || *v == F::ONE),
        Periodic::Public => false,
    };
    let fixed = (0..)
        .zip(&dag.periodic)
        .filter(|(_, column)| boolean(column));
    for (number, _) in fixed {
        let difference: Vec<F> = points
            .iter()
            .zip(values)
            .map(|(point, value)| *value - point.leaf(Node::Periodic(number)))
            .collect();
        let holds = |constraint: &NodeId| {
            equal_up_to_sign(points, |point| point.at(*constraint), &difference)
        };
        let mut pairs = dag.constraints.iter().zip(&table.labels);
        if let Some((_, label)) = pairs.find(|(constraint, _)| holds(constraint)) {
            return Some(format!("{label} (of zeros and ones)"));
        }
    }
    None
}

/// A count of -(x - the first row's selector), where x is boolean, and 1 on the first row.
fn bound_behind_the_first_row(table: &Recorded, count: NodeId) -> String {
    let first = Point::new(&table.dag, 1, Some(F::ONE));
    let later = Point::new(&table.dag, 1, Some(F::ZERO));
    let x = -later.at(count);
    assert_eq!(-first.at(count), x - F::ONE, "a count of another form");
    let find = |holds: &dyn Fn(NodeId) -> bool| {
        let mut pairs = table.dag.constraints.iter().zip(&table.labels);
        let found = pairs.find(|(constraint, _)| holds(**constraint));
        *found.expect("a count that no constraint bounds").1
    };
    let boolean = find(&|c| later.at(c) == x * (x - F::ONE));
    let one = find(&|c| first.at(c) == x - F::ONE && later.at(c) == F::ZERO);
    format!("{boolean}; {one}")
}

fn equal_up_to_sign(points: &[Point], value: impl Fn(&Point) -> F, expected: &[F]) -> bool {
    let found: Vec<F> = points.iter().map(value).collect();
    found == expected || found.iter().zip(expected).all(|(a, b)| *a == -*b)
}

/// All expressions of a table at scattered values of its columns and selectors.
struct Point {
    seed: u64,
    first: Option<F>,
    values: Vec<F>,
}

impl Point {
    fn new(dag: &AirDag, seed: u64, first: Option<F>) -> Self {
        let mut point = Self {
            seed,
            first,
            values: Vec::with_capacity(dag.nodes.len()),
        };
        for node in &dag.nodes {
            let at = |node: NodeId| point.at(node);
            let value = match *node {
                Node::Add(a, b) => at(a) + at(b),
                Node::Sub(a, b) => at(a) - at(b),
                Node::Mul(a, b) => at(a) * at(b),
                Node::Neg(a) => -at(a),
                leaf => point.leaf(leaf),
            };
            point.values.push(value);
        }
        point
    }

    fn at(&self, node: NodeId) -> F {
        self.values[node as usize]
    }

    fn leaf(&self, node: Node) -> F {
        let (kind, number) = match node {
            Node::Constant(value) => return F::from_u64(value),
            Node::Current(column) => (0, column),
            Node::Next(column) => (1, column),
            Node::Periodic(column) => (2, column),
            Node::First => (3, 0),
            Node::Last => (4, 0),
            Node::Transition => (5, 0),
            _ => unreachable!("not a leaf"),
        };
        if let (3, Some(first)) = (kind, self.first) {
            return first;
        }
        let bytes = [
            self.seed.to_be_bytes(),
            [kind; 8],
            u64::from(number).to_be_bytes(),
        ]
        .concat();
        let digest = keccak256(&bytes);
        F::from_u64(u64::from_be_bytes(std::array::from_fn(|i| digest[i])) >> 1)
    }
}

#[test]
fn labels_name_their_table_and_are_no_others() {
    for table in recorded() {
        for label in &table.labels {
            let prefix = format!("{}/", table.kind.name());
            assert!(
                label.starts_with(&prefix),
                "{label} in {}",
                table.kind.name()
            );
        }
    }
}
