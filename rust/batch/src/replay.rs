//! Replaying order flow on a venue, cut into sealed batches on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use thiserror::Error;
use zkperp_engine::{
    Command, Engine, Envelope, Event, Kind, Outcome, Refusal, Request, RequestWords, SealError,
    Sender, Verify,
};
use zkperp_flow::{Generator, Importer, ImporterConfig, Keys, Row, tables};
use zkperp_tree::Tree;

use crate::directory::{BatchSummary, DirectoryError, write};

/// One generated row of the second market for so many rows of the feed.
const SECOND_MARKET_EVERY: u64 = 10;
/// How long a signed withdrawal holds, ms.
const WITHDRAWAL_HOLDS_MS: u64 = 60_000;

/// How flow is replayed.
#[derive(Clone, Debug)]
pub struct ReplayConfig {
    /// The next requests of the contract's queue, executed before the flow: deposits, mostly.
    pub requests: Vec<RequestWords>,
    /// The feed's market; generated flow runs on the next one, if there is one.
    pub market: u8,
    /// Accounts that own the feed's orders; a quarter as many and one more take.
    pub traders: u32,
    /// Accepted user commands of the flow in a batch.
    pub batch_orders: u64,
    /// Batches.
    pub batches: u64,
    /// Seed of keys and of the second market's flow.
    pub seed: u64,
    /// Program time of the first row, ms; the venue's own, where that is later.
    pub start_time_ms: u64,
    /// The first price of the feed's market, ticks.
    pub opening_ticks: u64,
    /// Signed withdrawals at the end of the last batch, on top of its flow: account, micro-USDC.
    pub withdrawals: Vec<(u32, u64)>,
}

/// What a replay did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReplayReport {
    /// Rows of the feed that were read.
    pub rows: u64,
    /// Commands in the batches, of every kind.
    pub commands: u64,
    /// Accepted user commands of the flow.
    pub accepted: u64,
    /// New orders among them.
    pub orders: u64,
    /// Refused commands by code.
    pub refused: BTreeMap<u16, u64>,
    /// Fills.
    pub trades: u64,
    /// Cash of all accounts when the requests were executed and no row was, micro-USDC.
    pub collateral_before: i64,
    /// Cash of all accounts at the end, micro-USDC.
    pub collateral_after: i64,
    /// Fees that the venue earned, micro-USDC.
    pub fees: u64,
    /// Paid by withdrawal records, micro-USDC.
    pub withdrawn: u64,
    /// The sealed batches.
    pub batches: Vec<BatchSummary>,
    /// Their directories.
    pub directories: Vec<PathBuf>,
}

/// Why a replay stopped.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// More traders than account numbers, or none.
    #[error("traders must be 1 to 1,000,000")]
    Traders,
    /// Batches of no command, or none.
    #[error("there must be a batch, and a command in each")]
    NoBatch,
    /// The venue has no market of that number.
    #[error("the venue has no market {0}")]
    Market(u8),
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

/// Replays `rows` on a venue, at its genesis or later and with no open batch, until
/// `config.batches` batches are sealed or the rows end; `progress` hears the number of accepted user
/// commands.
///
/// # Errors
/// [`ReplayError`].
pub fn replay(
    config: &ReplayConfig,
    engine: Engine,
    rows: impl IntoIterator<Item = Row>,
    out: &Path,
    mut progress: impl FnMut(u64),
) -> Result<ReplayReport, ReplayError> {
    if !(1..=1_000_000).contains(&config.traders) {
        return Err(ReplayError::Traders);
    }
    if config.batches == 0 || config.batch_orders == 0 {
        return Err(ReplayError::NoBatch);
    }
    let exists = |market: u8| engine.state().market(market).is_some();
    if !exists(config.market) {
        return Err(ReplayError::Market(config.market));
    }
    let other = if exists(config.market + 1) {
        config.market + 1
    } else {
        0
    };
    let has_other = other != config.market;
    let start_time_ms = config.start_time_ms.max(engine.state().time_ms());
    let importer = |market: u8, opening_ticks: u64| {
        ImporterConfig::new(market, config.traders, start_time_ms, opening_ticks)
    };
    let main = importer(config.market, config.opening_ticks);
    let second = ImporterConfig {
        row_ms: main.row_ms * SECOND_MARKET_EVERY,
        ..importer(other, tables::OPENING_MID)
    };
    let mut replay = Replay::start(config, engine, main.accounts())?;
    let (mut feed, mut generated) = (Importer::new(main), Importer::new(second));
    let mut generator = Generator::new(config.seed);
    for row in rows {
        if replay.is_done() {
            break;
        }
        if has_other
            && replay.report.rows.is_multiple_of(SECOND_MARKET_EVERY)
            && let Some(row) = generator.next()
        {
            replay.row(&mut generated, &row, out)?;
        }
        if replay.is_done() {
            break;
        }
        replay.report.rows += 1;
        replay.row(&mut feed, &row, out)?;
        progress(replay.report.accepted);
    }
    replay.finish(out)
}

