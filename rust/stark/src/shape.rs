//! What a verifier knows before it sees a proof: tables, heights, parameters, public column.

use p3_air::BaseAir;
use p3_field::PrimeField64;
use p3_sumcheck::layout::{TableShape, plan_stacked_layout};
use thiserror::Error;
use zkperp_field::F;

use crate::keccak::{Digest, keccak256};
use crate::symbolic::{AirDag, StatementAir};

/// Version of transcript and proof format; part of every transcript's first state.
pub const FORMAT_VERSION: u32 = 1;

/// Domain tag of the statement digest.
const DOMAIN: &[u8] = b"zkperp/stark";

/// Largest proof-of-work difficulty a shape may use, in bits.
pub const POW_BITS_MAX: usize = 20;

/// Parameters of the commitment and the security target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Params {
    /// Rate of the first code is `2^-log_inv_rate`.
    pub log_inv_rate: usize,
    /// Variables folded before the first committed round; also the least log height of a table.
    pub first_fold: usize,
    /// Variables folded in every later round.
    pub fold: usize,
    /// Bits by which the evaluation domain shrinks in the first round (1 ..= `first_fold`).
    pub first_shrink: usize,
    /// Bits by which it shrinks in later rounds (1 ..= `fold`).
    pub shrink: usize,
    /// Bits every single error term of the commitment is sized for; a few above the target,
    /// because the terms add up.
    pub whir_bits: usize,
    /// Proof-of-work bits before queries, at most [`POW_BITS_MAX`].
    pub pow_bits: usize,
    /// Bytes kept of every Merkle digest (26 allows 104 bits, 32 allows 128).
    pub digest_bytes: usize,
    /// Security the report of the whole statement must reach.
    pub target_bits: usize,
}

impl Params {
    /// The on-chain set for 100 bits: rate 1/8, folding 4, 26-byte digests.
    pub const ONCHAIN: Self = Self {
        log_inv_rate: 3,
        first_fold: 4,
        fold: 4,
        first_shrink: 2,
        shrink: 1,
        whir_bits: 103,
        pow_bits: POW_BITS_MAX,
        digest_bytes: 26,
        target_bits: 100,
    };

    /// The fast set for 100 bits: rate 1/2, first folding 6, 26-byte digests.
    pub const OFFCHAIN: Self = Self {
        log_inv_rate: 1,
        first_fold: 6,
        fold: 4,
        first_shrink: 4,
        shrink: 1,
        ..Self::ONCHAIN
    };

    /// Collision bits of the Merkle trees, computed from the digest width: 4 per byte, and never
    /// more than the transcript's own 128.
    #[must_use]
    pub const fn collision_bits(&self) -> usize {
        if self.digest_bytes >= 32 {
            128
        } else {
            4 * self.digest_bytes
        }
    }

    /// Checks the ranges that the fields' documentation names.
    ///
    /// # Errors
    /// [`ShapeError::Params`] with the first violated rule.
    pub const fn check(&self) -> Result<(), ShapeError> {
        let rule = if self.log_inv_rate == 0 || self.log_inv_rate > 8 {
            "log_inv_rate is 1..=8"
        } else if self.first_fold < 3 || self.first_fold > 8 || self.fold < 1 || self.fold > 8 {
            "first_fold is 3..=8, fold 1..=8"
        } else if self.first_shrink < 1
            || self.first_shrink > self.first_fold
            || self.shrink < 1
            || self.shrink > self.fold
        {
            "a shrink is 1..= its folding"
        } else if self.pow_bits > POW_BITS_MAX {
            "pow_bits is at most 20"
        } else if self.digest_bytes == 0 || self.digest_bytes > 32 {
            "digest_bytes is 1..=32"
        } else if self.target_bits == 0 || self.target_bits > 128 {
            "target_bits is 1..=128"
        } else {
            return Ok(());
        };
        Err(ShapeError::Params(rule))
    }

