//! Replaying order flow on a venue of its own, cut into sealed batches on disk: the built-in devnet.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use thiserror::Error;
use zkperp_engine::{
    Command, Domain, Engine, Envelope, Event, MarketParams, Outcome, Refusal, Request, SealError,
    VenueError, VenueParams, Verify, address_words,
};
use zkperp_flow::{Generator, Importer, ImporterConfig, Keys, Row, tables};
use zkperp_tree::Tree;

use crate::directory::{BatchSummary, DirectoryError, write};

/// Chain id of the built-in devnet, that of local development chains.
pub const DEVNET_CHAIN_ID: u64 = 31_337;
/// One generated row of the second market for so many rows of the feed.
const SECOND_MARKET_EVERY: u64 = 10;
/// BTC-USD: tick 0.1 USD, lot 0.00001 BTC; ETH-USD: tick 0.01 USD, lot 0.0001 ETH.
const MARKET: MarketParams = MarketParams {
    multiplier: 1,
    imf_ppm: 50_000,
    taker_ppm: 450,
    maker_ppm: -50,
    price_max: (1 << 24) - 1,
    lots_max: 1 << 28,
};

/// How flow is replayed.
#[derive(Clone, Debug)]
pub struct ReplayConfig {
    /// Accounts that own the feed's orders; a quarter as many and one more take.
    pub traders: u32,
    /// Accepted user commands a batch.
    pub batch_orders: u64,
    /// Batches.
    pub batches: u64,
    /// Deposit of each account, micro-USDC.
    pub deposit_micro: u64,
    /// Seed of keys and of the second market's flow.
    pub seed: u64,
    /// Program time of the first row, ms.
    pub start_time_ms: u64,
    /// Address of the contract.
    pub rollup: [u8; 20],
    /// The first price of the feed's market, ticks.
    pub opening_ticks: u64,
}

/// What a replay did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReplayReport {
    /// Rows of the feed that were read.
    pub rows: u64,
    /// Accepted user commands.
    pub accepted: u64,
    /// Refused commands by code.
    pub refused: BTreeMap<u16, u64>,
    /// Fills.
    pub trades: u64,
    /// The sealed batches.
    pub batches: Vec<BatchSummary>,
    /// Their directories.
    pub directories: Vec<PathBuf>,
}

/// Why a replay stopped.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// The venue's parameters.
    #[error(transparent)]
    Venue(#[from] VenueError),
    /// More traders than account numbers, or none.
    #[error("traders must be 1 to 1,000,000")]
    Traders,
    /// A command that the replay itself made was refused.
    #[error("the replay's own {what} was refused: {refusal}")]
    Own {
        /// Which.
        what: &'static str,
        /// Why.
        refusal: Refusal,
    },
    /// The flow gave no command that was accepted.
    #[error("no command of the flow was accepted")]
    Nothing,
    /// A batch can't be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A batch can't be written.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

/// A venue while flow runs on it.
struct Replay<'a> {
    config: &'a ReplayConfig,
    keys: Keys,
    engine: Engine,
    old: Tree,
    in_batch: u64,
    report: ReplayReport,
}

/// Replays `rows` until `config.batches` batches are sealed or the rows end; `progress` hears the
/// number of accepted user commands.
///
/// # Errors
/// [`ReplayError`].
pub fn replay(
    config: &ReplayConfig,
    rows: impl IntoIterator<Item = Row>,
    out: &Path,
    mut progress: impl FnMut(u64),
) -> Result<ReplayReport, ReplayError> {
    if !(1..=1_000_000).contains(&config.traders) {
        return Err(ReplayError::Traders);
    }
    let importer = |market: u8, opening_ticks: u64| {
        ImporterConfig::new(market, config.traders, config.start_time_ms, opening_ticks)
    };
    let main = importer(0, config.opening_ticks);
    let second = ImporterConfig {
        row_ms: main.row_ms * SECOND_MARKET_EVERY,
        ..importer(1, tables::OPENING_MID)
    };
    let mut replay = Replay::start(config, main.accounts())?;
    let (mut feed, mut generated) = (Importer::new(main), Importer::new(second));
    let mut generator = Generator::new(config.seed);
    for row in rows {
        if replay.report.batches.len() as u64 == config.batches {
            break;
        }
        if replay.report.rows.is_multiple_of(SECOND_MARKET_EVERY)
            && let Some(row) = generator.next()
        {
            replay.row(&mut generated, &row, out)?;
        }
        replay.report.rows += 1;
        replay.row(&mut feed, &row, out)?;
        progress(replay.report.accepted);
    }
    if replay.in_batch > 0 && (replay.report.batches.len() as u64) < config.batches {
        replay.seal(out)?;
    }
    if replay.report.batches.is_empty() {
        return Err(ReplayError::Nothing);
    }
    Ok(replay.report)
}

