//! Constants, enumerations and refusals of the rule book, generated from `schema.toml`.
//!
//! What each name means is written in `docs/spec`. The relations between bounds that the proof's
//! arithmetic rests on are asserted when this crate is compiled.

// The generator decides how it looks.
#[rustfmt::skip]
mod generated;

pub use generated::*;
