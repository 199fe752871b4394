//! The whole rule book on generated flow like the recorded one: every check, with signatures taken
//! as verified before.

use thiserror::Error;
use zkperp_engine::log::commands::LoggedCommand;
use zkperp_engine::log::events;
use zkperp_engine::log::frame::push_frame;
use zkperp_engine::{
    Command, Domain, Effects, Engine, Envelope, Outcome, Recorded, Refusal, Request, SealError,
    State, VenueError, keeper,
};
use zkperp_flow::{
    Generator, Importer, ImporterConfig, Keys, ORACLE_KEYS, PRICE_INTERVAL_MS, Pricing, Row,
    devnet, opening_mid,
};

use crate::seconds;

const CHAIN_ID: u64 = 31_337;
const ROLLUP: [u8; 20] = [1; 20];
const MARKET: u8 = 0;
const TRADERS: u32 = 200;
const START_MS: u64 = 1_700_000_000_000;
const DEPOSIT_MICRO: u64 = 1_000_000_000_000;
/// Bytes of a log after which a writer would hand its buffer on.
const BUFFER: usize = 1 << 18;

/// A workload can't be made.
#[derive(Debug, Error)]
pub enum WorkloadError {
    /// Too few rows for both sides of a book.
    #[error("{0} rows never have both sides of a book")]
    TooFewRows(usize),
    /// The venue's parameters.
    #[error(transparent)]
    Venue(#[from] VenueError),
    /// A deposit, a price or the time.
    #[error("the workload's own deposit, price or time is refused: {0}")]
    Refused(Refusal),
    /// The deposits' batch.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// A venue with funded accounts, and the commands that the flow gives there, refused ones included.
#[derive(Clone, Debug)]
pub struct Workload {
    /// The venue.
    pub engine: Engine,
    /// The commands, in order.
    pub commands: Vec<Envelope>,
}

/// The built-in devnet, every account with its deposit.
fn funded(keys: &Keys, accounts: u32) -> Result<Engine, WorkloadError> {
    let domain = Domain::new(CHAIN_ID, &ROLLUP).expect("Invariant: the chain id is small");
    let mut engine = Engine::genesis(&devnet(domain, START_MS, keys))?;
    for account in 1..=accounts {
        let words = keys
            .deposit(account, [account.into(), 0, 0], DEPOSIT_MICRO)
            .expect("Invariant: every account has a key");
        let number = u64::from(account) - 1;
        let envelope = Envelope {
            time_ms: START_MS,
            command: Command::Request(Request { number, words }),
            signature: None,
        };
        let applied = engine.apply(&envelope, &Recorded(true));
        applied.map_err(WorkloadError::Refused)?;
    }
    engine.seal()?;
    Ok(engine)
}

/// A workload while it is made: commands depend on what the ones before did.
struct Making {
    state: State,
    effects: Effects,
    commands: Vec<Envelope>,
}

impl Making {
    fn apply(&mut self, envelope: &Envelope) -> Result<Outcome, Refusal> {
        self.state
            .apply(envelope, &Recorded(true), &mut self.effects)
    }

    /// A command of the workload's own, which has to be accepted.
    fn own(&mut self, mut envelope: Envelope) -> Result<(), WorkloadError> {
        self.apply(&envelope).map_err(WorkloadError::Refused)?;
        if matches!(envelope.command, Command::Oracle(_)) {
            envelope.signature = Some([7; 80]);
        }
        self.commands.push(envelope);
        Ok(())
    }
}

impl Workload {
    /// The commands of so many rows of the generator.
    ///
    /// # Errors
    /// [`WorkloadError`].
    pub fn new(seed: u64, rows: usize) -> Result<Self, WorkloadError> {
        let rows: Vec<Row> = Generator::new(seed).take(rows).collect();
        let opening = opening_mid(&rows).ok_or(WorkloadError::TooFewRows(rows.len()))?;
        let config = ImporterConfig::new(MARKET, TRADERS, START_MS + 1000, opening);
        let keys = Keys::new(seed, config.accounts(), ORACLE_KEYS);
        let engine = funded(&keys, config.accounts())?;
        let mut making = Making {
            state: engine.state().clone(),
            effects: Effects::new(),
            commands: Vec::new(),
        };
        let mut importer = Importer::new(config);
        let mut pricing = Pricing::new(ORACLE_KEYS, PRICE_INTERVAL_MS, 0);
        for row in &rows {
            let time_ms = importer.time_ms();
            while let Some(envelope) = keeper::before(&making.state, time_ms) {
                making.own(envelope)?;
            }
            for price in pricing.due(time_ms, &[(MARKET, importer.price_ticks())]) {
                making.own(price)?;
            }
            // A tick may have made accounts due: they come before the row.
            while let Some(envelope) = keeper::before(&making.state, time_ms) {
                making.own(envelope)?;
            }
            let mut envelope = importer.command(row, &making.state);
            let applied = making.apply(&envelope);
            if let Ok(outcome) = applied {
                importer.accepted(row, &outcome);
            }
            // As long as a real one: the logs hold it.
            envelope.signature = Some([7; 80]);
            making.commands.push(envelope);
        }
        let commands = making.commands;
        Ok(Self { engine, commands })
    }

    /// Seconds to apply all commands, with the bytes of both logs; the copy of the state that they
    /// are applied to is made before.
    #[must_use]
    pub fn run(&self) -> f64 {
        let mut state = self.engine.state().clone();
        let mut logs = [(); 2].map(|()| Vec::with_capacity(2 * BUFFER));
        seconds(|| apply_and_log(&mut state, &self.commands, &mut logs))
    }
}

/// Applies commands and appends to command and event log, which are emptied now and then.
pub fn apply_and_log(state: &mut State, commands: &[Envelope], logs: &mut [Vec<u8>; 2]) {
    let mut effects = Effects::new();
    let mut words = Vec::new();
    let [command_log, event_log] = logs;
    for command in commands {
        let number = state.commands();
        if let Ok(outcome) = state.apply(command, &Recorded(true), &mut effects) {
            words.clear();
            LoggedCommand::new(command, &effects.record).push_words(&mut words);
            push_frame(&words, command_log);
            events::push(number, Ok(outcome), &effects.events, &mut words, event_log);
            for log in [&mut *command_log, &mut *event_log] {
                if log.len() >= BUFFER {
                    log.clear();
                }
            }
        }
    }
}
