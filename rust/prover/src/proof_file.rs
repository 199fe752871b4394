//! A proof with its statement in one file, so that it can be handed on. A verifier compares the
//! statement with what it expects; it trusts nothing of it.
//!
//! Layout, all integers big-endian:
//! ```text
//! "ZKPF", version u16 = 1
//! program: length u32, digest 4 x u64, builtins u8 count, u8 each (position in canonical order)
//! shape:   id u32, parameters 9 x u32 (as the transcript absorbs them), tables u8 count, log rows u8 each
//! values:  final_ap u32, instances used u32 each (builtins but output), roots u8 0/1, 8 x u64 if 1
//!          outputs u32 count, u64 each
//! proof:   the rest (docs/spec/proof-format.md)
//! ```

use thiserror::Error;
use zkperp_field::{F, PrimeField64, canonical};
use zkperp_stark::{Params, Shape};
use zkperp_vm::builtins::Builtin;

use crate::statement::{ProgramId, Statement};

const MAGIC: &[u8; 4] = b"ZKPF";
/// Version of the layout.
pub const VERSION: u16 = 1;

/// Why bytes are no proof file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProofFileError {
    /// The first bytes are not those of a proof file.
    #[error("not a proof file")]
    Magic,
    /// Another version of the layout.
    #[error("proof file version {0}; this program reads version {VERSION}")]
    Version(u16),
    /// The file ends early.
    #[error("the proof file ends early, at byte {0}")]
    Truncated(usize),
    /// An integer that is no canonical field element, or a number that names nothing.
    #[error("byte {at}: {what}")]
    Invalid {
        /// Offset behind the value.
        at: usize,
        /// What is wrong with it.
        what: &'static str,
    },
}

/// Writes a statement and its proof.
#[must_use]
pub fn encode(statement: &Statement, proof: &[u8]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend(VERSION.to_be_bytes());
    let program = &statement.program;
    out.extend(program.length.to_be_bytes());
    put_felts(&mut out, &program.digest);
    out.push(program.builtins.len() as u8);
    out.extend(program.builtins.iter().map(|b| *b as u8));
    out.extend(statement.shape.id.to_be_bytes());
    out.extend(statement.shape.params.encode());
    out.push(statement.shape.log_rows.len() as u8);
    out.extend(statement.shape.log_rows.iter().map(|&log| log as u8));
    out.extend(statement.final_ap.to_be_bytes());
    out.extend(statement.used.iter().flat_map(|n| n.to_be_bytes()));
    out.push(u8::from(statement.roots.is_some()));
    statement
        .roots
        .iter()
        .flatten()
        .for_each(|root| put_felts(&mut out, root));
    out.extend((statement.output.len() as u32).to_be_bytes());
    put_felts(&mut out, &statement.output);
    out.extend(proof);
    out
}

fn put_felts(out: &mut Vec<u8>, felts: &[F]) {
    out.extend(
        felts
            .iter()
            .flat_map(|f| f.as_canonical_u64().to_be_bytes()),
    );
}

