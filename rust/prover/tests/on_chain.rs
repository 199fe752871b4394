//! The vector that the contracts are tried on: a proof of the Fibonacci program in its on-chain
//! shape, the shape's data, and changes that every verifier must refuse. Checked on every run,
//! written anew with `ZKPERP_WRITE_VECTORS=1 cargo test --release -p zkperp-prover --test on_chain`.

use std::path::PathBuf;

use p3_field::{PrimeCharacteristicRing, PrimeField64};
use serde_json::{Value, json};
use zkperp_field::{F, canonical};
use zkperp_prover::programs::{FIBONACCI, identity};
use zkperp_prover::prove::prove_at;
use zkperp_prover::shapes::find;
use zkperp_prover::statement::Statement;
use zkperp_prover::verify::verify;
use zkperp_stark::mutation::{Mutation, Target, mutations};
use zkperp_stark::proof::sections;
use zkperp_stark::solidity::generate;
use zkperp_vm::input::Input;
use zkperp_vm::program::Program;
use zkperp_vm::runner::{RunOptions, run};

/// Fibonacci numbers counted: 60,000 steps.
const COUNT: u32 = 10_000;
/// Changes per section of the proof.
const ROUNDS: usize = 14;

fn hex(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    format!("0x{digits}")
}

fn public_bytes(statement: &Statement) -> Vec<u8> {
    let geometry = statement.geometry().expect("a statement");
    let column = statement.public_column(&geometry);
    let values = &column[..statement.public_len()];
    values
        .iter()
        .flat_map(|v| v.as_canonical_u64().to_be_bytes())
        .collect()
}

/// The statement that changed public values make, if they make one: as a contract reads them.
fn reread(statement: &Statement, bytes: &[u8]) -> Option<Statement> {
    let (words, rest) = bytes.as_chunks::<8>();
    let felts: Option<Vec<F>> = words
        .iter()
        .map(|&w| canonical(u64::from_be_bytes(w)))
        .collect();
    let felts = felts.filter(|felts| rest.is_empty() && felts.len() >= 6)?;
    let number = |f: F| u32::try_from(f.as_canonical_u64()).ok();
    let mut changed = statement.clone();
    changed.final_ap = number(felts[0])?;
    changed.program.digest = std::array::from_fn(|i| felts[2 + i]);
    changed.output = felts[6..].to_vec();
    (number(felts[1])? as usize == changed.output.len()).then_some(changed)
}

#[test]
fn the_fibonacci_proof_and_its_mutations() {
    let built_in = FIBONACCI;
    let program = Program::from_json(built_in.compiled).expect("program");
    let id = identity(&program);
    let input = Input::named([("n", F::from_u32(COUNT))]);
    let finished = run(&program, &input, &RunOptions::default()).expect("run");
    let shape = find(1).expect("listed").shape();
    let (statement, proof) = prove_at(&finished, shape).expect("proof");
    let report = verify(&id, &statement, &proof).expect("valid");
    assert!(report.bits >= 100.0);

    let public = public_bytes(&statement);
    let parts = statement
        .with_tables(|stark| sections(&stark, &proof))
        .expect("statement");
    let list = mutations(&proof, &parts.expect("sections"), &public, ROUNDS, 2026);
    assert!(list.len() >= 200);
    let accepted = |mutation: &&Mutation| match mutation.target {
        Target::Proof => verify(&id, &statement, &mutation.apply(&proof)).is_ok(),
        Target::PublicValues => reread(&statement, &mutation.apply(&public))
            .is_some_and(|changed| verify(&id, &changed, &proof).is_ok()),
    };
    assert_eq!(list.iter().find(accepted), None);

    let generated = statement
        .with_tables(|stark| generate(&stark, "Fibonacci"))
        .expect("statement")
        .expect("generated");
    check(&json!({
        "public_values": hex(&public),
        "proof": hex(&proof),
        "data": hex(&generated.data),
        "programs": generated.programs.iter().map(|code| hex(code)).collect::<Vec<_>>(),
        "digest": hex(&generated.digest),
        "mutations": list,
    }));
}

fn check(value: &Value) {
    let path = "../../tests/vectors/proof/fibonacci.json";
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = serde_json::to_string_pretty(value).expect("JSON") + "\n";
    if std::env::var_os("ZKPERP_WRITE_VECTORS").is_some() {
        std::fs::write(&file, text).expect("written");
        return;
    }
    let stored = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(stored == text, "stale: see this file's head");
}
