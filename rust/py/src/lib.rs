//! `zkperp._native`: what Python calls in Rust. Only conversion of values and errors happens here;
//! the rules live in the pure crates. Signatures and meaning: `python/zkperp/_native.pyi`.

mod batches;
mod bench;
mod desk;
mod errors;
mod felt;
mod inspect;
mod poseidon2;
mod proofs;
mod readable;
mod rebuild;
mod rules;
mod rules_commands;
mod rules_json;
mod simulate;
mod venues;

use pyo3::prelude::*;

/// The version of the whole project, from the workspace.
#[pyfunction]
fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

#[pymodule]
mod _native {
    #[pymodule_export]
    use super::batches::{batch_account, prove_batch, read_batch, replay_flow};
    #[pymodule_export]
    use super::bench::{bench_commands, bench_engine, bench_liquidations, bench_match, bench_tree};
    #[pymodule_export]
    use super::desk::Desk;
    #[pymodule_export]
    use super::inspect::inspect_batch;
    #[pymodule_export]
    use super::poseidon2::{poseidon2_compress, poseidon2_permute, poseidon2_sponge};
    #[pymodule_export]
    use super::proofs::{program_identity, prove_program, read_proof, run_program, verify_proof};
    #[pymodule_export]
    use super::rebuild::Rebuild;
    #[pymodule_export]
    use super::rules::RuleBook;
    #[pymodule_export]
    use super::simulate::simulate_scenario;
    #[pymodule_export]
    use super::venues::{deposit_requests, devnet_genesis, genesis_root, venue_shape};
    #[pymodule_export]
    use super::version;

    #[pymodule_export]
    const FIELD_MODULUS: u64 = zkperp_field::P;
}
