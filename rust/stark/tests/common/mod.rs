//! A small machine for tests: five tables of different heights that use every feature a real
//! table may use: lookups, periodic columns, next rows, selectors in constraints and in counts,
//! a public column, a table without messages, a constraint of degree 7.
#![allow(dead_code, missing_docs, unreachable_pub)]

use std::borrow::Cow;

use p3_air::{Air, AirBuilder, BaseAir, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};
use p3_matrix::dense::RowMajorMatrix;
use zkperp_stark::{F, Params, PublicColumn, Shape, Statement};

/// Which table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A Fibonacci-like walk, a row a step: a, b, product, index, reads.
    Walk,
    /// The squares of 0, 1, ...: index, square, count.
    Squares,
    /// Seventh powers, each base looked up: base, power.
    Powers,
    /// Cubes; no messages: base, cube.
    Cubes,
    /// The public column: value.
    Public,
}

/// One table of the test machine.
#[derive(Clone, Debug)]
pub struct TestAir {
    pub kind: Kind,
    /// Full height of the public table; empty for the others.
    pub public: Vec<F>,
}

const STEP: [u64; 4] = [3, 0, 0, 15];

impl BaseAir<F> for TestAir {
    fn width(&self) -> usize {
        match self.kind {
            Kind::Walk => 5,
            Kind::Squares => 3,
            Kind::Powers | Kind::Cubes => 2,
            Kind::Public => 1,
        }
    }

    fn main_next_row_columns(&self) -> Vec<usize> {
        match self.kind {
            Kind::Walk => vec![3, 0, 1],
            Kind::Squares | Kind::Public => vec![0],
            Kind::Powers | Kind::Cubes => vec![],
        }
    }

    fn num_periodic_columns(&self) -> usize {
        usize::from(matches!(self.kind, Kind::Walk | Kind::Public))
    }

    fn periodic_columns(&self) -> Cow<'_, [Vec<F>]> {
        match self.kind {
            Kind::Walk => Cow::Owned(vec![STEP.map(F::from_u64).to_vec()]),
            Kind::Public => Cow::Owned(vec![self.public.clone()]),
            _ => Cow::Borrowed(&[]),
        }
    }
}

impl<AB: AirBuilder<F = F> + InteractionBuilder> Air<AB> for TestAir {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let (row, next) = (main.current_slice(), main.next_slice());
        let now = |i: usize| -> AB::Expr { row[i].into() };
        let then = |i: usize| -> AB::Expr { next[i].into() };
        let one = AB::Expr::ONE;
        match self.kind {
            Kind::Walk => {
                let step: AB::Expr = builder.periodic_values()[0].into();
                let (first, last) = (builder.is_first_row(), builder.is_last_row());
                builder.assert_zero(now(2) - now(0) * now(1));
                builder.assert_bool(now(4));
                builder.when_first_row().assert_zero(now(3));
                let mut transition = builder.when_transition();
                transition.assert_eq(then(3), now(3) + one);
                transition.assert_eq(then(0), now(1));
                transition.assert_eq(then(1), now(0) + now(1) + step);
                let square = [now(3), now(3) * now(3)];
                builder.push_interaction("square", square, Count::bounded(now(4), 1));
                builder.push_interaction("start", [now(0), now(1)], Count::bounded(first, 1));
                builder.push_interaction("end", [now(2)], Count::bounded(last, 1));
            }
            Kind::Squares => {
                builder.when_first_row().assert_zero(now(0));
                builder.when_transition().assert_eq(then(0), now(0) + one);
                builder.assert_zero(now(1) - now(0) * now(0));
                builder.push_interaction("square", [now(0), now(1)], Count::provided(-now(2)));
            }
            Kind::Powers => {
                let x = now(0);
                let cube = x.clone() * x.clone() * x.clone();
                builder.assert_eq(now(1), cube.clone() * cube * x.clone());
                let square = [x.clone(), x.clone() * x];
                builder.push_interaction("square", square, Count::bounded(one, 1));
            }
            Kind::Cubes => builder.assert_zero(now(1) - now(0) * now(0) * now(0)),
            Kind::Public => {
                let public: AB::Expr = builder.periodic_values()[0].into();
                let (first, last) = (builder.is_first_row(), builder.is_last_row());
                builder.assert_zero(now(0) - public);
                builder.push_interaction("start", [now(0), then(0)], Count::bounded(-first, 1));
                builder.push_interaction("end", [now(0)], Count::bounded(-last, 1));
            }
        }
    }
}

