//! Bindings of `zkperp_batch::venue`: what venues start from.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use zkperp_batch::on_chain;
use zkperp_batch::venue::{Genesis, deposits};
use zkperp_field::PrimeField64;
use zkperp_vm::builtins::Builtin;

use crate::errors::{InvalidVenue, ProvingFailed};

/// Four words, 8 bytes big-endian each: a root as the contract stores it.
pub(crate) fn digest_bytes(words: [u64; 4]) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (part, word) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(words) {
        *part = word.to_be_bytes();
    }
    bytes
}

/// The four words of a root.
pub(crate) fn digest_words(bytes: &[u8; 32]) -> [u64; 4] {
    let mut words = [0; 4];
    for (word, part) in words.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *word = u64::from_be_bytes(*part);
    }
    words
}

pub(crate) fn genesis(text: &str) -> PyResult<Genesis> {
    Genesis::from_json(text).map_err(|e| InvalidVenue::new_err(e.to_string()))
}

#[pyfunction]
pub(crate) fn devnet_genesis(seed: u64, start_time_ms: u64) -> PyResult<String> {
    serde_json::to_string(&Genesis::devnet(seed, start_time_ms))
        .map_err(|e| InvalidVenue::new_err(e.to_string()))
}

#[pyfunction]
pub(crate) fn genesis_root<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyBytes>> {
    let root = genesis(text)?
        .root()
        .map_err(|e| InvalidVenue::new_err(e.to_string()))?;
    Ok(PyBytes::new(py, &digest_bytes(root)))
}

/// What the contracts of a venue are made of.
#[pyfunction]
pub(crate) fn venue_shape(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let shape =
        py.detach(|| on_chain::venue_shape().map_err(|e| ProvingFailed::new_err(e.to_string())))?;
    let bytes = |bytes: &[u8]| PyBytes::new(py, bytes);
    let digest = shape.program.digest.map(|felt| felt.as_canonical_u64());
    let programs: Vec<_> = shape.verifier.programs.iter().map(|p| bytes(p)).collect();
    let dict = PyDict::new(py);
    dict.set_item("id", shape.id)?;
    dict.set_item("data", bytes(&shape.verifier.data))?;
    dict.set_item("programs", programs)?;
    dict.set_item("digest", bytes(&shape.verifier.digest))?;
    dict.set_item("program_digest", bytes(&digest_bytes(digest)))?;
    dict.set_item("capacities", &shape.capacities)?;
    dict.set_item("output_capacity", shape.output_capacity)?;
    let has_state = shape.program.builtins.contains(&Builtin::State);
    dict.set_item("has_state", has_state)?;
    Ok(dict)
}

#[pyfunction]
pub(crate) fn deposit_requests(
    seed: u64,
    owners: Vec<[u8; 20]>,
    amount_micro: u64,
) -> Vec<[u64; 12]> {
    deposits(seed, &owners, amount_micro)
}