impl<'a> Replay<'a> {
    /// Genesis, and a deposit with a key for each account.
    fn start(config: &'a ReplayConfig, accounts: u32) -> Result<Self, ReplayError> {
        let keys = Keys::new(config.seed, accounts);
        let domain = Domain::new(DEVNET_CHAIN_ID, &config.rollup)
            .expect("Invariant: the devnet's chain id is small");
        let venue = VenueParams {
            domain,
            start_time_ms: config.start_time_ms,
            staleness_ms: 60_000,
            oracle_key: keys.oracle(),
            markets: vec![MARKET; 2],
        };
        let engine = Engine::genesis(&venue)?;
        let old = engine.tree().clone();
        let report = ReplayReport::default();
        let mut replay = Self {
            config,
            keys,
            engine,
            old,
            in_batch: 0,
            report,
        };
        for account in 1..=accounts {
            replay.deposit(account)?;
        }
        Ok(replay)
    }

    fn deposit(&mut self, account: u32) -> Result<(), ReplayError> {
        let owner = owner_of(account);
        let words = self
            .keys
            .deposit(account, address_words(&owner), self.config.deposit_micro);
        let words = words.expect("Invariant: every account has a key");
        let number = self.engine.state().requests_done();
        let envelope = Envelope {
            time_ms: self.config.start_time_ms,
            command: Command::Request(Request { number, words }),
            signature: None,
        };
        let applied = self.engine.apply(&envelope, &Verify);
        applied.map_err(|refusal| ReplayError::Own {
            what: "deposit",
            refusal,
        })?;
        Ok(())
    }

    /// A row's oracle price, if one is due, then its command.
    fn row(&mut self, importer: &mut Importer, row: &Row, out: &Path) -> Result<(), ReplayError> {
        if let Some(mut price) = importer.price() {
            self.at_least_now(&mut price);
            self.apply(price);
        }
        let mut command = importer.command(row, self.engine.state());
        self.at_least_now(&mut command);
        if let Some(outcome) = self.apply(command) {
            importer.accepted(row, &outcome);
            self.report.accepted += 1;
            self.in_batch += 1;
            if self.in_batch == self.config.batch_orders {
                self.seal(out)?;
            }
        }
        Ok(())
    }

    /// Two feeds share one clock, which never goes back.
    fn at_least_now(&self, envelope: &mut Envelope) {
        envelope.time_ms = envelope.time_ms.max(self.engine.state().time_ms());
    }

    /// Signs and applies; a refusal is counted.
    fn apply(&mut self, mut envelope: Envelope) -> Option<Outcome> {
        let domain = *self.engine.state().domain();
        self.keys.sign(&domain, MARKET.multiplier, &mut envelope);
        match self.engine.apply(&envelope, &Verify) {
            Ok((outcome, effects)) => {
                let is_trade = |event: &&Event| matches!(event, Event::Trade(_));
                self.report.trades += effects.events.iter().filter(is_trade).count() as u64;
                Some(outcome)
            }
            Err(refusal) => {
                *self.report.refused.entry(refusal.code()).or_default() += 1;
                None
            }
        }
    }

    fn seal(&mut self, out: &Path) -> Result<(), ReplayError> {
        let batch = self.engine.seal()?;
        self.report.directories.push(write(out, &self.old, &batch)?);
        self.report.batches.push(BatchSummary::of(&batch));
        self.old = self.engine.tree().clone();
        self.in_batch = 0;
        Ok(())
    }
}

/// L1 address of a devnet account: its number, behind a tag.
#[must_use]
pub fn owner_of(account: u32) -> [u8; 20] {
    let mut address = [0; 20];
    address[..6].copy_from_slice(b"trader");
    address[16..].copy_from_slice(&account.to_be_bytes());
    address
}
