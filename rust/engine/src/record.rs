//! A command's record in the batch data (docs/spec/batch.md § 2): one to four words, of an oracle's
//! report two and one for each of its prices.

use thiserror::Error;
use zkperp_schema::{self as schema, Kind};

use crate::command::{
    Command, Envelope, OracleEntry, OracleReport, Request, RequestWords, UserCommand,
};
use crate::state::State;

/// The most words that a record has, but for that of an oracle's report.
const WORDS_MAX: usize = 4;
/// The most words of a report's record.
const REPORT_WORDS_MAX: usize = Kind::OracleReport.words() as usize + schema::MARKETS_MAX as usize;

/// The record of one accepted command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record(Words);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Words {
    Few {
        words: [u64; WORDS_MAX],
        len: u8,
    },
    /// Those of a report.
    Many(Box<[u64]>),
}

impl Default for Record {
    /// That of a command which was refused: no words.
    fn default() -> Self {
        Self::new([])
    }
}

/// Words are not a command record, or not one that can follow a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RecordError {
    /// The words end within a record.
    #[error("the words end within a command record")]
    Truncated,
    /// No command has this kind.
    #[error("command kind {0} does not exist")]
    UnknownKind(u64),
    /// A field holds more bits than it has, or an unused bit is set.
    #[error("word {word} of a {kind} record has bits that it can't have")]
    Bits {
        /// The record's kind.
        kind: &'static str,
        /// The offending word of the record.
        word: usize,
    },
    /// The record's price is older than the time it follows.
    #[error("the age of the oracle price is more than program time")]
    Lag,
    /// A `request` record without a request to execute.
    #[error("no request is left for a request record")]
    NoRequest,
}

impl Record {
    fn new<const N: usize>(fields: [u64; N]) -> Self {
        let mut words = [0; WORDS_MAX];
        words[..N].copy_from_slice(&fields);
        Self(Words::Few {
            words,
            len: N as u8,
        })
    }

    pub(crate) fn time(time_ms: u64) -> Self {
        Self::new([u64::from(Kind::Time.code()) + schema::RECORD_TIME_SHIFT * time_ms])
    }

    pub(crate) fn oracle(report: &OracleReport, step: u64, now_ms: u64) -> Self {
        let lag = now_ms - report.timestamp_ms;
        let count = report.entries.len();
        let mut words = Vec::with_capacity(2 + count);
        words.extend([
            report.head() + schema::RECORD_DELTA_SHIFT * step,
            lag + schema::RECORD_ENTRIES_SHIFT * count as u64,
        ]);
        words.extend(report.entries.iter().map(OracleEntry::word));
        Self(Words::Many(words.into()))
    }

    pub(crate) fn tick(market: u8, step: u64) -> Self {
        let head = u64::from(Kind::Tick.code()) + schema::HEAD_MARKET_SHIFT * u64::from(market);
        Self::new([head + schema::RECORD_DELTA_SHIFT * step])
    }

    pub(crate) fn fund() -> Self {
        Self::new([Kind::Fund.code().into()])
    }

    /// That of `sweep`, `liquidate` or, with the counterparty, `deleverage`.
    pub(crate) fn risk(kind: Kind, account: u32, step: u64) -> Self {
        let head = u64::from(kind.code()) + schema::HEAD_ACCOUNT_SHIFT * u64::from(account);
        Self::new([head + schema::RECORD_DELTA_SHIFT * step])
    }

    pub(crate) fn request(step: u64, code: u16, amount: u64) -> Self {
        let head = u64::from(Kind::Request.code()) + schema::RECORD_CODE_SHIFT * u64::from(code);
        Self::new([head + schema::RECORD_DELTA_SHIFT * step, amount])
    }

