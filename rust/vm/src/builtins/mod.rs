//! Builtins: memory segments whose cells a table of the proof constrains.
//!
//! The program writes an instance's inputs and reads its outputs; the machine deduces an output
//! when it is first read. Cells hold field elements only: no table could check a pointer.

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

    /// Checks a value that is about to be written to an instance.
    ///
    /// # Errors
    /// When no valid instance holds it.
    pub fn check_cell(self, value: Value) -> Result<(), BuiltinError> {
        let felt = value.as_u64().ok_or(BuiltinError::Pointer {
            builtin: self,
            value,
        })?;
        match self {
            Builtin::RangeCheck if !range_check::holds(felt) => Err(BuiltinError::RangeCheck(felt)),
            _ => Ok(()),
        }
    }

    /// The outputs that follow from an instance's inputs; none while an input is missing.
    ///
    /// # Errors
    /// When no outputs exist for these inputs.
    pub fn outputs(self, instance: &[Value]) -> Result<Option<Vec<F>>, BuiltinError> {
        let inputs: Option<Vec<F>> = instance[..self.inputs() as usize]
            .iter()
            .map(|cell| cell.as_felt())
            .collect();
        let Some(inputs) = inputs else {
            return Ok(None);
        };
        Ok(Some(match self {
            Builtin::Output | Builtin::RangeCheck => Vec::new(),
            Builtin::Poseidon2 => poseidon2::outputs(&inputs),
            Builtin::Muldiv => muldiv::outputs(&inputs)?,
        }))
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
    /// A range-checked value that is not below 2^62.
    #[error("range_check: {0} is not below 2^62")]
    RangeCheck(u64),
    /// Operands without an integer quotient in range.
    #[error(transparent)]
    Muldiv(#[from] MuldivError),
}
