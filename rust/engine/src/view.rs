//! What a state holds for one account, for whoever shows it: the rules ask none of this.

use zkperp_schema::{self as schema, Side};

use crate::accounts::{AccountIndex, Position};
use crate::formulas::{Health, Sums};
use crate::market::Market;
use crate::options::Options;
use crate::order::Order;
use crate::state::State;
use crate::view_waiting::WaitingOrder;

/// A position and what it is worth at the mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PositionView {
    /// Market.
    pub market: u8,
    /// Lots, above 0 long; never 0.
    pub lots: i64,
    /// Value at the mark without the funding due, micro-USDC, below 0 for a short.
    pub value: i64,
    /// Its margin tier, from 0.
    pub tier: u8,
    /// Initial margin fraction that holds for it, ppm: the tier's or its own.
    pub imf_ppm: u64,
    /// Own initial margin fraction, ppm; 0: the tier's.
    pub own_imf_ppm: u64,
    /// What it would pay for funding now, micro-USDC, below 0 where it would be paid.
    pub funding_due: i64,
    /// Its part of the account's sums, the funding due counted.
    pub sums: Sums,
    /// The last mark, ticks, at which the account still has its maintenance margin, all else as it
    /// is; `None` where every mark leaves it.
    pub liquidation_mark: Option<u64>,
    /// How far that is from the mark, ppm of it, rounded down; below 0 for a long that is healthy.
    pub liquidation_distance_ppm: Option<i64>,
}

impl PositionView {
    /// Initial margin that it needs, micro-USDC.
    #[must_use]
    pub const fn initial_margin(&self) -> i64 {
        self.sums.tav - self.sums.initial
    }

    /// Maintenance margin that it needs, micro-USDC.
    #[must_use]
    pub const fn maintenance_margin(&self) -> i64 {
        self.sums.mmr()
    }

    /// Close-out margin that it needs, micro-USDC.
    #[must_use]
    pub const fn closeout_margin(&self) -> i64 {
        self.sums.tav - self.sums.closeout
    }
}

/// A resting order as others see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestingOrder {
    /// Its id.
    pub order_id: u64,
    /// Its owner.
    pub account: u32,
    /// Market.
    pub market: u8,
    /// Side.
    pub side: Side,
    /// Limit, ticks.
    pub price_ticks: u64,
    /// What remains, lots.
    pub lots: u64,
    /// Dead at this program time and later.
    pub expiry_ms: u64,
    /// Whether it may never take, also when it is amended.
    pub is_post_only: bool,
    /// Whether it slides behind the best opposite order where it would take.
    pub is_slide: bool,
    /// What it asks for beside its type.
    pub options: Options,
    /// The client's own number of it; 0: none.
    pub client_id: u64,
}

/// An account as it stands (docs/spec/margin.md § 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountView {
    /// Its number.
    pub account: u32,
    /// The L1 address that deposits and is paid, as words.
    pub owner: [u64; 3],
    /// The account that made it, for a sub-account.
    pub master: Option<u32>,
    /// The one market that an isolated account trades.
    pub isolated: Option<u8>,
    /// Cash, micro-USDC.
    pub cash: i64,
    /// TAV, I, S and C, micro-USDC.
    pub sums: Sums,
    /// How it stands.
    pub health: Health,
    /// Own initial margin fractions in ppm by market, where it has chosen one.
    pub leverage: Vec<(u8, u64)>,
    /// Its positions by market.
    pub positions: Vec<PositionView>,
    /// Its resting orders by id, without dead ones that nothing has removed yet.
    pub orders: Vec<RestingOrder>,
    /// How many of its orders stand in the book, but are dead.
    pub dead_orders: u64,
    /// Its conditional orders by id, without dead ones that nothing has removed yet.
    pub waiting: Vec<WaitingOrder>,
    /// How many of its conditional orders still wait, but are dead.
    pub dead_waiting: u64,
    /// The dead man's switch: when all of its orders die, ms; 0: off.
    pub deadline_ms: u64,
}

impl AccountView {
    /// Total account value: cash, positions at the mark, funding due, micro-USDC.
    #[must_use]
    pub const fn tav(&self) -> i64 {
        self.sums.tav
    }

    /// Initial margin requirement, micro-USDC.
    #[must_use]
    pub const fn imr(&self) -> i64 {
        self.sums.tav - self.sums.initial
    }

    /// Maintenance margin requirement, micro-USDC.
    #[must_use]
    pub const fn mmr(&self) -> i64 {
        self.sums.mmr()
    }

    /// Close-out margin requirement, micro-USDC.
    #[must_use]
    pub const fn cmr(&self) -> i64 {
        self.sums.tav - self.sums.closeout
    }

    /// What it could withdraw while no market of it is overdue, micro-USDC; below 0 it lacks margin.
    #[must_use]
    pub const fn free(&self) -> i64 {
        self.sums.initial
    }
}

impl State {
    /// The open accounts, ascending.
    #[must_use]
    pub fn account_numbers(&self) -> Vec<u32> {
        let accounts = self.accounts.iter();
        let mut numbers: Vec<u32> = accounts
            .filter(|(_, account)| account.is_open)
            .map(|(_, account)| account.number)
            .collect();
        numbers.sort_unstable();
        numbers
    }

