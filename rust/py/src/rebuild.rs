//! Bindings of `zkperp_batch::rebuild`: a state that follows its chain.

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde::Serialize;
use zkperp_batch::accounts::{account_summaries, account_summary};
use zkperp_batch::rebuild;
use zkperp_engine::Engine;

use crate::errors::{BatchMismatch, InvalidInput, InvalidVenue};
use crate::venues::{digest_bytes, digest_words, genesis};

/// Text of a value that has one.
pub(crate) fn json(value: &impl Serialize) -> PyResult<String> {
    serde_json::to_string(value).map_err(|e| InvalidInput::new_err(e.to_string()))
}

#[pyclass]
pub(crate) struct Rebuild(rebuild::Rebuild);

impl Rebuild {
    /// The venue, to go on from here.
    pub(crate) fn engine(&self) -> Engine {
        self.0.engine()
    }
}

#[pymethods]
impl Rebuild {
    #[new]
    fn new(genesis_text: &str, chain_id: u64, rollup: [u8; 20]) -> PyResult<Self> {
        rebuild::Rebuild::new(&genesis(genesis_text)?, chain_id, &rollup)
            .map(Self)
            .map_err(|e| InvalidVenue::new_err(e.to_string()))
    }

    fn root<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &digest_bytes(self.0.root()))
    }

    fn apply(
        &mut self,
        py: Python<'_>,
        old_root: [u8; 32],
        new_root: [u8; 32],
        output: &[u8],
    ) -> PyResult<()> {
        let (words, rest) = output.as_chunks::<8>();
        if !rest.is_empty() {
            return Err(BatchMismatch::new_err("the output ends within a word"));
        }
        let words: Vec<u64> = words.iter().map(|word| u64::from_be_bytes(*word)).collect();
        let (old, new) = (digest_words(&old_root), digest_words(&new_root));
        py.detach(|| self.0.apply(&old, &new, &words))
            .map_err(|e| BatchMismatch::new_err(e.to_string()))
    }

    fn summary(&mut self) -> PyResult<String> {
        json(&self.0.summary())
    }

    fn account(&self, number: u32) -> PyResult<Option<String>> {
        let found = account_summary(self.0.state(), number);
        found.map(|account| json(&account)).transpose()
    }

    fn accounts(&self) -> PyResult<String> {
        json(&account_summaries(self.0.state()))
    }

    fn write_snapshot(&self, path: PathBuf) -> PyResult<()> {
        let failed =
            |reason: String| InvalidInput::new_err(format!("{}: {reason}", path.display()));
        let file = File::create(&path).map_err(|e| failed(e.to_string()))?;
        self.0
            .write_snapshot(BufWriter::new(file))
            .map_err(|e| failed(e.to_string()))
    }
}
