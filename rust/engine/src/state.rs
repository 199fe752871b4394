//! The state of a venue in the form in which it is fast, and its leaves.

use zkperp_schema::{self as schema, Side, clock as clock_felt};

use crate::accounts::Accounts;
use crate::address::{self, MarketPart, Place};
use crate::books::Books;
use crate::client_orders::ClientOrders;
use crate::command::KeyLimbs;
use crate::conditionals::Conditionals;
use crate::config::{Config, Schedule};
use crate::due::DueIndex;
use crate::journal::{Journal, Saved, Stamp};
use crate::leaf::{EMPTY, LeafWords};
use crate::log_chain::LogChain;
use crate::market::Market;
use crate::message::{DigestWords, Domain, digest_words, felts};
use crate::money::Money;
use crate::risk::{Deleveraging, Risk};
use crate::trigger_index::TriggerIndex;

/// Program time and counters; the heads of the free lists are the books'.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    pub(crate) batch_number: u64,
    pub(crate) time_ms: u64,
    pub(crate) next_order_id: u64,
    pub(crate) requests_done: u64,
    stamp: Stamp,
}

impl Clock {
    pub(crate) fn new([batch_number, time_ms, next_order_id, requests_done]: [u64; 4]) -> Self {
        Self {
            batch_number,
            time_ms,
            next_order_id,
            requests_done,
            stamp: Stamp::default(),
        }
    }

    /// Gives it other numbers, without a trace in the journal.
    pub(crate) fn set(&mut self, numbers: [u64; 4]) {
        let stamp = self.stamp;
        *self = Self {
            stamp,
            ..Self::new(numbers)
        };
    }

    fn words(&self, books: &Books) -> LeafWords {
        let mut words = EMPTY;
        words[clock_felt::BATCH_NUMBER] = self.batch_number;
        words[clock_felt::TIME_MS] = self.time_ms;
        words[clock_felt::NEXT_ORDER_ID] = self.next_order_id;
        words[clock_felt::REQUESTS_DONE] = self.requests_done;
        words[clock_felt::ORDER_FREE] = books.order_free.into();
        words[clock_felt::ORDER_HIGH] = books.orders.len() as u64;
        words[clock_felt::LEVEL_FREE] = books.level_free.into();
        words[clock_felt::LEVEL_HIGH] = books.levels.len() as u64;
        words
    }
}

/// One leaf that changed hands, as plain words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeafChange {
    /// Its address.
    pub addr: u64,
    /// What it held before.
    pub old: LeafWords,
    /// What it holds now.
    pub new: LeafWords,
}

/// The whole state of a venue.
///
/// A pure value: commands change it through [`apply`](Self::apply) alone, and it is a function of
/// its first leaves and the commands since.
#[derive(Clone, Debug)]
pub struct State {
    pub(crate) domain: Domain,
    pub(crate) config: Config,
    pub(crate) schedule: Schedule,
    pub(crate) oracle_keys: [Option<KeyLimbs>; schema::ORACLE_KEYS_MAX as usize],
    pub(crate) clock: Clock,
    pub(crate) money: Money,
    pub(crate) log: LogChain,
    log_stamp: Stamp,
    pub(crate) markets: Vec<Market>,
    market_stamps: Vec<[Stamp; MarketPart::COUNT]>,
    pub(crate) books: Books,
    pub(crate) accounts: Accounts,
    pub(crate) client_orders: ClientOrders,
    pub(crate) conditionals: Conditionals,
    pub(crate) risk: Risk,
    pub(crate) deleveraging: Option<Deleveraging>,
    /// Deleveragings ever begun.
    pub(crate) deleveragings: u64,
    pub(crate) deleveraging_stamp: Stamp,
    /// The lowest counterparty that the deleveraging has yet to visit, 0: none, or none runs.
    pub(crate) counterparty: u32,
    /// The trigger lists in a form in which a place is found fast.
    pub(crate) triggers: TriggerIndex,
    /// The due accounts, likewise.
    pub(crate) due: DueIndex,
    pub(crate) journal: Journal,
}

impl State {
    /// The state with blank markets, no account and all counters zero, to be loaded from leaves.
    pub(crate) fn empty(domain: Domain, config: Config) -> Self {
        let markets = config.markets.into();
        Self {
            domain,
            config,
            schedule: Schedule::default(),
            oracle_keys: [None; schema::ORACLE_KEYS_MAX as usize],
            clock: Clock::new([0; 4]),
            money: Money::default(),
            log: LogChain::from_words(&EMPTY),
            log_stamp: Stamp::default(),
            markets: vec![Market::default(); markets],
            market_stamps: vec![[Stamp::default(); MarketPart::COUNT]; markets],
            books: Books::new(),
            accounts: Accounts::new(markets),
            client_orders: ClientOrders::default(),
            conditionals: Conditionals::new(),
            risk: Risk::default(),
            deleveraging: None,
            deleveragings: 0,
            counterparty: 0,
            deleveraging_stamp: Stamp::default(),
            triggers: TriggerIndex::new(markets),
            due: DueIndex::default(),
            journal: Journal::new(),
        }
    }

