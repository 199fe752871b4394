//! A venue on the test bench: two markets, funded accounts, and a short way to send commands.

use std::sync::OnceLock;

use zkperp_engine::leaf::LeafWords;
use zkperp_engine::{
    CancelScope, Command, Domain, Effects, Envelope, Event, KeyLimbs, MarketParams, Options,
    OracleEntry, OracleReport, OrderType, Outcome, Place, PricingParams, Quoted, Recorded, Refusal,
    Request, Sender, Side, State, TierParams, Trade, UserCommand, VenueParams, keeper,
};
use zkperp_field::PrimeField64;
use zkperp_signature::SecretKey;

pub(crate) const START_MS: u64 = 1_700_000_000_000;
pub(crate) const STALENESS_MS: u64 = 10_000;
pub(crate) const TICK_MAX_MS: u64 = 20_000;
/// When funding is first due: the hour after [`START_MS`].
pub(crate) const DUE_MS: u64 = 1_700_002_800_000;
/// The position limit of both markets, lots.
pub(crate) const LIMIT: u64 = 1 << 28;
/// The mark of both markets, ticks.
pub(crate) const MARK: u64 = 600_000;
/// What each account deposits, micro-USDC: 10,000 USDC.
pub(crate) const FUNDS: u64 = 10_000_000_000;
pub(crate) const ACCOUNTS: u32 = 5;
/// The fund's account, the one that may owe without being liquidated.
pub(crate) const FUND: u32 = 1 << 31;

pub(crate) type Result = std::result::Result<Outcome, Refusal>;

pub(crate) struct Desk {
    pub(crate) state: State,
    pub(crate) effects: Effects,
    pub(crate) now_ms: u64,
}

pub(crate) fn limbs(seed: u8) -> KeyLimbs {
    static KEYS: OnceLock<Vec<KeyLimbs>> = OnceLock::new();
    let keys = KEYS.get_or_init(|| {
        let public = |seed| SecretKey::from_seed(&[seed; 32]).public().to_felts();
        (0..16)
            .map(|seed| public(seed).map(|limb| limb.as_canonical_u64()))
            .collect()
    });
    keys[seed as usize % keys.len()]
}

pub(crate) fn owner(account: u32) -> [u64; 3] {
    [u64::from(account), 7, 9]
}

pub(crate) const fn tier(lots_upto: u64, imf_ppm: u64) -> TierParams {
    TierParams {
        lots_upto,
        imf_ppm,
        mmf_ppm: imf_ppm * 6 / 10,
        cmf_ppm: imf_ppm * 4 / 10,
    }
}

/// One tier, bands from one tick to twice the mark, and no book so full that it had impact prices.
pub(crate) fn market() -> MarketParams {
    MarketParams {
        multiplier: 1,
        price_max: (1 << 24) - 1,
        lots_max: LIMIT,
        lots_min: 1,
        taker_ppm: 500,
        maker_ppm: -100,
        oi_max: 1 << 56,
        pricing: PricingParams {
            impact_quote: 1 << 52,
            band_ppm: 1_000_000,
            interest_ppm: 0,
            clamp_ppm: 0,
            rate_max_ppm: 40_000,
            liquidation_ppm: 10_000,
            bonus_ppm: 2_500,
        },
        tiers: vec![tier(LIMIT, 100_000)],
    }
}

pub(crate) fn venue() -> VenueParams {
    let rebate_free = MarketParams {
        maker_ppm: 100,
        ..market()
    };
    venue_of(vec![market(), rebate_free])
}

pub(crate) fn venue_of(markets: Vec<MarketParams>) -> VenueParams {
    VenueParams {
        domain: Domain::new(31337, &[0x5f; 20]).unwrap(),
        start_time_ms: START_MS,
        staleness_ms: STALENESS_MS,
        tick_max_ms: TICK_MAX_MS,
        quorum: 1,
        deviation_ppm: 10_000,
        basis_cap_ppm: 20_000,
        basis_window_ms: 60_000,
        fund_key: [0; 5],
        oracle_keys: vec![limbs(0)],
        markets,
    }
}

pub(crate) fn deposit(account: u32, amount: u64) -> [u64; 12] {
    let [o0, o1, o2] = owner(account);
    let [a, b, c, d, e] = limbs(account as u8);
    [1, account.into(), o0, o1, o2, amount, 0, a, b, c, d, e]
}

/// A limit order of account and market 0 that rests.
pub(crate) fn gtt(side: Side, price_ticks: u64, lots: u64) -> Place {
    Place {
        market: 0,
        side,
        order_type: OrderType::Gtt,
        price_ticks,
        lots,
        expiry_ms: START_MS + 1_000_000_000,
        options: Options::NONE,
        client_id: 0,
    }
}

