//! The engine with everything that watches it: each command goes through here.

use std::collections::BTreeMap;

use zkperp_engine::{
    Command, Engine, Envelope, Event, OracleEntry, OracleReport, OrderType, Outcome, Place,
    Recorded, Refusal, Request, RequestKind, Sender, Side, State, keeper,
};

use crate::error::SimulationError;
use crate::ledger::Ledger;
use crate::recorder::Recorder;
use crate::report::{Checks, Commands};
use crate::venue::{KEY, MARKETS, ORACLES, START_MS, venue};

/// Commands of a batch: what the engine keeps of them is let go then.
const BATCH_COMMANDS: usize = 50_000;
/// Orders are good until the end of every simulation.
const FOR_EVER_MS: u64 = START_MS + (1 << 35);

/// The engine and its watchers.
pub(crate) struct Stage {
    engine: Engine,
    now_ms: u64,
    pub(crate) ledger: Ledger,
    pub(crate) recorder: Recorder,
    pub(crate) commands: BTreeMap<&'static str, Commands>,
    pub(crate) checks: Checks,
    events: Vec<Event>,
}

const fn name(command: &Command) -> &'static str {
    match command {
        Command::Time => "time",
        Command::Oracle(_) => "oracle_report",
        Command::Request(_) => "request",
        Command::User(user) => match user.kind {
            4 => "place",
            5 => "cancel",
            10 => "transfer",
            _ => "other",
        },
        Command::Quote(_) => "quote",
        Command::Tick { .. } => "tick",
        Command::Fund => "fund",
        Command::Sweep => "sweep",
        Command::Liquidate => "liquidate",
        Command::Deleverage { .. } => "deleverage",
        Command::Trigger => "trigger",
    }
}

impl Stage {
    /// A venue with so many accounts to come.
    pub(crate) fn new(
        tick_max_ms: u64,
        accounts: u32,
        recorder: Recorder,
    ) -> Result<Self, SimulationError> {
        Ok(Self {
            engine: Engine::genesis(&venue(tick_max_ms))?,
            now_ms: START_MS,
            ledger: Ledger::new(accounts),
            recorder,
            commands: BTreeMap::new(),
            checks: Checks::default(),
            events: Vec::new(),
        })
    }

    /// The state.
    pub(crate) const fn state(&self) -> &State {
        self.engine.state()
    }

    /// Time since the start, ms.
    pub(crate) const fn elapsed_ms(&self) -> u64 {
        self.now_ms - START_MS
    }

    /// The marks, ticks; 0 before the first tick.
    pub(crate) fn marks(&self) -> [u64; MARKETS] {
        let mut marks = [0; MARKETS];
        for (mark, number) in marks.iter_mut().zip(0..) {
            *mark = self
                .state()
                .market(number)
                .map_or(0, |market| market.mark.mark_ticks);
        }
        marks
    }

    /// Applies a command, watches what it did and compares the books; the inner result is the
    /// engine's.
    fn send(&mut self, envelope: &Envelope) -> Result<Result<Outcome, Refusal>, SimulationError> {
        let counted = self.commands.entry(name(&envelope.command)).or_default();
        // Signatures are taken as verified: what is simulated is the rule book.
        let applied = self.engine.apply(envelope, &Recorded(true));
        let (outcome, effects) = match applied {
            Ok(applied) => applied,
            Err(refusal) => {
                counted.refused += 1;
                return Ok(Err(refusal));
            }
        };
        counted.accepted += 1;
        self.events.clear();
        self.events.extend_from_slice(&effects.events);
        let (marks, elapsed_ms) = (self.marks(), self.elapsed_ms());
        for event in &self.events {
            self.recorder
                .before(event, &self.ledger, &marks, elapsed_ms);
            self.ledger.note(event);
            self.recorder.after(event, &self.ledger, &marks);
        }
        self.ledger.compare(self.engine.state())?;
        if self.engine.open_commands() >= BATCH_COMMANDS {
            self.seal()?;
        }
        Ok(Ok(outcome))
    }

    /// A command now.
    pub(crate) fn try_now(
        &mut self,
        command: Command,
    ) -> Result<Result<Outcome, Refusal>, SimulationError> {
        let time_ms = self.now_ms;
        self.send(&Envelope {
            time_ms,
            command,
            signature: None,
        })
    }

    /// A command now that has to be accepted.
    pub(crate) fn must(
        &mut self,
        what: &'static str,
        command: Command,
    ) -> Result<Outcome, SimulationError> {
        self.try_now(command)?
            .map_err(|refusal| SimulationError::Refused { what, refusal })
    }

