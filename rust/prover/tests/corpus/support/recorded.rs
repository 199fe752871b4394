//! Every table of the machine as the proof system sees it, with the labels of its constraints.

use std::sync::{Arc, Mutex};

use p3_field::PrimeCharacteristicRing;
use zkperp_prover::check::Part;
use zkperp_prover::machine::{Kind, Table, tables};
use zkperp_prover::tables::public::columns::PublicFixed;
use zkperp_stark::F;
use zkperp_stark::symbolic::AirDag;
use zkperp_vm::builtins::Builtin;
use zkperp_vm::layout::{Capacities, MemoryLayout};

use super::dropping::Without;

/// One table.
#[derive(Debug)]
pub(crate) struct Recorded {
    /// Which one.
    pub(crate) kind: Kind,
    /// Its constraints and messages as a graph.
    pub(crate) dag: AirDag,
    /// The label of each constraint, in order.
    pub(crate) labels: Vec<&'static str>,
}

/// All tables, laid out for a program that uses every builtin.
#[must_use]
pub(crate) fn recorded() -> Vec<Recorded> {
    let used: Vec<(Builtin, u32)> = Builtin::ALL.iter().map(|b| (*b, 1)).collect();
    let layout = MemoryLayout::new(&used, 1000, &Capacities::default()).expect("it fits");
    let public = F::zero_vec(1 << layout.log_public);
    tables(&Arc::new(layout), &public)
        .into_iter()
        .map(record)
        .collect()
}

fn record(table: Table) -> Recorded {
    let kind = table.kind;
    let labels = Arc::new(Mutex::new(Vec::new()));
    let air = Without {
        table,
        parts: vec![],
        surplus: F::ZERO,
        labels: Some(Arc::clone(&labels)),
    };
    let public_column = (kind == Kind::Public).then_some(PublicFixed::numbers().value);
    let dag = AirDag::extract(&air, public_column).expect("a supported table");
    let labels = std::mem::take(&mut *labels.lock().expect("one thread"));
    assert_eq!(
        labels.len(),
        dag.constraints.len(),
        "each constraint has a label"
    );
    Recorded { kind, dag, labels }
}

/// Every constraint's label and every message of the machine, once each.
#[must_use]
pub(crate) fn parts() -> Vec<Part> {
    let mut parts = vec![];
    for table in recorded() {
        let mut labels = table.labels.clone();
        labels.dedup();
        for label in labels {
            let part = Part::Constraint(label);
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        parts.extend((0..table.dag.interactions.len()).map(|n| Part::Message(table.kind, n)));
    }
    parts
}
