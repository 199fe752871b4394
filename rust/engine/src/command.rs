//! What goes in: an envelope is a program time and a command (docs/spec/commands.md § 1).

use zkperp_schema::{self as schema, AccountType, CancelScope, Kind, OrderType, Side};

use crate::options::{Options, lots_word};
use crate::quote::QuoteCommand;

/// A public key's limbs, canonical felts; all zeros name no key.
pub type KeyLimbs = [u64; 5];

/// A signature as docs/spec/signature.md lays it out; the engine carries it and never reads it.
pub type SignatureBytes = [u8; 80];

/// Words of a request from L1.
pub type RequestWords = [u64; schema::REQUEST_WORDS as usize];

/// What a user's message says beside head, nonce and validity.
pub type FurtherWords = [u64; 5];

/// A command with the program time at which it is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The program time, ms since 1970.
    pub time_ms: u64,
    /// The command.
    pub command: Command,
    /// Its signature, for the kinds that have one and where the signer's word is at hand.
    pub signature: Option<SignatureBytes>,
}

/// A command. Fields may hold any values: [`apply`](crate::State::apply) refuses what is malformed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// The sequencer moves program time to the envelope's, by any step.
    Time,
    /// Signed prices.
    Oracle(OracleReport),
    /// The next request of the L1 queue.
    Request(Request),
    /// A user's signed command, but for a quote.
    User(UserCommand),
    /// A user's signed quote.
    Quote(QuoteCommand),
    /// The sequencer has a market's index, mark and bands computed anew.
    Tick {
        /// Market.
        market: u8,
    },
    /// The sequencer has every market's funding of the hour computed.
    Fund,
    /// The sequencer has a crossed trigger looked at.
    Sweep,
    /// The sequencer has the first due account liquidated by a step.
    Liquidate,
    /// The sequencer has the next counterparty give its share of a deleveraging.
    Deleverage {
        /// The counterparty.
        account: u32,
    },
    /// The sequencer has the next triggered order fire.
    Trigger,
}

/// Prices that an oracle key signed together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OracleReport {
    /// Index of the oracle key.
    pub key: u8,
    /// When the prices were, ms since 1970.
    pub timestamp_ms: u64,
    /// 1 .. 32 prices, strictly ascending by market.
    pub entries: Vec<OracleEntry>,
}

/// A market's price in an oracle's report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OracleEntry {
    /// Market.
    pub market: u8,
    /// Price in ticks.
    pub price_ticks: u64,
}

/// A request from L1 with its place in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its number, counted from 0.
    pub number: u64,
    /// Its words (docs/spec/commands.md § 8).
    pub words: RequestWords,
}

/// A user's command, with exactly the fields that the signed message has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserCommand {
    /// Kind, 4..11 or 17..22.
    pub kind: u8,
    /// Index of the signing key.
    pub key: u8,
    /// Market; of `place`, `place_conditional`, `quote`, `cancel_all`, `create_account` and
    /// `set_leverage` only.
    pub market: u8,
    /// Side; of `place` and `place_conditional` only.
    pub side: u8,
    /// Order type of `place`, `place_conditional` and `quote`, account type of `create_account`,
    /// scope of `cancel_all`.
    pub order_type: u8,
    /// The sender's account.
    pub account: u32,
    /// Nonce, above every nonce that the key has used.
    pub nonce: u64,
    /// The command is refused at this program time and later.
    pub valid_until_ms: u64,
    /// The further words of its kind, the missing ones 0.
    pub words: FurtherWords,
}

/// What every user command says of its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sender {
    /// Account.
    pub account: u32,
    /// Index of the signing key.
    pub key: u8,
    /// Nonce.
    pub nonce: u64,
    /// First program time at which the command is refused.
    pub valid_until_ms: u64,
}

/// A new order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Market.
    pub market: u8,
    /// Side.
    pub side: Side,
    /// Type.
    pub order_type: OrderType,
    /// Limit, or worst average price, in ticks.
    pub price_ticks: u64,
    /// Size in lots.
    pub lots: u64,
    /// First program time at which it is dead; 0 for orders that never rest.
    pub expiry_ms: u64,
    /// What it asks for beside its type.
    pub options: Options,
    /// The client's own number of it, below 2^48; 0: none.
    pub client_id: u64,
}

