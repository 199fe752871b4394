//! A venue's state from what the chain says alone: genesis, then the output words of each accepted
//! batch. Signatures are not on the chain; that they were good is the proof's word.

use std::io::Write;

use serde::Serialize;
use zkperp_engine::replay::{self, ReplayError};
use zkperp_engine::{DigestWords, Engine, Market, State};
use zkperp_tree::SnapshotError;

use crate::venue::{Genesis, GenesisError};

/// A venue that follows its chain.
#[derive(Debug)]
pub struct Rebuild {
    engine: Engine,
}

/// A market for the reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MarketSummary {
    /// Its number.
    pub market: u8,
    /// Index at the last tick, ticks; 0 before the first.
    pub index_ticks: u64,
    /// Mark at the last tick, ticks.
    pub mark_ticks: u64,
    /// When that was, program time, ms.
    pub tick_ms: u64,
    /// Least price of a sell order, ticks.
    pub price_low: u64,
    /// Greatest price of a buy order, ticks.
    pub price_high: u64,
    /// The last tick's premium, ppm.
    pub premium_ppm: i64,
    /// The last hour's funding rate, ppm.
    pub rate_ppm: i64,
    /// Cumulative funding, 10^-6 micro-USDC a lot.
    pub funding: i64,
    /// Open interest, both sides, lots.
    pub open_interest: u64,
    /// What funding has taken and not yet given, micro-USDC.
    pub clearing: i64,
}

/// Counts of a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StateSummary {
    /// Sealed batches.
    pub batch_number: u64,
    /// Program time, ms.
    pub time_ms: u64,
    /// Commands applied ever.
    pub commands: u64,
    /// Requests from L1 executed.
    pub requests_done: u64,
    /// Open accounts.
    pub accounts: u64,
    /// Living orders that rest.
    pub open_orders: u64,
    /// Credited deposits minus withdrawals, micro-USDC.
    pub custody: u64,
    /// Fees earned, micro-USDC.
    pub fees: u64,
    /// When funding is next due, program time, ms.
    pub funding_due_ms: u64,
    /// Each market's prices and funding.
    pub markets: Vec<MarketSummary>,
    /// The command-log chain, four felts as decimal strings.
    pub log_chain: [String; 4],
}

impl Rebuild {
    /// The venue at its genesis.
    ///
    /// # Errors
    /// [`GenesisError`].
    pub fn new(genesis: &Genesis, chain_id: u64, rollup: &[u8; 20]) -> Result<Self, GenesisError> {
        let engine = genesis.engine(chain_id, rollup)?;
        Ok(Self { engine })
    }

    /// Applies an accepted batch: its roots, and the output words of its transaction.
    ///
    /// # Errors
    /// [`ReplayError`]; the state is then as it was.
    pub fn apply(
        &mut self,
        old_root: &DigestWords,
        new_root: &DigestWords,
        words: &[u64],
    ) -> Result<(), ReplayError> {
        replay::apply_batch(&mut self.engine, old_root, new_root, words)
    }

    /// The root at the last batch.
    #[must_use]
    pub fn root(&self) -> DigestWords {
        self.engine.root()
    }

    /// The venue, to go on from here.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine.clone()
    }

    /// The state.
    #[must_use]
    pub const fn state(&self) -> &State {
        self.engine.state()
    }

    /// Its counts.
    #[must_use]
    pub fn summary(&mut self) -> StateSummary {
        let log_chain = self.engine.state_mut().log_chain();
        let state = self.engine.state();
        StateSummary {
            batch_number: state.batch_number(),
            time_ms: state.time_ms(),
            commands: state.commands(),
            requests_done: state.requests_done(),
            accounts: state.account_numbers().len() as u64,
            open_orders: state.living_orders() as u64,
            custody: state.custody(),
            fees: state.fees(),
            funding_due_ms: state.funding_due_ms(),
            markets: markets(state),
            log_chain: log_chain.map(|felt| felt.to_string()),
        }
    }

    /// Writes the state tree (`zkperp_tree::SNAPSHOT_VERSION`).
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub fn write_snapshot(&self, stream: impl Write) -> Result<(), SnapshotError> {
        self.engine.tree().write_snapshot(stream)
    }
}

/// Every market of a state, by number.
fn markets(state: &State) -> Vec<MarketSummary> {
    let numbers = 0..state.config().markets;
    let found = numbers.filter_map(|number| Some((number, state.market(number)?)));
    let summary = |(number, market): (u8, &Market)| MarketSummary {
        market: number,
        index_ticks: market.mark.index_ticks,
        mark_ticks: market.mark.mark_ticks,
        tick_ms: market.mark.tick_ms,
        price_low: market.terms.price_low,
        price_high: market.terms.price_high,
        premium_ppm: market.funding.premium_ppm,
        rate_ppm: market.funding.rate_ppm,
        funding: market.funding.funding,
        open_interest: market.interest.open_interest,
        clearing: market.interest.clearing,
    };
    found.map(summary).collect()
}
