//! Why a simulation can't be run, or must not be believed.

use thiserror::Error;
use zkperp_engine::{BrokenInvariant, Refusal, SealError, VenueError};

/// A simulation can't be run, or showed what must not be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SimulationError {
    /// No scenario has this name.
    #[error("no scenario is called {0}: crash, cascade, gap, funding or adl")]
    UnknownScenario(String),
    /// An option is outside its range.
    #[error("{name} is from {least} to {greatest}")]
    Range {
        /// The option.
        name: &'static str,
        /// Its least value.
        least: u64,
        /// Its greatest value.
        greatest: u64,
    },
    /// Whoever listens to the progress said so.
    #[error("stopped")]
    Stopped,
    /// The venue's parameters.
    #[error(transparent)]
    Venue(#[from] VenueError),
    /// A command that has to be accepted was refused.
    #[error("{what} is refused: {refusal}")]
    Refused {
        /// What the command was for.
        what: &'static str,
        /// Why.
        refusal: Refusal,
    },
    /// A batch.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The engine's own invariants.
    #[error("after {commands} commands: {broken}")]
    Broken {
        /// Commands so far.
        commands: u64,
        /// What is broken.
        broken: BrokenInvariant,
    },
    /// The books kept from events and the engine's differ.
    #[error("{0} is not what the events say")]
    Books(&'static str),
}
