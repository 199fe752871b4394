//! Builtins: memory segments whose cells a table of the proof constrains.
//!
//! The program writes an instance's inputs and reads its outputs; the machine deduces an output
//! when it is first used, so an instance's outputs are all known or
//! all unknown. Cells hold field elements only: no table could check a pointer.

pub mod muldiv;
pub mod output;
pub mod poseidon2;
pub mod range_check;

use thiserror::Error;
use zkperp_field::F;

use crate::value::Value;
use muldiv::MuldivError;

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
}

impl Builtin {
    /// All builtins in canonical order.
    pub const ALL: [Builtin; 4] = [
        Builtin::Output,
        Builtin::RangeCheck,
        Builtin::Poseidon2,
        Builtin::Muldiv,
    ];

    /// The name in `%builtins`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Builtin::Output => "output",
            Builtin::RangeCheck => "range_check",
            Builtin::Poseidon2 => "poseidon2",
            Builtin::Muldiv => "muldiv",
        }
    }

    /// The builtin of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|builtin| builtin.name() == name)
    }

    /// Cells of an instance that the program must write, the first ones; the others are deduced.
    #[must_use]
    pub const fn inputs(self) -> u32 {
        match self {
            Builtin::Output => output::CELLS,
            Builtin::RangeCheck => range_check::CELLS,
            Builtin::Poseidon2 => poseidon2::INPUTS,
            Builtin::Muldiv => muldiv::INPUTS,
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
        if cell >= self.inputs() {
            return Err(BuiltinError::OutputFirst(self));
        }
        match self {
            Builtin::RangeCheck if !range_check::holds(felt) => Err(BuiltinError::RangeCheck(felt)),
            _ => Ok(()),
        }
    }

    /// Writes the outputs of an instance, if its inputs are known; returns whether they are.
    ///
    /// # Errors
    /// When no outputs exist for these inputs.
    pub fn complete(self, instance: &mut [Value]) -> Result<bool, BuiltinError> {
        let (inputs, outputs) = instance.split_at_mut(self.inputs() as usize);
        if inputs.iter().any(|input| !input.is_known()) {
            return Ok(false);
        }
        match self {
            Builtin::Output | Builtin::RangeCheck => {}
            Builtin::Poseidon2 => poseidon2::complete(inputs, outputs),
            Builtin::Muldiv => muldiv::complete(inputs, outputs)?,
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
        }
    }
}

impl std::fmt::Display for Builtin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// A cell or an instance that a builtin refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
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
}

/// A known cell of a builtin.
fn felt(cell: Value) -> F {
    cell.as_felt()
        .expect("Invariant: only field elements are written to builtin cells")
}
