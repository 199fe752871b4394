//! A bad witness, and which part of the machine refuses it.

use std::fmt;

use p3_field::PrimeCharacteristicRing;
use zkperp_prover::check::{Imbalance, Origin, Part, Report};
use zkperp_prover::machine::Kind;
use zkperp_stark::F;

use super::witness::Witness;

/// One case of the corpus.
pub(crate) struct Case {
    /// The constraint or message without which the machine would accept; for a permutation bus, a
    /// send and a receive, since neither can be wrong alone.
    pub(crate) parts: Vec<Part>,
    /// What was changed.
    pub(crate) mutation: String,
    /// What accepting it would allow.
    pub(crate) why: &'static str,
    /// Whether the machine without the parts can be proven. Not so where it lacks the counterpart
    /// of a message that other rows send: no count makes up for that.
    pub(crate) provable: bool,
    witness: Box<dyn Fn() -> Witness + Send + Sync>,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {} ({})", self.parts, self.mutation, self.why)
    }
}

/// A case against a constraint, by its sentence.
pub(crate) fn constraint(
    label: &'static str,
    mutation: impl Into<String>,
    why: &'static str,
    witness: impl Fn() -> Witness + Send + Sync + 'static,
) -> Case {
    Case {
        parts: vec![Part::Constraint(label)],
        mutation: mutation.into(),
        why,
        provable: true,
        witness: Box::new(witness),
    }
}

/// A case against a table's n-th message.
pub(crate) fn message(
    table: Kind,
    number: usize,
    mutation: impl Into<String>,
    why: &'static str,
    witness: impl Fn() -> Witness + Send + Sync + 'static,
) -> Case {
    Case {
        parts: vec![Part::Message(table, number)],
        mutation: mutation.into(),
        why,
        provable: true,
        witness: Box::new(witness),
    }
}

/// A case against a pair of messages of a permutation bus: one sends what the other can't receive.
pub(crate) fn messages(
    pair: [(Kind, usize); 2],
    mutation: impl Into<String>,
    why: &'static str,
    witness: impl Fn() -> Witness + Send + Sync + 'static,
) -> Case {
    Case {
        parts: pair
            .map(|(table, number)| Part::Message(table, number))
            .into(),
        mutation: mutation.into(),
        why,
        provable: true,
        witness: Box::new(witness),
    }
}

impl Case {
    /// Marks the case as one for the checker alone.
    #[must_use]
    pub(crate) fn for_the_checker(mut self) -> Self {
        self.provable = false;
        self
    }

    /// Whether the case is about a constraint.
    #[must_use]
    pub(crate) fn is_constraint(&self) -> bool {
        matches!(self.parts[..], [Part::Constraint(_)])
    }

    /// Builds the bad witness, its buses balanced as far as counts can.
    #[must_use]
    pub(crate) fn witness(&self) -> Witness {
        (self.witness)()
    }

    /// The witness that the machine without the parts accepts: its counts are settled for it.
    #[must_use]
    pub(crate) fn forged_witness(&self) -> Witness {
        let mut witness = self.witness();
        let asks = |part: &Part| matches!(part, Part::Message(table, n) if !provides(*table, *n));
        if self.parts.iter().all(asks) {
            witness.settle_without(&self.parts);
        }
        witness
    }

    /// What is wrong with this case, if anything.
    ///
    /// # Errors
    /// A sentence, when the machine accepts the witness, or refuses it without the parts too.
    pub(crate) fn check(&self) -> Result<(), String> {
        let report = self.witness().report();
        if report.is_clean() {
            return Err(format!("accepted: {self:?}"));
        }
        if !accepted_without(&report, &self.parts) {
            let others: Vec<_> = report.imbalances.iter().take(4).collect();
            return Err(format!(
                "not isolated: {self:?}\n  violated: {:?}\n  unbalanced: {others:#?}",
                report.labels()
            ));
        }
        Ok(())
    }
}

/// Whether a message provides lookup entries: its cases are entries too many on the last row.
#[must_use]
pub(crate) fn provides(table: Kind, message: usize) -> bool {
    match table {
        Kind::Memory | Kind::Range16 | Kind::Poseidon2 | Kind::SchnorrSum => true,
        Kind::Program => matches!(message, 8 | 13 | 18 | 23),
        _ => false,
    }
}

/// Whether the machine would accept without these parts; one part is for the product's own checker
/// to say.
fn accepted_without(report: &Report, parts: &[Part]) -> bool {
    if let [part] = parts {
        return report.accepted_without(*part);
    }
    let kept =
        |(origin, _): &&(Origin, F)| !parts.contains(&Part::Message(origin.table, origin.message));
    let balances = |i: &Imbalance| {
        i.origins
            .iter()
            .filter(kept)
            .map(|(_, count)| *count)
            .sum::<F>()
            == F::ZERO
    };
    report.violations.is_empty() && report.imbalances.iter().all(balances)
}
