//! The closed list of hints. A hint proposes the value of one cell; what it proposes is the
//! prover's choice, and the program checks it.
//!
//! ```text
//! memory[ap] = program_input["NAME"]     the named felt of the input
//! memory[ap] = advice                    the first address of the advice segment
//! ```
//! where `ap` may be `fp`, and either may be followed by ` + K` or ` - K`. `NAME` is an identifier.
//! The text is matched to the letter: anything else is refused when the program is loaded.
//!
//! The advice segment holds felts that the host puts there before the run, from offset 0. The
//! program reads them in any order, and may use the cells behind them as scratch memory.

use std::fmt;

use thiserror::Error;

/// A register that a hint's cell is relative to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Register {
    /// The allocation pointer.
    Ap,
    /// The frame pointer.
    Fp,
}

/// What a hint writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proposal {
    /// The named felt of the program input.
    Input(String),
    /// The start of the advice segment.
    Advice,
}

/// One hint: `memory[register + offset] = proposal`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// Base of the cell's address.
    pub register: Register,
    /// Offset of the cell's address, `-2^15 < offset < 2^15`.
    pub offset: i32,
    /// The value.
    pub proposal: Proposal,
}

/// A hint that is not on the list.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("hint is not on the closed list: {0:?}")]
pub struct UnknownHint(pub String);

impl Hint {
    /// Reads a hint's text.
    ///
    /// # Errors
    /// When it is not on the list.
    pub fn parse(code: &str) -> Result<Self, UnknownHint> {
        Self::read(code).ok_or_else(|| UnknownHint(code.to_owned()))
    }

    fn read(code: &str) -> Option<Self> {
        let (place, value) = code.strip_prefix("memory[")?.split_once("] = ")?;
        let register = match place.get(..2)? {
            "ap" => Register::Ap,
            "fp" => Register::Fp,
            _ => return None,
        };
        let offset = match place.get(2..)? {
            "" => 0,
            text => match text.strip_prefix(" + ") {
                Some(digits) => read_offset(digits)?,
                None => -read_offset(text.strip_prefix(" - ")?)?,
            },
        };
        let proposal = if value == "advice" {
            Proposal::Advice
        } else {
            let name = value
                .strip_prefix("program_input[\"")?
                .strip_suffix("\"]")?;
            is_identifier(name).then(|| Proposal::Input(name.to_owned()))?
        };
        Some(Self {
            register,
            offset,
            proposal,
        })
    }
}

/// A positive decimal number below 2^15 without leading zeros.
fn read_offset(digits: &str) -> Option<i32> {
    let canonical = !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
    let value: i32 = digits.parse().ok().filter(|_| canonical)?;
    (value < 1 << 15).then_some(value)
}

/// Whether a name is `[A-Za-z_][A-Za-z0-9_]*`.
#[must_use]
pub fn is_identifier(name: &str) -> bool {
    let letter = |b: u8| b.is_ascii_alphabetic() || b == b'_';
    name.bytes().next().is_some_and(letter) && name.bytes().all(|b| letter(b) || b.is_ascii_digit())
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let register = match self.register {
            Register::Ap => "ap",
            Register::Fp => "fp",
        };
        let offset = match self.offset {
            0 => String::new(),
            k if k > 0 => format!(" + {k}"),
            k => format!(" - {}", -k),
        };
        match &self.proposal {
            Proposal::Input(name) => {
                write!(f, "memory[{register}{offset}] = program_input[\"{name}\"]")
            }
            Proposal::Advice => write!(f, "memory[{register}{offset}] = advice"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listed_hints_are_read_and_print_as_written() {
        for code in [
            "memory[ap] = program_input[\"n\"]",
            "memory[fp] = program_input[\"first_value2\"]",
            "memory[fp + 12] = program_input[\"n\"]",
            "memory[ap - 3] = advice",
            "memory[fp + 1] = advice",
        ] {
            assert_eq!(Hint::parse(code).unwrap().to_string(), code);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for code in [
            "",
            "memory[ap] = 5",
            "memory[pc] = advice",
            "memory[ap]=advice",
            "memory[ap+1] = advice",
            "memory[ap + 01] = advice",
            "memory[ap + -1] = advice",
            "memory[ap + 32768] = advice",
            "memory[ap] = advice\nmemory[ap + 1] = advice",
            "memory[ap] = program_input[\"\"]",
            "memory[ap] = program_input[\"a b\"]",
            "memory[ap] = program_input['n']",
            "memory[ap] = program_input[\"n\"] ",
            "memory[é] = advice",
            "ids.n = program_input[\"n\"]",
        ] {
            assert_eq!(Hint::parse(code), Err(UnknownHint(code.to_owned())));
        }
    }
}