/// An order that only reduces.
pub(crate) const fn reducing(order: Place) -> Place {
    let options = Options {
        reduce_only: true,
        ..order.options
    };
    Place { options, ..order }
}

/// An order that its owner calls something.
pub(crate) const fn named(client_id: u64, order: Place) -> Place {
    Place { client_id, ..order }
}

/// The same of a type that never rests.
pub(crate) fn taking(order_type: OrderType, side: Side, price_ticks: u64, lots: u64) -> Place {
    Place {
        order_type,
        expiry_ms: 0,
        ..gtt(side, price_ticks, lots)
    }
}

impl Desk {
    /// The venue at genesis.
    pub(crate) fn bare() -> Self {
        Self::genesis(&venue())
    }

    pub(crate) fn genesis(venue: &VenueParams) -> Self {
        Self::of(State::genesis(venue).unwrap())
    }

    pub(crate) fn of(state: State) -> Self {
        Self {
            now_ms: state.time_ms(),
            state,
            effects: Effects::new(),
        }
    }

    /// With funded accounts 1..=5 and both marks at [`MARK`].
    pub(crate) fn open() -> Self {
        Self::open_at(&venue())
    }

    /// Likewise of a venue with other parameters.
    pub(crate) fn open_at(venue: &VenueParams) -> Self {
        let mut desk = Self::genesis(venue);
        for account in 1..=ACCOUNTS {
            desk.request(deposit(account, FUNDS)).unwrap();
        }
        for market in 0..venue.markets.len() as u8 {
            desk.mark(market, MARK);
        }
        desk
    }

    /// The same state with some leaves changed behind the rules' back.
    pub(crate) fn with_leaves(mut self, changes: &[(u64, LeafWords)]) -> Self {
        let mut leaves: std::collections::BTreeMap<_, _> =
            self.state.leaves().into_iter().collect();
        leaves.extend(changes.iter().copied());
        crate::lists::relist(&mut leaves);
        Self::of(State::from_leaves(venue().domain, leaves).unwrap())
    }

    pub(crate) fn apply(&mut self, envelope: &Envelope) -> Result {
        self.apply_with(envelope, &Recorded(true))
    }

    pub(crate) fn apply_with(
        &mut self,
        envelope: &Envelope,
        signatures: &impl zkperp_engine::Signatures,
    ) -> Result {
        let before = (self.state.leaves(), self.state.changes());
        let result = self.state.apply(envelope, signatures, &mut self.effects);
        if result.is_err() {
            assert_eq!((self.state.leaves(), self.state.changes()), before);
            assert_eq!(self.state.touched(), []);
            assert_eq!(self.effects, Effects::new());
        }
        self.state.check().unwrap();
        result
    }

    pub(crate) fn command(&mut self, command: Command) -> Result {
        self.apply(&Envelope {
            time_ms: self.now_ms,
            command,
            signature: None,
        })
    }

    pub(crate) fn request(&mut self, words: [u64; 12]) -> Result {
        let number = self.state.requests_done();
        self.command(Command::Request(Request { number, words }))
    }

    /// A report of one oracle on one market, now.
    pub(crate) fn report(&mut self, key: u8, market: u8, price_ticks: u64) -> Result {
        self.command(Command::Oracle(OracleReport {
            key,
            timestamp_ms: self.now_ms,
            entries: vec![OracleEntry {
                market,
                price_ticks,
            }],
        }))
    }

    pub(crate) fn tick(&mut self, market: u8) -> Result {
        self.command(Command::Tick { market })
    }

    /// A report of the first oracle and a tick, a millisecond later, and every crossed trigger
    /// looked at.
    pub(crate) fn mark(&mut self, market: u8, price_ticks: u64) {
        self.crossing(market, price_ticks);
        self.sweep();
    }

    /// The same, with crossed triggers left as they are.
    pub(crate) fn crossing(&mut self, market: u8, price_ticks: u64) {
        self.now_ms += 1;
        self.report(0, market, price_ticks).unwrap();
        self.tick(market).unwrap();
    }

    /// Everything that a sequencer then has to send; how many commands that are.
    pub(crate) fn liquidate_all(&mut self) -> usize {
        let mut steps = 0;
        while let Some(command) = keeper::liquidation_step(&self.state) {
            self.command(command).unwrap();
            steps += 1;
        }
        steps
    }

