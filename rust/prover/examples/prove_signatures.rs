//! Signs messages, proves that all signatures are valid and verifies the proof; prints times, sizes
//! and what the two tables of signatures take of it.
//!
//! `cargo run --release -p zkperp-prover --example prove_signatures -- COUNT [REPEAT]` with
//! `RATE=1/2` (default) or `RATE=1/8` (the on-chain parameters).

use std::time::Instant;

use p3_field::PrimeCharacteristicRing;
use zkperp_field::F;
use zkperp_prover::machine::{Kind, kinds};
use zkperp_prover::parameters::{Venue, parameters};
use zkperp_prover::{prove, trace, verify};
use zkperp_signature::{SecretKey, sign};
use zkperp_stark::symbolic::AirDag;
use zkperp_vm::input::Input;
use zkperp_vm::program::Program;
use zkperp_vm::runner::{RunOptions, run};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The program that checks signatures from its advice.
const PROGRAM: &str = include_str!("../../../circuits/compiled/signatures.json");

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let count: u64 = arguments
        .get(1)
        .ok_or("usage: prove_signatures COUNT [REPEAT]")?
        .parse()?;
    let repeat: usize = arguments.get(2).map_or(Ok(1), |n| n.parse())?;
    let venue = match std::env::var("RATE").as_deref() {
        Ok("1/8") => Venue::OnChain,
        _ => Venue::OffChain,
    };
    let params = parameters(venue, 100).ok_or("a known target")?;

    let start = Instant::now();
    let finished = run(
        &Program::from_json(PROGRAM)?,
        &signed(count),
        &RunOptions::default(),
    )?;
    println!(
        "run with {count} signatures: {} steps, {:.3} s",
        finished.steps.len(),
        start.elapsed().as_secs_f64()
    );
    let start = Instant::now();
    let filled = trace::fill(&finished);
    println!("tables filled: {:.3} s", start.elapsed().as_secs_f64());
    for (kind, log_rows) in kinds(&finished.layout).into_iter().zip(&filled.log_rows) {
        println!(
            "  {:13} 2^{log_rows:<2} rows of {:3}, {:9} cells",
            kind.name(),
            kind.width(),
            kind.width() << log_rows
        );
    }
    prove::statement(&finished, &params).with_tables(|statement| {
        for table in statement.airs {
            if let (Kind::Schnorr | Kind::SchnorrSum, Ok(dag)) =
                (table.kind, AirDag::extract(table, None))
            {
                println!(
                    "  {}: degree {}, {} constraints, {} operations, {} messages, {} columns opened twice",
                    table.kind.name(),
                    dag.constraint_degree,
                    dag.constraints.len(),
                    dag.nodes.len(),
                    dag.interactions.len(),
                    dag.next_columns.len()
                );
            }
        }
    })?;
    for _ in 0..repeat {
        let start = Instant::now();
        let (statement, proof) = prove::prove(&finished, &params)?;
        let proving = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let report = verify::verify(&statement.program, &statement, &proof)?;
        println!(
            "proved in {proving:.3} s ({:.0} signatures/s): {} bytes, {:.2} bits, verified in {:.1} ms",
            count as f64 / proving,
            proof.len(),
            report.bits,
            start.elapsed().as_secs_f64() * 1e3,
        );
    }
    Ok(())
}

/// `count` messages, signed by eight keys in turn.
fn signed(count: u64) -> Input {
    let secrets: Vec<SecretKey> = (0..8).map(|i| SecretKey::from_seed(&[i; 32])).collect();
    let mut input = Input::named([("count", F::from_u64(count))]);
    for (i, secret) in (0..count).zip(secrets.iter().cycle()) {
        let message = std::array::from_fn::<F, 4, _>(|k| F::from_u64(4 * i + k as u64));
        input.signatures.push(sign(secret, &message));
        input.advice.extend(secret.public().to_felts());
        input.advice.extend(message);
    }
    input
}
