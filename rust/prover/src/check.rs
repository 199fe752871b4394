//! The checker: constraints and buses on plain traces, with the prover's own reading of a trace
//! (the successor of the last row is that row itself).
//!
//! The corpus of bad witnesses runs on it: a witness is rejected by the whole machine, and accepted
//! once the constraint or message that it breaks is left out ([`Report::accepted_without`]).

use std::collections::BTreeMap;

use p3_air::{Air, AirBuilder, BaseAir, RowWindow};
use p3_field::{PrimeCharacteristicRing, PrimeField64};
use p3_lookup::{Count, InteractionBuilder};
use zkperp_field::F;

use crate::builder::TableBuilder;
use crate::buses::Bus;
use crate::machine::{Kind, Table};

/// A constraint that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The table.
    pub table: Kind,
    /// The constraint's sentence.
    pub label: &'static str,
    /// The row.
    pub row: usize,
}

/// One side's message on a bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The table.
    pub table: Kind,
    /// The message's number within the table, in order of emission.
    pub message: usize,
    /// The row.
    pub row: usize,
}

/// A tuple that is not provided as often as it is asked for.
#[derive(Clone, Debug)]
pub struct Imbalance {
    /// The bus.
    pub bus: &'static str,
    /// The tuple, as canonical integers.
    pub tuple: Vec<u64>,
    /// Sum of all counts: asked for minus provided.
    pub total: F,
    /// Who sent it, with which count.
    pub origins: Vec<(Origin, F)>,
}

/// What is wrong with a trace.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Constraints that don't hold.
    pub violations: Vec<Violation>,
    /// Tuples that don't balance.
    pub imbalances: Vec<Imbalance>,
}

/// A part of the machine that can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All constraints of this sentence (rounds and limbs are one family).
    Constraint(&'static str),
    /// A table's n-th message.
    Message(Kind, usize),
}

impl Report {
    /// Whether the machine accepts the trace.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty() && self.imbalances.is_empty()
    }

    /// Whether the machine would accept the trace if `part` were missing.
    #[must_use]
    pub fn accepted_without(&self, part: Part) -> bool {
        let holds = |v: &Violation| matches!(part, Part::Constraint(label) if label == v.label);
        let balances = |i: &Imbalance| {
            let left = |(origin, count): &(Origin, F)| match part {
                Part::Message(table, message)
                    if (table, message) == (origin.table, origin.message) =>
                {
                    F::ZERO
                }
                _ => *count,
            };
            i.origins.iter().map(left).sum::<F>() == F::ZERO
        };
        self.violations.iter().all(holds) && self.imbalances.iter().all(balances)
    }

    /// The sentences of the constraints that don't hold, once each.
    #[must_use]
    pub fn labels(&self) -> Vec<&'static str> {
        let mut labels: Vec<_> = self.violations.iter().map(|v| v.label).collect();
        labels.sort_unstable();
        labels.dedup();
        labels
    }
}

/// A bus's name and a tuple on it.
type Message = (&'static str, Vec<u64>);

/// Checks row-major traces, one for each table.
#[must_use]
pub fn check(tables: &[Table], traces: &[Vec<F>]) -> Report {
    assert_eq!(tables.len(), traces.len(), "Invariant: one trace a table");
    let mut report = Report::default();
    let mut buses: BTreeMap<Message, Vec<(Origin, F)>> = BTreeMap::new();
    for (table, cells) in tables.iter().zip(traces) {
        let width = table.width();
        let rows = cells.len() / width;
        for row in 0..rows {
            let next = (row + 1).min(rows - 1);
            let mut checker = Checker {
                main: RowWindow::from_two_rows(
                    &cells[row * width..][..width],
                    &cells[next * width..][..width],
                ),
                none: RowWindow::from_two_rows(&[], &[]),
                fixed: table.periodic_values(row),
                table: table.kind,
                row,
                rows,
                label: "",
                violations: &mut report.violations,
                messages: vec![],
            };
            table.eval(&mut checker);
            for (message, (bus, tuple, count)) in checker.messages.into_iter().enumerate() {
                if count != F::ZERO {
                    let origin = Origin {
                        table: table.kind,
                        message,
                        row,
                    };
                    buses.entry((bus, tuple)).or_default().push((origin, count));
                }
            }
        }
    }
    for ((bus, tuple), origins) in buses {
        let total: F = origins.iter().map(|o| o.1).sum();
        if total != F::ZERO {
            report.imbalances.push(Imbalance {
                bus,
                tuple,
                total,
                origins,
            });
        }
    }
    report
}

struct Checker<'a> {
    main: RowWindow<'a, F>,
    none: RowWindow<'a, F>,
    fixed: Vec<F>,
    table: Kind,
    row: usize,
    rows: usize,
    label: &'static str,
    violations: &'a mut Vec<Violation>,
    messages: Vec<(&'static str, Vec<u64>, F)>,
}

impl<'a> AirBuilder for Checker<'a> {
    type F = F;
    type Expr = F;
    type Var = F;
    type PreprocessedWindow = RowWindow<'a, F>;
    type MainWindow = RowWindow<'a, F>;
    type PublicVar = F;
    type PeriodicVar = F;

    fn main(&self) -> Self::MainWindow {
        self.main
    }

    fn preprocessed(&self) -> &Self::PreprocessedWindow {
        &self.none
    }

    fn is_first_row(&self) -> F {
        F::from_bool(self.row == 0)
    }

    fn is_last_row(&self) -> F {
        F::from_bool(self.row + 1 == self.rows)
    }

    fn is_transition(&self) -> F {
        F::from_bool(self.row + 1 < self.rows)
    }

    fn assert_zero<I: Into<F>>(&mut self, x: I) {
        if x.into() != F::ZERO {
            let violation = Violation {
                table: self.table,
                label: self.label,
                row: self.row,
            };
            self.violations.push(violation);
        }
    }

    fn periodic_values(&self) -> &[F] {
        &self.fixed
    }
}

impl InteractionBuilder for Checker<'_> {
    fn push_interaction<E: Into<F>>(
        &mut self,
        bus_name: &str,
        fields: impl IntoIterator<Item = E>,
        count: impl Into<Count<F>>,
    ) {
        let bus = Bus::ALL.into_iter().find(|bus| bus.name() == bus_name);
        let bus = bus
            .expect("Invariant: every bus is listed in `buses`")
            .name();
        let tuple = fields
            .into_iter()
            .map(|e| e.into().as_canonical_u64())
            .collect();
        self.messages
            .push((bus, tuple, count.into().into_parts().0));
    }

    fn push_local_interaction(&mut self, _: impl IntoIterator<Item = (Vec<F>, Count<F>)>) {
        panic!("Invariant: no table uses local interactions");
    }
}

impl TableBuilder for Checker<'_> {
    fn label(&mut self, label: &'static str) {
        self.label = label;
    }
}
