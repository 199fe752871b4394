//! Matching alone: a defined workload of placements, cancels and moves in one market, after
//! exchange-core's generator, through [`zkperp_engine::book::Book`].
//!
//! The workload is defined by its seed, and known by three hashes: of the commands, of every trade in
//! order, and of the book that is left. `EXPECTED` has those of the usual one.

mod reference;
mod run;
mod workload;

pub use run::{Finished, run};
pub use workload::{Command, Op, PREFILL, Profile, Workload};

/// Seed of the workload whose hashes are in [`EXPECTED`].
pub const SEED: u64 = 20_261_120;
/// Its timed commands.
pub const COMMANDS: usize = 3_000_000;

/// Hashes that a workload of [`SEED`] and [`COMMANDS`] must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The profile.
    pub profile: Profile,
    /// Of all commands, the first orders included.
    pub command_hash: u64,
    /// What running it must give.
    pub finished: Finished,
}

/// The hashes of the two profiles, from the workload's definition.
pub const EXPECTED: [Expected; 2] = [
    Expected {
        profile: Profile::Moves,
        command_hash: 3_628_840_731_006_392_648,
        finished: Finished {
            trades: 496_680,
            lots: 4_349_119,
            trade_hash: 3_734_476_817_249_323_810,
            resting: 999,
            book_digest: 13_256_897_337_343_397_416,
        },
    },
    Expected {
        profile: Profile::Places,
        command_hash: 3_859_961_938_925_256_773,
        finished: Finished {
            trades: 432_219,
            lots: 3_733_339,
            trade_hash: 18_091_596_520_315_751_712,
            resting: 996,
            book_digest: 3_364_745_562_220_701_168,
        },
    },
];
