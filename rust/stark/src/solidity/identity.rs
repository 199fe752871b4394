//! The closing identity of the zerocheck as a program: for every table the random combination of
//! its constraints, and for every bus message its term, at the opening point.

use p3_field::PrimeField64;
use zkperp_field::F;

use super::GenerateError;
use super::program::{Builder, Compiled, Value, compile};
use crate::plan::{LookupPlan, Plan, TablePlan};
use crate::symbolic::{Node, Periodic};

/// Register of the lookup's first challenge; the second, theta and the constraint-batching
/// challenge follow.
const ALPHA: usize = 0;
const BETA: usize = 1;
const THETA: usize = 2;
const CONSTRAINT_BATCHING: usize = 3;

/// First register of the zerocheck's point.
pub(super) const POINT: usize = 4;

/// The program's inputs and outputs.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) builder: Builder,
    /// Register of the public column's value.
    pub(super) public: usize,
    /// First register of the opened values: per table current, then next.
    pub(super) openings: usize,
    /// Registers the verifier fills.
    pub(super) inputs: usize,
    /// Terms of the bus messages, tables tallest first; then one value per table.
    pub(super) outputs: Vec<Value>,
    /// Number of terms.
    pub(super) terms: usize,
}

impl Identity {
    pub(super) fn compile(&self) -> Result<Compiled, GenerateError> {
        compile(&self.builder, self.inputs, &self.outputs)
    }
}

/// First register of each table's opened values, relative to `Identity::openings`.
pub(super) fn opening_offsets(plan: &Plan) -> Vec<usize> {
    let mut next = 0;
    let place = |table: &TablePlan| {
        let offset = next;
        next += table.air.width + table.air.next_columns.len();
        offset
    };
    plan.tables.iter().map(place).collect()
}

pub(super) fn build(plan: &Plan) -> Identity {
    let public = POINT + plan.zerocheck_rounds;
    let openings = public + 1;
    let inputs = openings + plan.column_claims();
    let mut writer = Writer {
        builder: Builder::default(),
        plan,
        public,
    };
    let mut values = Vec::new();
    for (index, offset) in opening_offsets(plan).into_iter().enumerate() {
        writer
            .builder
            .section(&format!("table {index}: columns and constraints"));
        values.push(writer.table(index, openings + offset));
    }
    let mut outputs = Vec::new();
    if let Some(lookup) = &plan.lookup {
        for active in &lookup.active {
            writer
                .builder
                .section(&format!("table {}: bus messages", active.table));
            let nodes = &values[active.table].0;
            let messages = plan.tables[active.table]
                .air
                .interactions
                .iter()
                .zip(&active.bus_ids);
            for (message, &bus) in messages {
                let fields: Vec<Value> =
                    message.fields.iter().map(|&f| nodes[f as usize]).collect();
                outputs.push(writer.term(lookup, bus, nodes[message.count as usize], &fields));
            }
        }
    }
    let terms = outputs.len();
    outputs.extend(values.iter().map(|(_, constraints)| constraints));
    Identity {
        builder: writer.builder,
        public,
        openings,
        inputs,
        outputs,
        terms,
    }
}

struct Writer<'a> {
    builder: Builder,
    plan: &'a Plan,
    public: usize,
}

