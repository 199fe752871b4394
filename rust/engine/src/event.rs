//! What a command made happen, in order (docs/spec/commands.md § 10), and its words in the log.

use thiserror::Error;
use zkperp_schema::{EventType, RemovalReason, Side, WithdrawalOrigin};

use crate::leaf::{from_signed, to_signed};

/// One thing that happened. Sizes in lots, prices in ticks, money in micro-USDC, times in ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "the fields are the specification's, named as there"
)]
pub enum Event {
    /// An order rests in the book.
    OrderRested {
        order_id: u64,
        account: u32,
        market: u8,
        side: Side,
        price: u64,
        lots: u64,
    },
    /// A fill at the maker's price.
    Trade(Trade),
    /// A resting order went, other than by a fill.
    OrderRemoved {
        order_id: u64,
        account: u32,
        market: u8,
        lots: u64,
        reason: RemovalReason,
    },
    /// What an incoming order dropped; code 0 where its type says so.
    TakerStopped {
        order_id: u64,
        account: u32,
        market: u8,
        lots: u64,
        code: u16,
    },
    /// An amendment in place.
    OrderReduced {
        order_id: u64,
        account: u32,
        market: u8,
        lots: u64,
    },
    /// A deposit was executed; code 0, or why not in full.
    Deposit {
        request: u64,
        account: u32,
        credited: u64,
        returned: u64,
        code: u16,
    },
    /// A withdrawal record was made.
    Withdrawal {
        account: u32,
        amount: u64,
        origin: WithdrawalOrigin,
    },
    /// A forced withdrawal was proven impossible.
    RequestRejected {
        request: u64,
        account: u32,
        code: u16,
    },
    /// A mark price changed.
    Mark {
        market: u8,
        price: u64,
        timestamp_ms: u64,
    },
    /// A key was registered or replaced.
    KeySet { account: u32, key: u8 },
    /// Nonces up to this one are used.
    NonceBurned { account: u32, key: u8, nonce: u64 },
}

/// A fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trade {
    /// Market.
    pub market: u8,
    /// The taker's side.
    pub taker_side: Side,
    /// The maker's price, ticks.
    pub price: u64,
    /// Size, lots.
    pub lots: u64,
    /// The maker's order.
    pub maker_order_id: u64,
    /// The maker.
    pub maker_account: u32,
    /// The taker's order.
    pub taker_order_id: u64,
    /// The taker.
    pub taker_account: u32,
    /// What the maker pays, micro-USDC; below 0 a rebate.
    pub maker_fee: i64,
    /// What the taker pays, micro-USDC.
    pub taker_fee: u64,
    /// What remains of the maker's order, lots.
    pub maker_lots_left: u64,
}

/// Words are not those of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EventError {
    /// No event has this type.
    #[error("event type {0} does not exist")]
    UnknownType(u64),
    /// The header names another number of fields than the type has.
    #[error("event type {code} has {expected} fields, not {got}")]
    FieldCount {
        /// The type.
        code: u8,
        /// Fields of that type.
        expected: usize,
        /// Fields that the header names.
        got: u64,
    },
    /// The words end within the event.
    #[error("the words end within an event")]
    Truncated,
    /// A field holds a value that it can't have.
    #[error("field {0} of the event is out of range")]
    Field(&'static str),
}

impl Event {
    /// Its type.
    #[must_use]
    pub const fn event_type(&self) -> EventType {
        match self {
            Self::OrderRested { .. } => EventType::OrderRested,
            Self::Trade(_) => EventType::Trade,
            Self::OrderRemoved { .. } => EventType::OrderRemoved,
            Self::TakerStopped { .. } => EventType::TakerStopped,
            Self::OrderReduced { .. } => EventType::OrderReduced,
            Self::Deposit { .. } => EventType::Deposit,
            Self::Withdrawal { .. } => EventType::Withdrawal,
            Self::RequestRejected { .. } => EventType::RequestRejected,
            Self::Mark { .. } => EventType::Mark,
            Self::KeySet { .. } => EventType::KeySet,
            Self::NonceBurned { .. } => EventType::NonceBurned,
        }
    }

    /// Appends its words: type + 2^8 · number of fields, then the fields in the schema's order.
    pub fn encode(&self, words: &mut Vec<u64>) {
        let code = self.event_type();
        words.push(u64::from(code.code()) + ((code.fields().len() as u64) << 8));
        match *self {
            Self::OrderRested {
                order_id,
                account,
                market,
                side,
                price,
                lots,
            } => {
                let side = u64::from(side.code());
                words.extend([order_id, account.into(), market.into(), side, price, lots]);
            }
            Self::Trade(ref trade) => words.extend(trade.words()),
            Self::OrderRemoved {
                order_id,
                account,
                market,
                lots,
                reason,
            } => {
                let reason = u64::from(reason.code());
                words.extend([order_id, account.into(), market.into(), lots, reason]);
            }
            Self::TakerStopped {
                order_id,
                account,
                market,
                lots,
                code,
            } => {
                words.extend([order_id, account.into(), market.into(), lots, code.into()]);
            }
            Self::OrderReduced {
                order_id,
                account,
                market,
                lots,
            } => {
                words.extend([order_id, account.into(), market.into(), lots]);
            }
            Self::Deposit {
                request,
                account,
                credited,
                returned,
                code,
            } => {
                words.extend([request, account.into(), credited, returned, code.into()]);
            }
            Self::Withdrawal {
                account,
                amount,
                origin,
            } => {
                words.extend([account.into(), amount, origin.code().into()]);
            }
            Self::RequestRejected {
                request,
                account,
                code,
            } => {
                words.extend([request, account.into(), code.into()]);
            }
            Self::Mark {
                market,
                price,
                timestamp_ms,
            } => {
                words.extend([market.into(), price, timestamp_ms]);
            }
            Self::KeySet { account, key } => words.extend([u64::from(account), key.into()]),
            Self::NonceBurned {
                account,
                key,
                nonce,
            } => {
                words.extend([account.into(), key.into(), nonce]);
            }
        }
    }

