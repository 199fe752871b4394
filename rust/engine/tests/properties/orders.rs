//! Commands on orders drawn at random: every type, every option, a handful of client ids.

use proptest::prelude::*;
use zkperp_engine::{
    CancelScope, Command, Options, OrderType, Place, Quoted, SelfTrade, Sender, Side, State,
};

use crate::conditionals;
use crate::flow::MARK;

/// Client ids: few enough to meet again, and two that share their low bits.
const CLIENT_IDS: [u64; 6] = [1, 2, 3, 4, 4097, (1 << 48) - 1];

/// A command on orders before it knows ids and times.
#[derive(Clone, Debug)]
pub(crate) enum OrderAsk {
    Place(Drawn),
    Cancel {
        back: u64,
    },
    Amend {
        back: u64,
        price: u64,
        lots: u64,
    },
    CancelNamed {
        client_id: u64,
    },
    CancelAll {
        market: Option<u8>,
    },
    /// So many ms from now; 0: off.
    SetDeadline {
        after_ms: u64,
    },
    /// All that the sender holds, or more: it turns.
    Close {
        market: u8,
        turns: bool,
    },
    Wait(conditionals::Drawn),
    GiveUp {
        back: u64,
    },
    Quote {
        market: u8,
        order_type: OrderType,
        life_ms: u64,
        entries: Vec<Quoted>,
    },
}

/// An order.
#[derive(Clone, Debug)]
pub(crate) struct Drawn {
    market: u8,
    side: Side,
    order_type: OrderType,
    price: u64,
    lots: u64,
    life_ms: u64,
    options: Options,
    client_id: u64,
}

pub(crate) fn price() -> impl Strategy<Value = u64> {
    prop_oneof![8 => MARK - 4..=MARK + 4, 1 => Just(1), 1 => 1..2000_u64, 1 => Just(5000)]
}

pub(crate) fn lots() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 1..12_u64, 1 => 1..2000_u64, 1 => Just(4096)]
}

pub(crate) fn side() -> impl Strategy<Value = Side> {
    prop::sample::select(Side::ALL.to_vec())
}

pub(crate) fn life_ms() -> impl Strategy<Value = u64> {
    prop_oneof![Just(30), Just(10_000_000)]
}

pub(crate) fn options() -> impl Strategy<Value = Options> {
    let stp = prop::sample::select(SelfTrade::ALL.to_vec());
    let asked = (prop::bool::weighted(0.4), stp, any::<bool>());
    let asked = asked.prop_map(|(reduce_only, stp, stp_owner)| Options {
        reduce_only,
        stp,
        stp_owner,
    });
    prop_oneof![3 => Just(Options::NONE), 2 => asked]
}

fn client_id() -> impl Strategy<Value = u64> {
    prop::sample::select(CLIENT_IDS.to_vec())
}

fn place() -> impl Strategy<Value = OrderAsk> {
    let order_type = prop::sample::select(OrderType::ALL.to_vec());
    let client_id = prop_oneof![2 => Just(0), 1 => client_id()];
    let terms = (0..2_u8, side(), order_type, price(), lots());
    (terms, life_ms(), options(), client_id).prop_map(|(terms, life_ms, options, client_id)| {
        let (market, side, order_type, price, lots) = terms;
        OrderAsk::Place(Drawn {
            market,
            side,
            order_type,
            price,
            lots,
            life_ms,
            options,
            client_id,
        })
    })
}

fn quoted() -> impl Strategy<Value = Quoted> {
    let entry = (client_id(), side(), price(), lots(), options());
    let entry = entry.prop_map(|(client_id, side, price_ticks, lots, options)| Quoted {
        client_id,
        side,
        price_ticks,
        lots,
        options,
    });
    prop_oneof![1 => client_id().prop_map(Quoted::removal), 4 => entry]
}

fn quote() -> impl Strategy<Value = OrderAsk> {
    let order_type = prop::sample::select(vec![OrderType::PostOnly, OrderType::Slide]);
    let entries = prop::collection::vec(quoted(), 1..4);
    let quote = (0..2_u8, order_type, life_ms(), entries);
    quote.prop_map(|(market, order_type, life_ms, entries)| OrderAsk::Quote {
        market,
        order_type,
        life_ms,
        entries,
    })
}