    /// The fields in declaration order, 4 bytes big-endian each: what the transcript absorbs.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        [
            self.log_inv_rate,
            self.first_fold,
            self.fold,
            self.first_shrink,
            self.shrink,
            self.whir_bits,
            self.pow_bits,
            self.digest_bytes,
            self.target_bits,
        ]
        .iter()
        .flat_map(|&v| encode_size(v))
        .collect()
    }
}

/// One entry of a program's closed list of shapes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Number of the entry; the contract and the transcript name the shape by it.
    pub id: u32,
    /// Log2 of each table's rows, in the order of the AIRs.
    pub log_rows: Vec<usize>,
    /// Commitment parameters and target.
    pub params: Params,
}

/// The periodic column that carries public data.
#[derive(Clone, Copy, Debug)]
pub struct PublicColumn<'a> {
    /// Index of the AIR that owns it.
    pub table: usize,
    /// Index among that AIR's periodic columns.
    pub column: usize,
    /// The public values; the column is these, then zeros, over the table's full height.
    pub values: &'a [F],
}

/// A statement: which AIRs, in which shape, with which public data.
#[derive(Debug)]
pub struct Statement<'a, A> {
    /// The tables' AIRs, in order. No preprocessed columns, no `public_values`, no indexed or
    /// exclusive lookups; the AIR that owns the public column already returns its values from
    /// `periodic_columns`.
    pub airs: &'a [A],
    /// Heights and parameters.
    pub shape: &'a Shape,
    /// The public data, if the statement has any.
    pub public: Option<PublicColumn<'a>>,
}

