//! Whole runs, cell by cell, against the Python model's (`tests/vectors/vm`).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;
use zkperp_field::{F, PrimeCharacteristicRing, PrimeField64};
use zkperp_vm::layout::FIRST_ADDRESS;
use zkperp_vm::relocate::Step;
use zkperp_vm::{Input, Program, Run, RunOptions, run};

use crate::support::{program, root};

#[derive(Deserialize)]
struct Case {
    program: Option<String>,
    #[serde(default)]
    input: serde_json::Value,
    #[serde(default)]
    words: Vec<String>,
    #[serde(default)]
    builtins: Vec<String>,
    verdict: String,
    #[serde(flatten)]
    accepted: Option<Accepted>,
}

#[derive(Deserialize)]
struct Accepted {
    steps: Vec<String>,
    cells: String,
    memory: BTreeMap<String, String>,
    bases: BTreeMap<String, String>,
    heights: BTreeMap<String, String>,
    used: BTreeMap<String, String>,
}

fn number<T: std::str::FromStr>(text: &str) -> T {
    text.parse()
        .unwrap_or_else(|_| panic!("not a number: {text}"))
}

fn cases(name: &str) -> Vec<Case> {
    let path = root()
        .join("tests/vectors/vm")
        .join(name)
        .with_extension("json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A compiled program of these words, without hints.
fn from_words(case: &Case) -> Program {
    let hex = |word: &String| format!("{:#x}", number::<u64>(word));
    let compiled = json!({
        "prime": "0xffffffff00000001",
        "data": case.words.iter().map(hex).collect::<Vec<_>>(),
        "builtins": case.builtins,
        "hints": {},
    });
    Program::from_json(&compiled.to_string()).unwrap()
}

fn check(case: &Case, label: &str) {
    let (program, input) = match &case.program {
        Some(name) => (
            program(name),
            Input::from_json(&case.input.to_string()).unwrap(),
        ),
        None => (from_words(case), Input::default()),
    };
    let options = RunOptions {
        max_steps: 10_000,
        ..RunOptions::default()
    };
    let outcome = run(&program, &input, &options);
    match (case.verdict.as_str(), outcome, &case.accepted) {
        ("accepted", Ok(run), Some(expected)) => compare(&run, expected, label),
        ("refused", Err(_), None) => {}
        (verdict, outcome, _) => panic!("{label}: {verdict} by the model, here {outcome:?}"),
    }
}

fn compare(run: &Run, expected: &Accepted, label: &str) {
    let steps: Vec<Step> = expected.steps.iter().map(|step| read_step(step)).collect();
    assert_eq!(run.steps, steps, "{label}");

    let mut memory = vec![F::ZERO; number(&expected.cells)];
    for (address, value) in &expected.memory {
        memory[number::<usize>(address) - FIRST_ADDRESS as usize] = F::from_u64(number(value));
    }
    let differs = (0..memory.len().max(run.memory.len()))
        .find(|cell| memory.get(*cell) != run.memory.get(*cell));
    assert_eq!(differs, None, "{label}: first cell that differs");

    let layout = &run.layout;
    let base = |name: &str| number::<u32>(&expected.bases[name]);
    assert_eq!(layout.program_base, base("program"), "{label}");
    assert_eq!(layout.exec_base, base("execution"), "{label}");
    for (segment, used) in layout.builtins.iter().zip(&run.used) {
        let name = segment.builtin.name();
        assert_eq!(segment.base, base(name), "{label}");
        assert_eq!(
            1 << segment.log_rows,
            number::<u32>(&expected.heights[name]),
            "{label}"
        );
        assert_eq!(*used, number::<u32>(&expected.used[name]), "{label}");
    }
    assert_eq!(run.public, memory[..1 << layout.log_public], "{label}");
    assert!(
        run.memory
            .iter()
            .all(|cell| cell.as_canonical_u64() < zkperp_field::P)
    );
}

fn read_step(text: &str) -> Step {
    let registers: Vec<u32> = text.split(' ').map(number).collect();
    let [pc, ap, fp] = registers[..] else {
        panic!("not a step: {text}")
    };
    Step { pc, ap, fp }
}

#[test]
fn programs_run_as_in_the_model() {
    for (i, case) in cases("programs").iter().enumerate() {
        check(
            case,
            &format!("{} (case {i})", case.program.as_deref().unwrap_or_default()),
        );
    }
}

#[test]
fn random_programs_run_as_in_the_model() {
    for name in ["random", "spoiled"] {
        for (i, case) in cases(name).iter().enumerate() {
            check(case, &format!("{name} {i}"));
        }
    }
}