impl Sender {
    /// A command with these further words in front.
    pub(crate) const fn command<const N: usize>(self, kind: Kind, front: [u64; N]) -> UserCommand {
        let mut words = [0; size_of::<FurtherWords>() / size_of::<u64>()];
        let mut at = 0;
        while at < N {
            words[at] = front[at];
            at += 1;
        }
        UserCommand {
            kind: kind.code(),
            key: self.key,
            market: 0,
            side: 0,
            order_type: 0,
            account: self.account,
            nonce: self.nonce,
            valid_until_ms: self.valid_until_ms,
            words,
        }
    }

    /// A new order.
    #[must_use]
    pub const fn place(self, order: Place) -> UserCommand {
        UserCommand {
            market: order.market,
            side: order.side.code(),
            order_type: order.order_type.code(),
            ..self.command(
                Kind::Place,
                [
                    order.price_ticks,
                    lots_word(order.lots, order.options, order.client_id != 0),
                    order.expiry_ms,
                    order.client_id,
                ],
            )
        }
    }

    /// Takes a resting order out of the book.
    #[must_use]
    pub const fn cancel(self, order_id: u64) -> UserCommand {
        self.command(Kind::Cancel, [order_id])
    }

    /// Takes a resting order out of the book by its client id.
    #[must_use]
    pub const fn cancel_named(self, client_id: u64) -> UserCommand {
        self.command(Kind::CancelNamed, [client_id])
    }

    /// Declares all orders dead, of the account or, with `CancelScope::Market`, of it in a market;
    /// `market` is 0 for those of the account.
    #[must_use]
    pub const fn cancel_all(self, scope: CancelScope, market: u8) -> UserCommand {
        UserCommand {
            market,
            order_type: scope.code(),
            ..self.command(Kind::CancelAll, [])
        }
    }

    /// Sets the dead man's switch: all orders are dead from this program time on; 0: off.
    #[must_use]
    pub const fn set_deadline(self, deadline_ms: u64) -> UserCommand {
        self.command(Kind::SetDeadline, [deadline_ms])
    }

    /// Changes price and what shall remain of a resting order.
    #[must_use]
    pub const fn amend(self, order_id: u64, price_ticks: u64, lots: u64) -> UserCommand {
        self.command(Kind::Amend, [order_id, price_ticks, lots])
    }

    /// Pays micro-USDC to the account's L1 owner.
    #[must_use]
    pub const fn withdraw(self, amount: u64) -> UserCommand {
        self.command(Kind::Withdraw, [amount])
    }

    /// Uses up every nonce up to its own.
    #[must_use]
    pub const fn burn_nonce(self) -> UserCommand {
        self.command(Kind::BurnNonce, [])
    }

    /// Makes a sub-account; `market` is 0 for a cross account.
    #[must_use]
    pub const fn create_account(self, account_type: AccountType, market: u8) -> UserCommand {
        UserCommand {
            market,
            order_type: account_type.code(),
            ..self.command(Kind::CreateAccount, [])
        }
    }

    /// Moves micro-USDC to an account of the same master.
    #[must_use]
    pub const fn transfer(self, to: u32, amount: u64) -> UserCommand {
        self.command(Kind::Transfer, [to as u64, amount])
    }

    /// Chooses the account's own initial margin fraction in a market, ppm; 0: the tier's.
    #[must_use]
    pub const fn set_leverage(self, market: u8, imf_ppm: u64) -> UserCommand {
        UserCommand {
            market,
            ..self.command(Kind::SetLeverage, [imf_ppm])
        }
    }
}

impl Command {
    /// What all user commands have in common, of one.
    #[must_use]
    pub const fn user(&self) -> Option<&UserCommand> {
        match self {
            Self::User(command) => Some(command),
            Self::Quote(quote) => Some(&quote.command),
            _ => None,
        }
    }
}

