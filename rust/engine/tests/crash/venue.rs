//! A venue whose prices are set at will, with accounts that trade at the mark.

use std::sync::LazyLock;

use zkperp_engine::{
    Command, Domain, Effects, Engine, Envelope, Event, KeyLimbs, MarketParams, OracleEntry,
    OracleReport, OrderType, Outcome, Place, PricingParams, Recorded, Refusal, Request, Sender,
    Side, State, TierParams, UserCommand, VenueParams, keeper,
};
use zkperp_field::PrimeField64;
use zkperp_signature::SecretKey;

pub(crate) const FUND: u32 = 1 << 31;
pub(crate) const MARK: u64 = 100_000;

const START_MS: u64 = 1_700_000_000_000;

/// 5 %, 3 % and 2 % to 10,000 lots, twice as much above; fees as on the main net.
fn market() -> MarketParams {
    let tier = |lots_upto, imf_ppm| TierParams {
        lots_upto,
        imf_ppm,
        mmf_ppm: imf_ppm * 6 / 10,
        cmf_ppm: imf_ppm * 4 / 10,
    };
    MarketParams {
        multiplier: 1,
        price_max: (1 << 24) - 1,
        lots_max: 1 << 26,
        lots_min: 1,
        taker_ppm: 500,
        maker_ppm: -100,
        oi_max: 1 << 50,
        pricing: PricingParams {
            impact_quote: 1 << 52,
            band_ppm: 1_000_000,
            interest_ppm: 100,
            clamp_ppm: 500,
            rate_max_ppm: 40_000,
            liquidation_ppm: 5_000,
            bonus_ppm: 1_000,
        },
        tiers: vec![tier(10_000, 50_000), tier(1 << 28, 100_000)],
    }
}

pub(crate) struct Venue {
    pub(crate) engine: Engine,
    pub(crate) now_ms: u64,
    /// What the fund had to pay for accounts without positions.
    pub(crate) debts: u64,
}

impl Venue {
    pub(crate) fn new(markets: u8) -> Self {
        let venue = VenueParams {
            domain: Domain::new(31337, &[3; 20]).unwrap(),
            start_time_ms: START_MS,
            staleness_ms: 1 << 29,
            tick_max_ms: 1 << 29,
            quorum: 1,
            deviation_ppm: 0,
            basis_cap_ppm: 0,
            basis_window_ms: 1000,
            fund_key: [0; 5],
            oracle_keys: vec![[1; 5]],
            markets: vec![market(); markets.into()],
        };
        let mut venue = Self {
            engine: Engine::genesis(&venue).unwrap(),
            now_ms: START_MS,
            debts: 0,
        };
        for market in 0..markets {
            venue.tick(market, MARK);
        }
        venue
    }

    pub(crate) const fn state(&self) -> &State {
        self.engine.state()
    }

    pub(crate) fn send(&mut self, command: Command) -> Result<Outcome, Refusal> {
        let envelope = Envelope {
            time_ms: self.now_ms,
            command,
            signature: None,
        };
        let (outcome, effects) = self.engine.apply(&envelope, &Recorded(true))?;
        self.debts += debts(effects);
        Ok(outcome)
    }

    /// The index and with it the mark goes to `price`; triggers may be crossed then.
    pub(crate) fn tick(&mut self, market: u8, price_ticks: u64) {
        self.now_ms += 1;
        let report = OracleReport {
            key: 0,
            timestamp_ms: self.now_ms,
            entries: vec![OracleEntry {
                market,
                price_ticks,
            }],
        };
        self.send(Command::Oracle(report)).unwrap();
        self.send(Command::Tick { market }).unwrap();
    }

    pub(crate) fn deposit(&mut self, account: u32, amount: u64) {
        let owner = u64::from(account);
        // Any felts that are a public key: signatures are not looked at.
        let [a, b, c, d, e] = key();
        let number = self.state().requests_done();
        let words = [1, owner, owner, 0, 0, amount, 0, a, b, c, d, e];
        let request = Request { number, words };
        self.send(Command::Request(request)).unwrap();
    }

    pub(crate) fn sender(&self, account: u32) -> Sender {
        Sender {
            account,
            key: 0,
            nonce: self.state().nonce(account, 0) + 1,
            valid_until_ms: self.now_ms + 1,
        }
    }

    pub(crate) fn user(&mut self, command: UserCommand) -> Result<Outcome, Refusal> {
        self.send(Command::User(command))
    }

    pub(crate) fn place(
        &mut self,
        account: u32,
        market: u8,
        (side, order_type): (Side, OrderType),
        (price_ticks, lots): (u64, u64),
    ) -> Result<Outcome, Refusal> {
        let rests = matches!(order_type, OrderType::Gtt | OrderType::PostOnly);
        self.user(self.sender(account).place(Place {
            market,
            side,
            order_type,
            price_ticks,
            lots,
            expiry_ms: if rests { (1 << 44) - 1 } else { 0 },
            options: zkperp_engine::Options::NONE,
            client_id: 0,
        }))
    }

    /// The first sells to the second, as far as both may.
    pub(crate) fn trade(&mut self, [from, to]: [u32; 2], market: u8, price: u64, lots: u64) {
        let ask = (Side::Ask, OrderType::Gtt);
        let Ok(Outcome([_, order_id, ..])) = self.place(from, market, ask, (price, lots)) else {
            return;
        };
        let _ = self.place(to, market, (Side::Bid, OrderType::Ioc), (price, lots));
        let _ = self.user(self.sender(from).cancel(order_id));
    }

    /// A step of what is to be swept, liquidated or deleveraged; false where nothing is.
    pub(crate) fn step(&mut self) -> bool {
        let Some(command) = keeper::liquidation_step(self.state()) else {
            return false;
        };
        self.send(command).unwrap();
        true
    }

    /// All steps; how many they are.
    pub(crate) fn liquidate(&mut self) -> u64 {
        let mut steps = 0;
        while self.step() {
            steps += 1;
        }
        steps
    }

    /// Everybody has maintenance margin, the fund aside nobody owes, and every sum is exact.
    pub(crate) fn assert_healthy(&self) {
        assert_eq!(self.state().check(), Ok(()));
        assert_eq!(
            (self.state().pending(), self.state().due_accounts()),
            (0, 0)
        );
        for number in self.state().account_numbers() {
            let account = self.state().account(number).unwrap();
            if number != FUND || !account.positions.is_empty() {
                assert!(account.sums.maintenance >= 0, "{account:?}");
            }
        }
    }
}

fn key() -> KeyLimbs {
    static KEY: LazyLock<KeyLimbs> = LazyLock::new(|| {
        let secret = SecretKey::from_seed(&[7; 32]);
        let felts = secret.public().to_felts();
        felts.map(|limb| limb.as_canonical_u64())
    });
    *KEY
}

fn debts(effects: &Effects) -> u64 {
    let debts = effects.events.iter().map(|event| match event {
        Event::DebtCovered { amount, .. } => *amount,
        _ => 0,
    });
    debts.sum()
}
