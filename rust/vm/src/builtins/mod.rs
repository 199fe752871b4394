//! Builtins: memory segments whose cells a table of the proof constrains.
//!
//! The program writes an instance's inputs and reads its outputs; the machine deduces an output
//! when it is first used, so an instance's outputs are all known or
//! all unknown. Cells hold field elements only: no table could check a pointer.

pub mod muldiv;
pub mod output;
pub mod poseidon2;
pub mod range_check;
pub mod schnorr;
pub mod state;

use thiserror::Error;
use zkperp_field::F;

use crate::value::Value;
use muldiv::MuldivError;
use state::StateError;

/// A builtin, in canonical order: the order in which a program must list those it uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Builtin {
    /// Public output; its segment is the tail of the public segment.
    Output,
    /// One cell `x` with `0 <= x < 2^62`.
    RangeCheck,
    /// Eight inputs, then eight outputs of the Poseidon2 permutation.
    Poseidon2,
    /// `(a, b, e, c, q, r)` with `a*b + e = q*c + r`, `0 <= r < c`, over the integers.
    Muldiv,
    /// `(key, old[8], new[8])`: an access to a leaf of the state.
    State,
    /// `(key[5], message[4])`: a valid signature of the message under the key exists.
    Schnorr,
}

impl Builtin {
    /// All builtins in canonical order.
    pub const ALL: [Builtin; 6] = [
        Builtin::Output,
        Builtin::RangeCheck,
        Builtin::Poseidon2,
        Builtin::Muldiv,
        Builtin::State,
        Builtin::Schnorr,
    ];

    /// The name in `%builtins`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Builtin::Output => "output",
            Builtin::RangeCheck => "range_check",
            Builtin::Poseidon2 => "poseidon2",
            Builtin::Muldiv => "muldiv",
            Builtin::State => "state",
            Builtin::Schnorr => "schnorr",
        }
    }

    /// The builtin of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|builtin| builtin.name() == name)
    }

    /// Whether the program must write this cell of an instance; the others are deduced.
    #[inline]
    #[must_use]
    pub const fn is_input(self, cell: u32) -> bool {
        match self {
            Builtin::Output | Builtin::RangeCheck | Builtin::Schnorr => true,
            Builtin::Poseidon2 => cell < poseidon2::INPUTS,
            Builtin::Muldiv => cell < muldiv::INPUTS,
            Builtin::State => cell < state::OLD || cell >= state::NEW,
        }
    }

    /// Memory cells of one instance.
    #[must_use]
    pub const fn cells(self) -> u32 {
        match self {
            Builtin::Output => output::CELLS,
            Builtin::RangeCheck => range_check::CELLS,
            Builtin::Poseidon2 => poseidon2::CELLS,
            Builtin::Muldiv => muldiv::CELLS,
            Builtin::State => state::CELLS,
            Builtin::Schnorr => schnorr::CELLS,
        }
    }

    /// Checks a value that the program is about to write to a cell of an instance.
    ///
    /// # Errors
    /// When no valid instance holds it there, or the cell is an output, which only deduction writes.
    #[inline]
    pub fn check_write(self, cell: u32, value: Value) -> Result<(), BuiltinError> {
        let felt = value.as_u64().ok_or(BuiltinError::Pointer {
            builtin: self,
            value,
        })?;
        if !self.is_input(cell) {
            return Err(BuiltinError::OutputFirst(self));
        }
        match self {
            Builtin::RangeCheck if !range_check::holds(felt) => Err(BuiltinError::RangeCheck(felt)),
            _ => Ok(()),
        }
    }

    /// Writes the outputs of an instance of a function, if its inputs are known; returns whether
    /// they are. (`state` is no function: [`state::StateMemory`] deduces its outputs. `schnorr` has none.)
    ///
    /// # Errors
    /// When no outputs exist for these inputs.
    pub fn complete(self, instance: &mut [Value]) -> Result<bool, BuiltinError> {
        let inputs = match self {
            Builtin::Output | Builtin::RangeCheck | Builtin::State | Builtin::Schnorr => {
                return Ok(true);
            }
            Builtin::Poseidon2 => poseidon2::INPUTS,
            Builtin::Muldiv => muldiv::INPUTS,
        };
        let (inputs, outputs) = instance.split_at_mut(inputs as usize);
        if inputs.iter().any(|input| !input.is_known()) {
            return Ok(false);
        }
        match self {
            Builtin::Muldiv => muldiv::complete(inputs, outputs)?,
            _ => poseidon2::complete(inputs, outputs),
        }
        Ok(true)
    }

    /// The cells of an instance that the program didn't use, valid like any other.
    #[must_use]
    pub fn padding(self) -> Vec<F> {
        match self {
            Builtin::Output => output::padding(),
            Builtin::RangeCheck => range_check::padding(),
            Builtin::Poseidon2 => poseidon2::padding(),
            Builtin::Muldiv => muldiv::padding(),
            Builtin::State => state::padding(),
            Builtin::Schnorr => schnorr::padding(),
        }
    }
}

impl std::fmt::Display for Builtin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// A cell or an instance that a builtin refuses.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BuiltinError {
    /// A pointer where only field elements may stand.
    #[error("{builtin} can't hold the pointer {value}")]
    Pointer {
        /// The builtin.
        builtin: Builtin,
        /// The pointer.
        value: Value,
    },
    /// An output cell asserted while the inputs are not all known, so that it can't be deduced.
    #[error("{0}: an output was used before all inputs were written")]
    OutputFirst(Builtin),
    /// A range-checked value that is not below 2^62.
    #[error("range_check: {0} is not below 2^62")]
    RangeCheck(u64),
    /// Operands without an integer quotient in range.
    #[error(transparent)]
    Muldiv(#[from] MuldivError),
    /// An access to the state without a value.
    #[error(transparent)]
    State(#[from] StateError),
}

/// A known cell of a builtin.
fn felt(cell: Value) -> F {
    cell.as_felt()
        .expect("Invariant: only field elements are written to builtin cells")
}