    /// The venue that its users' messages name.
    #[must_use]
    pub const fn domain(&self) -> &Domain {
        &self.domain
    }

    /// Sealed batches.
    #[must_use]
    pub const fn batch_number(&self) -> u64 {
        self.clock.batch_number
    }

    /// Program time, ms since 1970.
    #[must_use]
    pub const fn time_ms(&self) -> u64 {
        self.clock.time_ms
    }

    /// The id that the next accepted order gets.
    #[must_use]
    pub const fn next_order_id(&self) -> u64 {
        self.clock.next_order_id
    }

    /// L1 requests executed so far.
    #[must_use]
    pub const fn requests_done(&self) -> u64 {
        self.clock.requests_done
    }

    /// Commands applied ever.
    #[must_use]
    pub const fn commands(&self) -> u64 {
        self.log.commands
    }

    /// Credited deposits minus withdrawals, micro-USDC.
    #[must_use]
    pub const fn custody(&self) -> u64 {
        self.money.custody
    }

    /// Fees earned, micro-USDC.
    #[must_use]
    pub const fn fees(&self) -> u64 {
        self.money.fees
    }

    /// What holds for the whole venue.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// When `fund` is next due: program time can't pass it, ms since 1970.
    #[must_use]
    pub const fn funding_due_ms(&self) -> u64 {
        self.schedule.funding_due_ms
    }

    /// The number that the next sub-account gets.
    #[must_use]
    pub const fn next_sub_account(&self) -> u32 {
        self.schedule.next_sub_account
    }

    /// A market, if there is one with this number.
    #[must_use]
    pub fn market(&self, market: u8) -> Option<&Market> {
        self.markets.get(market as usize)
    }

    /// Orders that rest, in all markets.
    #[must_use]
    pub fn resting_orders(&self) -> usize {
        self.books.ids.len()
    }

    /// The best price of a side in ticks, dead orders counted.
    #[must_use]
    pub fn best_price(&self, market: u8, side: Side) -> Option<u64> {
        self.market(market)?;
        let book = crate::level::BookId::new(market, side);
        self.books.best(book).map(|level| book.price(level.key))
    }

    /// Cash of an open account, micro-USDC.
    #[must_use]
    pub fn collateral(&self, account: u32) -> Option<i64> {
        let account = self.accounts.get(self.accounts.find(account)?);
        account.is_open.then_some(account.collateral)
    }

    /// Lots that an account holds in a market, above 0 long.
    #[must_use]
    pub fn position_lots(&self, account: u32, market: u8) -> i64 {
        let at = self
            .accounts
            .find(account)
            .filter(|_| self.market(market).is_some());
        at.map_or(0, |at| self.accounts.position(at, market).size)
    }

    /// The highest nonce that a key has used, 0 for a key that isn't.
    #[must_use]
    pub fn nonce(&self, account: u32, key: u8) -> u64 {
        let at = self.accounts.find(account);
        let key = at.and_then(|at| self.accounts.get(at).keys.get(key as usize));
        key.map_or(0, |key| key.nonce)
    }

    /// The command-log chain after every command so far. Computing it is what it costs.
    #[must_use]
    pub fn log_chain(&mut self) -> DigestWords {
        self.log.settle();
        digest_words(&self.log.chain())
    }

    /// What an address holds now.
    #[must_use]
    pub fn leaf(&mut self, addr: u64) -> LeafWords {
        self.log.settle();
        Place::of(addr).map_or(EMPTY, |place| self.words(place))
    }

    /// The words of a place; the log chain is settled.
    pub(crate) fn words(&self, place: Place) -> LeafWords {
        match place {
            Place::Clock => self.clock.words(&self.books),
            Place::Money => self.money.words(),
            Place::Log => self.log.words(),
            Place::Config => self.config.words(),
            Place::Schedule => self.schedule.words(),
            Place::Risk => self.risk.words(),
            Place::Deleveraging => self.deleveraging_words(),
            Place::Conditionals => self.conditionals.words(),
            Place::OracleKey(key) => self.oracle_keys[key as usize].map_or(EMPTY, |limbs| {
                let mut words = EMPTY;
                words[..5].copy_from_slice(&limbs);
                words[schema::oracle_key::LIVE] = 1;
                words
            }),
            Place::Market(market, part) => self
                .market(market)
                .map_or(EMPTY, |market| market.words(part)),
            Place::Level(slot) => self
                .books
                .levels
                .get(slot as usize)
                .map_or(EMPTY, |level| level.words()),
            Place::Order(slot) => self
                .books
                .orders
                .get(slot as usize)
                .map_or(EMPTY, |order| order.words()),
            Place::Conditional(slot) => self
                .conditionals
                .slots
                .get(slot as usize)
                .map_or(EMPTY, |order| order.words()),
            Place::ConditionalTerms(slot) => self
                .conditionals
                .slots
                .get(slot as usize)
                .map_or(EMPTY, |order| order.terms.words()),
            Place::ClientOrder(page, low) => self.client_orders.get(page, low).words(),
            Place::Account(_)
            | Place::Owner(_)
            | Place::Key(..)
            | Place::Due(_)
            | Place::Position(..)
            | Place::Standing(..) => self.accounts.words(place),
        }
    }

