//! The constant bytes that each sub-protocol absorbs when it starts.
//!
//! Plonky3 seeds every sub-protocol with a protocol id, a hash of its interaction pattern and a
//! label of sizes. For a fixed shape all of them are constants; the Solidity verifier carries
//! them as data. Source: p3-challenger 0.8.0, `fs/domain_separator.rs` and `fs/pattern`.

use crate::keccak::{Digest, keccak256};
use crate::plan::{FoldPlan, LookupPlan, Plan, QueryPlan};

/// Type tag of one base element in a pattern line.
const BASE: &str = "Algebra(18446744069414584321^1;\
    cfa353fe66eeeae7600254a68073d57125abac3820fde7a3e32c84482b826469)";

/// Type tag of one extension element in a pattern line.
const EXTENSION: &str = "Algebra(18446744069414584321^3;\
    480b7b760e7f4a8a54a9abb27983877fc95b1df1622a123c03f34a4227796824)";

/// The seeds of one shape, as the bytes the transcript absorbs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seeds {
    /// Statement and commitment; the first root follows.
    pub statement: Vec<u8>,
    /// Lookup argument; alpha and beta follow. Empty without lookups.
    pub lookup: Vec<u8>,
    /// Fraction tree; the root denominator follows. Empty without lookups.
    pub fractions: Vec<u8>,
    /// Zerocheck; its challenges follow.
    pub zerocheck: Vec<u8>,
    /// Zerocheck sumcheck; the claimed sum follows.
    pub zerocheck_sumcheck: Vec<u8>,
    /// Each out-of-domain answer of the first commitment; its point follows.
    pub ood: Vec<u8>,
    /// Each table's opened values, in the order of the AIRs.
    pub openings: Vec<Vec<u8>>,
    /// The commitment's own protocol and the batching of claims; the batching challenge follows.
    pub whir: Vec<u8>,
    /// Each run of sumcheck rounds: initial, one per round, final (empty for none).
    pub folds: Vec<Vec<u8>>,
}

