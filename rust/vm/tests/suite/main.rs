//! Tests of the machine through its public door, on the compiled programs of `circuits`.

mod bad_programs;
mod loader;
mod programs;
mod support;
mod vectors;
