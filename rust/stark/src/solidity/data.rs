//! The shape's data in the byte layout that `contracts/src/verifier/ShapeData.sol` reads.

use zkperp_field::{F, Field, PrimeCharacteristicRing, PrimeField64};

use super::GenerateError;
use super::identity::{Identity, POINT, opening_offsets};
use super::program::Compiled;
use crate::plan::{Plan, QueryPlan};
use crate::seeds::Seeds;
use crate::shape::{Statement, encode_size};
use crate::symbolic::StatementAir;

/// 4-byte fields of the header, numbered as in `ShapeData.sol`.
const FIELDS: usize = 44;

/// Bytes of a table record and of a round record.
const RECORD: usize = 28;

/// Data behind the header, with the byte offsets the header needs.
struct Blob {
    bytes: Vec<u8>,
}

impl Blob {
    /// Offset from the start of the data.
    fn here(&self) -> usize {
        32 + 4 * FIELDS + self.bytes.len()
    }

    fn put(&mut self, bytes: &[u8]) -> usize {
        let at = self.here();
        self.bytes.extend(bytes);
        at
    }

    fn numbers(&mut self, values: &[usize]) -> usize {
        let at = self.here();
        values
            .iter()
            .for_each(|&v| self.bytes.extend(encode_size(v)));
        at
    }

    fn felts(&mut self, values: impl IntoIterator<Item = u64>) -> usize {
        let at = self.here();
        values
            .into_iter()
            .for_each(|v| self.bytes.extend(v.to_be_bytes()));
        at
    }
}

/// Encodes everything; see `docs/spec/proof-format.md`, "Shape data".
pub(super) fn encode<A: StatementAir>(
    statement: &Statement<'_, A>,
    plan: &Plan,
    seeds: &Seeds,
    identity: &Identity,
    compiled: &Compiled,
) -> Result<Vec<u8>, GenerateError> {
    let mut blob = Blob { bytes: Vec::new() };
    let whir = &plan.whir;
    let lookup = plan.lookup.as_ref();
    let mut header = vec![
        plan.digest_bytes,
        plan.tables.len(),
        tables(&mut blob, plan, seeds),
        lookup.map_or(0, |l| l.num_variables),
        lookup.map_or(0, |l| l.active.len()),
        active(&mut blob, plan),
        plan.zerocheck_rounds,
        plan.zerocheck_degree,
        inverse_factorials(&mut blob, plan.zerocheck_degree),
        whir.num_variables,
        whir.initial_oods,
        whir.initial_fold.rounds,
        whir.rounds.len(),
        rounds(&mut blob, plan),
        whir.final_fold.rounds,
        final_query(&mut blob, &whir.final_query),
        fold_seeds(&mut blob, seeds),
        placement(&mut blob, plan),
    ];
    for seed in [
        &seeds.statement,
        &seeds.lookup,
        &seeds.fractions,
        &seeds.zerocheck,
        &seeds.zerocheck_sumcheck,
        &seeds.ood,
        &seeds.whir,
    ] {
        header.push(blob.put(seed));
        header.push(seed.len());
    }
    header.push(blob.felts(compiled.constants.iter().copied()));
    header.push(compiled.constants.len());
    header.extend([
        compiled.registers,
        POINT,
        identity.public,
        identity.openings,
    ]);
    header.extend([compiled.first_constant, compiled.first_output]);
    header.push(compiled.first_output + identity.terms);
    header.push(pending_capacity(plan, seeds));
    header.push(
        statement
            .public
            .map_or(0, |p| statement.shape.log_rows[p.table]),
    );
    header.push(plan.column_claims());
    assert_eq!(header.len(), FIELDS, "Invariant: header fields are counted");
    let mut data = statement.digest()?.to_vec();
    header
        .into_iter()
        .for_each(|value| data.extend(encode_size(value)));
    data.extend(blob.bytes);
    Ok(data)
}

fn tables(blob: &mut Blob, plan: &Plan, seeds: &Seeds) -> usize {
    let mut records = Vec::new();
    for (table, seed) in plan.tables.iter().zip(&seeds.openings) {
        let next = blob.numbers(&table.air.next_columns);
        let seed_at = blob.put(seed);
        let counts = [
            table.log_rows,
            table.air.width,
            table.air.next_columns.len(),
        ];
        records.extend(counts);
        records.extend([next, table.first_slot, seed_at, seed.len()]);
    }
    assert_eq!(
        4 * records.len(),
        RECORD * plan.tables.len(),
        "Invariant: seven fields a table"
    );
    blob.numbers(&records)
}

fn active(blob: &mut Blob, plan: &Plan) -> usize {
    let Some(lookup) = &plan.lookup else { return 0 };
    let record = |active: &crate::plan::ActiveTable| {
        let log_rows = plan.tables[active.table].log_rows;
        [
            log_rows,
            active.base_offset >> log_rows,
            active.bus_ids.len(),
        ]
    };
    let records: Vec<usize> = lookup.active.iter().flat_map(record).collect();
    blob.numbers(&records)
}

fn inverse_factorials(blob: &mut Blob, degree: usize) -> usize {
    let mut factorial = F::ONE;
    let inverses = (0..=degree).map(|k| {
        if k > 0 {
            factorial *= F::from_u64(k as u64);
        }
        factorial.inverse().as_canonical_u64()
    });
    let inverses: Vec<u64> = inverses.collect();
    blob.felts(inverses)
}

const fn query(plan: &QueryPlan) -> [usize; 4] {
    [plan.log_leaves, plan.queries, plan.pow_bits, plan.log_row]
}

fn rounds(blob: &mut Blob, plan: &Plan) -> usize {
    let mut records = Vec::new();
    for round in &plan.whir.rounds {
        records.extend(query(&round.query));
        records.extend([round.num_variables, round.oods, round.fold.rounds]);
    }
    blob.numbers(&records)
}

fn final_query(blob: &mut Blob, plan: &QueryPlan) -> usize {
    blob.numbers(&query(plan))
}

fn fold_seeds(blob: &mut Blob, seeds: &Seeds) -> usize {
    let places: Vec<usize> = seeds
        .folds
        .iter()
        .flat_map(|seed| [blob.put(seed), seed.len()])
        .collect();
    blob.numbers(&places)
}

/// The registers of the column claims in the order of their batching powers, then the tables in
/// placement order.
fn placement(blob: &mut Blob, plan: &Plan) -> usize {
    let offsets = opening_offsets(plan);
    let mut list = Vec::new();
    for &table in &plan.whir.placement {
        let air = &plan.tables[table].air;
        list.extend((0..air.width + air.next_columns.len()).map(|i| offsets[table] + i));
    }
    list.extend(&plan.whir.placement);
    blob.numbers(&list)
}

/// More bytes than are ever pending in the transcript: every seed and every element that can come
/// between two challenges.
fn pending_capacity(plan: &Plan, seeds: &Seeds) -> usize {
    let single = [
        &seeds.statement,
        &seeds.lookup,
        &seeds.fractions,
        &seeds.zerocheck,
    ];
    let single = single
        .into_iter()
        .chain([&seeds.zerocheck_sumcheck, &seeds.ood, &seeds.whir]);
    let lists = seeds.openings.iter().chain(&seeds.folds);
    let all: usize = single.chain(lists).map(Vec::len).sum();
    let elements = plan.column_claims() + (1 << plan.whir.final_fold.rounds) + 64;
    all + 24 * elements
}
