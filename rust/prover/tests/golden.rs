//! One proof, checked in: every build must accept it, and must make the same bytes again. The
//! portable build (`make portable-test`) runs this too, so proofs of one build verify in the other.
//!
//! A change of format or tables makes it stale: write it anew with
//! `ZKPERP_WRITE_GOLDEN=1 cargo test --release -p zkperp-prover --test golden`.

use std::path::PathBuf;

use p3_field::PrimeCharacteristicRing;
use zkperp_field::F;
use zkperp_prover::parameters::{Venue, parameters};
use zkperp_prover::programs::{FIBONACCI, identity};
use zkperp_prover::proof_file::{decode, encode};
use zkperp_prover::prove::prove;
use zkperp_prover::verify::verify;
use zkperp_vm::input::Input;
use zkperp_vm::program::Program;
use zkperp_vm::runner::{RunOptions, run};

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/fibonacci-v1.proof")
}

#[test]
fn every_build_makes_and_accepts_the_same_proof() {
    let program = Program::from_json(FIBONACCI.compiled).expect("program");
    let input = Input::named([("n", F::from_u64(1000))]);
    let finished = run(&program, &input, &RunOptions::default()).expect("run");
    let params = parameters(Venue::OnChain, 100).expect("parameters");
    let (statement, proof) = prove(&finished, &params).expect("proof");
    let file = encode(&statement, &proof);
    if std::env::var_os("ZKPERP_WRITE_GOLDEN").is_some() {
        std::fs::write(path(), &file).expect("written");
    }
    let golden = std::fs::read(path()).expect("the golden proof");
    let (claimed, proof) = decode(&golden).expect("a proof file");
    verify(&identity(&program), &claimed, proof).expect("valid");
    assert!(golden == file, "stale: see this file's head");
}