    /// An open account.
    #[must_use]
    pub fn account(&self, number: u32) -> Option<AccountView> {
        let at = self.accounts.find(number)?;
        let account = self.accounts.get(at);
        if !account.is_open {
            return None;
        }
        let sums = self.sums(at);
        let markets =
            (0..self.accounts.markets() as u8).filter(|m| account.positions >> m & 1 == 1);
        let positions = markets.map(|market| self.position_view(at, market, &sums));
        let chosen = (0..self.config.markets).filter_map(|market| {
            let imf_ppm = self.accounts.position(at, market).imf_ppm;
            (imf_ppm != 0).then_some((market, imf_ppm.into()))
        });
        let leverage = chosen.collect();
        let standing = self.books.orders.iter().filter(|order| order.is_live());
        let own = standing.filter(|order| order.account == number);
        let (living, dead): (Vec<&Order>, Vec<&Order>) =
            own.partition(|order| self.is_living(order));
        let shown = living
            .iter()
            .filter_map(|order| self.resting_order(order.id));
        let mut orders: Vec<RestingOrder> = shown.collect();
        orders.sort_unstable_by_key(|order| order.order_id);
        let (waiting, dead_waiting) = self.waiting_of(number);
        Some(AccountView {
            account: number,
            owner: account.owner,
            master: (account.master != 0).then_some(account.master),
            isolated: account.mode.checked_sub(1),
            cash: account.collateral,
            sums,
            health: Health::of(&sums),
            leverage,
            positions: positions.collect(),
            orders,
            dead_orders: dead.len() as u64,
            waiting,
            dead_waiting,
            deadline_ms: account.deadline_ms,
        })
    }

    /// How many orders in all books are not dead.
    #[must_use]
    pub fn living_orders(&self) -> usize {
        let standing = self.books.orders.iter().filter(|order| order.is_live());
        standing.filter(|order| self.is_living(order)).count()
    }

    /// Whether an order in the book can be filled now.
    fn is_living(&self, order: &Order) -> bool {
        let book = self.books.level(order.level).book_id();
        self.dead(order, book, self.clock.time_ms).is_none()
    }

    /// The best price of a side in ticks at which a living order stands.
    #[must_use]
    pub fn best_living_price(&self, market: u8, side: Side) -> Option<u64> {
        self.market(market)?;
        let book = crate::level::BookId::new(market, side);
        let mut queue = self.books.queue(book);
        let best = queue.find(|(_, order)| self.is_living(order));
        best.map(|(key, _)| book.price(key))
    }

    /// A resting order, dead or not.
    #[must_use]
    pub fn resting_order(&self, order_id: u64) -> Option<RestingOrder> {
        let order = self.books.order(self.books.ids.get(order_id)?);
        let level = self.books.level(order.level);
        let book = level.book_id();
        Some(RestingOrder {
            order_id,
            account: order.account,
            market: book.market(),
            side: book.side(),
            price_ticks: book.price(level.key),
            lots: order.lots,
            expiry_ms: order.expiry_ms,
            is_post_only: order.flags.is_post_only(),
            is_slide: order.flags.is_slide(),
            options: order.flags.options(),
            client_id: order.flags.client_id(),
        })
    }

    fn position_view(&self, at: AccountIndex, number: u8, account: &Sums) -> PositionView {
        let market = self.live_market(number);
        let position = self.accounts.position(at, number);
        let (lots, own_imf_ppm) = (position.size, u64::from(position.imf_ppm));
        let tier = market
            .tier_of(lots.unsigned_abs())
            .expect("Invariant: a position exceeds its market's greatest");
        let sums = self.position_sums(at, number);
        let rest = account.maintenance - sums.maintenance;
        let liquidation_mark = liquidation_mark(market, position, rest);
        let mark = i128::from(market.mark.mark_ticks);
        let distance = |ticks: u64| ((i128::from(ticks) - mark) * 1_000_000).div_euclid(mark);
        PositionView {
            market: number,
            lots,
            value: lots * market.mark_value().cast_signed(),
            tier: tier as u8,
            imf_ppm: market.tiers[tier].imf_ppm.max(own_imf_ppm),
            own_imf_ppm,
            funding_due: self.funding_due(at, number),
            sums,
            liquidation_mark,
            liquidation_distance_ppm: liquidation_mark.map(|ticks| distance(ticks) as i64),
        }
    }
}

/// The last mark at which rest + maintenance(position) ≥ 0: the least of a long, the greatest of a
/// short; `None` where there is none above 0.
fn liquidation_mark(market: &Market, position: &Position, rest: i64) -> Option<u64> {
    let tier = market.tier(position.size);
    let lots = i128::from(position.size.unsigned_abs());
    let owed = i128::from(position.size) * i128::from(market.funding.funding - position.entry);
    // lots · (10^6 ∓ mmf) · multiplier · mark is compared with what is left of it.
    let million = i128::from(schema::PPM);
    let (mmf, rest) = (i128::from(tier.mmf_ppm), i128::from(rest) * million - owed);
    let scale = lots * i128::from(market.terms.multiplier);
    let ticks = if position.size < 0 {
        rest.div_euclid(scale * (million + mmf))
    } else if mmf == million {
        return None;
    } else {
        -rest.div_euclid(scale * (million - mmf))
    };
    u64::try_from(ticks).ok().filter(|&ticks| ticks > 0)
}