    pub(crate) fn sweep(&mut self) {
        while self.state.pending() != 0 {
            self.command(Command::Sweep).unwrap();
        }
    }

    /// Goes to the hour and has funding computed.
    pub(crate) fn fund(&mut self) {
        self.now_ms = self.state.funding_due_ms();
        self.command(Command::Fund).unwrap();
    }

    pub(crate) fn sender(&self, account: u32) -> Sender {
        Sender {
            account,
            key: 0,
            nonce: self.state.nonce(account, 0) + 1,
            valid_until_ms: self.now_ms + 1000,
        }
    }

    pub(crate) fn user(&mut self, command: UserCommand) -> Result {
        self.command(Command::User(command))
    }

    pub(crate) fn place(&mut self, account: u32, order: Place) -> Result {
        self.user(self.sender(account).place(order))
    }

    /// Places an order that must be accepted; its id, lots filled and lots resting.
    pub(crate) fn placed(&mut self, account: u32, order: Place) -> [u64; 3] {
        let [code, id, filled, resting] = self.place(account, order).unwrap().0;
        assert_eq!(code, 0);
        [id, filled, resting]
    }

    pub(crate) fn cancel(&mut self, account: u32, order_id: u64) -> Result {
        self.user(self.sender(account).cancel(order_id))
    }

    pub(crate) fn amend(&mut self, account: u32, order_id: u64, price: u64, lots: u64) -> Result {
        self.user(self.sender(account).amend(order_id, price, lots))
    }

    pub(crate) fn cancel_named(&mut self, account: u32, client_id: u64) -> Result {
        self.user(self.sender(account).cancel_named(client_id))
    }

    /// In one market, or in all.
    pub(crate) fn cancel_all(&mut self, account: u32, market: Option<u8>) -> Result {
        let scope = match market {
            None => CancelScope::Account,
            Some(_) => CancelScope::Market,
        };
        let command = self.sender(account).cancel_all(scope, market.unwrap_or(0));
        self.user(command)
    }

    pub(crate) fn set_deadline(&mut self, account: u32, deadline_ms: u64) -> Result {
        self.user(self.sender(account).set_deadline(deadline_ms))
    }

    /// A quote of post-only orders in market 0.
    pub(crate) fn quote(&mut self, account: u32, entries: &[Quoted]) -> Result {
        self.quote_as(account, OrderType::PostOnly, entries)
    }

    pub(crate) fn quote_as(
        &mut self,
        account: u32,
        order_type: OrderType,
        entries: &[Quoted],
    ) -> Result {
        let sender = self.sender(account);
        let quote = sender.quote(0, order_type, START_MS + 1_000_000_000, entries);
        self.command(Command::Quote(quote))
    }

    pub(crate) fn withdraw(&mut self, account: u32, amount: u64) -> Result {
        self.user(self.sender(account).withdraw(amount))
    }

    pub(crate) fn later(&mut self, ms: u64) {
        self.now_ms += ms;
        self.command(Command::Time).unwrap();
    }

    /// The trades of the last command: maker's order, price, lots.
    pub(crate) fn trades(&self) -> Vec<(u64, u64, u64)> {
        self.trade_events()
            .map(|t| (t.maker_order_id, t.price, t.lots))
            .collect()
    }

    pub(crate) fn trade_events(&self) -> impl Iterator<Item = &Trade> {
        self.effects.events.iter().filter_map(|event| match event {
            Event::Trade(trade) => Some(trade),
            _ => None,
        })
    }

    /// Why the last command's order was dropped, if it was: lots and code.
    pub(crate) fn stopped(&self) -> Option<(u64, u16)> {
        self.effects.events.iter().find_map(|event| match *event {
            Event::TakerStopped { lots, code, .. } => Some((lots, code)),
            _ => None,
        })
    }

    /// Orders that the last command removed, with the reason's number.
    pub(crate) fn removed(&self) -> Vec<(u64, u8)> {
        let removed = self.effects.events.iter().filter_map(|event| match *event {
            Event::OrderRemoved {
                order_id, reason, ..
            } => Some((order_id, reason.code())),
            _ => None,
        });
        removed.collect()
    }

    /// What the last command's funding changed collaterals by: account and amount.
    pub(crate) fn paid(&self) -> Vec<(u32, i64)> {
        let paid = self.effects.events.iter().filter_map(|event| match *event {
            Event::FundingPaid {
                account, amount, ..
            } => Some((account, amount)),
            _ => None,
        });
        paid.collect()
    }

    pub(crate) fn cash(&self, account: u32) -> i64 {
        self.state.collateral(account).unwrap()
    }
}
