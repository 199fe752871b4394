//! Bindings of [`zkperp_field::poseidon2`].

use pyo3::prelude::*;
use zkperp_field::PrimeField64;
use zkperp_field::poseidon2::{self, DIGEST, WIDTH};

use crate::felt::{Felt, elements, exactly, felts};

#[pyfunction]
pub(crate) fn poseidon2_permute(state: Vec<Felt>) -> PyResult<[Felt; WIDTH]> {
    let mut state = exactly("state", &state)?;
    poseidon2::permute(&mut state);
    Ok(felts(state))
}

#[pyfunction]
pub(crate) fn poseidon2_compress(state: Vec<Felt>) -> PyResult<[Felt; DIGEST]> {
    Ok(felts(poseidon2::compress(&exactly("state", &state)?)))
}

#[pyfunction]
pub(crate) fn poseidon2_sponge(py: Python<'_>, domain: Felt, message: Vec<Felt>) -> [Felt; DIGEST] {
    let message = elements(&message);
    let domain = domain.0.as_canonical_u64();
    // A message may be a whole batch of data: other threads go on meanwhile.
    felts(py.detach(|| poseidon2::sponge(domain, &message)))
}
