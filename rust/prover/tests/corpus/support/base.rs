//! Runs that the bad witnesses start from.

use std::sync::LazyLock;

use p3_field::PrimeCharacteristicRing;
use zkperp_prover::machine::Kind;
use zkperp_stark::F;
use zkperp_vm::builtins::Builtin;
use zkperp_vm::relocate::Run;
use zkperp_vm::{Input, Program, RunOptions};

use super::assembly::{Word, program, push_fp, ret};
use super::machine::Machine;
use super::witness::Witness;

/// Runs a compiled program of `circuits/compiled`.
fn compiled<const N: usize>(name: &str, input: [(&str, u64); N]) -> Run {
    let path = format!("{}/../../circuits/compiled/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let program = Program::from_json(&text).expect("a compiled program");
    let input = Input::named(input.map(|(name, value)| (name, F::from_u64(value))));
    zkperp_vm::run(&program, &input, &RunOptions::default()).expect("an honest run")
}

/// The tenth Fibonacci number: calls, jumps, conditional jumps, output.
pub static FIBONACCI: LazyLock<Run> = LazyLock::new(|| compiled("fibonacci", [("n", 10)]));
/// Two numbers put in order.
pub static RANGE_CHECK: LazyLock<Run> =
    LazyLock::new(|| compiled("rangecheck", [("x", 3), ("y", 5), ("x_is_larger", 0)]));
/// Three compressions.
pub static HASHES: LazyLock<Run> = LazyLock::new(|| compiled("hashes", [("n", 3)]));
/// One division.
pub static MULDIV: LazyLock<Run> =
    LazyLock::new(|| compiled("muldiv", [("a", 1 << 40), ("b", 12345), ("c", 678)]));

/// The machine of a hand-written program that uses `output`.
#[must_use]
pub fn machine(main: &[Word]) -> Machine {
    Machine::new(&[Builtin::Output], &program(main))
}

/// The least `main`: returns its pointer as it came.
#[must_use]
pub fn idle() -> Vec<Word> {
    vec![push_fp(-3), ret()]
}

/// The witness of an honest run of a hand-written `main`, which must be accepted.
#[must_use]
pub fn honest(main: &[Word]) -> Witness {
    let mut machine = machine(main);
    let start = machine.start();
    let steps = machine.run(start);
    Witness::of(&machine.finish(steps))
}

/// `run`'s witness with more memory than it needs: rows of zeros that nobody reads.
#[must_use]
pub fn roomy(run: &Run) -> Witness {
    let rows = zkperp_prover::trace::heights(run)[2];
    Witness::taller(run, Kind::Memory, rows + 1)
}
