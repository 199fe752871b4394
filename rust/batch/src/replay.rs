//! Replaying order flow on a venue, cut into sealed batches on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use thiserror::Error;
use zkperp_engine::{
    Accepted, Command, Effects, Engine, Envelope, Event, Kind, Outcome, Refusal, Request,
    RequestWords, SealError, Sender, UserCommand, Verify, keeper,
};
use zkperp_flow::csv::{Line, UnusableRows};
use zkperp_flow::{Generator, Importer, ImporterConfig, Keys, Pricing, Row, opening_mid, tables};
use zkperp_tree::Tree;

use crate::directory::{BatchSummary, DirectoryError, write};
use crate::draft::Draft;

/// One generated row of the second market for so many rows of the feed.
const SECOND_MARKET_EVERY: u64 = 10;
/// Usable rows at the start of the flow in which both sides have to appear.
const OPENING_ROWS: usize = 10_000;
/// Rows refused one after the other, after which the flow is given up: a generator has no end.
const REFUSED_ROWS_MAX: u64 = 10_000;
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
    /// Program time between two rounds of prices: reports of every oracle key, then ticks, ms.
    pub price_interval_ms: u64,
    /// Signed withdrawals at the end of the last batch, on top of its flow: account, micro-USDC.
    pub withdrawals: Vec<(u32, u64)>,
    /// Of a thousand rows, how many become commands that no feed has
    /// ([`ImporterConfig::varied_per_mille`]).
    pub varied_per_mille: u64,
}

/// What a replay did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReplayReport {
    /// Rows of the feed that commands were made of.
    pub rows: u64,
    /// Malformed rows between them by name (`zkperp_flow::csv::RowError::name`): left out.
    pub malformed: BTreeMap<&'static str, u64>,
    /// Rows whose price or size are zero or round to it: left out.
    pub rounds_to_zero: u64,
    /// The first line of each name in `malformed`, and of `rounds_to_zero`.
    pub first_lines: BTreeMap<&'static str, u64>,
    /// Commands in the batches, of every kind.
    pub commands: u64,
    /// Accepted user commands of the flow.
    pub accepted: u64,
    /// Orders, waiting ones too, and quotes among them.
    pub orders: u64,
    /// Ticks: new marks.
    pub ticks: u64,
    /// Hours whose funding was computed.
    pub fundings: u64,
    /// Sweeps: looks at crossed triggers.
    pub sweeps: u64,
    /// Accounts that fell below their maintenance margin.
    pub due: u64,
    /// Steps of liquidations.
    pub liquidations: u64,
    /// Counterparties' shares of what was deleveraged.
    pub deleveragings: u64,
    /// Conditional orders that fired, or were looked at and dead.
    pub triggers: u64,
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
    /// What funding owes, all markets together, micro-USDC: paid by some accounts and not yet taken
    /// by others.
    pub clearing: i64,
    /// Paid by withdrawal records, micro-USDC.
    pub withdrawn: u64,
    /// The sealed batches.
    pub batches: Vec<BatchSummary>,
    /// Signed commands in each, of users and of the oracle.
    pub signatures: Vec<u64>,
    /// Their directories.
    pub directories: Vec<PathBuf>,
}

impl ReplayReport {
    /// Counts an accepted command that no row names, and what happened in any.
    fn count(&mut self, command: &Command, effects: &Effects) {
        match command {
            Command::Tick { .. } => self.ticks += 1,
            Command::Fund => self.fundings += 1,
            Command::Sweep => self.sweeps += 1,
            Command::Liquidate => self.liquidations += 1,
            Command::Deleverage { .. } => self.deleveragings += 1,
            Command::Trigger => self.triggers += 1,
            Command::Time
            | Command::Oracle(_)
            | Command::Request(_)
            | Command::User(_)
            | Command::Quote(_) => {}
        }
        for event in &effects.events {
            match event {
                Event::Trade(_) => self.trades += 1,
                Event::LiquidationDue { .. } => self.due += 1,
                _ => {}
            }
        }
    }
}

/// Why a replay stopped.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// More traders than account numbers, or none.
    #[error("traders must be 1 to 1,000,000")]
    Traders,
    /// No time between two rounds of prices.
    #[error("prices must be at least a millisecond apart")]
    PriceInterval,
    /// Batches of no command, or none.
    #[error("there must be a batch, and a command in each")]
    NoBatch,
    /// The venue has no market of that number.
    #[error("the venue has no market {0}")]
    Market(u8),
    /// Every row of the feed was left out.
    #[error("the flow has no row that can be used ({0})")]
    NoRow(UnusableRows),
    /// There is no price to begin with.
    #[error("the flow never has both sides in its first {OPENING_ROWS} rows (left out: {0})")]
    OneSided(UnusableRows),
    /// The venue takes nothing of the flow any more.
    #[error("{REFUSED_ROWS_MAX} rows one after the other were refused; refusals by code: {0:?}")]
    AllRefused(BTreeMap<u16, u64>),
    /// A withdrawal was asked for of an account that the venue does not have.
    #[error("a withdrawal of account {0}: the venue has no such account")]
    NoAccount(u32),
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
    pricing: Pricing,
    /// Last mid of each market that has flow.
    prices: BTreeMap<u8, u64>,
    engine: Engine,
    old: Tree,
    in_batch: u64,
    report: ReplayReport,
    draft: Draft,
}