    /// The record of a user's command that was admitted when its key's nonce was `old_nonce`.
    pub(crate) fn user(command: &UserCommand, step: u64, old_nonce: u64) -> Self {
        let first = command.head() + schema::RECORD_DELTA_SHIFT * step;
        let jump = command.nonce - old_nonce;
        let [f0, f1, f2] = command.words;
        match Kind::from_code(command.kind.into()) {
            Some(Kind::Place) => {
                Self::new([first, f0 + schema::RECORD_PRICE_JUMP_SHIFT * jump, f1, f2])
            }
            Some(Kind::Cancel) => Self::new([first, f0 + schema::RECORD_ORDER_JUMP_SHIFT * jump]),
            Some(Kind::Amend) => {
                Self::new([first, f0 + schema::RECORD_ORDER_JUMP_SHIFT * jump, f1, f2])
            }
            Some(Kind::Withdraw) => Self::new([first, jump, f0]),
            Some(Kind::CreateAccount) => Self::new([first, jump]),
            Some(Kind::Transfer) => {
                Self::new([first, f0 + schema::RECORD_RECEIVER_JUMP_SHIFT * jump, f1])
            }
            Some(Kind::SetLeverage) => {
                Self::new([first, f0 + schema::RECORD_FRACTION_JUMP_SHIFT * jump])
            }
            // Only burn_nonce is left of the kinds that admission lets through.
            _ => Self::new([first, command.nonce]),
        }
    }

    /// Its words.
    #[must_use]
    pub fn words(&self) -> &[u64] {
        match &self.0 {
            Words::Few { words, len } => &words[..*len as usize],
            Words::Many(words) => words,
        }
    }

    /// Its kind.
    ///
    /// # Panics
    /// `Invariant:` for a record that is empty: that of a command which was refused.
    #[must_use]
    pub fn kind(&self) -> Kind {
        Kind::from_code(self.words()[0] % schema::RECORD_TIME_SHIFT)
            .expect("Invariant: a record without a kind")
    }

    /// Reads the record at the front of `words` and checks each word's bits.
    ///
    /// # Errors
    /// [`RecordError::Truncated`], [`RecordError::UnknownKind`] or [`RecordError::Bits`].
    pub fn decode(words: &[u64]) -> Result<Self, RecordError> {
        let &first = words.first().ok_or(RecordError::Truncated)?;
        let code = first % schema::RECORD_TIME_SHIFT;
        let kind = Kind::from_code(code).ok_or(RecordError::UnknownKind(code))?;
        let words = words
            .get(..len(kind, words)?)
            .ok_or(RecordError::Truncated)?;
        let entry = schema::PRICE_BITS + schema::MARKET_BITS;
        let entries = std::iter::repeat((1 << entry) - 1);
        let front = masks(kind).into_iter().take(kind.words() as usize);
        for (at, (&word, mask)) in words.iter().zip(front.chain(entries)).enumerate() {
            if word & !mask != 0 {
                return Err(RecordError::Bits {
                    kind: kind.name(),
                    word: at,
                });
            }
        }
        if kind == Kind::OracleReport {
            return Ok(Self(Words::Many(words.into())));
        }
        let mut few = [0; WORDS_MAX];
        few[..words.len()].copy_from_slice(words);
        let len = words.len() as u8;
        Ok(Self(Words::Few { words: few, len }))
    }

    /// The outcome that a `request` record names: code and amount done.
    #[must_use]
    pub fn request_outcome(&self) -> Option<(u64, u64)> {
        let words = self.words();
        let code = words[0] / schema::RECORD_CODE_SHIFT % (1 << schema::CODE_BITS);
        (self.kind() == Kind::Request).then(|| (code, words[1]))
    }

