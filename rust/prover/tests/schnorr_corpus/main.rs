//! Bad witnesses against the tables of the `schnorr` builtin: for each family of constraints and for
//! each message one that the whole machine refuses, and would accept without exactly that part.
//! Where a forger could use it, the witness is a whole forgery: a signature that the signer never
//! made. The others spoil a sum that nobody asks for.

mod messages;
mod rows;
mod sum;
mod sums;
mod witness;

use zkperp_prover::check::Part;

use witness::Witness;

/// A part of the machine, what is done against it, and the witness that does it.
struct Case {
    part: Part,
    mutation: &'static str,
    witness: Witness,
}

/// A case against a constraint, by its sentence.
fn constraint(label: &'static str, mutation: &'static str, witness: Witness) -> Case {
    Case {
        part: Part::Constraint(label),
        mutation,
        witness,
    }
}

impl Case {
    fn check(&self) {
        let Case { part, mutation, .. } = self;
        let report = self.witness.report();
        assert!(!report.is_clean(), "accepted: {part:?}, {mutation}");
        assert!(
            report.accepted_without(*part),
            "not isolated: {part:?}, {mutation}: {:?} {:?}",
            report.labels(),
            report.imbalances
        );
    }
}

#[test]
fn the_honest_machine_is_accepted() {
    let report = Witness::honest().report();
    assert!(
        report.is_clean(),
        "{:?} {:?}",
        report.labels(),
        report.imbalances
    );
}