impl Writer<'_> {
    /// All nodes of a table's graph, and its constraints combined: the first constraint gets the
    /// highest power.
    fn table(&mut self, index: usize, openings: usize) -> (Vec<Value>, Value) {
        let plan = self.plan;
        let table = &plan.tables[index];
        let periodic: Vec<Value> = table
            .air
            .periodic
            .iter()
            .map(|p| self.periodic(p))
            .collect();
        let mut nodes: Vec<Value> = Vec::new();
        for node in &table.air.nodes {
            let value = match *node {
                Node::Constant(value) => self.builder.constant(value),
                Node::Current(column) => self.builder.input(openings + column as usize),
                Node::Next(column) => {
                    let next = &table.air.next_columns;
                    match next.iter().position(|&c| c == column as usize) {
                        Some(at) => self.builder.input(openings + table.air.width + at),
                        // The library opens no other next value and reads it as zero.
                        None => self.builder.constant(0),
                    }
                }
                Node::Periodic(column) => periodic[column as usize],
                Node::First => self.first(table.log_rows),
                Node::Last => self.last(table.log_rows),
                Node::Transition => {
                    let (one, last) = (self.builder.constant(1), self.last(table.log_rows));
                    self.builder.sub(one, last)
                }
                Node::Add(a, b) => self.builder.add(nodes[a as usize], nodes[b as usize]),
                Node::Sub(a, b) => self.builder.sub(nodes[a as usize], nodes[b as usize]),
                Node::Mul(a, b) => self.builder.mul(nodes[a as usize], nodes[b as usize]),
                Node::Neg(a) => self.builder.neg(nodes[a as usize]),
            };
            nodes.push(value);
        }
        let mut sum = self.builder.constant(0);
        let batching = self.builder.input(CONSTRAINT_BATCHING);
        for &constraint in &table.air.constraints {
            let shifted = self.builder.mul(sum, batching);
            sum = self.builder.add(shifted, nodes[constraint as usize]);
        }
        let sum = self.builder.reduced(sum);
        (nodes, sum)
    }

    /// A coordinate of the point, counted from its end.
    fn coordinate(&mut self, from_end: usize) -> Value {
        self.builder
            .input(POINT + self.plan.zerocheck_rounds - 1 - from_end)
    }

    /// Product of the last coordinates; built from the end so that tables share it.
    fn last(&mut self, log_rows: usize) -> Value {
        let mut product = self.builder.constant(1);
        for i in 0..log_rows {
            let r = self.coordinate(i);
            product = self.builder.mul(product, r);
        }
        product
    }

    /// Product of one minus the last coordinates.
    fn first(&mut self, log_rows: usize) -> Value {
        let mut product = self.builder.constant(1);
        for i in 0..log_rows {
            let (one, r) = (self.builder.constant(1), self.coordinate(i));
            let complement = self.builder.sub(one, r);
            product = self.builder.mul(product, complement);
        }
        product
    }

    fn periodic(&mut self, column: &Periodic) -> Value {
        match column {
            Periodic::Public => self.builder.input(self.public),
            Periodic::Constant(values) => self.extension(values),
        }
    }

    /// Multilinear extension of constants at the point's end: zero and equal halves cost nothing,
    /// so a sparse column costs its entries.
    fn extension(&mut self, values: &[F]) -> Value {
        if let [value] = values {
            return self.builder.constant(value.as_canonical_u64());
        }
        let (low, high) = values.split_at(values.len() / 2);
        if low == high {
            return self.extension(low);
        }
        let bits = values.len().trailing_zeros() as usize;
        let r = self.coordinate(bits - 1);
        let zero = |half: &[F]| half.iter().all(|v| v.as_canonical_u64() == 0);
        if zero(high) {
            let one = self.builder.constant(1);
            let (complement, low) = (self.builder.sub(one, r), self.extension(low));
            return self.builder.mul(complement, low);
        }
        let high = self.extension(high);
        if zero(low) {
            return self.builder.mul(r, high);
        }
        let low = self.extension(low);
        let slope = self.builder.sub(high, low);
        let rise = self.builder.mul(r, slope);
        self.builder.add(low, rise)
    }

    /// m + theta (alpha + (bus + 1) beta^W - 1) - theta sum_j beta^j field_j.
    fn term(&mut self, lookup: &LookupPlan, bus: usize, count: Value, fields: &[Value]) -> Value {
        let b = &mut self.builder;
        let (alpha, beta, theta) = (b.input(ALPHA), b.input(BETA), b.input(THETA));
        let one = b.constant(1);
        let mut powers = vec![theta];
        while powers.len() <= lookup.max_width {
            let last = powers[powers.len() - 1];
            powers.push(b.mul(last, beta));
        }
        let shifted = b.sub(alpha, one);
        let shifted = b.mul(theta, shifted);
        let number = b.constant(bus as u64 + 1);
        let offset = b.mul(powers[lookup.max_width], number);
        let mut sum = b.add(shifted, offset);
        sum = b.add(sum, count);
        let mut payload = b.constant(0);
        for (&power, &field) in powers.iter().zip(fields) {
            let part = b.mul(power, field);
            payload = b.add(payload, part);
        }
        let term = b.sub(sum, payload);
        b.reduced(term)
    }
}
