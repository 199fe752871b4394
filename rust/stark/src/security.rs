//! Security bits of the very statement, from the library's report.

use p3_multi_stark::folder::VerifierAir;
use p3_multi_stark::{VerifierInstances, VerifyingKey};
use zkperp_field::F;

use crate::config::{Config, EF};

/// Proven soundness of one statement, with every term of the sum.
#[derive(Clone, Debug, PartialEq)]
pub struct SecurityReport {
    /// Bits of the whole: minus log2 of the summed error terms, capped by collision resistance.
    pub bits: f64,
    /// Name and bits of every error term, weakest first.
    pub terms: Vec<(String, f64)>,
}

impl SecurityReport {
    /// The report, or why the library gives none.
    pub(crate) fn of<A: VerifierAir<F, EF>>(
        config: &Config,
        instances: &VerifierInstances<'_, Config, A>,
    ) -> Result<Self, String> {
        let report = p3_multi_stark::security_report(config, instances)
            .map_err(|error| error.to_string())?;
        let bits = report
            .security_bits()
            .ok_or_else(|| format!("unassessed: {}", report.unassessed_components().join(", ")))?;
        let named = report.terms().iter().map(|term| {
            let name = match term.component {
                Some(component) => format!("{component}: {}", term.label),
                None => term.label.to_owned(),
            };
            (name, term.bits.bits())
        });
        let mut terms: Vec<(String, f64)> = named.collect();
        terms.sort_by(|a, b| a.1.total_cmp(&b.1));
        Ok(Self { bits, terms })
    }
}

/// Keeps the verifying key's type in one place.
pub(crate) type Key = VerifyingKey<Config>;
