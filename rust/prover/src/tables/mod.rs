//! The tables of the machine, one folder each: `columns` (what a row holds), `air` (constraints
//! and messages, each with its sentence), `trace` (how a row is filled).
//!
//! | table | one row per | provides | asks for |
//! |---|---|---|---|
//! | `cpu` | step | | decoded instruction, 3 cells; on the last row `final_ap` for one of them |
//! | `program` | 4 words of the program | decoded instructions | 4 cells, 12 range16, 1 permutation; the digest on the last row |
//! | `memory` | 4 addresses | (address, value) | |
//! | `range16` | 16-bit value | value | |
//! | `poseidon2` | permutation | (input, output) | |
//! | `public` | public value | | its cell; argument and returned pointer of each builtin |
//! | `range_check` | builtin cell | | its cell, 5 range16 |
//! | `poseidon2_io` | builtin instance | | 16 cells, 1 permutation |
//! | `muldiv` | builtin instance | | 6 cells, 41 range16 |
//! | `state` | access to a leaf | access (to the next one) | 17 cells, 2 range16; access (from the previous one) |
//! | `leaf` | touched leaf | first value | last value, 2 compressions, its node |
//! | `merkle` | touched inner node | its touched children | 2 compressions, its node; the roots on the first row |
//! | `schnorr` | builtin instance | | 9 cells, 4 permutations, 1 sum |
//! | `schnorr_sum` | window of a sum, 32 a signature | the sum, on its first row | |

pub mod cpu;
pub mod leaf;
pub mod memory;
pub mod merkle;
pub mod muldiv;
pub mod poseidon2;
pub mod poseidon2_io;
pub mod program;
pub mod public;
pub mod range16;
pub mod range_check;
pub mod schnorr;
pub mod schnorr_sum;
pub mod state;
