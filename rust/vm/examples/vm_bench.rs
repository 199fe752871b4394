//! Steps per second of whole runs (execution, checks, relocation):
//! `cargo run --release -p zkperp-vm --example vm_bench -- [COMPILED.json INPUT_JSON [RUNS]]`
//!
//! Without arguments: 2^22 steps of `fibonacci`. Prints one JSON object with the median, and the
//! first run apart: it pays for the pages that later ones find in place.

use std::hint::black_box;
use std::time::Instant;

use serde_json::json;
use zkperp_vm::{Input, Program, RunOptions, run};

const FIBONACCI: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../circuits/compiled/fibonacci.json"
);
/// Six steps an iteration.
const FIBONACCI_INPUT: &str = r#"{"n": 699050}"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument =
        |i: usize, default: &str| arguments.get(i).map_or(default, String::as_str).to_owned();
    let (path, input_text) = (argument(0, FIBONACCI), argument(1, FIBONACCI_INPUT));
    let runs: usize = argument(2, "15").parse()?;
    let program = Program::from_json(&std::fs::read_to_string(&path)?)?;
    let input = Input::from_json(&input_text)?;

    let mut steps = 0;
    let mut rates = Vec::with_capacity(runs);
    for _ in 0..runs.max(1) {
        let start = Instant::now();
        let finished = run(&program, &input, &RunOptions::default())?;
        steps = finished.steps.len();
        black_box(&finished);
        rates.push((steps as f64 / start.elapsed().as_secs_f64()) as u64);
    }
    let first = rates[0];
    rates.sort_unstable();
    let result = json!({
        "metric": "vm_steps_per_second",
        "value": rates[rates.len() / 2],
        "unit": "steps/s",
        "runs": rates.len(),
        "first_run": first,
        "best": rates.last(),
        "program": path,
        "input": input_text,
        "steps": steps,
    });
    println!("{}", json!({ "machine": machine(), "results": [result] }));
    Ok(())
}

/// Processor and cores, as the kernel names them.
fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or(std::env::consts::ARCH, |(_, name)| name);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{name}, {cores} cores")
}