/// Why a statement can't be proven or verified at all.
#[derive(Debug, Error, PartialEq)]
pub enum ShapeError {
    /// A parameter lies outside its range.
    #[error("parameters: {0}")]
    Params(&'static str),
    /// AIRs, heights or tables disagree in number.
    #[error("{airs} AIRs, but {given} {what}")]
    Count {
        /// Number of AIRs.
        airs: usize,
        /// Number of what was given for them.
        given: usize,
        /// What was given.
        what: &'static str,
    },
    /// A table is outside the heights the commitment takes.
    #[error("table {table} has 2^{log_rows} rows; at least 2^{least} and at most 2^{most}")]
    Height {
        /// Index of the table.
        table: usize,
        /// Its log height.
        log_rows: usize,
        /// Least log height.
        least: usize,
        /// Greatest log height.
        most: usize,
    },
    /// A table uses a feature this crate refuses.
    #[error("table {table}: {feature} is not supported")]
    Feature {
        /// Index of the table.
        table: usize,
        /// The refused feature.
        feature: &'static str,
    },
    /// The public column and its AIR disagree.
    #[error("public column: {0}")]
    PublicColumn(&'static str),
    /// The commitment refuses these parameters for this many variables.
    #[error("commitment parameters: {0}")]
    Whir(String),
}

/// Greatest log height of a table: domain indices are 32-bit and the two-adicity is 32.
const LOG_ROWS_MAX: usize = 26;

/// The least log height of any table: lookups work on rows packed eight at a time on AVX-512,
/// and shapes are the same on every build.
const LOG_ROWS_MIN: usize = 3;

impl<'a, A: StatementAir> Statement<'a, A> {
    /// Checks parameters, heights, features and the public column.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), ShapeError> {
        self.shape.params.check()?;
        let airs = self.airs.len();
        let given = self.shape.log_rows.len();
        if airs == 0 || given != airs {
            return Err(ShapeError::Count {
                airs,
                given,
                what: "heights",
            });
        }
        let least = self.shape.params.first_fold.max(LOG_ROWS_MIN);
        for (table, (air, &log_rows)) in self.airs.iter().zip(&self.shape.log_rows).enumerate() {
            if !(least..=LOG_ROWS_MAX).contains(&log_rows) {
                return Err(ShapeError::Height {
                    table,
                    log_rows,
                    least,
                    most: LOG_ROWS_MAX,
                });
            }
            if BaseAir::<F>::preprocessed_width(air) != 0 {
                return Err(ShapeError::Feature {
                    table,
                    feature: "a preprocessed trace",
                });
            }
            if BaseAir::<F>::num_public_values(air) != 0 {
                return Err(ShapeError::Feature {
                    table,
                    feature: "public_values",
                });
            }
            let periodic = BaseAir::<F>::periodic_columns(air);
            if periodic
                .iter()
                .any(|c| !c.len().is_power_of_two() || c.len() > 1 << log_rows)
            {
                return Err(ShapeError::Feature {
                    table,
                    feature: "a period above the height",
                });
            }
        }
        self.check_public_column()?;
        AirDag::extract_all(self).map(|_| ())
    }

    fn check_public_column(&self) -> Result<(), ShapeError> {
        let Some(public) = self.public else {
            return Ok(());
        };
        let air = self.airs.get(public.table);
        let air = air.ok_or(ShapeError::PublicColumn("no such table"))?;
        let columns = BaseAir::<F>::periodic_columns(air);
        let column = columns.get(public.column);
        let column = column.ok_or(ShapeError::PublicColumn("no such periodic column"))?;
        if column.len() != 1 << self.shape.log_rows[public.table] {
            return Err(ShapeError::PublicColumn(
                "its period is not the table's height",
            ));
        }
        if column.len() < public.values.len() {
            return Err(ShapeError::PublicColumn("more values than rows"));
        }
        let padded = public
            .values
            .iter()
            .copied()
            .chain(std::iter::repeat(F::default()));
        if !column.iter().copied().eq(padded.take(column.len())) {
            return Err(ShapeError::PublicColumn("the AIR holds other values"));
        }
        Ok(())
    }

    /// Variables of the stacked polynomial: all columns of all tables, rounded up once.
    #[must_use]
    pub fn num_variables(&self) -> usize {
        plan_stacked_layout(&self.table_shapes()).0
    }

    /// Cells of all tables before rounding.
    #[must_use]
    pub fn cells(&self) -> usize {
        let tables = self.airs.iter().zip(&self.shape.log_rows);
        tables
            .map(|(air, &log_rows)| BaseAir::<F>::width(air) << log_rows)
            .sum()
    }

    /// Height and width of each table, in the order of the AIRs.
    #[must_use]
    pub fn table_shapes(&self) -> Vec<TableShape> {
        let tables = self.airs.iter().zip(&self.shape.log_rows);
        tables
            .map(|(air, &rows)| TableShape::new(rows, BaseAir::<F>::width(air)))
            .collect()
    }

    /// Digest of everything but the public data: domain, format version, AIR fingerprint,
    /// parameters (target among them), shape id and heights. A constant of the shape.
    ///
    /// # Errors
    /// When an AIR uses a refused feature.
    pub fn digest(&self) -> Result<Digest, ShapeError> {
        let mut bytes = DOMAIN.to_vec();
        bytes.extend(FORMAT_VERSION.to_be_bytes());
        bytes.extend(crate::symbolic::fingerprint(&AirDag::extract_all(self)?));
        bytes.extend(self.shape.params.encode());
        bytes.extend(self.shape.id.to_be_bytes());
        bytes.extend(encode_size(self.shape.log_rows.len()));
        bytes.extend(
            self.shape
                .log_rows
                .iter()
                .flat_map(|&rows| encode_size(rows)),
        );
        Ok(keccak256(&bytes))
    }

    /// First state of the transcript: `keccak256(statement digest || public values)`, each value
    /// 8 bytes big-endian.
    ///
    /// # Errors
    /// When an AIR uses a refused feature.
    pub fn initial_state(&self) -> Result<Digest, ShapeError> {
        let mut bytes = self.digest()?.to_vec();
        let values = self.public.iter().flat_map(|public| public.values);
        bytes.extend(values.flat_map(|v| v.as_canonical_u64().to_be_bytes()));
        Ok(keccak256(&bytes))
    }
}

/// A size as 4 bytes big-endian.
pub(crate) fn encode_size(size: usize) -> [u8; 4] {
    u32::try_from(size)
        .expect("Invariant: sizes in a statement are small")
        .to_be_bytes()
}
