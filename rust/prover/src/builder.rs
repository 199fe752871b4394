//! What a table may say: labelled constraints, and messages on buses.

use p3_air::AirBuilder;
use p3_bus::BusSymbolicBuilder;
use p3_field::{Algebra, ExtensionField, PrimeCharacteristicRing};
use p3_lookup::{Count, InteractionBuilder, InteractionSymbolicBuilder};
use p3_multi_stark::folder::{InteractionMultilinearFolder, MultilinearFolder};
use zkperp_field::F;

use crate::buses::Bus;

/// A Plonky3 constraint builder over Goldilocks that can also be told a constraint's name.
///
/// The library's own builders throw the name away; our checker (`check`) reports by it.
pub trait TableBuilder: AirBuilder<F = F> + InteractionBuilder {
    /// Names the next constraint.
    #[inline(always)]
    fn label(&mut self, _label: &'static str) {}

    /// `expression = 0` on every row, the last one included, whose successor is itself.
    #[inline(always)]
    fn zero(&mut self, label: &'static str, expression: impl Into<Self::Expr>) {
        self.label(label);
        self.assert_zero(expression);
    }

    /// `expression = 0` on the first row.
    #[inline(always)]
    fn zero_first(&mut self, label: &'static str, expression: impl Into<Self::Expr>) {
        self.label(label);
        self.when_first_row().assert_zero(expression);
    }

    /// `expression = 0` on the last row.
    #[inline(always)]
    fn zero_last(&mut self, label: &'static str, expression: impl Into<Self::Expr>) {
        self.label(label);
        self.when_last_row().assert_zero(expression);
    }

    /// `expression = 0` on every row but the last: the only place for counters and successors.
    #[inline(always)]
    fn zero_transition(&mut self, label: &'static str, expression: impl Into<Self::Expr>) {
        self.label(label);
        self.when_transition().assert_zero(expression);
    }

    /// `expression` is 0 or 1.
    #[inline(always)]
    fn boolean(&mut self, label: &'static str, expression: impl Into<Self::Expr>) {
        self.label(label);
        self.assert_bool(expression);
    }

    /// Asks once per row for a tuple that a table provides.
    #[inline(always)]
    fn ask<const N: usize>(&mut self, bus: Bus, tuple: [Self::Expr; N]) {
        self.ask_if(bus, tuple, Self::Expr::ONE);
    }

    /// Asks for a tuple on the rows where `flag` is 1. The caller constrains `flag` to 0 or 1:
    /// the library trusts the bound and does not check it.
    #[inline(always)]
    fn ask_if<const N: usize>(&mut self, bus: Bus, tuple: [Self::Expr; N], flag: Self::Expr) {
        self.push_interaction(bus.name(), tuple, Count::bounded(flag, 1));
    }

    /// Sends a message on the rows where `flag` is 1, to be received exactly once. The caller
    /// constrains `flag` to 0 or 1.
    #[inline(always)]
    fn send_if<const N: usize>(&mut self, bus: Bus, tuple: [Self::Expr; N], flag: Self::Expr) {
        self.push_interaction(bus.name(), tuple, Count::bounded(flag, 1));
    }

    /// Receives a message on the rows where `flag` is 1. The caller constrains `flag` to 0 or 1.
    #[inline(always)]
    fn receive_if<const N: usize>(&mut self, bus: Bus, tuple: [Self::Expr; N], flag: Self::Expr) {
        self.push_interaction(bus.name(), tuple, -Count::bounded(flag, 1));
    }

    /// Provides a tuple as often as `count` says. `count` is the prover's choice, so the tuple
    /// must be one that any number of readers may see: a function's graph, or read-only memory.
    #[inline(always)]
    fn provide(
        &mut self,
        bus: Bus,
        tuple: impl IntoIterator<Item = Self::Expr>,
        count: Self::Expr,
    ) {
        self.push_interaction(bus.name(), tuple, Count::provided(-count));
    }
}

impl<Var, Acc> TableBuilder for MultilinearFolder<'_, F, Var, Acc>
where
    Var: Algebra<F> + Copy + Send + Sync,
    Acc: Algebra<Var> + Copy,
{
}

impl<Var, Acc> TableBuilder for InteractionMultilinearFolder<'_, F, Var, Acc>
where
    Var: Algebra<F> + Copy + Send + Sync,
    Acc: Algebra<Var> + Copy,
{
}

impl<EF: ExtensionField<F>> TableBuilder for InteractionSymbolicBuilder<F, EF> {}
impl<EF: ExtensionField<F>> TableBuilder for BusSymbolicBuilder<F, EF> {}
