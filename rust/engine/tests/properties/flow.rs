//! Commands drawn at random, crowded around one price so that they meet.

use proptest::prelude::*;
use zkperp_engine::{
    AccountType, Command, Domain, Engine, Envelope, KeyLimbs, MarketParams, OracleEntry,
    OracleReport, PricingParams, Recorded, Request, Sender, State, TierParams, VenueParams, keeper,
};
use zkperp_field::PrimeField64;
use zkperp_signature::SecretKey;

use crate::orders::{self, OrderAsk};

pub(crate) const MARK: u64 = 1000;
const ACCOUNTS: u32 = 4;
/// Those and the first sub-accounts.
const SENDERS: u32 = 8;

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
    /// To the hour, past which nothing goes without `fund`.
    Hour,
    Fund,
    Trigger,
    Report {
        key: u8,
        prices: [Option<u64>; 2],
    },
    Tick {
        market: u8,
    },
    Deposit {
        amount: u64,
        with_key: bool,
    },
    Force {
        amount: u64,
    },
    Order(OrderAsk),
    Withdraw {
        amount: u64,
    },
    Burn {
        jump: u64,
    },
    Create {
        isolated: Option<u8>,
    },
    Transfer {
        to: u32,
        amount: u64,
    },
    Leverage {
        market: u8,
        imf_ppm: u64,
    },
}

/// An account by a small number: sub-accounts follow the contract's.
fn account_number(small: u32) -> u32 {
    match small {
        1..=ACCOUNTS => small,
        _ => (1 << 31) + small - ACCOUNTS - 1,
    }
}

/// What an oracle says, if it says something of the market: mostly the same as the others.
fn index() -> impl Strategy<Value = Option<u64>> {
    prop_oneof![
        1 => Just(None),
        8 => (MARK - 20..=MARK + 20).prop_map(Some),
        1 => (500..1500_u64).prop_map(Some),
    ]
}

fn ask() -> impl Strategy<Value = Ask> {
    prop_oneof![
        1 => Just(Ask::Time), 1 => Just(Ask::Jump),
        1 => Just(Ask::Hour), 2 => Just(Ask::Fund), 1 => Just(Ask::Trigger),
        8 => (0..4_u8, index(), index())
            .prop_map(|(key, a, b)| Ask::Report { key, prices: [a, b] }),
        10 => (0..2_u8).prop_map(|market| Ask::Tick { market }),
        2 => prop::option::of(0..3_u8).prop_map(|isolated| Ask::Create { isolated }),
        4 => (1..=SENDERS, 0..20_000_u64).prop_map(|(to, amount)| Ask::Transfer {
            to: account_number(to), amount,
        }),
        2 => (0..2_u8, prop_oneof![Just(0), 30_000..400_000_u64])
            .prop_map(|(market, imf_ppm)| Ask::Leverage { market, imf_ppm }),
        2 => (0..100_000_u64, any::<bool>())
            .prop_map(|(amount, with_key)| Ask::Deposit { amount, with_key }),
        2 => (0..200_000_u64).prop_map(|amount| Ask::Force { amount }),
        170 => orders::ask().prop_map(Ask::Order),
        2 => (0..300_000_u64).prop_map(|amount| Ask::Withdraw { amount }),
        1 => (0..20_000_u64).prop_map(|jump| Ask::Burn { jump }),
    ]
}

