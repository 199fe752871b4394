//! Commands drawn at random, crowded around one price so that they meet.

use proptest::prelude::*;
use zkperp_engine::{
    Command, Domain, Engine, Envelope, KeyLimbs, MarketParams, OraclePrice, OrderType, Place,
    Recorded, Request, Sender, Side, State, VenueParams,
};
use zkperp_field::PrimeField64;
use zkperp_signature::SecretKey;

const MARK: u64 = 1000;
const ACCOUNTS: u32 = 4;

#[derive(Clone, Debug)]
pub(crate) enum Op {
    Command(Draft),
    Seal,
    Rollback,
}

/// A command before it knows nonces, ids and times.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    step_ms: u64,
    account: u32,
    ask: Ask,
}

#[derive(Clone, Debug)]
enum Ask {
    Time,
    Jump,
    Mark {
        market: u8,
        price: u64,
    },
    Deposit {
        amount: u64,
        with_key: bool,
    },
    Force {
        amount: u64,
    },
    Place {
        market: u8,
        side: Side,
        order_type: OrderType,
        price: u64,
        lots: u64,
        life_ms: u64,
    },
    Cancel {
        back: u64,
    },
    Amend {
        back: u64,
        price: u64,
        lots: u64,
    },
    Withdraw {
        amount: u64,
    },
    Burn {
        jump: u64,
    },
}

fn price() -> impl Strategy<Value = u64> {
    prop_oneof![8 => MARK - 4..=MARK + 4, 1 => Just(1), 1 => 1..2000_u64, 1 => Just(5000)]
}

fn lots() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 1..12_u64, 1 => 1..2000_u64, 1 => Just(4096)]
}

fn ask() -> impl Strategy<Value = Ask> {
    let side = prop::sample::select(Side::ALL.to_vec());
    let order_type = prop::sample::select(OrderType::ALL.to_vec());
    let place = (
        0..2_u8,
        side,
        order_type,
        price(),
        lots(),
        prop_oneof![Just(30), Just(100_000)],
    );
    prop_oneof![
        1 => Just(Ask::Time), 1 => Just(Ask::Jump),
        3 => (0..2_u8, price()).prop_map(|(market, price)| Ask::Mark { market, price }),
        2 => (0..100_000_u64, any::<bool>())
            .prop_map(|(amount, with_key)| Ask::Deposit { amount, with_key }),
        2 => (0..200_000_u64).prop_map(|amount| Ask::Force { amount }),
        30 => place.prop_map(|(market, side, order_type, price, lots, life_ms)| Ask::Place {
            market, side, order_type, price, lots, life_ms,
        }),
        10 => (1..30_u64).prop_map(|back| Ask::Cancel { back }),
        14 => (1..20_u64, price(), lots())
            .prop_map(|(back, price, lots)| Ask::Amend { back, price, lots }),
        2 => (0..300_000_u64).prop_map(|amount| Ask::Withdraw { amount }),
        1 => (0..20_000_u64).prop_map(|jump| Ask::Burn { jump }),
    ]
}

pub(crate) fn op() -> impl Strategy<Value = Op> {
    let command = (0..8_u64, 1..=ACCOUNTS, ask()).prop_map(|(step_ms, account, ask)| {
        Op::Command(Draft {
            step_ms,
            account,
            ask,
        })
    });
    prop_oneof![40 => command, 1 => Just(Op::Seal), 1 => Just(Op::Rollback)]
}

fn limbs(account: u32) -> KeyLimbs {
    let secret = SecretKey::from_seed(&[account as u8; 32]);
    secret
        .public()
        .to_felts()
        .map(|limb| limb.as_canonical_u64())
}

fn deposit(account: u32, amount: u64, with_key: bool) -> [u64; 12] {
    let [a, b, c, d, e] = if with_key { limbs(account) } else { [0; 5] };
    [
        1,
        account.into(),
        account.into(),
        0,
        0,
        amount,
        0,
        a,
        b,
        c,
        d,
        e,
    ]
}

impl Draft {
    /// The sender: mostly the owner of the order that is named.
    fn named(&self, state: &State) -> u32 {
        let (Ask::Cancel { back } | Ask::Amend { back, .. }) = self.ask else {
            return self.account;
        };
        let order = state.resting_order(self.order_id(state, back));
        order
            .filter(|_| self.step_ms != 7)
            .map_or(self.account, |order| order.account)
    }

