//! Bad witnesses against the tables of the `schnorr` builtin. Where a forger could use it, the witness
//! is a whole forgery: a signature that the signer never made. The others spoil a sum that nobody
//! asks for.

mod messages;
mod rows;
mod sum;
mod sums;
mod witness;

use zkperp_prover::machine::Kind;

use crate::support::case::{self, Case};
use crate::support::witness::Witness as Tables;
use witness::Witness;

/// What every one of them would allow.
const WHY: &str = "a command would count as signed that its owner never signed";

/// Every case of `schnorr`.
pub(crate) fn cases() -> Vec<Case> {
    [rows::cases(), messages::cases()]
        .into_iter()
        .flatten()
        .collect()
}

/// Every case of `schnorr_sum`.
pub(crate) fn sum_cases() -> Vec<Case> {
    sums::cases()
}

/// A case against a constraint, by its sentence.
fn constraint(label: &'static str, mutation: &'static str, witness: Witness) -> Case {
    let tables = Tables::from(witness.into_tables());
    case::constraint(label, mutation, WHY, move || tables.clone())
}

/// A case against a table's n-th message.
fn message(table: Kind, number: usize, mutation: &'static str, witness: Witness) -> Case {
    let tables = Tables::from(witness.into_tables());
    case::message(table, number, mutation, WHY, move || tables.clone())
}

#[test]
fn the_honest_machine_is_accepted() {
    let mut tables = Tables::from(Witness::honest().into_tables());
    assert!(tables.report().is_clean(), "{:?}", tables.report());
    tables.settle();
    assert!(tables.report().is_clean(), "{:?}", tables.report());
}
