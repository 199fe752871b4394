//! Arbitrary flow through engine and program: equal outputs and roots, batch after batch.

use std::collections::BTreeMap;
use std::env;

use zkperp_engine::{
    AccountType, Command, Conditional, Event, Options, OrderType, Outcome, Place, QuoteCommand,
    Quoted, Refusal, Sender, Side, VenueParams, WaitingOrder,
};
use zkperp_schema::{self as schema, CancelScope, Condition, SelfTrade};

use crate::desk::{ACCOUNTS, Desk, MARK, ORACLES, START_MS, deposit, forced, owner, venue};

/// Orders rest until then, hours after the start.
const LATE_MS: u64 = START_MS + 1_000_000_000;

/// splitmix64: the same flow everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }

    fn account(&mut self) -> u32 {
        1 + self.below(ACCOUNTS.into()) as u32
    }

    /// One of the desk's or the first sub-accounts.
    fn any_account(&mut self) -> u32 {
        match self.below(2) {
            0 => self.account(),
            _ => schema::SUB_ACCOUNT_FIRST as u32 + self.below(4) as u32,
        }
    }

    /// Mostly a small move; some are crashes.
    fn price(&mut self) -> u64 {
        let span = [6, 12, 30, 60, 150, 1_200][self.below(6) as usize];
        MARK - span / 2 + self.below(span + 1)
    }

    fn place(&mut self, now_ms: u64) -> Place {
        let order_type = [
            OrderType::Gtt,
            OrderType::Gtt,
            OrderType::Ioc,
            OrderType::PostOnly,
            OrderType::Market,
            OrderType::Fok,
            OrderType::Slide,
        ][self.below(7) as usize];
        let rests = matches!(
            order_type,
            OrderType::Gtt | OrderType::PostOnly | OrderType::Slide
        );
        let short = self.below(3) == 0;
        let size = [300, 300, 3_000, 9_000][self.below(4) as usize];
        let expiry_ms = if short {
            now_ms + 1 + self.below(40)
        } else {
            LATE_MS
        };
        Place {
            market: self.below(2) as u8,
            side: [Side::Bid, Side::Ask][self.below(2) as usize],
            order_type,
            price_ticks: MARK - 4 + self.below(9),
            lots: 1 + self.below(size),
            expiry_ms: if rests { expiry_ms } else { 0 },
            options: self.options(),
            client_id: if self.below(3) == 0 {
                self.client_id()
            } else {
                0
            },
        }
    }

    /// Mostly none.
    fn options(&mut self) -> Options {
        if self.below(2) == 0 {
            return Options::NONE;
        }
        Options {
            reduce_only: self.below(3) == 0,
            stp: SelfTrade::from_code(self.below(4)).unwrap_or(SelfTrade::CancelMaker),
            stp_owner: self.below(2) == 0,
        }
    }

    /// One of a few, some with the same place in a page.
    fn client_id(&mut self) -> u64 {
        1 + self.below(6) + (self.below(2) << schema::NAMES_LOW_BITS)
    }

    /// Some entries of the same few client ids, of which some only take an order away.
    fn quote(&mut self, sender: Sender, now_ms: u64) -> QuoteCommand {
        let entries: Vec<_> = (0..1 + self.below(5))
            .map(|_| {
                let client_id = self.client_id();
                match self.below(4) {
                    0 => Quoted::removal(client_id),
                    _ => Quoted {
                        client_id,
                        side: [Side::Bid, Side::Ask][self.below(2) as usize],
                        price_ticks: MARK - 6 + self.below(13),
                        lots: 1 + self.below(200),
                        options: self.options(),
                    },
                }
            })
            .collect();
        let order_type = [OrderType::PostOnly, OrderType::Slide][self.below(2) as usize];
        let expiry_ms = [now_ms + 30, LATE_MS][self.below(2) as usize];
        sender.quote(self.below(2) as u8, order_type, expiry_ms, &entries)
    }

    /// A command on many orders, or on one by its client id.
    fn orders(&mut self, sender: Sender, now_ms: u64) -> Command {
        let market = self.below(2) as u8;
        let command = match self.below(8) {
            0..=2 => return Command::Quote(self.quote(sender, now_ms)),
            3 | 4 => sender.cancel_named(self.client_id()),
            5 => sender.set_deadline(now_ms + self.below(60)),
            6 => sender.set_deadline(0),
            _ if self.below(3) == 0 => sender.cancel_all(CancelScope::Account, 0),
            _ => sender.cancel_all(CancelScope::Market, market),
        };
        Command::User(command)
    }

    /// An order that waits, mostly near the mark.
    fn conditional(&mut self, now_ms: u64) -> Conditional {
        let span = [8, 8, 30, 1_000][self.below(4) as usize];
        Conditional {
            market: self.below(2) as u8,
            side: [Side::Bid, Side::Ask][self.below(2) as usize],
            order_type: [OrderType::Gtt, OrderType::Ioc, OrderType::Market][self.below(3) as usize],
            price_ticks: MARK - 40 + self.below(81),
            lots: 1 + self.below(500),
            options: self.options(),
            expiry_ms: [now_ms + 1 + self.below(40), LATE_MS, LATE_MS][self.below(3) as usize],
            trigger_ticks: MARK - span / 2 + self.below(span),
            condition: [Condition::Stop, Condition::TakeProfit][self.below(2) as usize],
            partner: 0,
        }
    }

    fn request(&mut self) -> [u64; 12] {
        let account = 1 + self.below(u64::from(ACCOUNTS) + 3) as u32;
        let amount = self.below(1_000_000);
        match self.below(6) {
            0 => deposit(account, amount),
            1 => [vec![1, account.into(), 1, 7, 9, amount, 0], vec![0; 5]]
                .concat()
                .try_into()
                .unwrap(),
            // No key of the curve, and a key index that does not exist.
            2 => {
                let mut words = deposit(account, amount);
                words[7] = amount;
                words[6] = self.below(20);
                words
            }
            3 => deposit(account, (1 << 58) - 1 - amount),
            4 => forced(account, owner(account), amount * self.below(3)),
            _ => forced(account, owner(1), amount),
        }
    }
}

