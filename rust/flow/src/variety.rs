//! Rows as commands that no feed has: client ids, options, mass quotes, orders by the account, orders
//! that wait for the mark.
//!
//! A row still places, amends, cancels or takes the order that it names, but in another way: the
//! venue's flow then has every kind of command about orders.

use std::collections::BTreeMap;

use zkperp_engine::{
    CancelScope, Command, Condition, Conditional, Options, OrderType, Place, Quoted, SelfTrade,
    Sender, Side,
};

use crate::rng::Rng;
use crate::row::{Op, Row};

/// Entries of a quote: the row's order, and others behind it.
const QUOTED: u64 = 3;
/// Ticks between them.
const STEP: u64 = 10;
/// Ticks from a take's price to where a stop in its stead waits, and from there to its limit.
const STOP_AWAY: u64 = 20;
const STOP_SLACK: u64 = 200;
/// How long a dead man's switch holds, and what waits beside an order, ms.
const DEADLINE_MS: u64 = 600_000;

/// How an order of the feed is called at the venue.
#[derive(Clone, Copy, Debug)]
enum Name {
    /// By a client id.
    One(u64),
    /// It was quoted, with this client id and those that follow.
    Quoted(u64),
    /// By its order id, and it waits for the mark.
    Waiting,
}

/// What a row became.
#[derive(Clone, Debug)]
pub(crate) struct Varied {
    /// The command.
    pub(crate) command: Command,
    /// Whether its outcome names the order's new id.
    pub(crate) names_order: bool,
}

/// Varies rows.
#[derive(Clone, Debug)]
pub(crate) struct Variety {
    per_mille: u64,
    rng: Rng,
    market: u8,
    next_client_id: u64,
    /// By the feed's ids.
    names: BTreeMap<u64, Name>,
}

impl Variety {
    /// Of the rows of a market, `per_mille` in a thousand are varied.
    pub(crate) const fn new(per_mille: u64, market: u8) -> Self {
        Self {
            per_mille,
            rng: Rng::new(market as u64),
            market,
            // Markets share accounts, and client ids with the same low 12 bits exclude each other.
            next_client_id: 1 + ((market as u64) << 40) + ((market as u64 % 2) << 11),
            names: BTreeMap::new(),
        }
    }

    /// The row's command, if it is another than the importer's own; `plain` is the order that it
    /// would place, `order_id` the venue's id of the one that it names.
    pub(crate) fn command(
        &mut self,
        row: &Row,
        sender: Sender,
        plain: Place,
        order_id: u64,
        now_ms: u64,
    ) -> Option<Varied> {
        // An order that has a name is cancelled by it, and a quote is only changed by quotes; what
        // waits can't be amended: it goes.
        match (row.op, self.names.get(&row.id).copied()) {
            (Op::Cancel | Op::Amend, Some(Name::Waiting)) => {
                self.names.remove(&row.id);
                let cancelled = sender.cancel_conditional(order_id);
                return Some(varied(Command::User(cancelled), false));
            }
            (Op::Cancel, Some(Name::One(client_id))) => {
                self.names.remove(&row.id);
                let cancelled = sender.cancel_named(client_id);
                return Some(varied(Command::User(cancelled), false));
            }
            (Op::Cancel, Some(Name::Quoted(first))) => {
                self.names.remove(&row.id);
                let entries: Vec<_> = (first..first + QUOTED).map(Quoted::removal).collect();
                return Some(self.quoted(&entries, sender, plain));
            }
            (Op::Amend, Some(Name::Quoted(first))) => {
                return Some(self.quote(first, sender, plain));
            }
            _ => {}
        }
        if self.per_mille == 0 || !self.rng.chance(self.per_mille, 1000) {
            return None;
        }
        match row.op {
            Op::Place => Some(self.place(row, sender, plain)),
            Op::Take => Some(self.take(sender, plain, now_ms)),
            Op::Cancel => self.rng.chance(1, 8).then(|| {
                let all = sender.cancel_all(CancelScope::Market, self.market);
                varied(Command::User(all), false)
            }),
            Op::Amend => {
                let until_ms = now_ms + DEADLINE_MS;
                match self.rng.below(8) {
                    0 => {
                        let switch = sender.set_deadline(until_ms);
                        Some(varied(Command::User(switch), false))
                    }
                    1 => {
                        let order = Place {
                            expiry_ms: until_ms,
                            ..plain
                        };
                        Some(touched(sender, order, false))
                    }
                    _ => None,
                }
            }
        }
    }