impl UserCommand {
    /// Kind, key, market, side, type and account in one word of 51 bits, for fields within their
    /// widths.
    #[must_use]
    pub const fn head(&self) -> u64 {
        self.kind as u64
            + schema::HEAD_KEY_SHIFT * self.key as u64
            + schema::HEAD_MARKET_SHIFT * self.market as u64
            + schema::HEAD_SIDE_SHIFT * self.side as u64
            + schema::HEAD_TYPE_SHIFT * self.order_type as u64
            + schema::HEAD_ACCOUNT_SHIFT * self.account as u64
    }
}

impl OracleReport {
    /// Kind and key in one word.
    #[must_use]
    pub const fn head(&self) -> u64 {
        Kind::OracleReport.code() as u64 + schema::HEAD_KEY_SHIFT * self.key as u64
    }
}

impl OracleEntry {
    /// Price and market in one word: the entry's word of the record.
    #[must_use]
    pub const fn word(&self) -> u64 {
        self.price_ticks + schema::RECORD_MARKET_SHIFT * self.market as u64
    }
}

/// What an accepted command did, four words: code, then what its kind says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome(pub [u64; schema::OUTCOME_FELTS as usize]);

impl Outcome {
    /// The outcome of a command without a refusal code.
    #[must_use]
    pub(crate) const fn done(first: u64, second: u64, third: u64) -> Self {
        Self([0, first, second, third])
    }

    /// 0, or the refusal with which a request was answered.
    #[must_use]
    pub const fn code(&self) -> u64 {
        self.0[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_packs_its_fields_without_overlap() {
        let sender = Sender {
            account: u32::MAX,
            key: 13,
            nonce: 1,
            valid_until_ms: 1,
        };
        let place = sender.place(Place {
            market: 31,
            side: Side::Ask,
            order_type: OrderType::Market,
            price_ticks: 1,
            lots: 1,
            expiry_ms: 0,
            options: Options::NONE,
            client_id: 0,
        });
        let expected = 4 | 13 << 6 | 31 << 10 | 1 << 15 | 3 << 16 | u64::from(u32::MAX) << 19;
        assert_eq!(place.head(), expected);
        assert!(place.head() < schema::HEAD_BOUND);
        let report = OracleReport {
            key: 1,
            timestamp_ms: 4,
            entries: vec![OracleEntry {
                market: 31,
                price_ticks: (1 << 32) - 1,
            }],
        };
        assert_eq!(report.head(), 2 | 1 << 6);
        assert_eq!(report.entries[0].word(), (31 << 32) + (1 << 32) - 1);
        let isolated = sender.create_account(AccountType::Isolated, 31);
        let expected = 9 | 13 << 6 | 31 << 10 | 1 << 16 | u64::from(u32::MAX) << 19;
        assert_eq!(isolated.head(), expected);
        let all = sender.cancel_all(CancelScope::Market, 31);
        let expected = 18 | 13 << 6 | 31 << 10 | 1 << 16 | u64::from(u32::MAX) << 19;
        assert_eq!(all.head(), expected);
    }

    #[test]
    fn an_order_signs_its_options_and_client_id() {
        let sender = Sender {
            account: 1,
            key: 0,
            nonce: 1,
            valid_until_ms: 1,
        };
        let options = Options {
            reduce_only: true,
            ..Options::NONE
        };
        let order = Place {
            market: 0,
            side: Side::Bid,
            order_type: OrderType::Slide,
            price_ticks: 5,
            lots: 6,
            expiry_ms: 7,
            options,
            client_id: 8,
        };
        assert_eq!(sender.place(order).words, [5, 6 + (17 << 40), 7, 8, 0]);
        let unnamed = sender.place(Place {
            client_id: 0,
            ..order
        });
        assert_eq!(unnamed.words, [5, 6 + (1 << 40), 7, 0, 0]);
        assert_eq!(sender.cancel_named(8).words, [8, 0, 0, 0, 0]);
        assert_eq!(sender.set_deadline(9).words, [9, 0, 0, 0, 0]);
    }
}
