//! Binding of `zkperp_simulate`.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use zkperp_simulate::{Options, SimulationError, simulate};

use crate::errors::InvalidInput;
use crate::rebuild::json;

/// Options may be wrong; whatever else goes wrong in a simulation is a bug of ours.
fn raised(error: &SimulationError) -> PyErr {
    match error {
        SimulationError::UnknownScenario(_) | SimulationError::Range { .. } => {
            InvalidInput::new_err(error.to_string())
        }
        _ => PyRuntimeError::new_err(error.to_string()),
    }
}

#[pyfunction]
#[pyo3(name = "simulate")]
pub(crate) fn simulate_scenario(
    py: Python<'_>,
    scenario: String,
    accounts: u32,
    seed: u64,
    depth_ppm: Option<u64>,
    fund_ppm: Option<u64>,
    progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    let options = Options {
        scenario,
        accounts,
        seed,
        depth_ppm,
        fund_ppm,
    };
    let mut stopped = None;
    let report = py.detach(|| {
        simulate(&options, |done, total| {
            let told = Python::attach(|py| {
                py.check_signals()?;
                if let Some(progress) = &progress {
                    progress.call1(py, (done, total))?;
                }
                Ok(())
            });
            // Ctrl-C, or the listener's own exception: the run stops with it.
            stopped = told.err();
            stopped.is_none()
        })
    });
    match stopped {
        Some(error) => Err(error),
        None => json(&report.map_err(|e| raised(&e))?),
    }
}
