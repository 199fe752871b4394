//! A venue with two markets, funded accounts and signing users: commands go through the engine,
//! sealed batches through the program.

use std::sync::OnceLock;

use zkperp_engine::{
    Command, Domain, Engine, Envelope, MarketParams, Message, OracleEntry, OracleReport, OrderType,
    Outcome, Place, PricingParams, Refusal, Request, SealedBatch, Sender, Side, TierParams,
    UserCommand, VenueParams, Verify,
};
use zkperp_field::{F, PrimeCharacteristicRing, PrimeField64};
use zkperp_schema as schema;
use zkperp_signature::{SecretKey, sign};
use zkperp_tree::Tree;
use zkperp_vm::{Run, RunOptions};
use zkperp_witness::run_batch;

use crate::support::program;

pub(crate) const START_MS: u64 = 1_700_000_000_000;
pub(crate) const STALENESS_MS: u64 = 10_000;
pub(crate) const TICK_MAX_MS: u64 = 8_000;
/// Registered oracle keys, of which two must agree.
pub(crate) const ORACLES: u8 = 3;
/// The mark of both markets at the start, ticks.
pub(crate) const MARK: u64 = 1_000;
/// What each account deposits at the start, micro-USDC.
pub(crate) const FUNDS: u64 = 1_000_000;
pub(crate) const ACCOUNTS: u32 = 5;
/// Orders rest until then.
pub(crate) const EXPIRY_MS: u64 = START_MS + 1_000_000;

/// Whose key oracle `k` has, beyond the accounts'.
const ORACLE_SECRETS: u32 = 10;

/// The secret key of an account, or of an oracle beyond them.
pub(crate) fn secret(account: u32) -> &'static SecretKey {
    static KEYS: OnceLock<Vec<SecretKey>> = OnceLock::new();
    let keys = KEYS.get_or_init(|| (0..18).map(|i| SecretKey::from_seed(&[i; 32])).collect());
    &keys[account as usize]
}

pub(crate) fn limbs(account: u32) -> [u64; 5] {
    let public = secret(account).public().to_felts();
    public.map(|limb| limb.as_canonical_u64())
}

pub(crate) fn owner(account: u32) -> [u64; 3] {
    [u64::from(account), 7, 9]
}

/// A deposit's words, with the account's key.
pub(crate) fn deposit(account: u32, amount: u64) -> [u64; 12] {
    let [o0, o1, o2] = owner(account);
    let [a, b, c, d, e] = limbs(account);
    [1, account.into(), o0, o1, o2, amount, 0, a, b, c, d, e]
}

/// A forced withdrawal's words.
pub(crate) fn forced(account: u32, owner: [u64; 3], amount: u64) -> [u64; 12] {
    let [o0, o1, o2] = owner;
    [2, account.into(), o0, o1, o2, amount, 0, 0, 0, 0, 0, 0]
}

pub(crate) fn order(side: Side, order_type: OrderType, price_ticks: u64, lots: u64) -> Place {
    let rests = matches!(order_type, OrderType::Gtt | OrderType::PostOnly);
    Place {
        market: 0,
        side,
        order_type,
        price_ticks,
        lots,
        expiry_ms: if rests { EXPIRY_MS } else { 0 },
        options: zkperp_engine::Options::NONE,
        client_id: 0,
    }
}

/// Up to 4,000 lots at 10 %, up to 10,000 at 20 %, up to 12,000 at 50 %.
pub(crate) fn tiers() -> Vec<TierParams> {
    [
        (4_000, 100_000, 60_000, 40_000),
        (10_000, 200_000, 120_000, 80_000),
        (12_000, 500_000, 300_000, 200_000),
    ]
    .map(|(lots_upto, imf_ppm, mmf_ppm, cmf_ppm)| TierParams {
        lots_upto,
        imf_ppm,
        mmf_ppm,
        cmf_ppm,
    })
    .to_vec()
}

