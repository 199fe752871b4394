//! Order flow for the engine.
//!
//! [`Row`]s come from a recorded feed ([`csv`]) or from a seeded [`Generator`] whose shares, sizes,
//! distances and lifetimes are those measured on one (docs/flow.md). An [`Importer`] gives them
//! what a feed lacks, owners and times, and makes commands of them; [`Pricing`] has oracle keys report
//! and markets tick between them; [`Keys`] signs all of it, and
//! [`devnet`](fn@devnet) is the venue that it runs on.

pub mod csv;
mod devnet;
mod generator;
mod importer;
mod keys;
mod pricing;
mod quantiles;
mod rng;
mod row;
pub mod tables;
mod variety;

pub use devnet::{DEVNET_MARKETS, devnet, devnet_market};
pub use generator::Generator;
pub use importer::{Importer, ImporterConfig, opening_mid};
pub use keys::{Keys, ORACLE_KEYS};
pub use pricing::{PRICE_INTERVAL_MS, Pricing, round};
pub use quantiles::Quantiles;
pub use rng::Rng;
pub use row::{Op, Row};