/// The first price of a flow, ticks: the mid as soon as it has both sides.
///
/// # Errors
/// [`ReplayError::NoRow`], [`ReplayError::OneSided`].
pub fn opening_ticks(lines: impl IntoIterator<Item = Line>) -> Result<u64, ReplayError> {
    let mut unusable = UnusableRows::default();
    let usable = lines.into_iter().filter_map(|(line, row)| {
        let kept = row.map_err(|error| unusable.add(line, error));
        kept.ok()
    });
    let rows: Vec<Row> = usable.take(OPENING_ROWS).collect();
    if rows.is_empty() {
        return Err(ReplayError::NoRow(unusable));
    }
    opening_mid(&rows).ok_or(ReplayError::OneSided(unusable))
}

/// Replays `lines` on a venue, at its genesis or later and with no open batch, until
/// `config.batches` batches are sealed or the lines end; `progress` hears the number of accepted user
/// commands. A line that is no row changes nothing and is counted.
///
/// The batch directories appear in `out` at the end, all of them, in place of any of the same
/// numbers; on an error none does.
///
/// # Errors
/// [`ReplayError`].
pub fn replay(
    config: &ReplayConfig,
    engine: Engine,
    lines: impl IntoIterator<Item = Line>,
    out: &Path,
    mut progress: impl FnMut(u64),
) -> Result<ReplayReport, ReplayError> {
    if !(1..=1_000_000).contains(&config.traders) {
        return Err(ReplayError::Traders);
    }
    if config.batches == 0 || config.batch_orders == 0 {
        return Err(ReplayError::NoBatch);
    }
    if config.price_interval_ms == 0 {
        return Err(ReplayError::PriceInterval);
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
        let traders = config.traders;
        ImporterConfig {
            varied_per_mille: config.varied_per_mille,
            ..ImporterConfig::new(market, traders, start_time_ms, opening_ticks)
        }
    };
    let main = importer(config.market, config.opening_ticks);
    let second = ImporterConfig {
        row_ms: main.row_ms * SECOND_MARKET_EVERY,
        ..importer(other, tables::OPENING_MID)
    };
    let mut replay = Replay::start(config, engine, main.accounts(), out)?;
    let (mut feed, mut generated) = (Importer::new(main), Importer::new(second));
    if has_other {
        replay.prices.insert(other, generated.price_ticks());
    }
    replay.prices.insert(config.market, feed.price_ticks());
    let mut generator = Generator::new(config.seed);
    let mut unusable = UnusableRows::default();
    let (mut accepted, mut refused_rows) = (0, 0);
    for (line, row) in lines {
        if replay.is_done() {
            break;
        }
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                unusable.add(line, error);
                continue;
            }
        };
        if has_other
            && replay.report.rows.is_multiple_of(SECOND_MARKET_EVERY)
            && let Some(row) = generator.next()
        {
            replay.row(&mut generated, &row)?;
        }
        if replay.is_done() {
            break;
        }
        replay.report.rows += 1;
        replay.row(&mut feed, &row)?;
        progress(replay.report.accepted);
        refused_rows = if replay.report.accepted > accepted {
            0
        } else {
            refused_rows + 1
        };
        accepted = replay.report.accepted;
        if refused_rows == REFUSED_ROWS_MAX {
            return Err(ReplayError::AllRefused(replay.report.refused));
        }
    }
    // The second market alone may fill the batches, before a row of the feed is asked for.
    if replay.report.rows == 0 && !replay.is_done() {
        return Err(ReplayError::NoRow(unusable));
    }
    replay.finish(unusable)
}

impl<'a> Replay<'a> {
    /// The requests of the queue, on the venue as it is.
    fn start(
        config: &'a ReplayConfig,
        engine: Engine,
        accounts: u32,
        out: &Path,
    ) -> Result<Self, ReplayError> {
        let state = engine.state();
        let done = state.requests_done();
        let oracles = state.config().oracles.count_ones() as u8;
        // A market that has ticked ticks later.
        let ticked = (0..=u8::MAX).filter_map(|market| state.market(market));
        let ticked_ms = ticked.map(|market| market.mark.tick_ms).max();
        let first_ms = ticked_ms.map_or(0, |ticked_ms| ticked_ms + 1);
        let mut replay = Self {
            config,
            keys: Keys::new(config.seed, accounts, oracles),
            pricing: Pricing::new(oracles, config.price_interval_ms, first_ms),
            prices: BTreeMap::new(),
            old: engine.tree().clone(),
            engine,
            in_batch: 0,
            report: ReplayReport::default(),
            draft: Draft::new(out)?,
        };
        replay.reach(config.start_time_ms)?;
        for (number, &words) in (done..).zip(&config.requests) {
            replay.own("request", Command::Request(Request { number, words }))?;
        }
        let state = replay.engine.state();
        let is_unknown = |account: &u32| state.collateral(*account).is_none();
        let mut withdrawing = config.withdrawals.iter().map(|&(account, _)| account);
        if let Some(account) = withdrawing.find(is_unknown) {
            return Err(ReplayError::NoAccount(account));
        }
        replay.report.collateral_before = replay.collateral();
        Ok(replay)
    }

