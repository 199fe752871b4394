//! The compiled batch program, and files of the repository.

use std::sync::OnceLock;

use serde_json::Value;
use zkperp_vm::Program;

/// The product: `circuits/main.cairo`, compiled.
pub(crate) fn program() -> &'static Program {
    static PROGRAM: OnceLock<Program> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let text = read("circuits/compiled/batch.json");
        Program::from_json(&text).unwrap()
    })
}

/// A file of the repository.
pub(crate) fn read(path: &str) -> String {
    let path = format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(crate) fn json(path: &str) -> Value {
    serde_json::from_str(&read(path)).unwrap()
}
