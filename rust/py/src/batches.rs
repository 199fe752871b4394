//! Bindings of `zkperp_batch`: flow to batch directories, and their proofs.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use pyo3::prelude::*;
use pyo3::types::PyDict;
use zkperp_batch::replay::{ReplayConfig, replay};
use zkperp_flow::csv::{BTC_USD, open as open_feed};
use zkperp_flow::{Generator, Row, opening_mid};
use zkperp_prover::parameters::{Venue, parameters};
use zkperp_prover::proof_file::encode;

use crate::errors::{InvalidBatch, InvalidInput, ProvingFailed};
use crate::proofs::put_statement;

/// Accepted commands between two calls of the progress callback.
const PROGRESS_EVERY: u64 = 64;

/// The rows of a feed, those that can't be used left out; or generated ones without a path.
fn rows(flow: Option<&Path>, seed: u64) -> Result<Box<dyn Iterator<Item = Row>>, String> {
    let Some(path) = flow else {
        // The second market's generator has the seed itself.
        return Ok(Box::new(Generator::new(seed.wrapping_add(1))));
    };
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let file = File::open(path).map_err(|e| named(&e))?;
    let feed = open_feed(BufReader::new(file), BTC_USD).map_err(|e| named(&e))?;
    let mut rows = Vec::new();
    for line in feed {
        if let (_, Ok(row)) = line.map_err(|e| named(&e))? {
            rows.push(row);
        }
    }
    Ok(Box::new(rows.into_iter()))
}

#[pyfunction]
#[pyo3(signature = (out, *, flow, traders, batch_orders, batches, deposit_micro, seed,
    start_time_ms, rollup, progress=None))]
#[allow(clippy::too_many_arguments, reason = "keyword arguments of a command")]
pub(crate) fn replay_flow(
    py: Python<'_>,
    out: PathBuf,
    flow: Option<PathBuf>,
    traders: u32,
    batch_orders: u64,
    batches: u64,
    deposit_micro: u64,
    seed: u64,
    start_time_ms: u64,
    rollup: [u8; 20],
    progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    let report = py.detach(|| -> Result<_, String> {
        let first = rows(flow.as_deref(), seed)?
            .take(10_000)
            .collect::<Vec<_>>();
        let opening_ticks = opening_mid(&first).ok_or("the flow never has both sides")?;
        let config = ReplayConfig {
            traders,
            batch_orders,
            batches,
            deposit_micro,
            seed,
            start_time_ms,
            rollup,
            opening_ticks,
        };
        let tell = |accepted: u64| {
            if let Some(progress) = progress
                .as_ref()
                .filter(|_| accepted.is_multiple_of(PROGRESS_EVERY))
            {
                // A progress bar that fails stops nothing.
                let _ = Python::attach(|py| progress.call1(py, (accepted,)).map(|_| ()));
            }
        };
        replay(&config, rows(flow.as_deref(), seed)?, &out, tell).map_err(|e| e.to_string())
    });
    let report = report.map_err(InvalidInput::new_err)?;
    serde_json::to_string(&report).map_err(|e| InvalidInput::new_err(e.to_string()))
}

#[pyfunction]
pub(crate) fn prove_batch<'py>(
    py: Python<'py>,
    directory: PathBuf,
    on_chain: bool,
    security_bits: usize,
) -> PyResult<(Vec<u8>, Bound<'py, PyDict>)> {
    let venue = if on_chain {
        Venue::OnChain
    } else {
        Venue::OffChain
    };
    let none = || ProvingFailed::new_err(format!("no parameters for {security_bits} bits"));
    let params = parameters(venue, security_bits).ok_or_else(none)?;
    let (proven, summary) = py.detach(|| {
        let opened = zkperp_batch::open(&directory)
            .map_err(|e| InvalidBatch::new_err(format!("{}: {e}", directory.display())))?;
        let proven = zkperp_batch::prove(&opened.old, &opened.batch, &params)
            .map_err(|e| ProvingFailed::new_err(e.to_string()))?;
        PyResult::Ok((proven, opened.summary))
    })?;
    let dict = PyDict::new(py);
    put_statement(&dict, &proven.statement)?;
    dict.set_item("batch_number", summary.batch_number)?;
    dict.set_item("commands", summary.commands)?;
    dict.set_item("steps", proven.steps)?;
    dict.set_item("proof_bytes", proven.proof.len())?;
    Ok((encode(&proven.statement, &proven.proof), dict))
}
