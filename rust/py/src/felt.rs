//! Field elements at the border: a Python `int` below the modulus, and nothing else.

use std::convert::Infallible;

use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use pyo3::types::PyInt;
use zkperp_field::{F, PrimeField64, canonical};

use crate::errors::{InvalidLength, NonCanonicalFelt};

/// A field element on its way in or out. A non-canonical integer is refused, never reduced.
#[derive(Clone, Copy)]
pub(crate) struct Felt(pub(crate) F);

impl FromPyObject<'_, '_> for Felt {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let refused = || NonCanonicalFelt::new_err((value.to_owned().unbind(),));
        match value.extract::<u64>() {
            Ok(integer) => canonical(integer).map(Felt).ok_or_else(refused),
            // Negative, or 2^64 and above.
            Err(error) if error.is_instance_of::<PyOverflowError>(value.py()) => Err(refused()),
            Err(error) => Err(error),
        }
    }
}

impl<'py> IntoPyObject<'py> for Felt {
    type Target = PyInt;
    type Output = Bound<'py, PyInt>;
    type Error = Infallible;

    fn into_pyobject(self, py: Python<'py>) -> Result<Self::Output, Self::Error> {
        self.0.as_canonical_u64().into_pyobject(py)
    }
}

/// Takes the elements out of their border form.
pub(crate) fn elements(felts: &[Felt]) -> Vec<F> {
    felts.iter().map(|felt| felt.0).collect()
}

/// As [`elements`], for an argument whose length is fixed. `name` is the argument's name.
pub(crate) fn exactly<const N: usize>(name: &'static str, felts: &[Felt]) -> PyResult<[F; N]> {
    elements(felts)
        .try_into()
        .map_err(|_| InvalidLength::new_err((name, N, felts.len())))
}

/// Puts elements into their border form.
pub(crate) fn felts<const N: usize>(elements: [F; N]) -> [Felt; N] {
    elements.map(Felt)
}