    /// To be called before program time, a counter or a free list changes.
    pub(crate) fn touch_clock(&mut self) {
        let (clock, books) = (&self.clock, &self.books);
        let mut stamp = clock.stamp;
        self.journal
            .touch(&mut stamp, address::CLOCK, || clock.words(books));
        self.clock.stamp = stamp;
    }

    /// The log about to be extended.
    pub(crate) fn log_mut(&mut self) -> &mut LogChain {
        let log = &mut self.log;
        self.journal
            .touch(&mut self.log_stamp, address::LOG, || log.words());
        log
    }

    /// The schedule about to be written.
    pub(crate) fn schedule_mut(&mut self) -> &mut Schedule {
        let schedule = &mut self.schedule;
        let mut stamp = schedule.stamp;
        self.journal
            .touch(&mut stamp, address::SCHEDULE, || schedule.words());
        schedule.stamp = stamp;
        schedule
    }

    /// A market that exists, of which the leaf `part` is about to be written.
    #[inline]
    pub(crate) fn market_mut(&mut self, market: u8, part: MarketPart) -> &mut Market {
        let at = market as usize;
        let found = &mut self.markets[at];
        let stamp = &mut self.market_stamps[at][part.index()];
        self.journal
            .touch(stamp, address::market_part(market, part), || {
                found.words(part)
            });
        found
    }

    /// A market that exists, of which every margin leaf is about to be written.
    pub(crate) fn market_margins_mut(&mut self, market: u8) -> &mut Market {
        for tier in 0..self.live_market(market).tiers().len() as u8 {
            self.market_mut(market, MarketPart::Margin(tier));
        }
        &mut self.markets[market as usize]
    }

    /// The leaves that the last command wrote, by ascending address, with what they hold now. A
    /// leaf may hold what it held before the command.
    #[must_use]
    pub fn touched(&mut self) -> Vec<(u64, LeafWords)> {
        self.log.settle();
        let touched = self.journal.touched();
        touched
            .into_iter()
            .map(|addr| (addr, self.leaf(addr)))
            .collect()
    }

    /// The leaves whose value differs from that at the last seal, by ascending address.
    #[must_use]
    pub fn changes(&mut self) -> Vec<LeafChange> {
        self.log.settle();
        let saved = self.journal.saved().to_vec();
        self.changes_since(saved)
    }

    fn changes_since(&mut self, saved: Vec<Saved>) -> Vec<LeafChange> {
        let mut changes: Vec<LeafChange> = saved
            .into_iter()
            .map(|(addr, old)| LeafChange {
                addr,
                old,
                new: self.leaf(addr),
            })
            .filter(|change| change.old != change.new)
            .collect();
        changes.sort_unstable_by_key(|change| change.addr);
        changes
    }

    /// Every leaf that is not empty, by ascending address.
    #[must_use]
    pub fn leaves(&mut self) -> Vec<(u64, LeafWords)> {
        self.log.settle();
        let system = [
            Place::Clock,
            Place::Money,
            Place::Log,
            Place::Config,
            Place::Schedule,
            Place::Risk,
            Place::Deleveraging,
            Place::Conditionals,
        ];
        let keys = (0..schema::ORACLE_KEYS_MAX as u8).map(Place::OracleKey);
        let markets = (0..self.config.markets)
            .flat_map(|market| MarketPart::ALL.map(|part| Place::Market(market, part)));
        let levels = (0..self.books.levels.len() as u32).map(Place::Level);
        let orders = (1..self.books.orders.len() as u32).map(Place::Order);
        let waiting = (1..self.conditionals.slots.len() as u32)
            .flat_map(|slot| [Place::Conditional(slot), Place::ConditionalTerms(slot)]);
        let venue = system
            .into_iter()
            .chain(keys)
            .chain(markets)
            .chain(levels)
            .chain(orders);
        let mut leaves: Vec<(u64, LeafWords)> = venue
            .chain(waiting)
            .chain(self.client_orders.places())
            .chain(self.accounts.places())
            .map(|place| (place.addr(), self.words(place)))
            .filter(|(_, words)| *words != EMPTY)
            .collect();
        leaves.sort_unstable_by_key(|&(addr, _)| addr);
        leaves
    }

    /// Sets the chain where it is known from elsewhere and the messages are not.
    pub(crate) fn set_log_chain(&mut self, chain: &DigestWords) {
        let commands = self.log.commands;
        self.log = LogChain::new(felts(chain), commands);
    }

    /// Closes the batch: its number goes up by one. Returns the leaves that changed since the last
    /// seal, by ascending address; [`rollback`](Self::rollback) comes back to here.
    #[must_use]
    pub fn seal(&mut self) -> Vec<LeafChange> {
        self.log.settle();
        self.touch_clock();
        self.clock.batch_number += 1;
        let saved = self.journal.end_epoch();
        self.changes_since(saved)
    }
}
