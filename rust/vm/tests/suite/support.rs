//! The compiled programs, as `python -m zkperp.cairo circuits/programs` writes them.

use std::path::{Path, PathBuf};

use zkperp_vm::{Input, Program, Run, RunOptions, run};

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A compiled program's text, by its path below `circuits/compiled` without suffix.
pub(crate) fn compiled(name: &str) -> String {
    let path = root()
        .join("circuits/compiled")
        .join(name)
        .with_extension("json");
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A compiled program.
pub(crate) fn program(name: &str) -> Program {
    Program::from_json(&compiled(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// A run with default options.
pub(crate) fn run_program(name: &str, input: &Input) -> Run {
    run(&program(name), input, &RunOptions::default()).unwrap_or_else(|e| panic!("{name}: {e}"))
}