    /// Reads one event from the front of `words`, and says how many words it took.
    ///
    /// # Errors
    /// [`EventError`].
    pub fn decode(words: &[u64]) -> Result<(Self, usize), EventError> {
        let &header = words.first().ok_or(EventError::Truncated)?;
        let code =
            EventType::from_code(header & 0xff).ok_or(EventError::UnknownType(header & 0xff))?;
        let (expected, got) = (code.fields().len(), header >> 8);
        if got != expected as u64 {
            return Err(EventError::FieldCount {
                code: code.code(),
                expected,
                got,
            });
        }
        let words = words.get(1..=expected).ok_or(EventError::Truncated)?;
        let event = Self::from_fields(
            code,
            &Fields {
                names: code.fields(),
                words,
            },
        )?;
        Ok((event, 1 + expected))
    }

    fn from_fields(code: EventType, f: &Fields<'_>) -> Result<Self, EventError> {
        Ok(match code {
            EventType::OrderRested => Self::OrderRested {
                order_id: f.words[0],
                account: f.narrow(1)?,
                market: f.narrow(2)?,
                side: Side::from_code(f.words[3]).ok_or(f.bad(3))?,
                price: f.words[4],
                lots: f.words[5],
            },
            EventType::Trade => Self::Trade(Trade::from_fields(f)?),
            EventType::OrderRemoved => Self::OrderRemoved {
                order_id: f.words[0],
                account: f.narrow(1)?,
                market: f.narrow(2)?,
                lots: f.words[3],
                reason: RemovalReason::from_code(f.words[4]).ok_or(f.bad(4))?,
            },
            EventType::TakerStopped => Self::TakerStopped {
                order_id: f.words[0],
                account: f.narrow(1)?,
                market: f.narrow(2)?,
                lots: f.words[3],
                code: f.narrow(4)?,
            },
            EventType::OrderReduced => Self::OrderReduced {
                order_id: f.words[0],
                account: f.narrow(1)?,
                market: f.narrow(2)?,
                lots: f.words[3],
            },
            EventType::Deposit => Self::Deposit {
                request: f.words[0],
                account: f.narrow(1)?,
                credited: f.words[2],
                returned: f.words[3],
                code: f.narrow(4)?,
            },
            EventType::Withdrawal => Self::Withdrawal {
                account: f.narrow(0)?,
                amount: f.words[1],
                origin: WithdrawalOrigin::from_code(f.words[2]).ok_or(f.bad(2))?,
            },
            EventType::RequestRejected => Self::RequestRejected {
                request: f.words[0],
                account: f.narrow(1)?,
                code: f.narrow(2)?,
            },
            EventType::Mark => Self::Mark {
                market: f.narrow(0)?,
                price: f.words[1],
                timestamp_ms: f.words[2],
            },
            EventType::KeySet => Self::KeySet {
                account: f.narrow(0)?,
                key: f.narrow(1)?,
            },
            EventType::NonceBurned => Self::NonceBurned {
                account: f.narrow(0)?,
                key: f.narrow(1)?,
                nonce: f.words[2],
            },
        })
    }
}

impl Trade {
    fn words(&self) -> [u64; 11] {
        [
            self.market.into(),
            self.taker_side.code().into(),
            self.price,
            self.lots,
            self.maker_order_id,
            self.maker_account.into(),
            self.taker_order_id,
            self.taker_account.into(),
            from_signed(self.maker_fee),
            self.taker_fee,
            self.maker_lots_left,
        ]
    }

    fn from_fields(f: &Fields<'_>) -> Result<Self, EventError> {
        Ok(Self {
            market: f.narrow(0)?,
            taker_side: Side::from_code(f.words[1]).ok_or(f.bad(1))?,
            price: f.words[2],
            lots: f.words[3],
            maker_order_id: f.words[4],
            maker_account: f.narrow(5)?,
            taker_order_id: f.words[6],
            taker_account: f.narrow(7)?,
            maker_fee: to_signed(f.words[8]).ok_or(f.bad(8))?,
            taker_fee: f.words[9],
            maker_lots_left: f.words[10],
        })
    }
}

/// The fields of one event, as many as its type has.
struct Fields<'a> {
    names: &'static [&'static str],
    words: &'a [u64],
}

impl Fields<'_> {
    fn bad(&self, at: usize) -> EventError {
        EventError::Field(self.names[at])
    }

    fn narrow<T: TryFrom<u64>>(&self, at: usize) -> Result<T, EventError> {
        T::try_from(self.words[at]).map_err(|_| self.bad(at))
    }
}
