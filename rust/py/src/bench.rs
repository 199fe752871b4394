//! Bindings of `zkperp_bench`: each function makes its workload once and gives a rate for each run;
//! and of `zkperp_batch::costs`.

use std::path::PathBuf;

use pyo3::prelude::*;
use serde_json::json;
use zkperp_batch::costs::extras::extra_batch;
use zkperp_batch::costs::liquidations::liquidation_batch;
use zkperp_batch::costs::measure;
use zkperp_bench::matching::{COMMANDS, EXPECTED, Finished, Profile, SEED, Workload, run};
use zkperp_bench::tree::Updates;
use zkperp_bench::{engine, tree};

use crate::errors::{InvalidBatch, InvalidInput, ProvingFailed};
use crate::rebuild::json;

fn invalid(error: &dyn std::fmt::Display) -> PyErr {
    InvalidInput::new_err(error.to_string())
}

#[pyfunction]
pub(crate) fn bench_match(
    py: Python<'_>,
    profile: &str,
    commands: usize,
    runs: usize,
) -> PyResult<(Vec<f64>, String)> {
    let profile = match profile {
        "moves" => Profile::Moves,
        "places" => Profile::Places,
        _ => return Err(InvalidInput::new_err("profile is moves or places")),
    };
    py.detach(|| {
        let workload = Workload::new(profile, SEED, commands);
        let results: Vec<(f64, Finished)> = (0..runs).map(|_| run(&workload)).collect();
        let expected = EXPECTED.iter().find(|expected| expected.profile == profile);
        let defined = expected.filter(|_| commands == COMMANDS);
        let (hash, finished) = (workload.hash(), results.first().map(|(_, done)| *done));
        if let Some(defined) = defined
            && (hash != defined.command_hash || finished.is_some_and(|f| f != defined.finished))
        {
            return Err(InvalidInput::new_err(
                "the workload or its trades are not those defined",
            ));
        }
        let about = json!({
            "seed": SEED,
            "commands": commands,
            "command_hash": hash.to_string(),
            "trades": finished.map(|done| done.trades),
            "trade_hash": finished.map(|done| done.trade_hash.to_string()),
            "as_defined": defined.is_some(),
        });
        let rates = results.iter().map(|(seconds, _)| commands as f64 / seconds);
        Ok((rates.collect(), about.to_string()))
    })
}

#[pyfunction]
pub(crate) fn bench_engine(
    py: Python<'_>,
    rows: usize,
    runs: usize,
) -> PyResult<(Vec<f64>, usize)> {
    py.detach(|| {
        let workload = engine::Workload::new(1, rows).map_err(|e| invalid(&e))?;
        let commands = workload.commands.len();
        let rates = (0..runs).map(|_| commands as f64 / workload.run());
        Ok((rates.collect(), commands))
    })
}

#[pyfunction]
pub(crate) fn bench_tree(py: Python<'_>, leaves: u64, runs: usize) -> PyResult<(Vec<f64>, u64)> {
    py.detach(|| {
        let mut updates = Updates::new().map_err(|e| invalid(&e))?;
        let leaves = leaves.min(tree::LIVE);
        let rates = (0..runs).map(|_| updates.run(leaves).map(|seconds| leaves as f64 / seconds));
        let rates = rates.collect::<Result<_, _>>().map_err(|e| invalid(&e))?;
        Ok((rates, tree::LIVE))
    })
}

/// The costs of a batch of liquidations, on a venue of its own.
#[pyfunction]
pub(crate) fn bench_liquidations(py: Python<'_>, seed: u64) -> PyResult<String> {
    let costs = py.detach(|| {
        let (old, batch) = liquidation_batch(seed).map_err(|e| invalid(&e))?;
        measure(&old, &batch).map_err(|e| ProvingFailed::new_err(e.to_string()))
    })?;
    json(&costs)
}

#[pyfunction]
#[pyo3(signature = (directory, extras_of_seed=None))]
pub(crate) fn bench_commands(
    py: Python<'_>,
    directory: PathBuf,
    extras_of_seed: Option<u64>,
) -> PyResult<String> {
    let costs = py.detach(|| {
        let opened = zkperp_batch::open(&directory)
            .map_err(|e| InvalidBatch::new_err(format!("{}: {e}", directory.display())))?;
        let (old, batch) = match extras_of_seed {
            None => (opened.old, opened.batch),
            Some(seed) => extra_batch(opened.after, seed).map_err(|e| invalid(&e))?,
        };
        measure(&old, &batch).map_err(|e| ProvingFailed::new_err(e.to_string()))
    })?;
    json(&costs)
}
