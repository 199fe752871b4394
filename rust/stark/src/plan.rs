//! Every count and order that a proof of a shape follows, derived once from the statement.
//!
//! Source: p3-multi-stark 0.8.0 (lookup plan, zerocheck arity and degree) and p3-whir 0.8.0
//! (stacked placement, rounds); `tests/` compare the transcript built from it with the
//! library's own, byte for byte.

use std::collections::HashMap;

use crate::config::{Commitment, Config};
use crate::shape::{Params, ShapeError, Statement};
use crate::symbolic::{AirDag, StatementAir};

/// The plan of one shape.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The tables, in the order of the AIRs.
    pub tables: Vec<TablePlan>,
    /// The lookup argument, if any table sends messages.
    pub lookup: Option<LookupPlan>,
    /// Rounds of the zerocheck sumcheck: the greater of all heights and the lookup's variables.
    pub zerocheck_rounds: usize,
    /// Extension elements sent in each of those rounds (values at 0, 2, 3, ..).
    pub zerocheck_degree: usize,
    /// The commitment.
    pub whir: WhirPlan,
    /// Bytes of a Merkle digest.
    pub digest_bytes: usize,
    /// The parameters the plan follows from.
    pub params: Params,
}

/// One table.
#[derive(Clone, Debug)]
pub struct TablePlan {
    /// Log2 of its rows.
    pub log_rows: usize,
    /// Its AIR.
    pub air: AirDag,
    /// First slot of its columns in the stacked polynomial, in units of its own height.
    pub first_slot: usize,
}

/// The lookup argument: all messages of all tables as leaves of one fraction tree.
#[derive(Clone, Debug)]
pub struct LookupPlan {
    /// Log2 of the leaves, rounded up.
    pub num_variables: usize,
    /// Widest message.
    pub max_width: usize,
    /// Number of buses.
    pub buses: usize,
    /// Tables with messages, tallest first, ties in AIR order.
    pub active: Vec<ActiveTable>,
}

/// A table's part of the leaves.
#[derive(Clone, Debug)]
pub struct ActiveTable {
    /// Index of the AIR.
    pub table: usize,
    /// First leaf; a multiple of the table's height.
    pub base_offset: usize,
    /// Bus of each of its messages.
    pub bus_ids: Vec<usize>,
}

/// The commitment's rounds.
#[derive(Clone, Debug)]
pub struct WhirPlan {
    /// Variables of the stacked polynomial.
    pub num_variables: usize,
    /// Out-of-domain answers for the first commitment.
    pub initial_oods: usize,
    /// Sumcheck before the first round.
    pub initial_fold: FoldPlan,
    /// Committed rounds; oracle `i` is queried in round `i`.
    pub rounds: Vec<RoundPlan>,
    /// Queries to the last oracle.
    pub final_query: QueryPlan,
    /// Sumcheck after the final polynomial; its variables are the final polynomial's.
    pub final_fold: FoldPlan,
    /// Tables in the order of their place in the stacked polynomial.
    pub placement: Vec<usize>,
}

/// A run of sumcheck rounds.
#[derive(Clone, Copy, Debug)]
pub struct FoldPlan {
    /// Number of rounds.
    pub rounds: usize,
    /// Proof-of-work bits in each round.
    pub pow_bits: usize,
}

/// One committed round.
#[derive(Clone, Copy, Debug)]
pub struct RoundPlan {
    /// Variables of the polynomial committed in this round.
    pub num_variables: usize,
    /// Out-of-domain answers.
    pub oods: usize,
    /// Queries to the previous oracle.
    pub query: QueryPlan,
    /// Sumcheck that ends the round.
    pub fold: FoldPlan,
    /// Log2 of the inverse rate of the code committed in this round.
    pub log_inv_rate: usize,
}

/// Queries to one oracle.
#[derive(Clone, Copy, Debug)]
pub struct QueryPlan {
    /// Log2 of the oracle's leaves.
    pub log_leaves: usize,
    /// Number of queries; where it is at least the number of leaves, all are opened undrawn.
    pub queries: usize,
    /// Proof-of-work bits before the draws.
    pub pow_bits: usize,
    /// Log2 of the elements in a row.
    pub log_row: usize,
    /// Whether rows hold base elements (the first oracle) or extension elements.
    pub base: bool,
}

impl QueryPlan {
    /// Whether the indices are all leaves, in order, instead of drawn.
    #[must_use]
    pub const fn exhaustive(&self) -> bool {
        self.queries >= 1 << self.log_leaves
    }

    /// Base elements in a row.
    #[must_use]
    pub const fn row_felts(&self) -> usize {
        (if self.base { 1 } else { 3 }) << self.log_row
    }
}

