//! No part of the machine is without a case.

use zkperp_prover::check::Part;
use zkperp_prover::machine::Kind;

use crate::state::{RECEIVE, SEND};
use crate::support::recorded::{parts, recorded};

/// Parts that no witness isolates, and why they are there all the same.
const IMPLIED: [(Part, &str); 3] = [
    (
        Part::Constraint("program/is_real: 0 or 1"),
        "follows from first_real, end, next_end and last_end: 1 up to the program's end, then one \
         value, which last_end makes 0. Kept because the library trusts the bound of a count: it \
         should be seen at a glance to hold.",
    ),
    (
        Part::Constraint("program/first_real: the program is not empty"),
        "follows from cpu: the first step asks for the decoding of word 0, which has one only if \
         the word is real. Kept so that is_real is known without looking at a bus.",
    ),
    (
        Part::Constraint("state/is_real: 0 or 1"),
        "follows from none, end and last_end: 1 up to the number used, then one value, which \
         last_end makes 0. Kept because the library trusts the bound of a count.",
    ),
];

/// Messages of a permutation bus: senders and receivers count by the same flags, so that a send
/// that nobody receives comes with a receive that nobody sends. Their cases are pairs.
const PAIRED: [Part; 4] = [
    Part::Message(Kind::State, RECEIVE),
    Part::Message(Kind::State, SEND),
    Part::Message(Kind::Leaf, 3),
    Part::Message(Kind::Leaf, 4),
];

#[test]
fn every_constraint_and_message_has_a_case() {
    let cases = crate::all();
    let mut missing = vec![];
    for part in parts() {
        let alone = cases.iter().any(|case| case.parts == [part]);
        let paired = cases
            .iter()
            .any(|case| case.parts.len() == 2 && case.parts.contains(&part));
        let listed = IMPLIED.iter().any(|(implied, _)| *implied == part);
        let fine = match PAIRED.contains(&part) {
            true => paired && !alone,
            false => alone != listed,
        };
        if !fine {
            missing.push(part);
        }
    }
    assert!(
        missing.is_empty(),
        "no case, or listed without need: {missing:#?}"
    );
}

#[test]
fn every_case_is_about_a_part_of_the_machine() {
    let parts = parts();
    for case in crate::all() {
        assert!(
            case.parts.iter().all(|part| parts.contains(part)),
            "{case:?}"
        );
    }
}

#[test]
fn every_table_has_twenty_cases() {
    let cases = crate::all();
    let mut tables: Vec<(Kind, usize)> = vec![];
    for table in recorded() {
        let about = |part: &Part| match part {
            Part::Constraint(label) => table.labels.contains(label),
            Part::Message(kind, _) => *kind == table.kind,
        };
        let count = cases
            .iter()
            .filter(|case| case.parts.iter().any(about))
            .count();
        tables.push((table.kind, count));
    }
    assert!(tables.iter().all(|(_, count)| *count >= 20), "{tables:?}");
}