    /// The command that the record names when it follows `state`, without a signature and, for a
    /// user's, valid as long as any message can be: neither is in the batch data. `request` is the
    /// next request's words, for a `request` record.
    ///
    /// # Errors
    /// [`RecordError::Lag`] or [`RecordError::NoRequest`].
    pub fn envelope(
        &self,
        state: &State,
        request: Option<RequestWords>,
    ) -> Result<Envelope, RecordError> {
        let words = self.words();
        let field = |at| words.get(at).copied().unwrap_or(0);
        let [first, second] = [0, 1].map(field);
        let mut time_ms = state.time_ms() + first / schema::RECORD_DELTA_SHIFT;
        let command = match self.kind() {
            Kind::Time => {
                time_ms = first / schema::RECORD_TIME_SHIFT;
                Command::Time
            }
            Kind::OracleReport => {
                let lag = second % schema::RECORD_ENTRIES_SHIFT;
                Command::Oracle(OracleReport {
                    key: head_field(first, schema::HEAD_KEY_SHIFT, schema::KEY_BITS) as u8,
                    timestamp_ms: time_ms.checked_sub(lag).ok_or(RecordError::Lag)?,
                    entries: words[2..].iter().map(|&word| entry(word)).collect(),
                })
            }
            Kind::Tick => Command::Tick {
                market: head_field(first, schema::HEAD_MARKET_SHIFT, schema::MARKET_BITS) as u8,
            },
            Kind::Fund => {
                time_ms = state.funding_due_ms();
                Command::Fund
            }
            Kind::Sweep => Command::Sweep,
            Kind::Liquidate => Command::Liquidate,
            Kind::Deleverage => Command::Deleverage {
                account: head_field(first, schema::HEAD_ACCOUNT_SHIFT, schema::ACCOUNT_BITS) as u32,
            },
            Kind::Request => Command::Request(Request {
                number: state.requests_done(),
                words: request.ok_or(RecordError::NoRequest)?,
            }),
            kind => Command::User(user_command(kind, [0, 1, 2, 3].map(field), state)),
        };
        Ok(Envelope {
            time_ms,
            command,
            signature: None,
        })
    }
}

/// An entry of a report.
const fn entry(word: u64) -> OracleEntry {
    OracleEntry {
        market: (word / schema::RECORD_MARKET_SHIFT) as u8,
        price_ticks: word % schema::RECORD_MARKET_SHIFT,
    }
}

/// A user's command; its nonce follows that of its key in `state`.
fn user_command(
    kind: Kind,
    [first, second, third, fourth]: [u64; 4],
    state: &State,
) -> UserCommand {
    let head = |shift, bits| head_field(first, shift, bits);
    let account = head(schema::HEAD_ACCOUNT_SHIFT, schema::ACCOUNT_BITS) as u32;
    let key = head(schema::HEAD_KEY_SHIFT, schema::KEY_BITS) as u8;
    let old_nonce = state.nonce(account, key);
    let split = |shift| (second % shift, old_nonce + second / shift);
    let (words, nonce) = match kind {
        Kind::Place => {
            let (price, nonce) = split(schema::RECORD_PRICE_JUMP_SHIFT);
            ([price, third, fourth], nonce)
        }
        Kind::Withdraw => ([third, 0, 0], old_nonce + second),
        Kind::CreateAccount => ([0; 3], old_nonce + second),
        Kind::Transfer => {
            let (to, nonce) = split(schema::RECORD_RECEIVER_JUMP_SHIFT);
            ([to, third, 0], nonce)
        }
        Kind::SetLeverage => {
            let (imf_ppm, nonce) = split(schema::RECORD_FRACTION_JUMP_SHIFT);
            ([imf_ppm, 0, 0], nonce)
        }
        Kind::Cancel | Kind::Amend => {
            let (order_id, nonce) = split(schema::RECORD_ORDER_JUMP_SHIFT);
            ([order_id, third, fourth], nonce)
        }
        _ => ([0; 3], second),
    };
    UserCommand {
        kind: kind.code(),
        key,
        market: head(schema::HEAD_MARKET_SHIFT, schema::MARKET_BITS) as u8,
        side: head(schema::HEAD_SIDE_SHIFT, schema::SIDE_BITS) as u8,
        order_type: head(schema::HEAD_TYPE_SHIFT, schema::ORDER_TYPE_BITS) as u8,
        account,
        nonce,
        valid_until_ms: schema::TIME_MAX,
        words,
    }
}

