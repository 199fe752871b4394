//! The exceptions of `zkperp.errors`, defined once in Python and raised from here.

use pyo3::import_exception;

import_exception!(zkperp.errors, BatchMismatch);
import_exception!(zkperp.errors, InvalidBatch);
import_exception!(zkperp.errors, InvalidInput);
import_exception!(zkperp.errors, InvalidLength);
import_exception!(zkperp.errors, InvalidProgram);
import_exception!(zkperp.errors, InvalidProof);
import_exception!(zkperp.errors, InvalidVenue);
import_exception!(zkperp.errors, NonCanonicalFelt);
import_exception!(zkperp.errors, ProvingFailed);
import_exception!(zkperp.errors, RunFailed);
