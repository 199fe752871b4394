//! Bindings of `zkperp_prover`: running and proving a program, verifying a proof file.

use std::time::Instant;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use zkperp_field::{F, PrimeField64};
use zkperp_prover::machine::kinds_of;
use zkperp_prover::parameters::{Venue, is_known, parameters};
use zkperp_prover::programs::{find, identity};
use zkperp_prover::proof_file::{decode, encode};
use zkperp_prover::prove::{FREE_SHAPE, prove};
use zkperp_prover::shapes;
use zkperp_prover::statement::{ProgramId, Statement};
use zkperp_prover::verify::verify;
use zkperp_stark::Params;
use zkperp_vm::input::Input;
use zkperp_vm::program::Program;
use zkperp_vm::runner::{RunOptions, run};

use crate::errors::{InvalidProgram, InvalidProof, ProvingFailed, RunFailed};
use crate::felt::Felt;

/// Proving touches gigabytes in many threads: keep what was touched instead of giving it back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn parse(compiled: &str) -> PyResult<Program> {
    Program::from_json(compiled).map_err(|e| InvalidProgram::new_err(e.to_string()))
}

fn params(on_chain: bool, security_bits: usize) -> PyResult<Params> {
    let venue = if on_chain {
        Venue::OnChain
    } else {
        Venue::OffChain
    };
    let none = || ProvingFailed::new_err(format!("no parameters for {security_bits} bits"));
    parameters(venue, security_bits).ok_or_else(none)
}

/// A program's identity and words.
#[pyfunction]
pub(crate) fn program_identity<'py>(
    py: Python<'py>,
    compiled: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let id = identity(&parse(compiled)?);
    let dict = PyDict::new(py);
    put_program(&dict, &id)?;
    Ok(dict)
}

#[pyfunction]
pub(crate) fn run_program<'py>(
    py: Python<'py>,
    compiled: &str,
    values: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let program = parse(compiled)?;
    let input = Input::from_json(values).map_err(|e| RunFailed::new_err(e.to_string()))?;
    let (finished, seconds) = py.detach(|| {
        let start = Instant::now();
        let finished = run(&program, &input, &RunOptions::default());
        (finished, start.elapsed().as_secs_f64())
    });
    let finished = finished.map_err(|e| RunFailed::new_err(e.to_string()))?;
    let dict = PyDict::new(py);
    dict.set_item("steps", finished.steps.len())?;
    dict.set_item("memory_cells", finished.memory.len())?;
    dict.set_item("run_seconds", seconds)?;
    let output: Vec<Felt> = finished.output().iter().copied().map(Felt).collect();
    dict.set_item("output", output)?;
    Ok(dict)
}

#[pyfunction]
pub(crate) fn prove_program<'py>(
    py: Python<'py>,
    compiled: &str,
    values: &str,
    on_chain: bool,
    security_bits: usize,
) -> PyResult<(Vec<u8>, Bound<'py, PyDict>)> {
    let program = parse(compiled)?;
    let params = params(on_chain, security_bits)?;
    let input = Input::from_json(values).map_err(|e| RunFailed::new_err(e.to_string()))?;
    let (statement, proof, steps, seconds) = py.detach(|| {
        let start = Instant::now();
        let finished = run(&program, &input, &RunOptions::default())
            .map_err(|e| RunFailed::new_err(e.to_string()))?;
        let ran = start.elapsed().as_secs_f64();
        let (statement, proof) =
            prove(&finished, &params).map_err(|e| ProvingFailed::new_err(e.to_string()))?;
        let proven = start.elapsed().as_secs_f64() - ran;
        PyResult::Ok((statement, proof, finished.steps.len(), [ran, proven]))
    })?;
    let dict = PyDict::new(py);
    put_statement(&dict, &statement)?;
    dict.set_item("steps", steps)?;
    dict.set_item("run_seconds", seconds[0])?;
    dict.set_item("prove_seconds", seconds[1])?;
    dict.set_item("proof_bytes", proof.len())?;
    Ok((encode(&statement, &proof), dict))
}

