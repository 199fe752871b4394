//! A command's record in the batch data (docs/spec/batch.md § 2): one to six words, of an oracle's
//! report two and one for each of its prices, of a quote two and three for each of its entries.

use thiserror::Error;
use zkperp_schema::{self as schema, Kind};

use crate::command::{
    Command, Envelope, FurtherWords, OracleEntry, OracleReport, Request, RequestWords, UserCommand,
};
use crate::quote::{QuoteCommand, QuoteWords};
use crate::record_form::{WORDS_MAX, check_bits, head_field, is_long, len};
use crate::state::State;

/// The record of one accepted command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record(Words);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Words {
    Few {
        words: [u64; WORDS_MAX],
        len: u8,
    },
    /// Those of a report or a quote.
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

    /// That of `sweep`, `liquidate`, `trigger` or, with the counterparty, `deleverage`.
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
        let [f0, f1, f2, f3, f4] = command.words;
        match Kind::from_code(command.kind.into()) {
            Some(Kind::Place) => {
                let second = f0 + schema::RECORD_PRICE_JUMP_SHIFT * jump;
                if f3 == 0 {
                    Self::new([first, second, f1, f2])
                } else {
                    Self::new([first, second, f1, f2, f3])
                }
            }
            Some(Kind::PlaceConditional) => {
                let second = f0 + schema::RECORD_PRICE_JUMP_SHIFT * jump;
                Self::new([first, second, f1, f2, f3, f4])
            }
            Some(Kind::CancelNamed) => {
                Self::new([first, f0 + schema::RECORD_CLIENT_ID_JUMP_SHIFT * jump])
            }
            Some(Kind::SetDeadline) => {
                Self::new([first, f0 + schema::RECORD_DEADLINE_JUMP_SHIFT * jump])
            }
            Some(Kind::Cancel | Kind::CancelConditional) => {
                Self::new([first, f0 + schema::RECORD_ORDER_JUMP_SHIFT * jump])
            }
            Some(Kind::Amend) => {
                Self::new([first, f0 + schema::RECORD_ORDER_JUMP_SHIFT * jump, f1, f2])
            }
            Some(Kind::Withdraw) => Self::new([first, jump, f0]),
            Some(Kind::CreateAccount | Kind::CancelAll) => Self::new([first, jump]),
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

    /// The record of a quote that was admitted when its key's nonce was `old_nonce`.
    pub(crate) fn quote(quote: &QuoteCommand, step: u64, old_nonce: u64) -> Self {
        let command = &quote.command;
        let jump = command.nonce - old_nonce;
        let count = quote.entries.len() as u64;
        let front = [
            command.head() + schema::RECORD_DELTA_SHIFT * step,
            command.words[0]
                + schema::RECORD_QUOTES_SHIFT * count
                + schema::RECORD_QUOTES_JUMP_SHIFT * jump,
        ];
        Self(Words::Many(
            [&front, quote.entries.as_flattened()].concat().into(),
        ))
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
        check_bits(kind, words)?;
        if is_long(kind) {
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
            Kind::Trigger => Command::Trigger,
            Kind::Deleverage => Command::Deleverage {
                account: head_field(first, schema::HEAD_ACCOUNT_SHIFT, schema::ACCOUNT_BITS) as u32,
            },
            Kind::Request => Command::Request(Request {
                number: state.requests_done(),
                words: request.ok_or(RecordError::NoRequest)?,
            }),
            kind => {
                let user = user_command(kind, [0, 1, 2, 3, 4, 5].map(field), state);
                if kind == Kind::Quote {
                    let (entries, _) = words[2..].as_chunks::<{ size_of::<QuoteWords>() / 8 }>();
                    Command::Quote(QuoteCommand {
                        command: user,
                        entries: entries.to_vec(),
                    })
                } else {
                    Command::User(user)
                }
            }
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
    [first, second, third, fourth, fifth, sixth]: [u64; WORDS_MAX],
    state: &State,
) -> UserCommand {
    let head = |shift, bits| head_field(first, shift, bits);
    let account = head(schema::HEAD_ACCOUNT_SHIFT, schema::ACCOUNT_BITS) as u32;
    let key = head(schema::HEAD_KEY_SHIFT, schema::KEY_BITS) as u8;
    let old_nonce = state.nonce(account, key);
    let split = |shift| (second % shift, old_nonce + second / shift);
    let (words, nonce): (FurtherWords, u64) = match kind {
        Kind::Place | Kind::PlaceConditional => {
            let (price, nonce) = split(schema::RECORD_PRICE_JUMP_SHIFT);
            ([price, third, fourth, fifth, sixth], nonce)
        }
        Kind::Withdraw => ([third, 0, 0, 0, 0], old_nonce + second),
        Kind::CreateAccount | Kind::CancelAll => ([0; 5], old_nonce + second),
        Kind::Transfer => {
            let (to, nonce) = split(schema::RECORD_RECEIVER_JUMP_SHIFT);
            ([to, third, 0, 0, 0], nonce)
        }
        Kind::SetLeverage => {
            let (imf_ppm, nonce) = split(schema::RECORD_FRACTION_JUMP_SHIFT);
            ([imf_ppm, 0, 0, 0, 0], nonce)
        }
        Kind::Cancel | Kind::CancelConditional | Kind::Amend => {
            let (order_id, nonce) = split(schema::RECORD_ORDER_JUMP_SHIFT);
            ([order_id, third, fourth, 0, 0], nonce)
        }
        Kind::CancelNamed => {
            let (client_id, nonce) = split(schema::RECORD_CLIENT_ID_JUMP_SHIFT);
            ([client_id, 0, 0, 0, 0], nonce)
        }
        Kind::SetDeadline => {
            let (deadline_ms, nonce) = split(schema::RECORD_DEADLINE_JUMP_SHIFT);
            ([deadline_ms, 0, 0, 0, 0], nonce)
        }
        Kind::Quote => {
            let expiry_ms = second % schema::RECORD_QUOTES_SHIFT;
            let jump = second / schema::RECORD_QUOTES_JUMP_SHIFT;
            ([expiry_ms, 0, 0, 0, 0], old_nonce + jump)
        }
        _ => ([0; 5], second),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Place, Sender};
    use crate::options::Options;
    use crate::quote::Quoted;
    use zkperp_schema::{CancelScope, OrderType, SelfTrade, Side};

    const SENDER: Sender = Sender {
        account: 7,
        key: 1,
        nonce: 12,
        valid_until_ms: 1000,
    };

    /// The words of a command's record, which decodes to itself and to nothing in front of a word
    /// less; key's nonce before 9, step of time 5.
    fn words(record: &Record) -> Vec<u64> {
        let words = record.words().to_vec();
        let more = [&words[..], &[u64::MAX]].concat();
        assert_eq!(Record::decode(&more).as_ref(), Ok(record));
        let less = &words[..words.len() - 1];
        assert_eq!(Record::decode(less), Err(RecordError::Truncated));
        words
    }

    fn of_user(command: &UserCommand) -> Vec<u64> {
        words(&Record::user(command, 5, 9))
    }

    /// Word 0 of a command with kind and what else its head has.
    const fn head(kind: u64, rest: u64) -> u64 {
        kind + (1 << 6) + rest + (7 << 19) + (5 << 51)
    }

    fn place(client_id: u64) -> Place {
        Place {
            market: 3,
            side: Side::Ask,
            order_type: OrderType::Fok,
            price_ticks: 600,
            lots: 50,
            expiry_ms: 0,
            options: Options {
                reduce_only: true,
                stp: SelfTrade::CancelBoth,
                stp_owner: false,
            },
            client_id,
        }
    }

    #[test]
    fn a_place_has_a_fifth_word_where_it_has_a_client_id() {
        let first = head(4, (3 << 10) + (1 << 15) + (4 << 16));
        let second = 600 + (3 << 32);
        assert_eq!(
            of_user(&SENDER.place(place(0))),
            [first, second, 50 + (5 << 40), 0]
        );
        assert_eq!(
            of_user(&SENDER.place(place(77))),
            [first, second, 50 + (21 << 40), 0, 77]
        );
    }

    #[test]
    fn the_commands_on_many_orders_have_two_words() {
        assert_eq!(
            of_user(&SENDER.cancel_named(77)),
            [head(17, 0), 77 + (3 << 48)]
        );
        assert_eq!(
            of_user(&SENDER.cancel_all(CancelScope::Market, 3)),
            [head(18, (3 << 10) + (1 << 16)), 3]
        );
        assert_eq!(
            of_user(&SENDER.set_deadline(99)),
            [head(19, 0), 99 + (3 << 44)]
        );
    }

    #[test]
    fn a_quote_has_three_words_for_each_entry() {
        let entry = Quoted {
            client_id: 8,
            side: Side::Ask,
            price_ticks: 600,
            lots: 50,
            options: Options::NONE,
        };
        let quote = SENDER.quote(3, OrderType::Slide, 99, &[entry, Quoted::removal(9)]);
        let first = head(20, (3 << 10) + (5 << 16));
        let named = 16 << 40;
        assert_eq!(
            words(&Record::quote(&quote, 5, 9)),
            [
                first,
                99 + (2 << 44) + (3 << 49),
                8 + (1 << 48),
                600,
                50 + named,
                9,
                0,
                named
            ]
        );
        let none = [first, 99 + (3 << 49)];
        let bits = |word| {
            Err(RecordError::Bits {
                kind: "quote",
                word,
            })
        };
        assert_eq!(Record::decode(&none), bits(1));
        let wide = |at: usize, word| {
            let mut words = Record::quote(&quote, 5, 9).words().to_vec();
            words[at] = word;
            Record::decode(&words)
        };
        assert_eq!(wide(5, 1 << 49), bits(5));
        assert_eq!(wide(6, 1 << 32), bits(6));
        assert_eq!(wide(7, 1 << 45), bits(7));
    }
}
