//! Events as the words of the event log: their type, then their fields.

use thiserror::Error;
use zkperp_schema::{EventType, WithdrawalOrigin};

use crate::event::Event;
use crate::leaf::{from_signed, to_signed};

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
    /// Appends its words: type + 2^8 · number of fields, then the fields in the schema's order.
    pub fn encode(&self, words: &mut Vec<u64>) {
        let code = self.event_type();
        words.push(u64::from(code.code()) + ((code.fields().len() as u64) << 8));
        match *self {
            Self::OrderRested { .. }
            | Self::Trade(_)
            | Self::OrderRemoved { .. }
            | Self::TakerStopped { .. }
            | Self::OrderReduced { .. }
            | Self::OrdersCleared { .. }
            | Self::DeadlineSet { .. } => self.encode_order(words),
            Self::ConditionalPlaced { .. }
            | Self::ConditionalRemoved { .. }
            | Self::Triggered { .. }
            | Self::ConditionalRejected { .. } => self.encode_conditional(words),
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
            Self::KeySet { account, key } => words.extend([u64::from(account), key.into()]),
            Self::NonceBurned {
                account,
                key,
                nonce,
            } => {
                words.extend([account.into(), key.into(), nonce]);
            }
            Self::AccountCreated {
                master,
                account,
                mode,
            } => {
                words.extend([u64::from(master), account.into(), mode.into()]);
            }
            Self::Transfer { from, to, amount } => {
                words.extend([u64::from(from), to.into(), amount]);
            }
            Self::LeverageSet {
                account,
                market,
                imf_ppm,
            } => {
                words.extend([u64::from(account), market.into(), imf_ppm]);
            }
            Self::Mark { .. }
            | Self::OracleReport { .. }
            | Self::Funding { .. }
            | Self::FundingPaid { .. } => self.encode_price(words),
            Self::LiquidationDue { .. }
            | Self::Recovered { .. }
            | Self::Liquidation { .. }
            | Self::Takeover { .. }
            | Self::Deleveraging { .. }
            | Self::Deleveraged { .. }
            | Self::DebtCovered { .. } => self.encode_liquidation(words),
        }
    }

    /// The fields of the events that liquidations make.
    fn encode_liquidation(&self, words: &mut Vec<u64>) {
        match *self {
            Self::LiquidationDue { account, tav, mmr } => {
                words.extend([account.into(), from_signed(tav), mmr]);
            }
            Self::Recovered { account } => words.push(account.into()),
            Self::DebtCovered { account, amount } => words.extend([account.into(), amount]),
            Self::Liquidation {
                account,
                market,
                lots,
                price,
                fee,
                bonus,
            } => {
                words.extend([account.into(), market.into(), lots, price, fee, bonus]);
            }
            Self::Takeover {
                account,
                market,
                lots,
                quote,
            } => {
                words.extend([account.into(), market.into(), lots, from_signed(quote)]);
            }
            Self::Deleveraging {
                account,
                market,
                lots,
                quote,
                total,
            } => {
                let quote = from_signed(quote);
                words.extend([account.into(), market.into(), lots, quote, total]);
            }
            Self::Deleveraged {
                account,
                counterparty,
                market,
                lots,
                quote,
            } => {
                let [account, counterparty] = [account, counterparty].map(u64::from);
                let quote = from_signed(quote);
                words.extend([account, counterparty, market.into(), lots, quote]);
            }
            _ => unreachable!("Invariant: an event of another part is encoded there"),
        }
    }

    /// The fields of the events that prices and funding make.
    fn encode_price(&self, words: &mut Vec<u64>) {
        match *self {
            Self::Mark {
                market,
                index,
                mark,
                premium_ppm,
                impact_bid,
                impact_ask,
            } => {
                let premium = from_signed(premium_ppm);
                words.extend([market.into(), index, mark, premium, impact_bid, impact_ask]);
            }
            Self::OracleReport {
                key,
                market,
                price,
                timestamp_ms,
            } => {
                words.extend([key.into(), market.into(), price, timestamp_ms]);
            }
            Self::Funding {
                market,
                rate_ppm,
                index,
                funding,
            } => {
                let [rate, funding] = [rate_ppm, funding].map(from_signed);
                words.extend([market.into(), rate, index, funding]);
            }
            Self::FundingPaid {
                account,
                market,
                amount,
            } => {
                words.extend([account.into(), market.into(), from_signed(amount)]);
            }
            _ => unreachable!("Invariant: an event of another part is encoded there"),
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
            EventType::OrderRested
            | EventType::Trade
            | EventType::OrderRemoved
            | EventType::TakerStopped
            | EventType::OrderReduced
            | EventType::OrdersCleared
            | EventType::DeadlineSet => Self::order_from_fields(code, f)?,
            EventType::ConditionalPlaced
            | EventType::ConditionalRemoved
            | EventType::Triggered
            | EventType::ConditionalRejected => Self::conditional_from_fields(code, f)?,
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
                index: f.words[1],
                mark: f.words[2],
                premium_ppm: f.signed(3)?,
                impact_bid: f.words[4],
                impact_ask: f.words[5],
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
            EventType::OracleReport => Self::OracleReport {
                key: f.narrow(0)?,
                market: f.narrow(1)?,
                price: f.words[2],
                timestamp_ms: f.words[3],
            },
            EventType::Funding => Self::Funding {
                market: f.narrow(0)?,
                rate_ppm: f.signed(1)?,
                index: f.words[2],
                funding: f.signed(3)?,
            },
            EventType::FundingPaid => Self::FundingPaid {
                account: f.narrow(0)?,
                market: f.narrow(1)?,
                amount: f.signed(2)?,
            },
            EventType::AccountCreated => Self::AccountCreated {
                master: f.narrow(0)?,
                account: f.narrow(1)?,
                mode: f.narrow(2)?,
            },
            EventType::Transfer => Self::Transfer {
                from: f.narrow(0)?,
                to: f.narrow(1)?,
                amount: f.words[2],
            },
            EventType::LeverageSet => Self::LeverageSet {
                account: f.narrow(0)?,
                market: f.narrow(1)?,
                imf_ppm: f.words[2],
            },
            EventType::LiquidationDue
            | EventType::Recovered
            | EventType::Liquidation
            | EventType::Takeover
            | EventType::Deleveraging
            | EventType::Deleveraged
            | EventType::DebtCovered => Self::liquidation_from_fields(code, f)?,
        })
    }

    fn liquidation_from_fields(code: EventType, f: &Fields<'_>) -> Result<Self, EventError> {
        let account = f.narrow(0)?;
        Ok(match code {
            EventType::LiquidationDue => Self::LiquidationDue {
                account,
                tav: f.signed(1)?,
                mmr: f.words[2],
            },
            EventType::Liquidation => Self::Liquidation {
                account,
                market: f.narrow(1)?,
                lots: f.words[2],
                price: f.words[3],
                fee: f.words[4],
                bonus: f.words[5],
            },
            EventType::Takeover => Self::Takeover {
                account,
                market: f.narrow(1)?,
                lots: f.words[2],
                quote: f.signed(3)?,
            },
            EventType::Deleveraging => Self::Deleveraging {
                account,
                market: f.narrow(1)?,
                lots: f.words[2],
                quote: f.signed(3)?,
                total: f.words[4],
            },
            EventType::Deleveraged => Self::Deleveraged {
                account,
                counterparty: f.narrow(1)?,
                market: f.narrow(2)?,
                lots: f.words[3],
                quote: f.signed(4)?,
            },
            EventType::DebtCovered => Self::DebtCovered {
                account,
                amount: f.words[1],
            },
            _ => Self::Recovered { account },
        })
    }
}

/// The fields of one event, as many as its type has.
pub(crate) struct Fields<'a> {
    names: &'static [&'static str],
    pub(crate) words: &'a [u64],
}

impl Fields<'_> {
    pub(crate) fn bad(&self, at: usize) -> EventError {
        EventError::Field(self.names[at])
    }

    pub(crate) fn signed(&self, at: usize) -> Result<i64, EventError> {
        to_signed(self.words[at]).ok_or(self.bad(at))
    }

    pub(crate) fn narrow<T: TryFrom<u64>>(&self, at: usize) -> Result<T, EventError> {
        T::try_from(self.words[at]).map_err(|_| self.bad(at))
    }
}