/// Two markets. The basis is capped at 0, so that marks are the index.
pub(crate) fn venue() -> VenueParams {
    let market = MarketParams {
        multiplier: 3,
        price_max: 100_000,
        lots_max: 10_000,
        lots_min: 1,
        taker_ppm: 500,
        maker_ppm: -100,
        oi_max: 1 << 40,
        pricing: PricingParams {
            impact_quote: 50_000,
            band_ppm: 600_000,
            interest_ppm: 100,
            clamp_ppm: 500,
            rate_max_ppm: 40_000,
            liquidation_ppm: 5_000,
            bonus_ppm: 1_000,
        },
        tiers: tiers(),
    };
    let fees = MarketParams {
        maker_ppm: 100,
        ..market.clone()
    };
    VenueParams {
        domain: Domain::new(31337, &[0x5f; 20]).unwrap(),
        start_time_ms: START_MS,
        staleness_ms: STALENESS_MS,
        tick_max_ms: TICK_MAX_MS,
        quorum: 2,
        deviation_ppm: 10_000,
        basis_cap_ppm: 0,
        basis_window_ms: 60_000,
        oracle_keys: (0..ORACLES).map(|key| limbs(oracle_of(key))).collect(),
        // The fund trades with account 1's key.
        fund_key: limbs(1),
        markets: vec![market, fees],
    }
}

/// Whose key an oracle has.
fn oracle_of(key: u8) -> u32 {
    ORACLE_SECRETS + u32::from(key) % 8
}

#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) engine: Engine,
    pub(crate) now_ms: u64,
}

impl Desk {
    /// A venue at genesis.
    pub(crate) fn of(venue: &VenueParams) -> Self {
        Self {
            engine: Engine::genesis(venue).unwrap(),
            now_ms: START_MS,
        }
    }

    /// The venue at genesis.
    pub(crate) fn bare() -> Self {
        Self::of(&venue())
    }

    /// With funded accounts and both marks.
    pub(crate) fn open() -> Self {
        Self::bare().opened()
    }

    /// The same of any venue with two markets.
    pub(crate) fn opened(mut self) -> Self {
        for account in 1..=ACCOUNTS {
            self.request(deposit(account, FUNDS)).unwrap();
        }
        for market in 0..2 {
            self.mark(market, MARK).unwrap();
        }
        self
    }

    /// As [`Self::open`], with that batch sealed.
    pub(crate) fn sealed() -> Self {
        let mut desk = Self::open();
        desk.engine.seal().unwrap();
        desk
    }

    /// The last seal with some felts of leaves changed behind the rules' back: (address, felt, value).
    pub(crate) fn with_felts(&self, changes: &[(u64, usize, u64)]) -> Self {
        let mut tree = self.engine.tree().clone();
        for &(addr, index, value) in changes {
            let mut leaf = tree.get(addr).unwrap();
            leaf[index] = F::from_u64(value);
            tree.update(&[(addr, leaf)]).unwrap();
        }
        tree.seal();
        let engine = Engine::from_tree(*self.engine.state().domain(), tree).unwrap();
        Self {
            now_ms: engine.state().time_ms(),
            engine,
        }
    }

    /// Whose key a user's command is signed with: a sub-account has its master's.
    fn signer(&self, account: u32) -> u32 {
        if u64::from(account) < schema::SUB_ACCOUNT_FIRST {
            return account;
        }
        let view = self.engine.state().account(account);
        view.and_then(|view| view.master).unwrap_or(1)
    }

    /// The envelope of a command now, signed by its signer.
    pub(crate) fn envelope(&self, command: Command) -> Envelope {
        let domain = self.engine.state().domain();
        let signed = match &command {
            Command::User(user) => Some((self.signer(user.account), Message::user(domain, user))),
            Command::Quote(quote) => {
                let signer = self.signer(quote.command.account);
                Some((signer, Message::quote(domain, quote)))
            }
            Command::Oracle(report) => {
                let multiplier = |market| {
                    let market = self.engine.state().market(market);
                    market.map_or(0, |market| market.terms.multiplier)
                };
                let message = Message::oracle(domain, report, multiplier);
                Some((oracle_of(report.key), message))
            }
            _ => None,
        };
        Envelope {
            time_ms: self.now_ms,
            signature: signed
                .map(|(signer, message)| sign(secret(signer), &message.hash()).to_bytes()),
            command,
        }
    }

    pub(crate) fn command(&mut self, command: Command) -> Result<Outcome, Refusal> {
        let envelope = self.envelope(command);
        let (outcome, _) = self.engine.apply(&envelope, &Verify)?;
        Ok(outcome)
    }

    pub(crate) fn request_command(&self, words: [u64; 12]) -> Command {
        let number = self.engine.state().requests_done();
        Command::Request(Request { number, words })
    }

