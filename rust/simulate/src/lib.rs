//! Scenarios of falling markets on the real engine, recorded as numbers.
//!
//! [`simulate`] fills a venue with leveraged accounts, walks the index along a path, and sends
//! everything that follows through the engine as commands: reports, quotes, ticks, sweeps,
//! liquidations, deleveragings. Only signatures are taken as verified. After every command
//! conservation is checked against books that follow the events, after every step all invariants.
//! A run depends on its [`Options`] alone: no clock, no file, no floating point.
//!
//! What is a model: where the index goes, who trades and how makers quote; and, named so in the
//! report, what the incumbents' queue would have closed. What is not: everything the venue does.
//! docs/simulation.md has the scenarios and what they show.

mod director;
mod error;
mod ledger;
mod makers;
mod path;
mod population;
mod queue;
mod random;
mod recorder;
mod report;
mod scenarios;
mod stage;
mod venue;

pub use director::{ACCOUNTS, Options, PPM_MAX, simulate};
pub use error::SimulationError;
pub use report::{
    Checks, Closing, Cohort, Commands, Deleveragings, End, Liquidations, MarketInfo, MarketSeries,
    Parameters, Report, Series, Totals, VERSION,
};
pub use scenarios::SCENARIOS;