pub(crate) fn op() -> impl Strategy<Value = Op> {
    let command = (0..8_u64, 1..=SENDERS, ask()).prop_map(|(step_ms, account, ask)| {
        let account = account_number(account);
        Op::Command(Draft {
            step_ms,
            account,
            ask,
        })
    });
    prop_oneof![60 => command, 1 => Just(Op::Seal), 1 => Just(Op::Rollback)]
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
    const fn back(&self) -> Option<u64> {
        match &self.ask {
            Ask::Order(order) => order.back(),
            _ => None,
        }
    }

    /// The sender: mostly the owner of the order that is named.
    fn named(&self, state: &State) -> u32 {
        let Some(back) = self.back() else {
            let is_open = state.collateral(self.account).is_some();
            let is_deposit = matches!(self.ask, Ask::Deposit { .. } | Ask::Force { .. });
            return if is_open || is_deposit || self.step_ms == 5 {
                self.account
            } else {
                1 + self.account % ACCOUNTS
            };
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

/// What a sequencer sends before the draft, mostly: funding, ticks, and reports where they lack.
fn kept(state: &State, draft: &Draft, time_ms: u64) -> Option<Envelope> {
    let goes_first = match draft.ask {
        Ask::Order(_) | Ask::Withdraw { .. } => draft.step_ms != 7,
        _ => false,
    };
    if !goes_first || state.next_order_id() == 1 && state.requests_done() < u64::from(ACCOUNTS) {
        return None;
    }
    if let Some(first) = keeper::before(state, time_ms) {
        return Some(first);
    }
    let due = keeper::due(state, time_ms, 100);
    if let Some(market) = due.markets().next() {
        return Some(keeper::tick(market, time_ms));
    }
    let report = OracleReport {
        key: (time_ms % 3) as u8,
        timestamp_ms: time_ms,
        entries: entries([Some(MARK + draft.step_ms); 2]),
    };
    (due.no_quorum != 0).then_some(Envelope {
        time_ms,
        command: Command::Oracle(report),
        signature: Some([1; 80]),
    })
}

fn entries(prices: [Option<u64>; 2]) -> Vec<OracleEntry> {
    let named = (0..).zip(prices);
    let entry = |(market, price): (u8, Option<u64>)| {
        let price_ticks = price?;
        Some(OracleEntry {
            market,
            price_ticks,
        })
    };
    named.filter_map(entry).collect()
}

/// The command of a draft as it follows the state.
pub(crate) fn envelope(state: &State, draft: &Draft) -> Envelope {
    let jump_ms = if matches!(draft.ask, Ask::Jump) {
        300
    } else {
        0
    };
    let time_ms = match draft.ask {
        Ask::Hour | Ask::Fund if draft.step_ms != 0 => state.funding_due_ms(),
        _ => state.time_ms() + draft.step_ms + jump_ms,
    };
    if let Some(first) = kept(state, draft, time_ms) {
        return first;
    }
    let account = draft.named(state);
    let sender = Sender {
        account,
        key: 0,
        nonce: state.nonce(account, 0) + 1 + draft.step_ms % 3,
        valid_until_ms: time_ms + 1,
    };
    let number = state.requests_done();
    let command = match draft.ask {
        Ask::Time | Ask::Jump | Ask::Hour => Command::Time,
        Ask::Fund => Command::Fund,
        Ask::Trigger => Command::Trigger,
        Ask::Tick { market } => Command::Tick { market },
        Ask::Report { key, prices } => Command::Oracle(OracleReport {
            key,
            timestamp_ms: time_ms.saturating_sub(draft.step_ms / 2),
            entries: entries(prices),
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
        Ask::Order(ref order) => {
            let id = order.back().map_or(0, |back| draft.order_id(state, back));
            order.command(state, sender, id)
        }
        Ask::Withdraw { amount } => Command::User(sender.withdraw(amount)),
        Ask::Burn { jump } => {
            let nonce = sender.nonce + jump;
            Command::User(Sender { nonce, ..sender }.burn_nonce())
        }
        Ask::Create { isolated } => {
            let account_type = match isolated {
                None => AccountType::Cross,
                Some(_) => AccountType::Isolated,
            };
            Command::User(sender.create_account(account_type, isolated.unwrap_or(0)))
        }
        Ask::Transfer { to, amount } => Command::User(sender.transfer(to, amount)),
        Ask::Leverage { market, imf_ppm } => Command::User(sender.set_leverage(market, imf_ppm)),
    };
    let is_signed = match &draft.ask {
        Ask::Order(order) => order.is_place(),
        ask => matches!(ask, Ask::Report { .. }),
    };
    Envelope {
        time_ms,
        command,
        // A log keeps who signed what; here nobody verifies it.
        signature: is_signed.then_some([draft.step_ms as u8; 80]),
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
        let mut engine = Engine::genesis(&venue_params()).unwrap();
        let reports = (0..3).map(|key| Ask::Report {
            key,
            prices: [Some(MARK); 2],
        });
        let ticks = (0..2).map(|market| Ask::Tick { market });
        let deposits = (1..=ACCOUNTS).map(|_| Ask::Deposit {
            amount: self.funds,
            with_key: true,
        });
        let first = reports.len() + ticks.len();
        for (at, ask) in reports.chain(ticks).chain(deposits).enumerate() {
            let account = (at + 1).saturating_sub(first).max(1) as u32;
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

/// Three oracles of which two must agree; two markets with two tiers, the second of a small open
/// interest.
fn venue_params() -> VenueParams {
    let tier = |lots_upto, imf_ppm| TierParams {
        lots_upto,
        imf_ppm,
        mmf_ppm: imf_ppm / 2,
        cmf_ppm: imf_ppm / 3,
    };
    let market = MarketParams {
        multiplier: 1,
        price_max: 1 << 13,
        lots_max: 1 << 12,
        lots_min: 1,
        taker_ppm: 700,
        maker_ppm: -300,
        oi_max: 1 << 20,
        pricing: PricingParams {
            impact_quote: 9000,
            band_ppm: 400_000,
            interest_ppm: 100,
            clamp_ppm: 500,
            rate_max_ppm: 40_000,
            liquidation_ppm: 10_000,
            bonus_ppm: 2_500,
        },
        tiers: vec![tier(1000, 50_000), tier(1 << 12, 100_000)],
    };
    VenueParams {
        domain: Domain::new(31337, &[3; 20]).unwrap(),
        start_time_ms: 1_700_000_000_000,
        staleness_ms: 400,
        tick_max_ms: 900,
        quorum: 2,
        deviation_ppm: 30_000,
        basis_cap_ppm: 20_000,
        basis_window_ms: 2_000,
        fund_key: limbs(1 << 31),
        oracle_keys: (9..12).map(limbs).collect(),
        markets: vec![
            market.clone(),
            MarketParams {
                multiplier: 3,
                lots_min: 3,
                maker_ppm: 200,
                oi_max: 60,
                ..market
            },
        ],
    }
}