pub(crate) fn ask() -> impl Strategy<Value = OrderAsk> {
    prop_oneof![
        90 => place(),
        20 => (1..30_u64).prop_map(|back| OrderAsk::Cancel { back }),
        28 => (1..20_u64, price(), lots())
            .prop_map(|(back, price, lots)| OrderAsk::Amend { back, price, lots }),
        8 => client_id().prop_map(|client_id| OrderAsk::CancelNamed { client_id }),
        1 => prop::option::of(0..3_u8).prop_map(|market| OrderAsk::CancelAll { market }),
        2 => prop_oneof![Just(0), 0..200_u64]
            .prop_map(|after_ms| OrderAsk::SetDeadline { after_ms }),
        25 => quote(),
        12 => (0..2_u8, any::<bool>())
            .prop_map(|(market, turns)| OrderAsk::Close { market, turns }),
        50 => conditionals::drawn().prop_map(OrderAsk::Wait),
        4 => (1..20_u64).prop_map(|back| OrderAsk::GiveUp { back }),
    ]
}

impl OrderAsk {
    /// How many orders back the one that is named lies.
    pub(crate) const fn back(&self) -> Option<u64> {
        match self {
            Self::Cancel { back } | Self::Amend { back, .. } => Some(*back),
            _ => None,
        }
    }

    pub(crate) const fn is_place(&self) -> bool {
        matches!(self, Self::Place(_))
    }

    /// The command, of the order with this id where it names one.
    pub(crate) fn command(&self, state: &State, sender: Sender, order_id: u64) -> Command {
        let time_ms = sender.valid_until_ms - 1;
        Command::User(match self {
            Self::Place(drawn) => sender.place(drawn.order(time_ms)),
            Self::Cancel { .. } => sender.cancel(order_id),
            Self::Amend { price, lots, .. } => {
                let resting = state.resting_order(order_id);
                // Mostly one that keeps its place may do so.
                let price = match resting {
                    Some(order) if lots % 2 == 0 => order.price_ticks,
                    _ => *price,
                };
                sender.amend(order_id, price, *lots)
            }
            Self::CancelNamed { client_id } => sender.cancel_named(*client_id),
            Self::CancelAll { market } => match market {
                Some(market) => sender.cancel_all(CancelScope::Market, *market),
                None => sender.cancel_all(CancelScope::Account, 0),
            },
            Self::SetDeadline { after_ms: 0 } => sender.set_deadline(0),
            Self::SetDeadline { after_ms } => sender.set_deadline(time_ms + after_ms - 1),
            Self::Close { market, turns } => {
                let size = state.position_lots(sender.account, *market);
                let (side, price_ticks) = if size > 0 {
                    (Side::Ask, MARK - 200)
                } else {
                    (Side::Bid, MARK + 200)
                };
                sender.place(Place {
                    market: *market,
                    side,
                    order_type: OrderType::Ioc,
                    price_ticks,
                    lots: size.unsigned_abs() * (1 + u64::from(*turns)),
                    expiry_ms: 0,
                    options: Options::NONE,
                    client_id: 0,
                })
            }
            Self::Wait(drawn) => drawn.command(state, sender, time_ms),
            Self::GiveUp { back } => {
                let own = conditionals::latest(state, sender.account, *back);
                sender.cancel_conditional(own.unwrap_or(*back))
            }
            Self::Quote {
                market,
                order_type,
                life_ms,
                entries,
            } => {
                let quote = sender.quote(*market, *order_type, time_ms + life_ms, entries);
                return Command::Quote(quote);
            }
        })
    }
}

impl Drawn {
    fn order(&self, time_ms: u64) -> Place {
        let may_rest = matches!(
            self.order_type,
            OrderType::Gtt | OrderType::PostOnly | OrderType::Slide
        );
        Place {
            market: self.market,
            side: self.side,
            order_type: self.order_type,
            price_ticks: self.price,
            lots: self.lots,
            expiry_ms: if may_rest { time_ms + self.life_ms } else { 0 },
            options: self.options,
            client_id: self.client_id,
        }
    }
}