    pub(crate) fn request(&mut self, words: [u64; 12]) -> Result<Outcome, Refusal> {
        self.command(self.request_command(words))
    }

    /// An oracle's report of some prices now.
    pub(crate) fn report_command(&self, key: u8, prices: &[(u8, u64)]) -> Command {
        let entries = prices.iter().map(|&(market, price_ticks)| OracleEntry {
            market,
            price_ticks,
        });
        Command::Oracle(OracleReport {
            key,
            timestamp_ms: self.now_ms,
            entries: entries.collect(),
        })
    }

    pub(crate) fn report(&mut self, key: u8, prices: &[(u8, u64)]) -> Result<Outcome, Refusal> {
        self.command(self.report_command(key, prices))
    }

    pub(crate) fn tick(&mut self, market: u8) -> Result<Outcome, Refusal> {
        self.command(Command::Tick { market })
    }

    /// A quorum of reports and a tick, a millisecond later.
    pub(crate) fn mark(&mut self, market: u8, price_ticks: u64) -> Result<Outcome, Refusal> {
        self.now_ms += 1;
        for key in 0..2 {
            self.report(key, &[(market, price_ticks)])?;
        }
        self.tick(market)
    }

    /// A millisecond later.
    pub(crate) fn later(mut self) -> Self {
        self.now_ms += 1;
        self
    }

    /// Moves time on by any step.
    pub(crate) fn wait(&mut self, span_ms: u64) {
        self.now_ms += span_ms;
        self.command(Command::Time).unwrap();
    }

    /// Moves time to the hour and pays funding.
    pub(crate) fn fund(&mut self) -> Result<Outcome, Refusal> {
        self.now_ms = self.engine.state().funding_due_ms();
        self.command(Command::Fund)
    }

    /// Whether the commands that take risk wait for liquidation or triggered orders.
    pub(crate) fn is_pending(&self) -> bool {
        let state = self.engine.state();
        state.pending() != 0 || state.first_due().is_some() || state.crossed_markets() != 0
    }

    /// What liquidation, and then triggered orders, ask for next, if anything.
    pub(crate) fn liquidation(&self) -> Option<Command> {
        let state = self.engine.state();
        if let Some(account) = state.next_counterparty() {
            return Some(Command::Deleverage { account });
        }
        if state.pending() != 0 {
            return Some(Command::Sweep);
        }
        if state.first_due().is_some() {
            return Some(Command::Liquidate);
        }
        (state.crossed_markets() != 0).then_some(Command::Trigger)
    }

    /// Liquidates until a deleveraging runs.
    pub(crate) fn until_deleveraging(&mut self) {
        while self.engine.state().deleveraging().is_none() {
            let next = self.liquidation().expect("a deleveraging comes");
            self.command(next).unwrap();
        }
    }

    /// Liquidates until nobody is due.
    pub(crate) fn liquidate(&mut self) {
        while let Some(command) = self.liquidation() {
            self.command(command).unwrap();
        }
    }

    pub(crate) fn sender(&self, account: u32) -> Sender {
        Sender {
            account,
            key: 0,
            nonce: self.engine.state().nonce(account, 0) + 1,
            valid_until_ms: self.now_ms + 1000,
        }
    }

    pub(crate) fn user(&mut self, command: UserCommand) -> Result<Outcome, Refusal> {
        self.command(Command::User(command))
    }

    pub(crate) fn place(&mut self, account: u32, order: Place) -> Result<Outcome, Refusal> {
        self.user(self.sender(account).place(order))
    }

    /// Places an order that must be accepted; its id.
    pub(crate) fn rest(&mut self, account: u32, side: Side, price: u64, lots: u64) -> u64 {
        let placed = self.place(account, order(side, OrderType::Gtt, price, lots));
        placed.unwrap().0[1]
    }

    /// Seals the batch and runs the program on it, which must say what the engine says.
    pub(crate) fn prove(&mut self) -> Proven {
        let old: Tree = self.engine.tree().clone();
        let batch = self.engine.seal().unwrap();
        let run = run_batch(program(), &old, &batch, &RunOptions::default())
            .unwrap_or_else(|error| panic!("{error}"));
        Proven { batch, run }
    }
}

/// A sealed batch with its run.
pub(crate) struct Proven {
    pub(crate) batch: SealedBatch,
    pub(crate) run: Run,
}