impl<'a> Replay<'a> {
    /// The requests of the queue, on the venue as it is.
    fn start(config: &'a ReplayConfig, engine: Engine, accounts: u32) -> Result<Self, ReplayError> {
        let (time_ms, done) = (engine.state().time_ms(), engine.state().requests_done());
        let mut replay = Self {
            config,
            keys: Keys::new(config.seed, accounts),
            old: engine.tree().clone(),
            engine,
            in_batch: 0,
            report: ReplayReport::default(),
        };
        if config.start_time_ms > time_ms {
            replay.own("time", Command::Time)?;
        }
        for (number, &words) in (done..).zip(&config.requests) {
            replay.own("request", Command::Request(Request { number, words }))?;
        }
        replay.report.collateral_before = replay.collateral();
        Ok(replay)
    }

    /// Applies a command that has to be accepted, at the first row's time.
    fn own(&mut self, what: &'static str, command: Command) -> Result<(), ReplayError> {
        let mut envelope = Envelope {
            time_ms: self.config.start_time_ms,
            command,
            signature: None,
        };
        self.at_least_now(&mut envelope);
        self.sign(&mut envelope);
        let applied = self.engine.apply(&envelope, &Verify);
        applied.map_err(|refusal| ReplayError::Own { what, refusal })?;
        Ok(())
    }

    fn is_done(&self) -> bool {
        self.report.batches.len() as u64 == self.config.batches
    }

    /// A row's oracle price, if one is due, then its command.
    fn row(&mut self, importer: &mut Importer, row: &Row, out: &Path) -> Result<(), ReplayError> {
        if let Some(mut price) = importer.price() {
            self.at_least_now(&mut price);
            self.apply(price);
        }
        let mut command = importer.command(row, self.engine.state());
        self.at_least_now(&mut command);
        let is_order =
            matches!(&command.command, Command::User(user) if user.kind == Kind::Place.code());
        if let Some(outcome) = self.apply(command) {
            importer.accepted(row, &outcome);
            self.report.accepted += 1;
            self.report.orders += u64::from(is_order);
            self.in_batch += 1;
            if self.in_batch == self.config.batch_orders {
                let is_last = self.report.batches.len() as u64 + 1 == self.config.batches;
                if is_last {
                    self.withdraw()?;
                }
                self.seal(out)?;
            }
        }
        Ok(())
    }

    /// Two feeds share one clock, which never goes back.
    fn at_least_now(&self, envelope: &mut Envelope) {
        envelope.time_ms = envelope.time_ms.max(self.engine.state().time_ms());
    }

    fn sign(&self, envelope: &mut Envelope) {
        let state = self.engine.state();
        let multiplier = match &envelope.command {
            Command::Oracle(price) => state.market(price.market),
            _ => None,
        };
        let multiplier = multiplier.map_or(1, |market| market.params.multiplier);
        self.keys.sign(state.domain(), multiplier, envelope);
    }

    /// Signs and applies; a refusal is counted.
    fn apply(&mut self, mut envelope: Envelope) -> Option<Outcome> {
        self.sign(&mut envelope);
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

    /// The withdrawals that were asked for, signed by the accounts' keys.
    fn withdraw(&mut self) -> Result<(), ReplayError> {
        for &(account, amount) in &self.config.withdrawals {
            let state = self.engine.state();
            let sender = Sender {
                account,
                key: 0,
                nonce: state.nonce(account, 0) + 1,
                valid_until_ms: state.time_ms() + WITHDRAWAL_HOLDS_MS,
            };
            self.own("withdrawal", Command::User(sender.withdraw(amount)))?;
        }
        Ok(())
    }

    fn collateral(&self) -> i64 {
        let state = self.engine.state();
        let accounts = state.account_numbers().into_iter();
        accounts.filter_map(|n| state.collateral(n)).sum()
    }

    fn seal(&mut self, out: &Path) -> Result<(), ReplayError> {
        let batch = self.engine.seal()?;
        self.report.directories.push(write(out, &self.old, &batch)?);
        self.report.commands += batch.public.commands_count;
        let paid = batch.withdrawals.iter().map(|paid| paid.amount);
        self.report.withdrawn += paid.sum::<u64>();
        self.report.batches.push(BatchSummary::of(&batch));
        self.old = self.engine.tree().clone();
        self.in_batch = 0;
        Ok(())
    }

    /// Seals a short last batch, and counts up.
    fn finish(mut self, out: &Path) -> Result<ReplayReport, ReplayError> {
        if !self.is_done() {
            self.withdraw()?;
            if self.report.accepted > 0
                && (self.in_batch > 0 || !self.config.withdrawals.is_empty())
            {
                self.seal(out)?;
            }
        }
        if self.report.batches.is_empty() {
            return Err(ReplayError::Nothing);
        }
        self.report.collateral_after = self.collateral();
        self.report.fees = self.engine.state().fees();
        Ok(self.report)
    }
}
