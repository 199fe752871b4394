//! The programs that our verifiers know, compiled and checked in: what a digest stands for.

use zkperp_vm::program::{Program, ProgramError};

use crate::statement::ProgramId;

/// A program by name.
#[derive(Clone, Copy, Debug)]
pub struct BuiltIn {
    /// Its name.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub purpose: &'static str,
    /// Its compiled form.
    pub compiled: &'static str,
}

/// The statement that the contracts are tried on.
pub const FIBONACCI: BuiltIn = BuiltIn {
    name: "fibonacci",
    purpose: "counts to n in the Fibonacci sequence: the statement that the contracts are tried on",
    compiled: include_str!("../../../circuits/compiled/fibonacci.json"),
};

/// The rule book, compiled from `circuits/main.cairo`.
pub const BATCH: BuiltIn = BuiltIn {
    name: "batch",
    purpose: "executes a batch of the venue's commands: the rule book of docs/spec",
    compiled: include_str!("../../../circuits/compiled/batch.json"),
};

/// All of them.
pub const BUILT_IN: [BuiltIn; 2] = [FIBONACCI, BATCH];

/// Identity of a compiled program.
#[must_use]
pub fn identity(program: &Program) -> ProgramId {
    ProgramId {
        digest: program.digest(),
        length: program.words().len() as u32,
        builtins: program.builtins().to_vec(),
    }
}

/// The built-in program of that identity.
///
/// # Errors
/// When a checked-in program can't be read: our mistake, not the caller's.
pub fn find(id: &ProgramId) -> Result<Option<BuiltIn>, ProgramError> {
    for built_in in BUILT_IN {
        if identity(&Program::from_json(built_in.compiled)?) == *id {
            return Ok(Some(built_in));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_program_is_found_by_its_identity() {
        for built_in in BUILT_IN {
            let program = Program::from_json(built_in.compiled).expect("it compiles");
            let found = find(&identity(&program)).expect("readable").expect("known");
            assert_eq!(found.name, built_in.name);
        }
    }
}
