//! The program's advice: one record per command, the `XAdvice` struct of its transaction in
//! `circuits/transactions`; and behind them the places of all insertions into lists, trigger lists and that
//! of due accounts, in the order in which the program makes them.

use std::collections::HashMap;
use std::iter;

use zkperp_engine::{
    Advice, Command, Envelope, LevelAdvice, OracleReport, Outcome, QuoteCommand, RequestWords,
    Rested, UserCommand,
};
use zkperp_field::{F, PrimeCharacteristicRing, PrimeField64};
use zkperp_schema::{self as schema, Kind};
use zkperp_signature::{Gfp5, KeyValidity};
use zkperp_tree::{Tree, TreeError};

/// Felt of a key's leaf that holds its nonce.
const NONCE: usize = 5;
/// Felt of the clock that holds the time.
const TIME_MS: usize = 1;
/// Where a deposit's public key begins among its words.
const REQUEST_KEY: usize = 7;
/// Where the index stands in the outcome of a tick.
const TICK_INDEX: usize = 2;
/// Where the code stands in an outcome.
const OUTCOME_CODE: usize = 0;

/// Writes the records of one batch's commands, in their order.
///
/// Records hold steps of time and nonce where commands hold values, so the writer follows both.
#[derive(Clone, Debug)]
pub struct AdviceWriter<'a> {
    old: &'a Tree,
    time_ms: F,
    nonces: HashMap<u64, F>,
    places: Vec<F>,
}

impl<'a> AdviceWriter<'a> {
    /// A writer for the batch that starts from this tree.
    ///
    /// # Errors
    /// When the tree is too small for the venue's addresses.
    pub fn new(old: &'a Tree) -> Result<Self, TreeError> {
        let clock = old.get(schema::SYSTEM_BASE + schema::CLOCK_INDEX)?;
        Ok(Self {
            old,
            time_ms: clock[TIME_MS],
            nonces: HashMap::new(),
            places: Vec::new(),
        })
    }

    /// The record of the next command.
    ///
    /// Of the outcome the index of a tick is told, the median that the program would have to sort for, and
    /// whether a triggered order was rejected. The felts are made without any check: a command that the rules refuse gets a
    /// record too, and the program refuses that.
    ///
    /// # Errors
    /// When the sender's address is out of the tree's range.
    pub fn record(
        &mut self,
        envelope: &Envelope,
        advice: &Advice,
        outcome: &Outcome,
    ) -> Result<Vec<F>, TreeError> {
        let now_ms = F::from_u64(envelope.time_ms);
        let delta_ms = now_ms - self.time_ms;
        self.time_ms = now_ms;
        if !is_conditional(&envelope.command) {
            let inserted = advice.inserted.iter();
            self.places.extend(inserted.map(|at| felt(at.prev)));
        }
        Ok(match &envelope.command {
            Command::Time => vec![felt(Kind::Time.code()), now_ms],
            Command::Oracle(report) => oracle_report(report, delta_ms, now_ms),
            Command::Tick { market } => vec![
                felt(Kind::Tick.code()),
                delta_ms,
                felt(*market),
                felt(outcome.0[TICK_INDEX]),
            ],
            Command::Fund => vec![felt(Kind::Fund.code())],
            Command::Sweep => vec![felt(Kind::Sweep.code()), delta_ms],
            Command::Liquidate => vec![felt(Kind::Liquidate.code()), delta_ms],
            Command::Deleverage { account } => {
                vec![felt(Kind::Deleverage.code()), delta_ms, felt(*account)]
            }
            Command::Trigger => {
                let is_rejected = outcome.0[OUTCOME_CODE] != 0;
                let mut cells = vec![felt(Kind::Trigger.code()), delta_ms, felt(is_rejected)];
                cells.extend(level(advice.rested));
                cells
            }
            Command::Request(request) => l1_request(&request.words, delta_ms),
            Command::User(command) => {
                let step = self.nonce_step(command)?;
                user(command, delta_ms, step, advice)
            }
            Command::Quote(command) => {
                let step = self.nonce_step(&command.command)?;
                quote(command, delta_ms, step, advice)
            }
        })
    }

    /// The account behind which each insertion of the commands so far has its place, 0 for a list's
    /// beginning.
    #[must_use]
    pub fn places(&self) -> &[F] {
        &self.places
    }

    /// How far the command's nonce is above its key's highest, which it becomes.
    fn nonce_step(&mut self, command: &UserCommand) -> Result<F, TreeError> {
        let account = schema::ACCOUNT_BASE + schema::ACCOUNT_STRIDE * u64::from(command.account);
        let addr = account + schema::KEY_LEAF + u64::from(command.key);
        let known = match self.nonces.get(&addr) {
            Some(nonce) => *nonce,
            None => self.old.get(addr)?[NONCE],
        };
        let nonce = F::from_u64(command.nonce);
        self.nonces.insert(addr, nonce);
        Ok(nonce - known)
    }
}

/// The program's advice: where the places begin, the records, the places.
#[must_use]
pub fn advice(records: &[F], places: &[F]) -> Vec<F> {
    let start = F::from_u64(1 + records.len() as u64);
    [&[start], records, places].concat()
}

/// Whether the command is a conditional order's placing, which names the slot before it in its own record.
pub(crate) fn is_conditional(command: &Command) -> bool {
    matches!(command, Command::User(user) if user.kind == Kind::PlaceConditional.code())
}

