//! The shared vectors: tests/vectors/signature and tests/vectors/poseidon2.

mod arithmetic;
mod poseidon2;
mod read;
mod signatures;