    /// The latest resting order but some, mostly.
    fn order_id(&self, state: &State, back: u64) -> u64 {
        let from = state.next_order_id().saturating_sub(back);
        let oldest = if self.step_ms == 6 {
            from
        } else {
            from.saturating_sub(60)
        };
        let mut ids = (oldest..=from).rev();
        ids.find(|&id| state.resting_order(id).is_some())
            .unwrap_or(from)
    }
}

/// The command of a draft as it follows the state.
pub(crate) fn envelope(state: &State, draft: &Draft) -> Envelope {
    let jump_ms = if matches!(draft.ask, Ask::Jump) {
        300
    } else {
        0
    };
    let time_ms = state.time_ms() + draft.step_ms + jump_ms;
    let account = draft.named(state);
    let sender = Sender {
        account,
        key: 0,
        nonce: state.nonce(account, 0) + 1 + draft.step_ms % 3,
        valid_until_ms: time_ms + 1,
    };
    let id = |back: u64| draft.order_id(state, back);
    let number = state.requests_done();
    let command = match draft.ask {
        Ask::Time | Ask::Jump => Command::Time,
        Ask::Mark { market, price } => Command::Oracle(OraclePrice {
            key: 0,
            market,
            price_ticks: price,
            timestamp_ms: time_ms,
        }),
        Ask::Deposit { amount, with_key } => Command::Request(Request {
            number,
            words: deposit(account, amount, with_key),
        }),
        Ask::Force { amount } => Command::Request(Request {
            number,
            words: [
                2,
                account.into(),
                account.into(),
                0,
                0,
                amount,
                0,
                0,
                0,
                0,
                0,
                0,
            ],
        }),
        Ask::Place {
            market,
            side,
            order_type,
            price,
            lots,
            life_ms,
        } => {
            let rests = matches!(order_type, OrderType::Gtt | OrderType::PostOnly);
            Command::User(sender.place(Place {
                market,
                side,
                order_type,
                price_ticks: price,
                lots,
                expiry_ms: if rests { time_ms + life_ms } else { 0 },
            }))
        }
        Ask::Cancel { back } => Command::User(sender.cancel(id(back))),
        Ask::Amend { back, price, lots } => Command::User(sender.amend(id(back), price, lots)),
        Ask::Withdraw { amount } => Command::User(sender.withdraw(amount)),
        Ask::Burn { jump } => {
            let nonce = sender.nonce + jump;
            Command::User(Sender { nonce, ..sender }.burn_nonce())
        }
    };
    Envelope {
        time_ms,
        command,
        // A log keeps who signed what; here nobody verifies it.
        signature: matches!(draft.ask, Ask::Place { .. } | Ask::Mark { .. })
            .then_some([draft.step_ms as u8; 80]),
    }
}

/// What a flow begins with.
pub(crate) struct Venue {
    funds: u64,
}

impl Venue {
    pub(crate) fn ordinary() -> Self {
        Self { funds: 10_000_000 }
    }

    /// Accounts with little more than what a few orders need.
    pub(crate) fn poor() -> Self {
        Self { funds: 6_000 }
    }

    /// The venue with funded accounts and marks, sealed once.
    pub(crate) fn engine(&self) -> Engine {
        let market = MarketParams {
            multiplier: 1,
            imf_ppm: 50_000,
            taker_ppm: 700,
            maker_ppm: -300,
            price_max: 1 << 13,
            lots_max: 1 << 12,
        };
        let venue = VenueParams {
            domain: Domain::new(31337, &[3; 20]).unwrap(),
            start_time_ms: 1_700_000_000_000,
            staleness_ms: 400,
            oracle_key: limbs(9),
            markets: vec![
                market,
                MarketParams {
                    multiplier: 3,
                    maker_ppm: 200,
                    ..market
                },
            ],
        };
        let mut engine = Engine::genesis(&venue).unwrap();
        let marks = (0..2).map(|market| Ask::Mark {
            market,
            price: MARK,
        });
        let deposits = (0..ACCOUNTS).map(|_| Ask::Deposit {
            amount: self.funds,
            with_key: true,
        });
        for (at, ask) in marks.chain(deposits).enumerate() {
            let account = (at as u32).saturating_sub(1).max(1);
            let draft = Draft {
                step_ms: 1,
                account,
                ask,
            };
            let envelope = envelope(engine.state(), &draft);
            engine.apply(&envelope, &Recorded(true)).unwrap();
        }
        engine.seal().unwrap();
        engine
    }
}