/// One line of a pattern.
enum Step {
    Begin(&'static str),
    End(&'static str),
    Atomic(String),
}

fn atomic(kind: &str, label: &str, length: &str, of: &str) -> Step {
    Step::Atomic(format!(
        "Atomic {kind} {} {label} {length} {of}",
        label.len()
    ))
}

fn challenge(label: &str) -> Step {
    atomic("Challenge", label, "Scalar", EXTENSION)
}

fn message(label: &str, length: &str) -> Step {
    atomic("Message", label, length, EXTENSION)
}

fn bracket(label: &'static str) -> [Step; 2] {
    [Step::Begin(label), Step::End(label)]
}

fn pattern_hash(steps: &[Step]) -> Digest {
    let count = steps.len();
    let digits = count.saturating_sub(1).to_string().len();
    let mut text = format!("Plonky3 Fiat-Shamir Transcript ({count} interactions)\n");
    let mut depth = 0;
    for (position, step) in steps.iter().enumerate() {
        if matches!(step, Step::End(_)) {
            depth -= 1;
        }
        let line = match step {
            Step::Begin(label) => format!("Begin Protocol {} {label} None Marker", label.len()),
            Step::End(label) => format!("End Protocol {} {label} None Marker", label.len()),
            Step::Atomic(line) => line.clone(),
        };
        text += &format!("{position:0>digits$} {}{line}\n", "  ".repeat(depth));
        if matches!(step, Step::Begin(_)) {
            depth += 1;
        }
    }
    keccak256(text.as_bytes())
}

/// Chunks of a label, each with its length before it.
#[derive(Default)]
struct Label(Vec<u8>);

impl Label {
    fn bytes(mut self, chunk: &[u8]) -> Self {
        self.0.extend(crate::shape::encode_size(chunk.len()));
        self.0.extend(chunk);
        self
    }

    fn number(self, value: usize) -> Self {
        self.bytes(&(value as u64).to_be_bytes())
    }

    fn numbers(self, values: impl IntoIterator<Item = usize>) -> Self {
        values.into_iter().fold(self, Self::number)
    }
}

/// The absorbed bytes: the stream's length, then its 7-byte pieces read as little-endian
/// numbers, each 8 bytes big-endian as every base element.
fn seed(version: u8, name: &str, steps: &[Step], label: &Label) -> Vec<u8> {
    let mut stream = vec![0u8; 64];
    stream[0] = version;
    stream[1..=name.len()].copy_from_slice(name.as_bytes());
    stream[63] = u8::try_from(name.len()).expect("Invariant: protocol names are short");
    stream.extend(pattern_hash(steps));
    stream.extend(crate::shape::encode_size(label.0.len()));
    stream.extend(&label.0);
    stream.push(0x80);
    let mut out = (stream.len() as u64).to_be_bytes().to_vec();
    for piece in stream.chunks(7) {
        let mut word = [0u8; 8];
        word[..piece.len()].copy_from_slice(piece);
        out.extend(u64::from_le_bytes(word).to_be_bytes());
    }
    out
}

impl Seeds {
    /// The seeds of a plan.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let lookup = plan.lookup.as_ref();
        let mut folds = vec![fold(&plan.whir.initial_fold)];
        folds.extend(plan.whir.rounds.iter().map(|round| fold(&round.fold)));
        folds.push(fold(&plan.whir.final_fold));
        Self {
            statement: statement(plan),
            lookup: lookup.map_or_else(Vec::new, |l| lookup_seed(plan, l)),
            fractions: lookup.map_or_else(Vec::new, fractions),
            zerocheck: zerocheck(plan),
            zerocheck_sumcheck: zerocheck_sumcheck(plan),
            ood: ood(plan),
            openings: (0..plan.tables.len())
                .map(|table| opening(plan, table))
                .collect(),
            whir: [whir(plan), batching(plan)].concat(),
            folds,
        }
    }
}

fn statement(plan: &Plan) -> Vec<u8> {
    let mut steps: Vec<Step> = bracket("main_commitment").into();
    for _ in &plan.tables {
        steps.push(atomic("Public", "public_values", "Fixed(0)", BASE));
    }
    for label in ["lookup_argument", "zerocheck", "main_opening"] {
        steps.extend(bracket(label));
    }
    let mut label = Label::default().numbers([plan.tables.len(), 0]);
    for table in &plan.tables {
        let next = &table.air.next_columns;
        label = label.numbers([table.log_rows, table.air.width, 0, next.len()]);
        label = label.numbers(next.iter().copied()).number(0);
    }
    let commitment = [atomic("Message", "commitment", "Scalar", "Opaque")];
    [
        seed(2, "p3-multi-stark", &steps, &label),
        seed(
            1,
            "p3-sumcheck-layout-commitment",
            &commitment,
            &Label::default(),
        ),
    ]
    .concat()
}

fn lookup_seed(plan: &Plan, lookup: &LookupPlan) -> Vec<u8> {
    let mut steps = vec![challenge("alpha"), challenge("beta")];
    steps.extend(bracket("fraction_reduction"));
    steps.push(challenge("theta"));
    let counts = [
        lookup.num_variables,
        lookup.max_width,
        lookup.buses,
        lookup.active.len(),
    ];
    let mut label = Label::default().numbers(counts);
    for active in &lookup.active {
        let log_rows = plan.tables[active.table].log_rows;
        label = label
            .numbers([
                active.table,
                log_rows,
                active.base_offset,
                active.bus_ids.len(),
            ])
            .numbers(active.bus_ids.iter().copied());
    }
    seed(1, "p3-multi-stark-lookup", &steps, &label)
}

fn fractions(lookup: &LookupPlan) -> Vec<u8> {
    let drawn = |label| atomic("Challenge", label, "Fixed(1)", EXTENSION);
    let mut steps = vec![message("root_denominator", "Scalar")];
    for layer in 0..lookup.num_variables {
        let [begin, end] = bracket("layer");
        steps.push(begin);
        steps.push(challenge("batching"));
        for _ in 0..layer {
            steps.push(message("round_poly", "Fixed(3)"));
            steps.push(drawn("round_challenge"));
        }
        steps.push(message("claims", "Fixed(4)"));
        steps.push(drawn("branch"));
        steps.push(end);
    }
    seed(2, "p3-multi-stark-fraction-gkr", &steps, &Label::default())
}

fn zerocheck(plan: &Plan) -> Vec<u8> {
    let lookup_variables = plan.lookup.as_ref().map_or(0, |l| l.num_variables);
    let mut steps = vec![challenge("alpha"), challenge("beta")];
    if lookup_variables > 0 {
        steps.push(challenge("eta"));
    }
    let free = plan.zerocheck_rounds - lookup_variables;
    if free > 0 {
        steps.push(atomic(
            "Challenge",
            "tau",
            &format!("Fixed({free})"),
            EXTENSION,
        ));
    }
    steps.extend(bracket("constraint_sumcheck"));
    let counts = [
        plan.zerocheck_rounds,
        lookup_variables,
        0,
        plan.tables.len(),
    ];
    let degrees = plan.tables.iter();
    let degrees = degrees.flat_map(|t| [t.air.constraint_degree, t.air.interaction_degree]);
    let label = Label::default().numbers(counts).numbers(degrees);
    seed(1, "p3-multi-stark-zerocheck", &steps, &label)
}

fn zerocheck_sumcheck(plan: &Plan) -> Vec<u8> {
    let sent = format!("Fixed({})", plan.zerocheck_degree);
    let mut steps = vec![message("claimed_sum", "Scalar")];
    for _ in 0..plan.zerocheck_rounds {
        steps.push(message("round_poly", &sent));
        steps.push(challenge("round_challenge"));
    }
    seed(1, "p3-sumcheck-generic-degree", &steps, &Label::default())
}

/// The stacked layout, part of several labels.
fn layout(plan: &Plan) -> Label {
    let shapes = plan.tables.iter().flat_map(|t| [t.log_rows, t.air.width]);
    Label::default()
        .number(plan.whir.num_variables)
        .bytes(&[1])
        .bytes(&[0])
        .number(plan.tables.len())
        .numbers(shapes)
}

fn ood(plan: &Plan) -> Vec<u8> {
    let steps = [
        challenge("virtual_point"),
        message("virtual_eval", "Scalar"),
    ];
    seed(1, "p3-sumcheck-layout-ood", &steps, &layout(plan))
}

fn opening(plan: &Plan, table: usize) -> Vec<u8> {
    let (log_rows, air) = (plan.tables[table].log_rows, &plan.tables[table].air);
    let next = &air.next_columns;
    let mut steps = vec![message("current_evals", &format!("Fixed({})", air.width))];
    if !next.is_empty() {
        steps.push(message("next_evals", &format!("Fixed({})", next.len())));
    }
    let label = layout(plan)
        .numbers([table, log_rows, air.width])
        .numbers(0..air.width)
        .number(next.len())
        .numbers(next.iter().copied());
    seed(1, "p3-sumcheck-layout-opening", &steps, &label)
}

fn query_steps(query: &QueryPlan, pow: &str, indices: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    if query.pow_bits > 0 {
        steps.push(atomic(
            "Pow",
            pow,
            &format!("Fixed({})", query.pow_bits),
            BASE,
        ));
    }
    if !query.exhaustive() && query.queries > 0 {
        let bits = format!("UniformBits({})", query.log_leaves);
        steps.push(atomic(
            "Challenge",
            indices,
            &format!("Fixed({})", query.queries),
            &bits,
        ));
    }
    steps
}

fn whir(plan: &Plan) -> Vec<u8> {
    let whir = &plan.whir;
    let mut steps: Vec<Step> = bracket("initial_fold").into();
    for round in &whir.rounds {
        steps.push(atomic("Message", "commitment", "Scalar", "Opaque"));
        for _ in 0..round.oods {
            steps.push(challenge("ood_point"));
            steps.push(message("ood_answer", "Scalar"));
        }
        steps.extend(query_steps(&round.query, "query_pow", "query_indices"));
        steps.push(challenge("round_batching"));
        steps.extend(bracket("round_fold"));
    }
    let variables = whir.final_fold.rounds;
    steps.push(message(
        "final_poly",
        &format!("Fixed({})", 1usize << variables),
    ));
    steps.extend(query_steps(
        &whir.final_query,
        "final_query_pow",
        "final_query_indices",
    ));
    if variables > 0 {
        steps.extend(bracket("final_fold"));
    }
    let params = &plan.params;
    let mut label = Label::default()
        .numbers([whir.num_variables, whir.initial_oods, plan.tables.len()])
        .numbers([
            1 << whir.initial_fold.rounds,
            params.whir_bits,
            params.pow_bits,
        ])
        // Johnson bound; a first folding factor and a constant later one.
        .numbers([params.log_inv_rate, 1, 1, params.first_fold, params.fold])
        .numbers([whir.initial_fold.rounds, whir.initial_fold.pow_bits])
        .numbers([variables, whir.final_fold.pow_bits, whir.rounds.len()]);
    for round in &whir.rounds {
        label = label.numbers([round.log_inv_rate, round.fold.rounds, round.fold.pow_bits]);
    }
    seed(3, "p3-whir", &steps, &label)
}

fn batching(plan: &Plan) -> Vec<u8> {
    let label = layout(plan).numbers([plan.column_claims(), plan.whir.initial_oods]);
    seed(
        1,
        "p3-sumcheck-layout-batching",
        &[challenge("batching")],
        &label,
    )
}

fn fold(fold: &FoldPlan) -> Vec<u8> {
    if fold.rounds == 0 {
        return Vec::new();
    }
    let mut steps = Vec::new();
    for _ in 0..fold.rounds {
        steps.push(message("round_poly", "Fixed(2)"));
        if fold.pow_bits > 0 {
            steps.push(atomic(
                "Pow",
                "round_pow",
                &format!("Fixed({})", fold.pow_bits),
                BASE,
            ));
        }
        steps.push(challenge("round_challenge"));
    }
    seed(
        1,
        "p3-sumcheck-quadratic",
        &steps,
        &Label::default().bytes(&[0]),
    )
}
