//! Proves the test machine and writes what a test of the contracts needs, as one JSON object:
//! `test_machine OUT [key=value ...]` with keys squares, walk, public, powers, cubes, rate,
//! first_fold, fold, first_shrink, shrink, whir_bits, pow, digest, target.

#[path = "../tests/common/mod.rs"]
mod common;

use std::time::Instant;

use common::{FAST, Heights, Machine};
use p3_field::PrimeField64;
use zkperp_stark::proof::sections;
use zkperp_stark::solidity::generate;
use zkperp_stark::{prove, verify};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let out = args
        .next()
        .ok_or("usage: test_machine OUT [key=value ...]")?;
    let (mut heights, mut params) = (Heights::SMALL, FAST);
    for arg in args {
        let (key, value) = arg.split_once('=').ok_or("arguments are key=value")?;
        let value: usize = value.parse()?;
        let field = match key {
            "squares" => &mut heights.squares,
            "walk" => &mut heights.walk,
            "public" => &mut heights.public,
            "powers" => &mut heights.powers,
            "cubes" => &mut heights.cubes,
            "rate" => &mut params.log_inv_rate,
            "first_fold" => &mut params.first_fold,
            "fold" => &mut params.fold,
            "first_shrink" => &mut params.first_shrink,
            "shrink" => &mut params.shrink,
            "whir_bits" => &mut params.whir_bits,
            "pow" => &mut params.pow_bits,
            "digest" => &mut params.digest_bytes,
            "target" => &mut params.target_bits,
            _ => return Err(format!("unknown key {key}").into()),
        };
        *field = value;
    }
    let machine = Machine::new(heights, params);
    let statement = machine.statement();
    let start = Instant::now();
    let proof = prove(&statement, machine.tables.clone())?;
    let seconds = start.elapsed().as_secs_f64();
    let report = verify(&statement, &proof)?;
    let generated = generate(&statement, "TestMachine")?;
    let public: Vec<u8> = machine
        .public
        .iter()
        .flat_map(|v| v.as_canonical_u64().to_be_bytes())
        .collect();
    let parts: Vec<_> = sections(&statement, &proof)?
        .into_iter()
        .map(|s| serde_json::json!([s.name, s.start, s.end]))
        .collect();
    let json = serde_json::json!({
        "proof": hex(&proof),
        "public_values": hex(&public),
        "data": hex(&generated.data),
        "programs": generated.programs.iter().map(|c| hex(c)).collect::<Vec<_>>(),
        "digest": hex(&generated.digest),
        "instructions": generated.instructions,
        "registers": generated.registers,
        "variables": statement.num_variables(),
        "cells": statement.cells(),
        "seconds": seconds,
        "security_bits": report.bits,
        "sections": parts,
    });
    std::fs::write(&out, serde_json::to_string(&json)?)?;
    std::fs::write(format!("{out}.listing.txt"), generated.listing)?;
    Ok(())
}
