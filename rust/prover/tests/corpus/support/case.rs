//! A bad witness, and which single part of the machine refuses it.

use std::fmt;

use zkperp_prover::check::Part;
use zkperp_prover::machine::Kind;

use super::witness::Witness;

/// One case of the corpus.
pub struct Case {
    /// The constraint or message without which the machine would accept.
    pub part: Part,
    /// What was changed.
    pub mutation: String,
    /// What accepting it would allow.
    pub why: &'static str,
    witness: Box<dyn Fn() -> Witness + Send + Sync>,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {} ({})", self.part, self.mutation, self.why)
    }
}

/// A case against a constraint, by its sentence.
pub fn constraint(
    label: &'static str,
    mutation: impl Into<String>,
    why: &'static str,
    witness: impl Fn() -> Witness + Send + Sync + 'static,
) -> Case {
    Case {
        part: Part::Constraint(label),
        mutation: mutation.into(),
        why,
        witness: Box::new(witness),
    }
}

/// A case against a table's n-th message.
pub fn message(
    table: Kind,
    number: usize,
    mutation: impl Into<String>,
    why: &'static str,
    witness: impl Fn() -> Witness + Send + Sync + 'static,
) -> Case {
    Case {
        part: Part::Message(table, number),
        mutation: mutation.into(),
        why,
        witness: Box::new(witness),
    }
}

impl Case {
    /// Builds the bad witness, its buses balanced as far as counts can.
    #[must_use]
    pub fn witness(&self) -> Witness {
        (self.witness)()
    }

    /// What is wrong with this case, if anything.
    ///
    /// # Errors
    /// A sentence, when the machine accepts the witness, or refuses it without the part too.
    pub fn check(&self) -> Result<(), String> {
        let report = self.witness().report();
        if report.is_clean() {
            return Err(format!("accepted: {self:?}"));
        }
        if !report.accepted_without(self.part) {
            let others: Vec<_> = report.imbalances.iter().take(4).collect();
            return Err(format!(
                "not isolated: {self:?}\n  violated: {:?}\n  unbalanced: {others:#?}",
                report.labels()
            ));
        }
        Ok(())
    }
}
