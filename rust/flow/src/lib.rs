//! Order flow for the engine.
//!
//! [`Row`]s come from a recorded feed ([`csv`]) or from a seeded [`Generator`] whose shares, sizes,
//! distances and lifetimes are those measured on one (docs/flow.md). An [`Importer`] gives them
//! what a feed lacks, owners, times and an oracle, and makes commands of them; [`Keys`] signs these.

pub mod csv;
mod generator;
mod importer;
mod keys;
mod quantiles;
mod rng;
mod row;
pub mod tables;

pub use generator::Generator;
pub use importer::{Importer, ImporterConfig, opening_mid};
pub use keys::Keys;
pub use quantiles::Quantiles;
pub use rng::Rng;
pub use row::{Op, Row};