    const fn client_ids(&mut self, count: u64) -> u64 {
        let first = self.next_client_id;
        self.next_client_id += count;
        first
    }

    fn place(&mut self, row: &Row, sender: Sender, plain: Place) -> Varied {
        let draw = self.rng.below(5);
        if draw == 4 {
            self.names.insert(row.id, Name::Waiting);
            return touched(sender, plain, true);
        }
        if draw == 0 {
            let first = self.client_ids(QUOTED);
            self.names.insert(row.id, Name::Quoted(first));
            return self.quote(first, sender, plain);
        }
        let client_id = self.client_ids(1);
        self.names.insert(row.id, Name::One(client_id));
        let order_type = match draw {
            1 => OrderType::Slide,
            2 => OrderType::PostOnly,
            _ => OrderType::Gtt,
        };
        let place = sender.place(Place {
            order_type,
            client_id,
            options: Options {
                stp: SelfTrade::Decrement,
                ..Options::NONE
            },
            ..plain
        });
        varied(Command::User(place), true)
    }

    fn take(&mut self, sender: Sender, plain: Place, now_ms: u64) -> Varied {
        let (order_type, options) = match self.rng.below(4) {
            3 => return stop(sender, plain, now_ms + DEADLINE_MS),
            0 => (OrderType::Fok, Options::NONE),
            1 => {
                let reduce_only = true;
                let options = Options {
                    reduce_only,
                    ..Options::NONE
                };
                (OrderType::Ioc, options)
            }
            _ => {
                let options = Options {
                    stp: SelfTrade::CancelBoth,
                    stp_owner: true,
                    ..Options::NONE
                };
                (OrderType::Ioc, options)
            }
        };
        let place = Place {
            order_type,
            options,
            ..plain
        };
        varied(Command::User(sender.place(place)), false)
    }

    /// The order at the row's price, the others of the same size behind it.
    fn quote(&self, first: u64, sender: Sender, plain: Place) -> Varied {
        let entries: Vec<Quoted> = (0..QUOTED)
            .map(|at| Quoted {
                client_id: first + at,
                side: plain.side,
                price_ticks: match plain.side {
                    Side::Bid => plain.price_ticks.saturating_sub(at * STEP).max(1),
                    Side::Ask => plain.price_ticks + at * STEP,
                },
                lots: plain.lots,
                options: Options::NONE,
            })
            .collect();
        self.quoted(&entries, sender, plain)
    }

    fn quoted(&self, entries: &[Quoted], sender: Sender, plain: Place) -> Varied {
        let quote = sender.quote(self.market, OrderType::Slide, plain.expiry_ms, entries);
        varied(Command::Quote(quote), true)
    }
}

/// The order itself, but only once the mark is at its price.
const fn touched(sender: Sender, plain: Place, names_order: bool) -> Varied {
    let order = Conditional {
        condition: Condition::TakeProfit,
        ..waiting(plain)
    };
    varied(Command::User(sender.place_conditional(order)), names_order)
}

/// A take that follows the mark when it has gone a little further the take's way.
const fn stop(sender: Sender, plain: Place, expiry_ms: u64) -> Varied {
    let (trigger_ticks, price_ticks) = match plain.side {
        Side::Bid => (
            plain.price_ticks + STOP_AWAY,
            plain.price_ticks + STOP_SLACK,
        ),
        Side::Ask => (
            plain.price_ticks.saturating_sub(STOP_AWAY),
            plain.price_ticks.saturating_sub(STOP_SLACK),
        ),
    };
    let order = Conditional {
        trigger_ticks,
        price_ticks,
        expiry_ms,
        ..waiting(plain)
    };
    varied(Command::User(sender.place_conditional(order)), false)
}

/// A stop with the order's fields, its trigger at the order's price.
const fn waiting(plain: Place) -> Conditional {
    Conditional {
        market: plain.market,
        side: plain.side,
        order_type: plain.order_type,
        price_ticks: plain.price_ticks,
        lots: plain.lots,
        options: plain.options,
        expiry_ms: plain.expiry_ms,
        trigger_ticks: plain.price_ticks,
        condition: Condition::Stop,
        partner: 0,
    }
}

const fn varied(command: Command, names_order: bool) -> Varied {
    Varied {
        command,
        names_order,
    }
}