/// One random command; refused ones leave no trace.
pub(crate) fn step(desk: &mut Desk, random: &mut Random) {
    desk.now_ms += random.below(4);
    // Commands of all kinds come between the steps of a liquidation.
    if desk.is_pending() && random.below(5) != 0 {
        liquidation_step(desk, random);
        return;
    }
    let account = match random.below(4) {
        0 => random.any_account(),
        _ => random.account(),
    };
    let next_order = desk.engine.state().next_order_id();
    let id = next_order.saturating_sub(random.below(40));
    let sender = desk.sender(account);
    let price = MARK - 4 + random.below(9);
    let result = match random.below(35) {
        29 => desk.user(sender.cancel_conditional(id)),
        30.. => {
            let order = conditional(desk, random, account);
            desk.user(sender.place_conditional(order))
        }
        24.. => {
            let command = random.orders(sender, desk.now_ms);
            desk.command(command)
        }
        0..=8 => {
            let order = random.place(desk.now_ms);
            desk.user(sender.place(order))
        }
        9..=11 => desk.user(sender.cancel(id)),
        12..=15 => {
            let lots = 1 + random.below(300);
            desk.user(sender.amend(id, price, lots))
        }
        16 => {
            let amount = match random.below(2) {
                0 => 1 + random.below(400_000),
                _ => free(desk, account),
            };
            desk.user(sender.withdraw(amount))
        }
        17 => {
            let market = random.below(2) as u8;
            desk.mark(market, random.price())
        }
        18 => {
            let words = random.request();
            desk.request(words)
        }
        19 => prices(desk, random),
        20 => {
            let to = random.any_account();
            let from = desk.sender(random.any_account());
            desk.user(from.transfer(to, 1 + random.below(200_000)))
        }
        21 => {
            let imf_ppm = [0, 100_000, 150_000, 400_000, 1_000_000][random.below(5) as usize];
            desk.user(sender.set_leverage(random.below(2) as u8, imf_ppm))
        }
        22 if random.below(12) == 0 => {
            let funded = desk.fund();
            marks(desk, random);
            funded
        }
        22 if random.below(4) == 0 => {
            let isolated = random.below(2) as u8;
            let account_type = [AccountType::Cross, AccountType::Isolated][usize::from(isolated)];
            desk.user(sender.create_account(account_type, isolated))
        }
        _ if random.below(4) == 0 => {
            desk.now_ms += 4096 + random.below(6_000);
            let waited = desk.command(Command::Time);
            marks(desk, random);
            waited
        }
        _ => desk.user(sender.burn_nonce()),
    };
    if result.is_err() {
        desk.now_ms = desk.engine.state().time_ms();
    }
}

