//! Runs that the bad witnesses start from.

use std::sync::LazyLock;

use p3_field::PrimeCharacteristicRing;
use zkperp_prover::machine::Kind;
use zkperp_stark::F;
use zkperp_vm::builtins::Builtin;
use zkperp_vm::relocate::Run;
use zkperp_vm::{Input, Program, RunOptions};

use super::assembly::{Word, program, program_for, push_fp, ret};
use super::machine::Machine;
use super::witness::Witness;

/// A compiled program of `circuits/compiled`.
#[must_use]
pub(crate) fn compiled_text(name: &str) -> String {
    let path = format!(
        "{}/../../circuits/compiled/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Runs a compiled program.
fn compiled<const N: usize>(name: &str, input: [(&str, u64); N]) -> Run {
    let program = Program::from_json(&compiled_text(name)).expect("a compiled program");
    let input = Input::named(input.map(|(name, value)| (name, F::from_u64(value))));
    zkperp_vm::run(&program, &input, &RunOptions::default()).expect("an honest run")
}

/// The tenth Fibonacci number: calls, jumps, conditional jumps, output.
pub(crate) static FIBONACCI: LazyLock<Run> = LazyLock::new(|| compiled("fibonacci", [("n", 10)]));
/// Two numbers put in order.
pub(crate) static RANGE_CHECK: LazyLock<Run> =
    LazyLock::new(|| compiled("rangecheck", [("x", 3), ("y", 5), ("x_is_larger", 0)]));
/// Three compressions.
pub(crate) static HASHES: LazyLock<Run> = LazyLock::new(|| compiled("hashes", [("n", 3)]));
/// As many compressions as the least table has rows.
#[must_use]
pub(crate) fn full_hashes() -> Run {
    compiled("hashes", [("n", 64)])
}
/// One division.
pub(crate) static MULDIV: LazyLock<Run> =
    LazyLock::new(|| compiled("muldiv", [("a", 1 << 40), ("b", 12345), ("c", 678)]));

/// The machine of a hand-written program that uses `output`.
#[must_use]
pub(crate) fn machine(main: &[Word]) -> Machine {
    Machine::new(&[Builtin::Output], &program(main))
}

/// The least `main`: returns its pointer as it came.
#[must_use]
pub(crate) fn idle() -> Vec<Word> {
    vec![push_fp(-3), ret()]
}

/// The witness of an honest run of a hand-written `main`, which must be accepted.
#[must_use]
pub(crate) fn honest(main: &[Word]) -> Witness {
    let mut machine = machine(main);
    let start = machine.start();
    let steps = machine.run(start);
    Witness::of(&machine.finish(steps))
}

/// The witness of a program that takes `builtin` and does not use it: every instance of its table
/// is free to be a bad one.
#[must_use]
pub(crate) fn unused(builtin: Builtin) -> Witness {
    let main = [push_fp(-4), push_fp(-3), ret()];
    let mut machine = Machine::new(&[Builtin::Output, builtin], &program_for(2, &main));
    let start = machine.start();
    let steps = machine.run(start);
    Witness::of(&machine.finish(steps))
}

/// `run`'s witness with more memory than it needs: rows of zeros that nobody reads.
#[must_use]
pub(crate) fn roomy(run: &Run) -> Witness {
    let rows = zkperp_prover::trace::heights(run)[2];
    Witness::taller(run, Kind::Memory, rows + 1)
}

#[test]
fn honest_witnesses_are_accepted() {
    let witnesses = [
        Witness::of(&FIBONACCI),
        Witness::of(&RANGE_CHECK),
        Witness::of(&HASHES),
        Witness::of(&MULDIV),
        roomy(&FIBONACCI),
        honest(&idle()),
        unused(Builtin::RangeCheck),
        unused(Builtin::Poseidon2),
        unused(Builtin::Muldiv),
    ];
    for (i, mut witness) in witnesses.into_iter().enumerate() {
        assert!(
            witness.report().is_clean(),
            "witness {i}: {:?}",
            witness.report()
        );
        witness.settle();
        assert!(witness.report().is_clean(), "witness {i}, settled anew");
    }
}
