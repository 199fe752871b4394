//! Bindings of `zkperp_batch`: flow to batch directories, and their proofs.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::time::Instant;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use zkperp_batch::accounts::account_summary;
use zkperp_batch::on_chain::batch_shape;
use zkperp_batch::replay::{ReplayConfig, ReplayError, opening_ticks, replay};
use zkperp_batch::{OpenedBatch, ProveBatchError, Target};
use zkperp_flow::csv::{BTC_USD, Line, open as open_feed};
use zkperp_flow::{Generator, PRICE_INTERVAL_MS};
use zkperp_prover::parameters::{Venue, parameters};
use zkperp_prover::proof_file::encode;
use zkperp_prover::prove::ProveRunError;

use crate::errors::{InvalidBatch, InvalidInput, InvalidVenue, ProvingFailed};
use crate::proofs::put_statement;
use crate::rebuild::{Rebuild, json};
use crate::venues::{digest_bytes, genesis};

/// Accepted commands between two calls of the progress callback.
const PROGRESS_EVERY: u64 = 64;

/// The lines of a feed; or generated ones without a path, which have no end.
fn lines(flow: Option<&Path>, seed: u64) -> Result<Box<dyn Iterator<Item = Line>>, String> {
    let Some(path) = flow else {
        // The second market's generator has the seed itself.
        let rows = Generator::new(seed.wrapping_add(1));
        return Ok(Box::new((1..).zip(rows.map(Ok))));
    };
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let file = File::open(path).map_err(|e| named(&e))?;
    let feed = open_feed(BufReader::new(file), BTC_USD).map_err(|e| named(&e))?;
    let lines = feed.collect::<Result<Vec<Line>, _>>();
    Ok(Box::new(lines.map_err(|e| named(&e))?.into_iter()))
}

#[pyfunction]
#[pyo3(signature = (out, *, venue, chain_id, rollup, requests, flow, market, traders, batch_orders,
    batches, seed, start_time_ms, withdrawals, price_interval_ms=PRICE_INTERVAL_MS, varied_per_mille=0,
    resume=None, progress=None))]
#[allow(clippy::too_many_arguments, reason = "keyword arguments of a command")]
pub(crate) fn replay_flow(
    py: Python<'_>,
    out: PathBuf,
    venue: &str,
    chain_id: u64,
    rollup: [u8; 20],
    requests: Vec<[u64; 12]>,
    flow: Option<PathBuf>,
    market: &str,
    traders: u32,
    batch_orders: u64,
    batches: u64,
    seed: u64,
    start_time_ms: u64,
    withdrawals: Vec<(u32, u64)>,
    price_interval_ms: u64,
    varied_per_mille: u64,
    resume: Option<PyRef<'_, Rebuild>>,
    progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    let genesis = genesis(venue)?;
    let market = genesis
        .market(market)
        .ok_or_else(|| InvalidVenue::new_err(format!("the venue has no market {market}")))?;
    let engine = match &resume {
        Some(rebuilt) => rebuilt.engine(),
        None => genesis
            .engine(chain_id, &rollup)
            .map_err(|e| InvalidVenue::new_err(e.to_string()))?,
    };
    drop(resume);
    let report = py.detach(|| -> Result<_, String> {
        let told = |e: ReplayError| e.to_string();
        let opening_ticks = opening_ticks(lines(flow.as_deref(), seed)?).map_err(told)?;
        let config = ReplayConfig {
            requests,
            market,
            traders,
            batch_orders,
            batches,
            seed,
            start_time_ms,
            opening_ticks,
            price_interval_ms,
            withdrawals,
            varied_per_mille,
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
        let lines = lines(flow.as_deref(), seed)?;
        replay(&config, engine, lines, &out, tell).map_err(told)
    });
    json(&report.map_err(InvalidInput::new_err)?)
}

fn open(directory: &Path) -> PyResult<OpenedBatch> {
    zkperp_batch::open(directory)
        .map_err(|e| InvalidBatch::new_err(format!("{}: {e}", directory.display())))
}

/// A batch that was read back, as what the contract compares with its own.
#[pyfunction]
pub(crate) fn read_batch(py: Python<'_>, directory: PathBuf) -> PyResult<Bound<'_, PyDict>> {
    let opened = py.detach(|| open(&directory))?;
    let dict = PyDict::new(py);
    let words = opened.batch.output().into_iter();
    let output: Vec<u8> = words.flat_map(u64::to_be_bytes).collect();
    let bytes = |bytes: &[u8]| PyBytes::new(py, bytes);
    dict.set_item("summary", json(&opened.summary)?)?;
    dict.set_item("old_root", bytes(&digest_bytes(opened.batch.old_root)))?;
    dict.set_item("new_root", bytes(&digest_bytes(opened.batch.new_root)))?;
    dict.set_item("output", bytes(&output))?;
    Ok(dict)
}

/// An account as it stands after a batch.
#[pyfunction]
pub(crate) fn batch_account(
    py: Python<'_>,
    directory: PathBuf,
    account: u32,
) -> PyResult<Option<String>> {
    let opened = py.detach(|| open(&directory))?;
    let found = account_summary(opened.after.state(), account);
    found.map(|account| json(&account)).transpose()
}

fn target(on_chain: bool, security_bits: usize) -> PyResult<Target> {
    let shape = batch_shape();
    if on_chain && shape.target_bits == security_bits {
        return Ok(Target::Named(shape));
    }
    let params = parameters(Venue::OffChain, security_bits).filter(|_| !on_chain);
    let none = || {
        let which = if on_chain {
            "on-chain shape"
        } else {
            "parameters"
        };
        ProvingFailed::new_err(format!("no {which} for {security_bits} bits"))
    };
    params.map(Target::Free).ok_or_else(none)
}

/// The error, and what to do where something can be done.
fn advice(error: &ProveBatchError) -> String {
    match error {
        ProveBatchError::Prove(ProveRunError::TooTall { .. }) => {
            format!("{error}: make smaller batches (zkperp replay --batch-orders)")
        }
        _ => error.to_string(),
    }
}

#[pyfunction]
pub(crate) fn prove_batch<'py>(
    py: Python<'py>,
    directory: PathBuf,
    on_chain: bool,
    security_bits: usize,
) -> PyResult<(Bound<'py, PyBytes>, Bound<'py, PyDict>)> {
    let target = target(on_chain, security_bits)?;
    let (proven, summary, read_seconds) = py.detach(|| {
        let start = Instant::now();
        let opened = open(&directory)?;
        let read_seconds = start.elapsed().as_secs_f64();
        let proven = zkperp_batch::prove(&opened.old, &opened.batch, &target)
            .map_err(|e| ProvingFailed::new_err(advice(&e)))?;
        PyResult::Ok((proven, opened.summary, read_seconds))
    })?;
    let dict = PyDict::new(py);
    put_statement(&dict, &proven.statement)?;
    dict.set_item("batch_number", summary.batch_number)?;
    dict.set_item("commands", summary.commands)?;
    dict.set_item("steps", proven.steps)?;
    dict.set_item("cells", proven.cells)?;
    dict.set_item("proof_bytes", proven.proof.len())?;
    dict.set_item("read_seconds", read_seconds)?;
    dict.set_item("run_seconds", proven.phases.run)?;
    dict.set_item("trace_seconds", proven.phases.trace)?;
    dict.set_item("prove_seconds", proven.phases.prove)?;
    let file = encode(&proven.statement, &proven.proof);
    Ok((PyBytes::new(py, &file), dict))
}