/// A conditional order of an account: where it has a position mostly one that closes it, and often the partner
/// of another.
fn conditional(desk: &Desk, random: &mut Random, account: u32) -> Conditional {
    let state = desk.engine.state();
    let mut order = random.conditional(desk.now_ms);
    let held = |market: &u8| state.position_lots(account, *market) != 0;
    let Some(market) = (0..2).find(held).filter(|_| random.below(4) != 0) else {
        return order;
    };
    order.market = market;
    order.side = match state.position_lots(account, market) {
        1.. => Side::Ask,
        _ => Side::Bid,
    };
    order.options.reduce_only = true;
    order.lots *= random.below(2);
    let waiting = state
        .account(account)
        .map_or(Vec::new(), |view| view.waiting);
    let alone = |other: &&WaitingOrder| other.market == market && other.partner == 0;
    order.partner = waiting.iter().find(alone).map_or(0, |other| other.order_id);
    order
}

/// All that an account may withdraw, so that it stands at its initial margin; 1 where it may not.
fn free(desk: &Desk, account: u32) -> u64 {
    let view = desk.engine.state().account(account);
    let free = view.map_or(0, |view| view.sums.initial.min(view.cash));
    free.max(1).unsigned_abs()
}

/// The next step of a liquidation; a deleveraging visits whom it may, in any order.
fn liquidation_step(desk: &mut Desk, random: &mut Random) {
    if desk.engine.state().deleveraging().is_some() {
        let account = random.any_account();
        if desk.command(Command::Deleverage { account }).is_ok() {
            return;
        }
    }
    let next = desk.liquidation().unwrap();
    desk.command(next).unwrap();
}

/// Mostly, and in time, marks of both markets after a pause.
fn marks(desk: &mut Desk, random: &mut Random) {
    for market in 0..2 {
        if random.below(3) != 0 {
            desk.mark(market, random.price()).ok();
        }
    }
}

/// Reports of one or two markets by one oracle, or a tick.
fn prices(desk: &mut Desk, random: &mut Random) -> Result<Outcome, Refusal> {
    desk.now_ms += 1;
    let market = random.below(2) as u8;
    if random.below(2) == 0 {
        return desk.tick(market);
    }
    let mut price = || MARK - 15 + random.below(31);
    let (one, other) = (price(), price());
    let key = random.below(u64::from(ORACLES) + 1) as u8;
    match random.below(2) {
        0 => desk.report(key, &[(market, one)]),
        _ => desk.report(key, &[(0, one), (1, other)]),
    }
}

/// Venues from careful to careless, with the greatest fees and without any.
pub(crate) fn any_venue(seed: u64) -> VenueParams {
    let [imf_ppm, taker_ppm] = [
        [100_000, 500],
        [20_000, 500],
        [5_000, 10_000],
        [1_000_000, 0],
        [1, 10_000],
    ][(seed % 5) as usize];
    let mut venue = venue();
    for (market, sign) in venue.markets.iter_mut().zip([-1, 1]) {
        for (tier, factor) in market.tiers.iter_mut().zip([1, 2, 5]) {
            tier.imf_ppm = (factor * imf_ppm).min(1_000_000);
            tier.mmf_ppm = tier.imf_ppm.div_ceil(2);
            tier.cmf_ppm = tier.imf_ppm.div_ceil(3);
        }
        market.taker_ppm = taker_ppm;
        market.maker_ppm = sign * taker_ppm as i64;
        market.pricing.band_ppm = 20_000;
        market.pricing.impact_quote = [50_000, 1, 3_000_000][(seed % 3) as usize];
    }
    venue.markets[0].oi_max = [1 << 40, 500][(seed % 2) as usize];
    venue.basis_cap_ppm = [0, 5_000, 1_000_000][(seed % 3) as usize];
    venue.basis_window_ms = [1, 60_000][(seed % 2) as usize];
    venue.markets[1].multiplier = 7;
    venue
}

/// What `any_venue` makes of five seeds in a row.
const VENUES: u64 = 5;
/// Commands of a batch, many of them refused, and batches of a flow.
const BATCH: u64 = 300;
const BATCHES: u64 = 5;
/// The flows of a seed of `make fuzz` are those of the numbers from here, times the seed.
const SEED_STRIDE: u64 = 1_000_000;