    /// Applies a command that has to be accepted, now.
    fn own(&mut self, what: &'static str, command: Command) -> Result<(), ReplayError> {
        let envelope = Envelope {
            time_ms: self.engine.state().time_ms(),
            command,
            signature: None,
        };
        self.insist(what, envelope)
    }

    fn insist(&mut self, what: &'static str, mut envelope: Envelope) -> Result<(), ReplayError> {
        self.keys.sign(self.engine.state(), &mut envelope);
        let applied = self.engine.apply(&envelope, &Verify);
        let (_, effects) = applied.map_err(|refusal| ReplayError::Own { what, refusal })?;
        self.report.count(&envelope.command, effects);
        Ok(())
    }

    /// Brings program time so near to `time_ms` that the next command may have it: funding that
    /// falls due on the way is computed at its hour, and a wide step is a command of its own.
    fn reach(&mut self, time_ms: u64) -> Result<(), ReplayError> {
        while let Some(envelope) = keeper::before(self.engine.state(), time_ms) {
            self.insist("time, fund, liquidation or trigger", envelope)?;
        }
        Ok(())
    }

    /// Whom a tick has made due is liquidated at once, and what waited for it fires: until then nobody
    /// may take risk.
    fn settle(&mut self) -> Result<(), ReplayError> {
        self.reach(self.engine.state().time_ms())
    }

    fn is_done(&self) -> bool {
        self.report.batches.len() as u64 == self.config.batches
    }

    /// Prices, if they are due before the row, then its command.
    fn row(&mut self, importer: &mut Importer, row: &Row) -> Result<(), ReplayError> {
        // Two feeds share one clock, which never goes back.
        let time_ms = importer.time_ms().max(self.engine.state().time_ms());
        self.reach(time_ms)?;
        let prices: Vec<(u8, u64)> = self.prices.iter().map(|(&m, &ticks)| (m, ticks)).collect();
        for envelope in self.pricing.due(time_ms, &prices) {
            self.apply(envelope);
            self.settle()?;
        }
        let mut command = importer.command(row, self.engine.state());
        self.prices
            .insert(importer.market(), importer.price_ticks());
        command.time_ms = time_ms;
        let makes_order = |user: &UserCommand| {
            [Kind::Place, Kind::PlaceConditional, Kind::Quote]
                .map(Kind::code)
                .contains(&user.kind)
        };
        let is_order = command.command.user().is_some_and(makes_order);
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
                self.seal()?;
            }
        }
        Ok(())
    }

    /// Signs and applies; a refusal is counted.
    fn apply(&mut self, mut envelope: Envelope) -> Option<Outcome> {
        self.keys.sign(self.engine.state(), &mut envelope);
        match self.engine.apply(&envelope, &Verify) {
            Ok((outcome, effects)) => {
                self.report.count(&envelope.command, effects);
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

    fn seal(&mut self) -> Result<(), ReplayError> {
        let batch = self.engine.seal()?;
        let written = write(self.draft.path(), &self.old, &batch)?;
        self.report.directories.push(written);
        self.report.commands += batch.public.commands_count;
        let paid = batch.withdrawals.iter().map(|paid| paid.amount);
        self.report.withdrawn += paid.sum::<u64>();
        self.report.batches.push(BatchSummary::of(&batch));
        let signed = |accepted: &&Accepted| accepted.envelope.signature.is_some();
        let signatures = batch.accepted.iter().filter(signed).count();
        self.report.signatures.push(signatures as u64);
        self.old = self.engine.tree().clone();
        self.in_batch = 0;
        Ok(())
    }

    /// Seals a short last batch, counts up, and lets the directories appear.
    fn finish(mut self, unusable: UnusableRows) -> Result<ReplayReport, ReplayError> {
        if !self.is_done() {
            self.withdraw()?;
            if self.report.accepted > 0
                && (self.in_batch > 0 || !self.config.withdrawals.is_empty())
            {
                self.seal()?;
            }
        }
        if self.report.batches.is_empty() {
            return Err(ReplayError::Nothing);
        }
        self.report.collateral_after = self.collateral();
        let state = self.engine.state();
        self.report.fees = state.fees();
        let markets = (0..=u8::MAX).filter_map(|market| state.market(market));
        self.report.clearing = markets.map(|market| market.interest.clearing).sum();
        let mut report = self.report;
        (report.malformed, report.rounds_to_zero) = (unusable.malformed, unusable.rounds_to_zero);
        report.first_lines = unusable.first_lines;
        report.directories = self.draft.publish(&report.directories)?;
        Ok(report)
    }
}