impl Plan {
    /// The plan of a checked statement.
    ///
    /// # Errors
    /// [`ShapeError`] when an AIR uses a refused feature or parameters don't fit.
    pub fn of<A: StatementAir>(
        statement: &Statement<'_, A>,
        config: &Config,
    ) -> Result<Self, ShapeError> {
        let airs = AirDag::extract_all(statement)?;
        let log_rows = &statement.shape.log_rows;
        let lookup = lookup_plan(&airs, log_rows)?;
        let tallest = log_rows.iter().copied().max().unwrap_or(0);
        let lookup_variables = lookup.as_ref().map_or(0, |l| l.num_variables);
        let degree = |air: &AirDag| air.constraint_degree.max(air.interaction_degree);
        let placement = placement(log_rows);
        let slots = first_slots(&airs, log_rows, &placement);
        let zerocheck_degree = 1 + airs.iter().map(degree).max().unwrap_or(0);
        let tables = airs.into_iter().zip(log_rows).zip(slots);
        let tables = tables.map(|((air, &log_rows), first_slot)| TablePlan {
            log_rows,
            air,
            first_slot,
        });
        Ok(Self {
            tables: tables.collect(),
            lookup,
            zerocheck_rounds: tallest.max(lookup_variables),
            zerocheck_degree,
            whir: whir_plan(config.commitment(), placement),
            digest_bytes: statement.shape.params.digest_bytes,
            params: statement.shape.params,
        })
    }

    /// Columns opened, current and next, over all tables.
    #[must_use]
    pub fn column_claims(&self) -> usize {
        self.tables
            .iter()
            .map(|t| t.air.width + t.air.next_columns.len())
            .sum()
    }
}

fn lookup_plan(airs: &[AirDag], log_rows: &[usize]) -> Result<Option<LookupPlan>, ShapeError> {
    let mut order: Vec<usize> = (0..airs.len()).collect();
    order.retain(|&table| !airs[table].interactions.is_empty());
    order.sort_by_key(|&table| std::cmp::Reverse(log_rows[table]));
    if order.is_empty() {
        return Ok(None);
    }
    let mut buses: HashMap<&str, (usize, usize)> = HashMap::new();
    let (mut max_width, mut leaves) = (0, 0);
    let mut active = Vec::new();
    for table in order {
        let base_offset = leaves;
        let messages = &airs[table].interactions;
        let mut bus_ids = Vec::new();
        for message in messages {
            let next = buses.len();
            let width = message.fields.len();
            let &mut (id, established) = buses.entry(&message.bus).or_insert((next, width));
            if established != width {
                return Err(ShapeError::Feature {
                    table,
                    feature: "a bus of two widths",
                });
            }
            max_width = max_width.max(width);
            bus_ids.push(id);
        }
        leaves += messages.len() << log_rows[table];
        active.push(ActiveTable {
            table,
            base_offset,
            bus_ids,
        });
    }
    let num_variables = leaves.next_power_of_two().trailing_zeros() as usize;
    Ok(Some(LookupPlan {
        num_variables,
        max_width,
        buses: buses.len(),
        active,
    }))
}

/// Largest table first; tables of equal height in descending order of their index.
fn placement(log_rows: &[usize]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..log_rows.len()).collect();
    order.sort_by_key(|&table| log_rows[table]);
    order.reverse();
    order
}

fn first_slots(airs: &[AirDag], log_rows: &[usize], placement: &[usize]) -> Vec<usize> {
    let mut slots = vec![0; airs.len()];
    let mut offset = 0;
    for &table in placement {
        slots[table] = offset >> log_rows[table];
        offset += airs[table].width << log_rows[table];
    }
    slots
}

fn whir_plan(whir: &Commitment, placement: Vec<usize>) -> WhirPlan {
    let schedule = whir.folding_schedule();
    let rounds = whir
        .round_parameters()
        .iter()
        .enumerate()
        .map(|(i, round)| RoundPlan {
            num_variables: round.num_variables,
            oods: round.ood_samples,
            query: QueryPlan {
                log_leaves: round.log_folded_domain_size,
                queries: round.num_queries,
                pow_bits: round.pow_bits,
                log_row: schedule[i],
                base: i == 0,
            },
            fold: FoldPlan {
                rounds: schedule[i + 1],
                pow_bits: round.folding_pow_bits,
            },
            log_inv_rate: whir.params().round_log_inv_rates[i],
        });
    let last = schedule.len() - 1;
    let terminal = whir.terminal();
    WhirPlan {
        num_variables: whir.num_variables(),
        initial_oods: whir.commitment_ood_samples(),
        initial_fold: FoldPlan {
            rounds: schedule[0],
            pow_bits: whir.starting_folding_pow_bits(),
        },
        rounds: rounds.collect(),
        final_query: QueryPlan {
            log_leaves: whir.final_round_config().log_folded_domain_size,
            queries: terminal.num_queries,
            pow_bits: terminal.pow_bits,
            log_row: schedule[last],
            base: last == 0,
        },
        final_fold: FoldPlan {
            rounds: whir.final_sumcheck_rounds(),
            pow_bits: whir.final_folding_pow_bits(),
        },
        placement,
    }
}