/// What the program has run and found equal: commands, and their events by the rule.
#[derive(Default)]
struct Equal {
    commands: u64,
    batches: u64,
    events: BTreeMap<String, u64>,
}

/// Sends random commands in batches; the accepted ones of each are run by the program.
fn flow(seed: u64, equal: &mut Equal) {
    let mut random = Random(seed);
    let mut desk = Desk::of(&any_venue(seed)).opened();
    for _ in 0..BATCHES {
        for _ in 0..BATCH {
            step(&mut desk, &mut random);
        }
        assert_eq!(desk.engine.state().check(), Ok(()), "flow {seed}");
        let accepted = desk.prove().batch.accepted;
        equal.commands += accepted.len() as u64;
        equal.batches += 1;
        for event in accepted.iter().flat_map(|one| &one.events) {
            *equal.events.entry(label(event)).or_default() += 1;
        }
    }
}

/// What an event says of the rule that made it.
fn label(event: &Event) -> String {
    let name = event.event_type().name();
    match event {
        Event::OrderRemoved { reason, .. } | Event::ConditionalRemoved { reason, .. } => {
            format!("{name} {}", reason.name())
        }
        Event::TakerStopped { code, .. }
        | Event::Deposit { code, .. }
        | Event::RequestRejected { code, .. }
        | Event::ConditionalRejected { code, .. } => format!("{name} {code}"),
        Event::Withdrawal { origin, .. } => format!("{name} {}", origin.name()),
        _ => name.to_owned(),
    }
}

/// A number that `make fuzz` gives, or that of a plain run of the tests.
fn setting(name: &str, plain: u64) -> u64 {
    env::var(name).map_or(plain, |text| {
        let number = text.parse();
        number.unwrap_or_else(|error| panic!("{name}={text}: {error}"))
    })
}

/// At least so many commands run by the program, in a flow of each kind of venue at least.
#[test]
fn arbitrary_flow_has_equal_outputs_and_roots() {
    let seed = setting("ZKPERP_FUZZ_SEED", 0);
    let commands = setting("ZKPERP_FUZZ_COMMANDS", 8_000);
    let mut equal = Equal::default();
    for number in 0.. {
        if number >= VENUES && equal.commands >= commands {
            break;
        }
        flow(SEED_STRIDE * seed + number, &mut equal);
        println!(
            "seed {seed}: {} commands in {} batches are equal in engine and program",
            equal.commands, equal.batches
        );
    }
    println!("events: {:#?}", equal.events);
    if seed == 0 {
        every_event_was_met(&equal.events);
    }
}

fn every_event_was_met(seen: &BTreeMap<String, u64>) {
    let expected = [
        "deposit 0",
        "deposit 5002",
        "deposit 5003",
        "deposit 5004",
        "key_set",
        "mark",
        "nonce_burned",
        "order_reduced",
        "deadline_set",
        "order_removed amended",
        "order_removed cancelled",
        "order_removed cleared",
        "order_removed expired",
        "order_removed idle",
        "order_removed margin",
        "order_removed replaced",
        "order_removed self_trade",
        "order_rested",
        "orders_cleared",
        "conditional_placed",
        "conditional_removed cancelled",
        "conditional_removed cleared",
        "conditional_removed expired",
        "conditional_removed orphaned",
        "conditional_removed partner",
        "conditional_rejected 2002",
        "conditional_rejected 2009",
        "triggered",
        "request_rejected 1002",
        "request_rejected 2003",
        "request_rejected 4102",
        "request_rejected 5002",
        "taker_stopped 0",
        "trade",
        "withdrawal forced",
        "withdrawal returned",
        "withdrawal user",
        "account_created",
        "funding",
        "funding_paid",
        "leverage_set",
        "oracle_report",
        "taker_stopped 2007",
        "taker_stopped 2009",
        "taker_stopped 3013",
        "transfer",
        "liquidation",
        "liquidation_due",
        "recovered",
        "takeover",
        "deleveraging",
        "deleveraged",
    ];
    let missing: Vec<_> = expected
        .iter()
        .filter(|label| !seen.contains_key(**label))
        .collect();
    assert!(
        missing.is_empty(),
        "the flow never made {missing:?} but {seen:?}"
    );
}
