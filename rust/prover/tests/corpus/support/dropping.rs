//! The machine with one part left out: a constraint that is always satisfied, or a message that is
//! never counted, at the same degrees and in the same place, so that proofs keep their form.

use std::borrow::Cow;

use p3_air::{Air, AirBuilder, BaseAir};
use p3_lookup::{Count, InteractionBuilder};
use zkperp_prover::builder::TableBuilder;
use zkperp_prover::check::Part;
use zkperp_prover::machine::{Kind, Table};
use zkperp_stark::F;

/// A table without one part of the machine (which may be another table's).
#[derive(Clone, Debug)]
pub struct Without {
    /// The full table.
    pub table: Table,
    /// What is left out.
    pub part: Part,
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
            part: self.part,
            kind: self.table.kind,
            label: "",
            messages: 0,
        });
    }
}

/// A builder that passes everything on but one part.
struct Dropping<'a, AB> {
    inner: &'a mut AB,
    part: Part,
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
        match self.part {
            Part::Constraint(label) if label == self.label => self.inner.assert_zero(x.clone() - x),
            _ => self.inner.assert_zero(x),
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
        let count = match self.part {
            Part::Message(kind, message) if (kind, message) == (self.kind, self.messages) => {
                count.clone() - count
            }
            _ => count,
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
