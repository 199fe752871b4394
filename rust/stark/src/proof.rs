//! The binary proof: no lengths, no tags, one encoding for each proof (`docs/spec/proof-format.md`).

use thiserror::Error;

use crate::config::{Config, Proof};
use crate::parts::Parts;
use crate::plan::Plan;
use crate::seeds::Seeds;
use crate::shape::{ShapeError, Statement};
use crate::symbolic::StatementAir;
use crate::transcript::Transcript;
use crate::walk::{Reader, Walk, Writer};

/// Why bytes are not a proof of the shape.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum DecodeError {
    /// The bytes end early.
    #[error("too short, ends in: {section}")]
    Short {
        /// Section in which they end.
        section: &'static str,
    },
    /// Bytes are left over.
    #[error("{0} bytes too long")]
    Long(usize),
    /// A field element is not below p.
    #[error("a field element is not canonical")]
    NonCanonical,
    /// A nonce misses its target.
    #[error("proof of work is missing")]
    ProofOfWork,
    /// The statement has no plan.
    #[error("the statement is refused")]
    Statement,
}

impl From<ShapeError> for DecodeError {
    fn from(_: ShapeError) -> Self {
        Self::Statement
    }
}

/// A named part of a proof's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// What it holds.
    pub name: &'static str,
    /// Its first byte.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}

fn start<A: StatementAir>(
    statement: &Statement<'_, A>,
    config: &Config,
) -> Result<(Plan, Seeds, Transcript), ShapeError> {
    let plan = Plan::of(statement, config)?;
    let seeds = Seeds::of(&plan);
    let transcript = Transcript::new(statement.initial_state()?, plan.digest_bytes);
    Ok((plan, seeds, transcript))
}

/// The bytes of a proof that the library's prover made.
pub(crate) fn encode<A: StatementAir>(
    statement: &Statement<'_, A>,
    config: &Config,
    proof: &Proof,
) -> Result<Vec<u8>, ShapeError> {
    let (plan, seeds, transcript) = start(statement, config)?;
    let mut parts = Parts::of(proof);
    let walk = Walk::new(&plan, &seeds, transcript, Writer::default());
    let (writer, _) = walk
        .run(&mut parts)
        .expect("Invariant: our own proof follows its plan");
    Ok(writer.out)
}

fn read<A: StatementAir>(
    statement: &Statement<'_, A>,
    config: &Config,
    bytes: &[u8],
) -> Result<(Plan, Parts, Transcript), DecodeError> {
    let (plan, seeds, transcript) = start(statement, config)?;
    let mut parts = Parts::zero(&plan);
    let reader = Reader {
        rest: bytes,
        section: "",
    };
    let (reader, transcript) = Walk::new(&plan, &seeds, transcript, reader).run(&mut parts)?;
    if !reader.rest.is_empty() {
        return Err(DecodeError::Long(reader.rest.len()));
    }
    Ok((plan, parts, transcript))
}

/// The proof in bytes, which must be exactly one.
pub(crate) fn decode<A: StatementAir>(
    statement: &Statement<'_, A>,
    config: &Config,
    bytes: &[u8],
) -> Result<Proof, DecodeError> {
    let (plan, parts, _) = read(statement, config, bytes)?;
    Ok(parts.into_proof(&plan))
}

/// The sections of a valid proof, for sizes and for tests that change each of them.
///
/// # Errors
/// [`DecodeError`] when the bytes are not of the shape.
pub fn sections<A: StatementAir>(
    statement: &Statement<'_, A>,
    bytes: &[u8],
) -> Result<Vec<Section>, DecodeError> {
    let config = Config::new(&statement.shape.params, statement.num_variables())?;
    let (plan, mut parts, _) = read(statement, &config, bytes)?;
    let seeds = Seeds::of(&plan);
    let transcript = Transcript::new(statement.initial_state()?, plan.digest_bytes);
    let walk = Walk::new(&plan, &seeds, transcript, Writer::default());
    let (writer, _) = walk.run(&mut parts)?;
    let ends = writer
        .sections
        .iter()
        .skip(1)
        .map(|s| s.1)
        .chain([writer.out.len()]);
    let sections = writer.sections.iter().zip(ends);
    Ok(sections
        .map(|(&(name, start), end)| Section { name, start, end })
        .collect())
}
