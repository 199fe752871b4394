//! Runs a compiled program, proves the run a few times and verifies it; prints times and sizes.
//!
//! `cargo run --release -p zkperp-prover --example prove_run -- PROGRAM.json [REPEAT [INPUT.json]]`
//! with `RATE=1/2` (default) or `RATE=1/8` (the on-chain parameters), `BITS=100` or `BITS=120`.

use std::time::Instant;

use zkperp_prover::parameters::{Venue, parameters};
use zkperp_prover::{prove, verify};
use zkperp_vm::input::Input;
use zkperp_vm::program::Program;
use zkperp_vm::runner::{RunOptions, run};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let path = arguments
        .get(1)
        .ok_or("usage: prove_run PROGRAM.json [REPEAT [INPUT.json]]")?;
    let repeat: usize = arguments.get(2).map_or(Ok(1), |n| n.parse())?;
    let program = Program::from_json(&std::fs::read_to_string(path)?)?;
    let input = match arguments.get(3) {
        Some(path) => Input::from_json(&std::fs::read_to_string(path)?)?,
        None => Input::default(),
    };
    let venue = match std::env::var("RATE").as_deref() {
        Ok("1/8") => Venue::OnChain,
        _ => Venue::OffChain,
    };
    let bits: usize = std::env::var("BITS").map_or(Ok(100), |n| n.parse())?;
    let params = parameters(venue, bits).ok_or("BITS is 100 or 120")?;
    let start = Instant::now();
    let run = run(&program, &input, &RunOptions::default())?;
    println!(
        "run: {} steps, {} cells, {:.3} s",
        run.steps.len(),
        run.memory.len(),
        start.elapsed().as_secs_f64()
    );
    for _ in 0..repeat {
        let start = Instant::now();
        let (statement, proof) = prove::prove(&run, &params)?;
        let proving = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let report = verify::verify(&statement.program, &statement, &proof)?;
        println!(
            "proved in {proving:.3} s ({:.0} steps/s): {} bytes, {:.2} bits, verified in {:.1} ms; rows 2^{:?}",
            run.steps.len() as f64 / proving,
            proof.len(),
            report.bits,
            start.elapsed().as_secs_f64() * 1e3,
            statement.shape.log_rows,
        );
    }
    Ok(())
}