/// Log heights of the tables in AIR order.
#[derive(Clone, Copy, Debug)]
pub struct Heights {
    pub squares: usize,
    pub walk: usize,
    pub public: usize,
    pub powers: usize,
    pub cubes: usize,
}

impl Heights {
    /// Small, all different, not in order.
    pub const SMALL: Self = Self {
        squares: 7,
        walk: 9,
        public: 6,
        powers: 8,
        cubes: 10,
    };
}

/// AIRs, shape, public values and rows of one run.
#[derive(Debug)]
pub struct Machine {
    pub airs: Vec<TestAir>,
    pub shape: Shape,
    pub public: Vec<F>,
    pub tables: Vec<RowMajorMatrix<F>>,
}

impl Machine {
    pub fn new(heights: Heights, params: Params) -> Self {
        let (walk, public) = walk(heights);
        let mut counts = vec![0u64; 1 << heights.squares];
        (0..1usize << heights.walk.min(heights.squares)).for_each(|i| counts[i] += 1);
        let squares = counts.len();
        let bases = (0..1usize << heights.powers).map(|i| (i * 5 + 1) % squares);
        let powers: Vec<F> = bases
            .flat_map(|base| {
                counts[base] += 1;
                let x = F::from_u64(base as u64);
                [x, x.exp_u64(7)]
            })
            .collect();
        let squares = counts.iter().enumerate();
        let squares = squares.flat_map(|(i, &m)| [i as u64, (i * i) as u64, m].map(F::from_u64));
        let cubes = (0..1u64 << heights.cubes).flat_map(|i| {
            let x = F::from_u64(i.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            [x, x.exp_u64(3)]
        });
        let tables = vec![
            RowMajorMatrix::new(squares.collect(), 3),
            RowMajorMatrix::new(walk, 5),
            RowMajorMatrix::new(public.clone(), 1),
            RowMajorMatrix::new(powers, 2),
            RowMajorMatrix::new(cubes.collect(), 2),
        ];
        let kinds = [
            Kind::Squares,
            Kind::Walk,
            Kind::Public,
            Kind::Powers,
            Kind::Cubes,
        ];
        let airs = kinds.map(|kind| TestAir {
            kind,
            public: if kind == Kind::Public {
                public.clone()
            } else {
                vec![]
            },
        });
        let log_rows = vec![
            heights.squares,
            heights.walk,
            heights.public,
            heights.powers,
            heights.cubes,
        ];
        let shape = Shape {
            id: 7,
            log_rows,
            params,
        };
        Self {
            airs: airs.to_vec(),
            shape,
            public,
            tables,
        }
    }

    /// The statement of this run.
    pub fn statement(&self) -> Statement<'_, TestAir> {
        let public = PublicColumn {
            table: 2,
            column: 0,
            values: &self.public,
        };
        Statement {
            airs: &self.airs,
            shape: &self.shape,
            public: Some(public),
        }
    }

    /// The same machine claiming other public values.
    pub fn with_public(&self, public: Vec<F>) -> Self {
        let mut airs = self.airs.clone();
        airs[2].public = public.clone();
        airs[2].public.resize(1 << self.shape.log_rows[2], F::ZERO);
        Self {
            airs,
            shape: self.shape.clone(),
            public,
            tables: vec![],
        }
    }
}

/// Rows of the walk, and the public column: its first two numbers, filler, its last product.
fn walk(heights: Heights) -> (Vec<F>, Vec<F>) {
    let (mut a, mut b) = (F::from_u64(11), F::from_u64(7));
    let mut public: Vec<F> = (0..1u64 << heights.public)
        .map(|i| F::from_u64(i * i + 5))
        .collect();
    (public[0], public[1]) = (a, b);
    let mut rows = Vec::new();
    for i in 0..1usize << heights.walk {
        let read = u64::from(i < 1 << heights.squares);
        rows.extend([a, b, a * b, F::from_u64(i as u64), F::from_u64(read)]);
        (a, b) = (b, a + b + F::from_u64(STEP[i % 4]));
    }
    let last = public.len() - 1;
    public[last] = rows[rows.len() - 3];
    (rows, public)
}

/// Parameters that prove the small machine fast: 60 bits, little grinding.
pub const FAST: Params = Params {
    log_inv_rate: 2,
    first_fold: 4,
    fold: 4,
    first_shrink: 2,
    shrink: 1,
    whir_bits: 63,
    pow_bits: 8,
    digest_bytes: 26,
    target_bits: 60,
};
