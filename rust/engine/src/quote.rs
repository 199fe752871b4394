//! A mass quote: many orders under one signature (docs/spec/orders.md § 5).

use zkperp_schema::{self as schema, Kind, OrderType, Refusal, Side};

use crate::command::{Sender, UserCommand};
use crate::options::{Options, lots_word, split_lots};

/// Felts of one entry, in the message as in the record.
pub type QuoteWords = [u64; schema::QUOTE_ENTRY_WORDS as usize];

/// A user's signed quote. Fields may hold any values: what is malformed is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuoteCommand {
    /// What it has in common with other user commands; its words are the expiry and zeros.
    pub command: UserCommand,
    /// The words of its entries: client id and side, price, lots and options.
    pub entries: Vec<QuoteWords>,
}

/// One order of a quote: it replaces the open order with its client id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quoted {
    /// The client id, never 0.
    pub client_id: u64,
    /// Side.
    pub side: Side,
    /// Limit in ticks.
    pub price_ticks: u64,
    /// Size in lots; 0: the old order goes, and none comes.
    pub lots: u64,
    /// Options.
    pub options: Options,
}

/// What a quote asks for, in fields within their widths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Quote {
    pub(crate) market: u8,
    /// `PostOnly` or `Slide`.
    pub(crate) order_type: OrderType,
    pub(crate) expiry_ms: u64,
    pub(crate) entries: Vec<Quoted>,
}

impl Quoted {
    /// The entry that only takes the order with this client id out of the book.
    #[must_use]
    pub const fn removal(client_id: u64) -> Self {
        Self {
            client_id,
            side: Side::Bid,
            price_ticks: 0,
            lots: 0,
            options: Options::NONE,
        }
    }

    /// Its words, for fields within their widths.
    #[must_use]
    pub const fn words(&self) -> QuoteWords {
        [
            self.client_id + schema::RECORD_CLIENT_ID_SIDE_SHIFT * self.side.code() as u64,
            self.price_ticks,
            lots_word(self.lots, self.options, true),
        ]
    }

    /// The entry of these words, or `None` where it is malformed.
    #[must_use]
    pub fn from_words([first, price_ticks, last]: &QuoteWords) -> Option<Self> {
        let client_id = first % schema::RECORD_CLIENT_ID_SIDE_SHIFT;
        let side = Side::from_code(first / schema::RECORD_CLIENT_ID_SIDE_SHIFT)?;
        let (lots, options, is_named) = split_lots(*last)?;
        let entry = Self {
            client_id,
            side,
            price_ticks: *price_ticks,
            lots,
            options,
        };
        let is_empty = entry == Self::removal(client_id);
        let is_good = client_id != 0
            && is_named
            && price_ticks >> schema::PRICE_BITS == 0
            && (lots != 0 || is_empty);
        is_good.then_some(entry)
    }
}

impl Sender {
    /// Replaces many orders of a market at once; `order_type` is `PostOnly` or `Slide`.
    #[must_use]
    pub fn quote(
        self,
        market: u8,
        order_type: OrderType,
        expiry_ms: u64,
        entries: &[Quoted],
    ) -> QuoteCommand {
        QuoteCommand {
            command: UserCommand {
                market,
                order_type: order_type.code(),
                ..self.command(Kind::Quote, [expiry_ms])
            },
            entries: entries.iter().map(Quoted::words).collect(),
        }
    }
}

impl QuoteCommand {
    /// What it asks for, or 1001; the fields that all user commands have are checked elsewhere.
    pub(crate) fn quote(&self) -> Result<Quote, Refusal> {
        let command = &self.command;
        let order_type = OrderType::from_code(command.order_type.into())
            .filter(|kind| matches!(kind, OrderType::PostOnly | OrderType::Slide))
            .ok_or(Refusal::Malformed)?;
        let is_counted = (1..=schema::QUOTES_MAX).contains(&(self.entries.len() as u64));
        if !is_counted || command.kind != Kind::Quote.code() {
            return Err(Refusal::Malformed);
        }
        let entries = self.entries.iter().map(Quoted::from_words);
        Ok(Quote {
            market: command.market,
            order_type,
            expiry_ms: command.words[0],
            entries: entries.collect::<Option<_>>().ok_or(Refusal::Malformed)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zkperp_schema::SelfTrade;

    const SENDER: Sender = Sender {
        account: 7,
        key: 1,
        nonce: 9,
        valid_until_ms: 1000,
    };

    const ENTRY: Quoted = Quoted {
        client_id: (1 << 48) - 1,
        side: Side::Ask,
        price_ticks: (1 << 32) - 1,
        lots: (1 << 40) - 1,
        options: Options {
            reduce_only: true,
            stp: SelfTrade::Decrement,
            stp_owner: true,
        },
    };

    fn quote(entries: &[Quoted]) -> QuoteCommand {
        SENDER.quote(3, OrderType::Slide, 500, entries)
    }

    #[test]
    fn a_quote_comes_back_from_its_words() {
        let asked = [ENTRY, Quoted::removal(4)];
        let command = quote(&asked);
        assert_eq!(
            command.entries,
            [
                [(1 << 49) - 1, (1 << 32) - 1, (1 << 40) - 1 + (31 << 40)],
                [4, 0, 16 << 40]
            ]
        );
        let quote = command.quote().unwrap();
        assert_eq!((quote.market, quote.order_type), (3, OrderType::Slide));
        assert_eq!((quote.expiry_ms, &quote.entries[..]), (500, &asked[..]));
    }

    #[test]
    fn a_malformed_entry_is_none() {
        for words in [
            [0, 1, 1 + (16 << 40)],       // no client id
            [1 << 49, 1, 1 + (16 << 40)], // a wide side
            [1, 1 << 32, 1 + (16 << 40)], // a wide price
            [1, 1, 1],                    // `named` is not set
            [1, 1, 1 + (32 << 40)],       // an option that does not exist
            [1, 1, 1 << 48],              // wide options
            [1, 1, 16 << 40],             // no lots, but a price
            [1 + (1 << 48), 0, 16 << 40], // no lots, but a side
            [1, 0, 17 << 40],             // no lots, but an option
        ] {
            assert_eq!(Quoted::from_words(&words), None, "{words:?}");
        }
    }

    #[test]
    fn a_quote_has_one_to_31_entries_and_a_type_that_never_takes() {
        let entries: Vec<_> = (1..=32).map(Quoted::removal).collect();
        assert_eq!(quote(&[]).quote(), Err(Refusal::Malformed));
        assert!(quote(&entries[..31]).quote().is_ok());
        assert_eq!(quote(&entries).quote(), Err(Refusal::Malformed));
        for (order_type, is_good) in [
            (OrderType::Gtt, false),
            (OrderType::Ioc, false),
            (OrderType::PostOnly, true),
            (OrderType::Market, false),
            (OrderType::Fok, false),
        ] {
            let command = SENDER.quote(3, order_type, 500, &[ENTRY]);
            assert_eq!(command.quote().is_ok(), is_good);
        }
        let mut command = quote(&[ENTRY]);
        command.command.kind = Kind::Place.code();
        assert_eq!(command.quote(), Err(Refusal::Malformed));
    }
}