fn felt<T: Into<u64>>(value: T) -> F {
    F::from_u64(value.into())
}

fn oracle_report(report: &OracleReport, delta_ms: F, now_ms: F) -> Vec<F> {
    let mut cells = vec![
        felt(Kind::OracleReport.code()),
        delta_ms,
        felt(report.key),
        now_ms - felt(report.timestamp_ms),
        felt(report.entries.len() as u64),
    ];
    let entries = report.entries.iter();
    cells.extend(entries.flat_map(|entry| [felt(entry.market), felt(entry.price_ticks)]));
    cells
}

fn l1_request(words: &RequestWords, delta_ms: F) -> Vec<F> {
    let words = words.map(F::from_u64);
    let key: [F; 5] = std::array::from_fn(|i| words[REQUEST_KEY + i]);
    let mut cells = vec![felt(Kind::Request.code()), delta_ms];
    cells.extend(words);
    cells.extend(KeyValidity::of(Gfp5::from_felts(key)).root.to_felts());
    cells
}

/// How every user's record begins.
fn signed(command: &UserCommand, delta_ms: F, nonce_step: F) -> Vec<F> {
    vec![
        felt(command.kind),
        delta_ms,
        felt(command.key),
        felt(command.account),
        nonce_step,
        felt(command.valid_until_ms),
    ]
}

/// The record of a quote: what its entries share, and of each its fields and where its order goes.
fn quote(quote: &QuoteCommand, delta_ms: F, nonce_step: F, advice: &Advice) -> Vec<F> {
    let command = &quote.command;
    let mut cells = signed(command, delta_ms, nonce_step);
    cells.extend([felt(command.market), felt(command.order_type)]);
    cells.extend([command.words[0], quote.entries.len() as u64].map(felt::<u64>));
    let places = advice.quoted.iter().copied().chain(iter::repeat(None));
    for ([name, price_ticks, last], rested) in quote.entries.iter().zip(places) {
        let (client_id, side) = parts(*name, schema::RECORD_CLIENT_ID_SIDE_SHIFT);
        let (lots, options) = parts(*last, schema::RECORD_OPTIONS_SHIFT);
        cells.extend([client_id, side, *price_ticks, lots, options].map(felt::<u64>));
        cells.extend(level(rested));
    }
    cells
}

/// The fields of a word below and above a factor.
const fn parts(word: u64, factor: u64) -> (u64, u64) {
    (word % factor, word / factor)
}

fn user(command: &UserCommand, delta_ms: F, nonce_step: F, advice: &Advice) -> Vec<F> {
    let mut cells = signed(command, delta_ms, nonce_step);
    let words = command.words.map(F::from_u64);
    let order_slot = felt(advice.named_order.unwrap_or(0));
    let [market, side, order_type] =
        [command.market, command.side, command.order_type].map(felt::<u8>);
    if command.kind == Kind::Place.code() {
        let [price_ticks, last, expiry_ms, client_id, _] = command.words;
        let (lots, options) = parts(last, schema::RECORD_OPTIONS_SHIFT);
        cells.extend([market, side, order_type]);
        cells.extend([price_ticks, lots, options, expiry_ms, client_id].map(felt::<u64>));
        cells.extend(level(advice.rested));
    } else if command.kind == Kind::PlaceConditional.code() {
        let [price_ticks, last, expiry_ms, trigger, partner] = command.words;
        let (lots, options) = parts(last, schema::RECORD_OPTIONS_SHIFT);
        let (trigger_ticks, condition) = parts(trigger, schema::RECORD_CONDITION_SHIFT);
        let before = advice.inserted.first().map_or(0, |at| at.prev);
        cells.extend([market, side, order_type]);
        cells.extend([price_ticks, lots, options, expiry_ms].map(felt::<u64>));
        cells.extend([trigger_ticks, condition, partner].map(felt::<u64>));
        cells.extend([order_slot, felt(before)]);
    } else if command.kind == Kind::Cancel.code() || command.kind == Kind::CancelConditional.code()
    {
        cells.extend([words[0], order_slot]);
    } else if command.kind == Kind::Amend.code() {
        let [order_id, price_ticks, lots, _, _] = words;
        cells.extend([order_id, price_ticks, lots, order_slot]);
        cells.extend(level(advice.rested));
    } else if command.kind == Kind::Withdraw.code() {
        cells.push(words[0]);
    } else if command.kind == Kind::CreateAccount.code() {
        cells.extend([market, order_type]);
    } else if command.kind == Kind::Transfer.code() {
        cells.extend([words[0], words[1]]);
    } else if command.kind == Kind::SetLeverage.code() {
        cells.extend([market, words[0]]);
    } else if command.kind == Kind::CancelNamed.code() || command.kind == Kind::SetDeadline.code() {
        cells.push(words[0]);
    } else if command.kind == Kind::CancelAll.code() {
        cells.extend([market, order_type]);
    }
    cells
}

/// Whether what rests opens a level, and the slot of the next better level or of its own.
fn level(rested: Option<Rested>) -> [F; 2] {
    match rested.map(|rested| rested.level) {
        None => [F::ZERO; 2],
        Some(LevelAdvice::Existing { level }) => [F::ZERO, felt(level)],
        Some(LevelAdvice::New { before, .. }) => [F::ONE, felt(before)],
    }
}

/// The whole number of a felt.
pub(crate) fn word(felt: F) -> u64 {
    felt.as_canonical_u64()
}