/// Reads a statement; the rest of the bytes is its proof.
///
/// # Errors
/// [`ProofFileError`] naming the place.
pub fn decode(bytes: &[u8]) -> Result<(Statement, &[u8]), ProofFileError> {
    let mut reader = Reader { bytes, at: 0 };
    if reader
        .take(MAGIC.len())
        .map_err(|_| ProofFileError::Magic)?
        != MAGIC
    {
        return Err(ProofFileError::Magic);
    }
    let version = u16::from_be_bytes(reader.array()?);
    if version != VERSION {
        return Err(ProofFileError::Version(version));
    }
    let length = reader.u32()?;
    let digest = reader.digest()?;
    let builtins = reader.list(|r| {
        let number = usize::from(r.byte()?);
        Builtin::ALL
            .get(number)
            .copied()
            .ok_or_else(|| r.invalid("no such builtin"))
    })?;
    let id = reader.u32()?;
    let params = reader.params()?;
    let log_rows = reader.list(|r| r.byte().map(usize::from))?;
    let final_ap = reader.u32()?;
    let counts = builtins.len().saturating_sub(1);
    let used = (0..counts)
        .map(|_| reader.u32())
        .collect::<Result<_, _>>()?;
    let roots = match reader.byte()? {
        0 => None,
        1 => Some([reader.digest()?, reader.digest()?]),
        _ => return Err(reader.invalid("the roots' flag is 0 or 1")),
    };
    let outputs = reader.u32()?;
    let output = (0..outputs)
        .map(|_| reader.felt())
        .collect::<Result<_, _>>()?;
    let statement = Statement {
        program: ProgramId {
            digest,
            length,
            builtins,
        },
        shape: Shape {
            id,
            log_rows,
            params,
        },
        final_ap,
        used,
        roots,
        output,
    };
    Ok((statement, &bytes[reader.at..]))
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn invalid(&self, what: &'static str) -> ProofFileError {
        ProofFileError::Invalid { at: self.at, what }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], ProofFileError> {
        let taken = self.bytes[self.at..].get(..count);
        let taken = taken.ok_or(ProofFileError::Truncated(self.bytes.len()))?;
        self.at += count;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ProofFileError> {
        let taken = self.take(N)?;
        Ok(taken
            .try_into()
            .expect("Invariant: as many bytes as asked for"))
    }

    fn byte(&mut self) -> Result<u8, ProofFileError> {
        Ok(self.array::<1>()?[0])
    }

    fn u32(&mut self) -> Result<u32, ProofFileError> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    fn felt(&mut self) -> Result<F, ProofFileError> {
        let integer = u64::from_be_bytes(self.array()?);
        canonical(integer).ok_or_else(|| self.invalid("a field element is below p"))
    }

    fn digest(&mut self) -> Result<[F; 4], ProofFileError> {
        Ok([self.felt()?, self.felt()?, self.felt()?, self.felt()?])
    }

    fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, ProofFileError>,
    ) -> Result<Vec<T>, ProofFileError> {
        let count = self.byte()?;
        (0..count).map(|_| item(self)).collect()
    }

    /// The parameters, in the order of [`Params::encode`].
    fn params(&mut self) -> Result<Params, ProofFileError> {
        let mut next = || self.u32().map(|n| n as usize);
        Ok(Params {
            log_inv_rate: next()?,
            first_fold: next()?,
            fold: next()?,
            first_shrink: next()?,
            shrink: next()?,
            whir_bits: next()?,
            pow_bits: next()?,
            digest_bytes: next()?,
            target_bits: next()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use zkperp_field::PrimeCharacteristicRing;

    use super::*;

    fn statement() -> Statement {
        Statement {
            program: ProgramId {
                digest: [1, 2, 3, 4].map(F::from_u64),
                length: 9,
                builtins: vec![Builtin::Output, Builtin::State],
            },
            shape: Shape {
                id: 7,
                log_rows: vec![6, 7, 16],
                params: Params::OFFCHAIN,
            },
            final_ap: 77,
            used: vec![5],
            roots: Some([[F::ONE; 4], [-F::ONE; 4]]),
            output: vec![F::TWO, -F::TWO],
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = encode(&statement(), b"proof");
        assert_eq!(decode(&bytes), Ok((statement(), &b"proof"[..])));
    }

    #[test]
    fn every_shorter_header_is_truncated() {
        let bytes = encode(&statement(), b"");
        for length in 4..bytes.len() {
            assert!(
                matches!(decode(&bytes[..length]), Err(ProofFileError::Truncated(_))),
                "{length}"
            );
        }
        assert_eq!(decode(&bytes[..3]), Err(ProofFileError::Magic));
        assert_eq!(decode(b"not a proof"), Err(ProofFileError::Magic));
    }

    #[test]
    fn values_outside_their_range_are_refused() {
        let good = encode(&statement(), b"");
        let with = |at: usize, bytes: &[u8]| {
            let mut bad = good.clone();
            bad[at..at + bytes.len()].copy_from_slice(bytes);
            decode(&bad).map(|_| ())
        };
        assert_eq!(with(4, &[0, 2]), Err(ProofFileError::Version(2)));
        let felt = with(10, &u64::MAX.to_be_bytes());
        assert!(matches!(felt, Err(ProofFileError::Invalid { at: 18, .. })));
        assert!(matches!(
            with(43, &[200]),
            Err(ProofFileError::Invalid { at: 44, .. })
        ));
    }
}