/// Verifies a proof file. `expected` is a compiled program, or `None` for one of the built-in ones.
#[pyfunction]
#[pyo3(signature = (file, expected=None))]
pub(crate) fn verify_proof<'py>(
    py: Python<'py>,
    file: &[u8],
    expected: Option<&str>,
) -> PyResult<Bound<'py, PyDict>> {
    let refused = |reason: String| InvalidProof::new_err(reason);
    let (statement, proof) = decode(file).map_err(|e| refused(e.to_string()))?;
    let (id, name) = match expected {
        Some(compiled) => (identity(&parse(compiled)?), None),
        None => {
            let known = find(&statement.program).map_err(|e| refused(e.to_string()))?;
            let known = known.ok_or_else(|| {
                refused(
                    "the proof is about no program that is built in; name it with --program".into(),
                )
            })?;
            (statement.program.clone(), Some(known.name))
        }
    };
    if !is_known(&statement.shape.params) {
        return Err(refused(
            "the proof uses parameters that are not built in".into(),
        ));
    }
    let shape = &statement.shape;
    let listed = shapes::find(shape.id).is_some_and(|named| named.shape() == *shape);
    if shape.id != FREE_SHAPE && !listed {
        return Err(refused(
            "the proof's shape is not the built-in one of its number".into(),
        ));
    }
    let report = py
        .detach(|| verify(&id, &statement, proof))
        .map_err(|e| refused(e.to_string()))?;
    let dict = PyDict::new(py);
    put_statement(&dict, &statement)?;
    dict.set_item("program_name", name)?;
    dict.set_item("proof_bytes", proof.len())?;
    dict.set_item("security_bits", report.bits)?;
    dict.set_item("security_terms", report.terms)?;
    Ok(dict)
}

/// What a proof file says, as the contract takes it: nothing of it is verified here.
#[pyfunction]
pub(crate) fn read_proof<'py>(py: Python<'py>, file: &[u8]) -> PyResult<Bound<'py, PyDict>> {
    let (statement, proof) = decode(file).map_err(|e| InvalidProof::new_err(e.to_string()))?;
    let felts = |felts: &[F]| {
        let bytes: Vec<u8> = felts
            .iter()
            .flat_map(|felt| felt.as_canonical_u64().to_be_bytes())
            .collect();
        PyBytes::new(py, &bytes)
    };
    let dict = PyDict::new(py);
    dict.set_item("program_digest", felts(&statement.program.digest))?;
    dict.set_item("shape", statement.shape.id)?;
    dict.set_item("final_ap", statement.final_ap)?;
    dict.set_item("used", &statement.used)?;
    let roots = statement.roots.map(|roots| roots.map(|root| felts(&root)));
    dict.set_item("roots", roots)?;
    dict.set_item("output", felts(&statement.output))?;
    dict.set_item("proof", PyBytes::new(py, proof))?;
    Ok(dict)
}

fn put_program(dict: &Bound<'_, PyDict>, id: &ProgramId) -> PyResult<()> {
    dict.set_item("program_digest", id.digest.map(Felt))?;
    dict.set_item("program_words", id.length)?;
    let builtins: Vec<&str> = id.builtins.iter().map(|b| b.name()).collect();
    dict.set_item("builtins", builtins)
}

pub(crate) fn put_statement(dict: &Bound<'_, PyDict>, statement: &Statement) -> PyResult<()> {
    put_program(dict, &statement.program)?;
    let output: Vec<Felt> = statement.output.iter().copied().map(Felt).collect();
    dict.set_item("output", output)?;
    dict.set_item(
        "roots",
        statement
            .roots
            .map(|roots| roots.map(|root| root.map(Felt))),
    )?;
    dict.set_item("shape", statement.shape.id)?;
    let names = kinds_of(&statement.program.builtins)
        .into_iter()
        .map(|kind| kind.name());
    let rows = PyDict::new(dict.py());
    for (name, log_rows) in names.zip(&statement.shape.log_rows) {
        rows.set_item(name, log_rows)?;
    }
    dict.set_item("log_rows", rows)?;
    let params = &statement.shape.params;
    dict.set_item("target_bits", params.target_bits)?;
    dict.set_item("log_inverse_rate", params.log_inv_rate)
}