    fn sender(&self, account: u32) -> Sender {
        Sender {
            account,
            key: 0,
            nonce: self.state().nonce(account, 0) + 1,
            valid_until_ms: FOR_EVER_MS,
        }
    }

    /// Credits an account that the next request opens or fills.
    pub(crate) fn deposit(&mut self, account: u32, micro: u64) -> Result<(), SimulationError> {
        let mut words = [0; 12];
        words[..6].copy_from_slice(&[
            RequestKind::Deposit.code().into(),
            account.into(),
            account.into(),
            0,
            0,
            micro,
        ]);
        words[7..].copy_from_slice(&KEY);
        let number = self.state().requests_done();
        let request = Command::Request(Request { number, words });
        self.must("a deposit", request).map(|_| ())
    }

    /// Moves money from an account to another of its master, or to the fund.
    pub(crate) fn transfer(
        &mut self,
        from: u32,
        to: u32,
        micro: u64,
    ) -> Result<(), SimulationError> {
        let transfer = Command::User(self.sender(from).transfer(to, micro));
        self.must("a transfer", transfer).map(|_| ())
    }

    /// Places an order: resting until the end, or filled at once as far as it goes.
    pub(crate) fn place(
        &mut self,
        account: u32,
        (market, side): (u8, Side),
        (price_ticks, lots): (u64, u64),
        rests: bool,
    ) -> Result<Result<Outcome, Refusal>, SimulationError> {
        let (order_type, expiry_ms) = if rests {
            (OrderType::Gtt, FOR_EVER_MS)
        } else {
            (OrderType::Ioc, 0)
        };
        let order = Place {
            market,
            side,
            order_type,
            price_ticks,
            lots,
            expiry_ms,
            options: zkperp_engine::Options::NONE,
            client_id: 0,
        };
        self.try_now(Command::User(self.sender(account).place(order)))
    }

    /// Takes an order out of the book, where it still is there.
    pub(crate) fn cancel(&mut self, account: u32, order_id: u64) -> Result<(), SimulationError> {
        if self.state().resting_order(order_id).is_some() {
            let cancel = Command::User(self.sender(account).cancel(order_id));
            self.must("a cancellation", cancel)?;
        }
        Ok(())
    }

    /// Every oracle says what prices are, a tick apart, as sources are.
    pub(crate) fn oracles(&mut self, prices: &[u64; MARKETS]) -> Result<(), SimulationError> {
        for key in 0..ORACLES {
            let entries = prices.iter().zip(0..).map(|(price, market)| OracleEntry {
                market,
                price_ticks: (price + u64::from(key)).saturating_sub(1).max(1),
            });
            let report = OracleReport {
                key,
                timestamp_ms: self.now_ms,
                entries: entries.collect(),
            };
            self.must("an oracle's report", Command::Oracle(report))?;
        }
        Ok(())
    }

    /// Lets time pass, with the funding of every hour on the way.
    pub(crate) fn wait(&mut self, ms: u64) -> Result<(), SimulationError> {
        let until_ms = self.now_ms + ms;
        while let Some(envelope) = keeper::before(self.engine.state(), until_ms) {
            self.now_ms = envelope.time_ms;
            self.send(&envelope)?
                .map_err(|refusal| SimulationError::Refused {
                    what: "the keeper",
                    refusal,
                })?;
        }
        self.now_ms = until_ms;
        Ok(())
    }

    /// Ticks a market and liquidates until nobody is due.
    pub(crate) fn tick(&mut self, market: u8) -> Result<(), SimulationError> {
        self.must("a tick", Command::Tick { market })?;
        self.settle()
    }

    /// Liquidates until nobody is due.
    pub(crate) fn settle(&mut self) -> Result<(), SimulationError> {
        while let Some(command) = keeper::liquidation_step(self.engine.state()) {
            self.must("a step of a liquidation", command)?;
        }
        Ok(())
    }

    /// Writes down how the venue stands.
    pub(crate) fn sample(&mut self, elapsed_ms: u64) {
        self.recorder.sample(self.engine.state(), elapsed_ms);
    }

    /// Checks every invariant of the whole state.
    pub(crate) fn check(&mut self) -> Result<(), SimulationError> {
        let commands = self.state().commands();
        let checked = self.state().check();
        checked.map_err(|broken| SimulationError::Broken { commands, broken })?;
        self.checks.invariants += 1;
        Ok(())
    }

    /// Closes the batch, if anything is in it, and says what the root is.
    pub(crate) fn seal(&mut self) -> Result<[u64; 4], SimulationError> {
        if self.engine.open_commands() > 0 {
            self.engine.seal()?;
            self.checks.batches += 1;
        }
        Ok(self.engine.root())
    }
}