const fn head_field(word: u64, shift: u64, bits: u64) -> u64 {
    word / shift % (1 << bits)
}

/// How many words the record has at whose front `words` stand.
fn len(kind: Kind, words: &[u64]) -> Result<usize, RecordError> {
    let front = kind.words() as usize;
    if kind != Kind::OracleReport {
        return Ok(front);
    }
    let &second = words.get(1).ok_or(RecordError::Truncated)?;
    let count = second / schema::RECORD_ENTRIES_SHIFT;
    if !(1..=(REPORT_WORDS_MAX - front) as u64).contains(&count) {
        return Err(RecordError::Bits {
            kind: kind.name(),
            word: 1,
        });
    }
    Ok(front + count as usize)
}

/// The bits that each word of a record may have, entries of a report aside.
fn masks(kind: Kind) -> [u64; WORDS_MAX] {
    const fn low(bits: u64) -> u64 {
        (1 << bits) - 1
    }
    let step = low(schema::DELTA_BITS) * schema::RECORD_DELTA_SHIFT;
    let kind_bits = low(schema::KIND_BITS);
    let key = low(schema::KEY_BITS) * schema::HEAD_KEY_SHIFT;
    let market = low(schema::MARKET_BITS) * schema::HEAD_MARKET_SHIFT;
    let sender = step + low(schema::ACCOUNT_BITS) * schema::HEAD_ACCOUNT_SHIFT + key + kind_bits;
    let with_order = low(schema::ORDER_ID_BITS + schema::JUMP_BITS);
    let (price, lots) = (low(schema::PRICE_BITS), low(schema::LOTS_BITS));
    match kind {
        Kind::Time => [
            kind_bits + low(schema::TIME_BITS) * schema::RECORD_TIME_SHIFT,
            0,
            0,
            0,
        ],
        Kind::OracleReport => {
            let second = low(schema::LAG_BITS + schema::ENTRIES_BITS);
            [step + key + kind_bits, second, 0, 0]
        }
        Kind::Request => {
            let code = low(schema::CODE_BITS) * schema::RECORD_CODE_SHIFT;
            [step + code + kind_bits, low(schema::AMOUNT_BITS), 0, 0]
        }
        Kind::Place => {
            let price = low(schema::PRICE_BITS + schema::JUMP_BITS);
            let head = schema::HEAD_BOUND - 1;
            [step + head, price, lots, low(schema::TIME_BITS)]
        }
        Kind::Cancel => [sender, with_order, 0, 0],
        Kind::Amend => [sender, with_order, price, lots],
        Kind::Withdraw => [sender, low(schema::JUMP_BITS), low(schema::AMOUNT_BITS), 0],
        Kind::BurnNonce => [sender, low(schema::NONCE_BITS), 0, 0],
        Kind::CreateAccount => {
            let order_type = low(schema::ORDER_TYPE_BITS) * schema::HEAD_TYPE_SHIFT;
            [sender + market + order_type, low(schema::JUMP_BITS), 0, 0]
        }
        Kind::Transfer => {
            let to = low(schema::ACCOUNT_BITS + schema::JUMP_BITS);
            [sender, to, low(schema::AMOUNT_BITS), 0]
        }
        Kind::SetLeverage => {
            let fraction = low(schema::FRACTION_BITS + schema::JUMP_BITS);
            [sender + market, fraction, 0, 0]
        }
        Kind::Tick => [step + market + kind_bits, 0, 0, 0],
        Kind::Fund => [kind_bits, 0, 0, 0],
        Kind::Sweep | Kind::Liquidate => [step + kind_bits, 0, 0, 0],
        Kind::Deleverage => [sender - key, 0, 0, 0],
    }
}
