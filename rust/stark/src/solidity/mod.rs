//! Generator of the on-chain verifier's data: everything that is constant for a shape.
//!
//! `contracts/src/verifier` is written by hand and knows no machine. What it reads (parameters,
//! transcript seeds, and the program that evaluates every constraint and bus message of every
//! table at the opening point) comes from here, out of the AIRs themselves.

mod data;
mod evm;
mod identity;
mod program;
mod source;

use thiserror::Error;

use crate::config::Config;
use crate::keccak::{Digest, keccak256};
use crate::plan::Plan;
use crate::seeds::Seeds;
use crate::shape::{ShapeError, Statement};
use crate::symbolic::StatementAir;

/// Most columns of a table: `COLUMN_BITS` of `StarkVerifier.sol`.
const COLUMNS_MAX: usize = 255;

/// What the generator makes for one shape.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The shape's data, as the verifier has them in memory.
    pub data: Vec<u8>,
    /// Code of the program contracts, in the order in which they are called.
    pub programs: Vec<Vec<u8>>,
    /// keccak256(keccak256(data) || keccak256(code) of each program): the verifier's constructor
    /// checks it.
    pub digest: Digest,
    /// Solidity source of the contracts that hold data and programs.
    pub source: String,
    /// The program in readable form, by table.
    pub listing: String,
    /// Instructions in the program.
    pub instructions: usize,
    /// Registers it uses.
    pub registers: usize,
}

/// Why a shape has no on-chain verifier.
#[derive(Debug, Error, PartialEq)]
pub enum GenerateError {
    /// The statement itself is refused.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// The contracts don't implement something the shape needs.
    #[error("the contracts lack: {0}")]
    Unsupported(&'static str),
    /// A quantity passes a limit of the contracts.
    #[error("{what}: {value}, at most {most}")]
    Limit {
        /// The quantity.
        what: &'static str,
        /// Its value.
        value: usize,
        /// The limit.
        most: usize,
    },
}

/// Generates the on-chain data of a statement's shape; public values don't matter. `name` is the
/// stem of the Solidity contracts, in upper camel case.
///
/// # Errors
/// [`GenerateError`], for a shape that the contracts can't verify.
pub fn generate<A: StatementAir>(
    statement: &Statement<'_, A>,
    name: &str,
) -> Result<Generated, GenerateError> {
    statement.check()?;
    let config = Config::new(&statement.shape.params, statement.num_variables())?;
    let plan = Plan::of(statement, &config)?;
    check_supported(&plan)?;
    let seeds = Seeds::of(&plan);
    let identity = identity::build(&plan);
    let compiled = identity.compile()?;
    let data = data::encode(statement, &plan, &seeds, &identity, &compiled)?;
    let programs = evm::assemble(&compiled)?;
    let mut hashes = keccak256(&data).to_vec();
    programs
        .iter()
        .for_each(|code| hashes.extend(keccak256(code)));
    let digest = keccak256(&hashes);
    Ok(Generated {
        source: source::contracts(name, &data, &programs, &digest),
        listing: source::listing(name, &compiled, &identity),
        instructions: compiled.instructions.len(),
        registers: compiled.registers,
        data,
        programs,
        digest,
    })
}

fn check_supported(plan: &Plan) -> Result<(), GenerateError> {
    let whir = &plan.whir;
    let folds = whir
        .rounds
        .iter()
        .map(|r| r.fold)
        .chain([whir.initial_fold, whir.final_fold]);
    if folds.into_iter().any(|fold| fold.pow_bits > 0) {
        return Err(GenerateError::Unsupported(
            "proof of work in sumcheck rounds",
        ));
    }
    let queries = || {
        whir.rounds
            .iter()
            .map(|r| r.query)
            .chain([whir.final_query])
    };
    if queries().any(|query| query.exhaustive()) {
        return Err(GenerateError::Unsupported("oracles opened at every row"));
    }
    if queries().any(|query| query.base && query.log_row < 2) {
        return Err(GenerateError::Unsupported(
            "rows of fewer than four base elements",
        ));
    }
    if plan.tables.iter().any(|t| t.log_rows > whir.num_variables) {
        return Err(GenerateError::Unsupported(
            "a table larger than the stacked polynomial",
        ));
    }
    // `StarkVerifier` has so many squares of the batching challenge.
    if let Some(value) = plan
        .tables
        .iter()
        .map(|t| t.air.width)
        .find(|w| *w > COLUMNS_MAX)
    {
        return Err(GenerateError::Limit {
            what: "columns of a table",
            value,
            most: COLUMNS_MAX,
        });
    }
    // Forward differences stay below 2^degree p: `Zerocheck` relies on 16.
    if plan.zerocheck_degree > 16 {
        let value = plan.zerocheck_degree;
        return Err(GenerateError::Limit {
            what: "zerocheck degree",
            value,
            most: 16,
        });
    }
    Ok(())
}
