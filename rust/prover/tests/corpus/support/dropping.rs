//! The machine with one part left out: a constraint that is always satisfied, a request that is
//! never counted, or an entry that the last row provides once more, at the same degrees and in the
//! same place, so that proofs keep their form.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};

use p3_air::{Air, AirBuilder, BaseAir};
use p3_lookup::{Count, InteractionBuilder};
use zkperp_prover::builder::TableBuilder;
use zkperp_prover::check::Part;
use zkperp_prover::machine::{Kind, Table};
use zkperp_stark::F;

/// A table without some parts of the machine (which may be another table's).
#[derive(Clone, Debug)]
pub(crate) struct Without {
    /// The full table.
    pub(crate) table: Table,
    /// What is left out.
    pub(crate) parts: Vec<Part>,
    /// If a part provides entries: how many the last row provides too many.
    pub(crate) surplus: F,
    /// Where to note the label of each constraint that is emitted.
    pub(crate) labels: Option<Arc<Mutex<Vec<&'static str>>>>,
}

impl BaseAir<F> for Without {
    fn width(&self) -> usize {
        self.table.width()
    }

    fn main_next_row_columns(&self) -> Vec<usize> {
        self.table.main_next_row_columns()
    }

    fn num_periodic_columns(&self) -> usize {
        self.table.num_periodic_columns()
    }

    fn periodic_columns(&self) -> Cow<'_, [Vec<F>]> {
        self.table.periodic_columns()
    }
}

impl<AB: TableBuilder> Air<AB> for Without {
    #[inline(always)]
    fn eval(&self, inner: &mut AB) {
        self.table.eval(&mut Dropping {
            inner,
            parts: &self.parts,
            surplus: self.surplus,
            labels: self.labels.as_deref(),
            kind: self.table.kind,
            label: "",
            messages: 0,
        });
    }
}

/// A builder that passes everything on but some parts.
struct Dropping<'a, AB> {
    inner: &'a mut AB,
    parts: &'a [Part],
    surplus: F,
    labels: Option<&'a Mutex<Vec<&'static str>>>,
    kind: Kind,
    label: &'static str,
    messages: usize,
}

impl<AB: TableBuilder> AirBuilder for Dropping<'_, AB> {
    type F = AB::F;
    type Expr = AB::Expr;
    type Var = AB::Var;
    type PreprocessedWindow = AB::PreprocessedWindow;
    type MainWindow = AB::MainWindow;
    type PublicVar = AB::PublicVar;
    type PeriodicVar = AB::PeriodicVar;

    fn main(&self) -> Self::MainWindow {
        self.inner.main()
    }

    fn preprocessed(&self) -> &Self::PreprocessedWindow {
        self.inner.preprocessed()
    }

    fn is_first_row(&self) -> Self::Expr {
        self.inner.is_first_row()
    }

    fn is_last_row(&self) -> Self::Expr {
        self.inner.is_last_row()
    }

    fn is_transition(&self) -> Self::Expr {
        self.inner.is_transition()
    }

    fn assert_zero<I: Into<Self::Expr>>(&mut self, x: I) {
        let x = x.into();
        if let Some(labels) = self.labels {
            labels.lock().expect("one thread").push(self.label);
        }
        if self.parts.contains(&Part::Constraint(self.label)) {
            self.inner.assert_zero(x.clone() - x);
        } else {
            self.inner.assert_zero(x);
        }
    }

    fn public_values(&self) -> &[Self::PublicVar] {
        self.inner.public_values()
    }

    fn periodic_values(&self) -> &[Self::PeriodicVar] {
        self.inner.periodic_values()
    }
}

impl<AB: TableBuilder> InteractionBuilder for Dropping<'_, AB> {
    fn push_interaction<E: Into<Self::Expr>>(
        &mut self,
        bus_name: &str,
        fields: impl IntoIterator<Item = E>,
        count: impl Into<Count<Self::Expr>>,
    ) {
        let (count, weight) = count.into().into_parts();
        let part = Part::Message(self.kind, self.messages);
        let count = match (self.parts.contains(&part), weight == 0) {
            (false, _) => count,
            (true, true) => count + self.inner.is_last_row() * self.surplus,
            (true, false) => count.clone() - count,
        };
        self.messages += 1;
        self.inner
            .push_interaction(bus_name, fields, Count::bounded(count, weight));
    }

    fn push_local_interaction(
        &mut self,
        _: impl IntoIterator<Item = (Vec<Self::Expr>, Count<Self::Expr>)>,
    ) {
        panic!("Invariant: no table uses local interactions");
    }
}

impl<AB: TableBuilder> TableBuilder for Dropping<'_, AB> {
    fn label(&mut self, label: &'static str) {
        self.label = label;
        self.inner.label(label);
    }
}
