//! From rows to commands: what a feed lacks, owners, times and nonces, by fixed rules. Its prices are
//! [`Pricing`](crate::Pricing)'s matter.

use std::collections::BTreeMap;

use zkperp_engine::{Command, Envelope, Options, OrderType, Outcome, Place, Sender, Side, State};

use crate::row::{Op, Row};
use crate::variety::Variety;

/// How rows become commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImporterConfig {
    /// Market of every row.
    pub market: u8,
    /// Accounts 1..=this own the orders: the one of an id is 1 + id mod this. At least 1. Takes go to
    /// the accounts behind, a quarter as many and one more, in turn.
    pub traders: u32,
    /// Program time of the first row, ms.
    pub start_time_ms: u64,
    /// Program time between two rows, ms.
    pub row_ms: u64,
    /// How long orders live and messages hold, ms.
    pub lifetime_ms: u64,
    /// The first price, ticks: there is no mid before the first order, and no order before the first
    /// price. [`opening_mid`] of the rows, usually.
    pub opening_ticks: u64,
    /// Of a thousand rows, how many become commands that no feed has: client ids, options, the
    /// order types that the plain rules do not use, mass quotes, dead man's switches.
    pub varied_per_mille: u64,
}

impl ImporterConfig {
    /// The usual rules: 10 ms a row, a day for orders and messages.
    #[must_use]
    pub const fn new(market: u8, traders: u32, start_time_ms: u64, opening_ticks: u64) -> Self {
        Self {
            market,
            traders,
            start_time_ms,
            row_ms: 10,
            lifetime_ms: 86_400_000,
            opening_ticks,
            varied_per_mille: 0,
        }
    }

    /// Accounts that take.
    #[must_use]
    pub const fn takers(&self) -> u32 {
        self.traders / 4 + 1
    }

    /// All accounts, numbered from 1.
    #[must_use]
    pub const fn accounts(&self) -> u32 {
        self.traders + self.takers()
    }
}

/// The feed's own book: prices of its orders, by id and counted.
#[derive(Clone, Debug, Default)]
struct FeedBook {
    orders: BTreeMap<u64, (Side, u64)>,
    prices: [BTreeMap<u64, u32>; 2],
}

impl FeedBook {
    fn follow(&mut self, row: &Row) {
        match row.op {
            Op::Take => {}
            Op::Cancel => self.remove(row.id),
            Op::Place | Op::Amend => {
                self.remove(row.id);
                self.orders.insert(row.id, (row.side, row.price_ticks));
                *self.prices[row.side as usize]
                    .entry(row.price_ticks)
                    .or_default() += 1;
            }
        }
    }

    fn remove(&mut self, id: u64) {
        let Some((side, price)) = self.orders.remove(&id) else {
            return;
        };
        let prices = &mut self.prices[side as usize];
        let count = prices.remove(&price).unwrap_or(1);
        if count > 1 {
            prices.insert(price, count - 1);
        }
    }

    fn mid(&self) -> Option<u64> {
        let [bids, asks] = &self.prices;
        let (&bid, _) = bids.last_key_value()?;
        let (&ask, _) = asks.first_key_value()?;
        Some(u64::midpoint(bid, ask))
    }
}

/// The mid of a feed as soon as it has both sides, ticks.
pub fn opening_mid<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Option<u64> {
    let mut book = FeedBook::default();
    rows.into_iter().find_map(|row| {
        book.follow(row);
        book.mid()
    })
}

/// Turns rows into commands, one after the other.
///
/// For each row: [`command`](Self::command), then [`accepted`](Self::accepted) if it was.
#[derive(Clone, Debug)]
pub struct Importer {
    config: ImporterConfig,
    book: FeedBook,
    /// The venue's ids of orders that were accepted, by the feed's.
    ids: BTreeMap<u64, u64>,
    mid: u64,
    /// Rows seen.
    rows: u64,
    /// Takes seen.
    takes: u64,
    variety: Variety,
    /// Whether the outcome of the last row's command has the id of the row's order.
    names_order: bool,
}

impl Importer {
    /// An importer before its first row.
    #[must_use]
    pub fn new(config: ImporterConfig) -> Self {
        Self {
            config,
            book: FeedBook::default(),
            ids: BTreeMap::new(),
            mid: config.opening_ticks,
            rows: 0,
            takes: 0,
            variety: Variety::new(config.varied_per_mille, config.market),
            names_order: false,
        }
    }

    /// Program time of the next row, ms.
    #[must_use]
    pub const fn time_ms(&self) -> u64 {
        self.config.start_time_ms + self.rows * self.config.row_ms
    }

    /// Market of the rows.
    #[must_use]
    pub const fn market(&self) -> u8 {
        self.config.market
    }

    /// What an oracle would say before the next row: the feed's last mid, ticks.
    #[must_use]
    pub const fn price_ticks(&self) -> u64 {
        self.mid
    }

    const fn envelope(&self, command: Command) -> Envelope {
        Envelope {
            time_ms: self.time_ms(),
            command,
            signature: None,
        }
    }

    fn account(&mut self, row: &Row) -> u32 {
        let (traders, takers) = (self.config.traders, self.config.takers());
        if row.op == Op::Take {
            let turn = self.takes % u64::from(takers);
            self.takes += 1;
            return traders + 1 + turn as u32;
        }
        1 + (row.id % u64::from(traders)) as u32
    }

    /// The unsigned user command of the next row; nonces follow `state`. A row of an order that the
    /// venue never accepted names order 0, which does not exist.
    pub fn command(&mut self, row: &Row, state: &State) -> Envelope {
        let account = self.account(row);
        let time_ms = self.time_ms();
        let until_ms = time_ms + self.config.lifetime_ms;
        let sender = Sender {
            account,
            key: 0,
            nonce: state.nonce(account, 0) + 1,
            valid_until_ms: until_ms,
        };
        let order_id = self.ids.get(&row.id).copied().unwrap_or(0);
        let place = |order_type, expiry_ms| Place {
            market: self.config.market,
            side: row.side,
            order_type,
            price_ticks: row.price_ticks,
            lots: row.lots,
            expiry_ms,
            options: Options::NONE,
            client_id: 0,
        };
        let plain = match row.op {
            Op::Take => place(OrderType::Ioc, 0),
            Op::Place | Op::Amend | Op::Cancel => place(OrderType::Gtt, until_ms),
        };
        let varied = self.variety.command(row, sender, plain, order_id, time_ms);
        self.names_order = varied
            .as_ref()
            .map_or(row.op == Op::Place, |varied| varied.names_order);
        let command = varied.map_or_else(
            || {
                Command::User(match row.op {
                    Op::Place | Op::Take => sender.place(plain),
                    Op::Cancel => sender.cancel(order_id),
                    Op::Amend => sender.amend(order_id, row.price_ticks, row.lots),
                })
            },
            |varied| varied.command,
        );
        let envelope = self.envelope(command);
        self.rows += 1;
        self.book.follow(row);
        self.mid = self.book.mid().unwrap_or(self.mid);
        if row.op == Op::Cancel {
            self.ids.remove(&row.id);
        }
        envelope
    }

    /// Says that the row's command was accepted.
    pub fn accepted(&mut self, row: &Row, outcome: &Outcome) {
        if self.names_order && row.op != Op::Cancel {
            self.ids.insert(row.id, outcome.0[1]);
        }
    }
}
