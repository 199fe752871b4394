//! An incoming order meets the book (docs/spec/matching.md § 1, 2 and 4).

use zkperp_schema::{self as schema, OrderType, Refusal, RemovalReason, Side};

use crate::accounts::AccountIndex;
use crate::address::MarketPart;
use crate::advice::Rested;
use crate::effects::Effects;
use crate::event::{Event, Trade};
use crate::flags::Flags;
use crate::level::BookId;
use crate::margin::{Fill, sign};
use crate::order::Order;
use crate::state::State;

/// An incoming order, admitted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taker {
    pub(crate) order_id: u64,
    pub(crate) account: u32,
    pub(crate) at: AccountIndex,
    pub(crate) market: u8,
    pub(crate) side: Side,
    pub(crate) order_type: OrderType,
    /// Limit, ticks; of a market order the worst average price.
    pub(crate) limit: u64,
    pub(crate) lots: u64,
    pub(crate) expiry_ms: u64,
    pub(crate) flags: Flags,
}

/// What became of an incoming order, lots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Matched {
    pub(crate) filled: u64,
    pub(crate) resting: u64,
}

/// What is left of an incoming order within the loop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Left {
    /// Where it would rest, ticks.
    limit: u64,
    /// Lots that have met nothing.
    pub(crate) remaining: u64,
    /// Lots that were traded.
    filled: u64,
    /// Why it goes no further.
    pub(crate) stop: Option<Refusal>,
}

/// The fill that comes next.
pub(crate) struct Next {
    /// The maker's slot.
    pub(crate) slot: u32,
    pub(crate) maker: Order,
    pub(crate) lots: u64,
    pub(crate) price: u64,
    pub(crate) notional: u64,
    /// What the maker pays, micro-USDC, below 0 a rebate.
    pub(crate) maker_fee: i64,
    /// What the taker pays, micro-USDC.
    pub(crate) taker_fee: u64,
    /// What the venue's fees change by, micro-USDC.
    pub(crate) earned: i64,
}

impl Taker {
    fn book(&self) -> BookId {
        BookId::new(self.market, self.side)
    }

    /// The key up to which levels of the other side cross.
    fn limit_key(&self) -> u64 {
        self.book().opposite().key(self.limit)
    }
}

/// One tick worse for a side than this price of the other side: where a sliding order stands. It
/// may be no price.
pub(crate) const fn behind(side: Side, price: u64) -> u64 {
    match side {
        Side::Bid => price - 1,
        Side::Ask => price + 1,
    }
}

impl State {
    /// The price at which an order would meet a living maker, whose key is within its limit: the
    /// walk over dead ones from the head, as the loop would make it.
    pub(crate) fn first_living(
        &self,
        opposite: BookId,
        limit: u64,
        mut met: u64,
        now_ms: u64,
    ) -> Option<u64> {
        let limit_key = opposite.key(limit);
        for (key, maker) in self.books.queue(opposite) {
            if key > limit_key || met == schema::MATCH_STEPS_MAX {
                return None;
            }
            met += 1;
            if self.dead(maker, opposite, now_ms).is_none() {
                return Some(opposite.price(key));
            }
        }
        None
    }

    /// Matches an admitted order and rests or drops what remains. Nothing here refuses: an order
    /// that never takes and would was refused before, and that a fok was not filled is the caller's
    /// to see. `met` counts the makers that the whole command has met.
    pub(crate) fn match_order(
        &mut self,
        taker: &Taker,
        met: &mut u64,
        effects: &mut Effects,
    ) -> Matched {
        let opposite = taker.book().opposite();
        let limit_key = taker.limit_key();
        let lots_max = self.live_market(taker.market).terms.lots_max;
        let is_market = taker.order_type == OrderType::Market;
        let now_ms = self.clock.time_ms;
        let mut left = Left {
            limit: taker.limit,
            remaining: taker.lots,
            filled: 0,
            stop: None,
        };
        let mut credit: u64 = 0;
        while left.remaining > 0 {
            if taker.flags.is_reduce_only() && !self.would_reduce(taker) {
                left.stop = Some(Refusal::WouldNotReduce);
                break;
            }
            let Some(&level) = self.books.best(opposite) else {
                break;
            };
            let over = level.key.saturating_sub(limit_key);
            // A level beyond the limit is for market orders, as far as earlier fills have saved.
            let cap = match credit.checked_div(over) {
                None => lots_max,
                Some(affordable) if is_market && affordable > 0 => affordable,
                Some(_) => break,
            };
            if *met == schema::MATCH_STEPS_MAX {
                left.stop = Some(Refusal::MatchLimit);
                break;
            }
            *met += 1;
            let slot = level.first;
            let maker = *self.books.order(slot);
            let price = opposite.price(level.key);
            if let Some(reason) = self.dead(&maker, opposite, now_ms) {
                self.remove_order(slot, reason, effects);
                continue;
            }
            if taker.flags.is_post_only() {
                left.limit = behind(taker.side, price);
                break;
            }
            let lots = left.remaining.min(maker.lots).min(cap);
            if self.is_own(taker, &maker) {
                self.meet_own(taker, slot, lots, &mut left, effects);
                if left.stop.is_some() {
                    break;
                }
                continue;
            }
            let lots = lots
                .min(self.lots_that_reduce(&maker, taker.market))
                .min(self.lots_of_taker(taker));
            let next = self.next_fill(taker, slot, maker, price, lots);
            if self
                .check_fill(maker.owner, &next.maker_side(taker))
                .is_err()
            {
                self.remove_order(slot, RemovalReason::Margin, effects);
                continue;
            }
            let checked = self.check_fill(taker.at, &next.taker_side(taker));
            if let Err(code) = checked.and_then(|()| self.check_limits(taker, &next)) {
                left.stop = Some(code);
                break;
            }
            self.exchange(taker, &next, effects);
            effects.events.push(Event::Trade(next.trade(taker)));
            self.touch_position(taker.at, taker.market, effects);
            self.touch_position(next.maker.owner, taker.market, effects);
            if is_market {
                credit = credit + limit_key.saturating_sub(level.key) * lots - over * lots;
            }
            left.remaining -= lots;
            left.filled += lots;
        }
        self.finish(taker, &left, effects)
    }

    /// Whether the taker's position is one that its side reduces.
    fn would_reduce(&self, taker: &Taker) -> bool {
        let size = self.accounts.position(taker.at, taker.market).size;
        sign(taker.side) * size < 0
    }

    /// The most lots that the taker may fill, if it asks to reduce only: those of its position.
    #[inline]
    fn lots_of_taker(&self, taker: &Taker) -> u64 {
        if taker.flags.is_reduce_only() {
            let size = self.accounts.position(taker.at, taker.market).size;
            size.unsigned_abs()
        } else {
            u64::MAX
        }
    }

    fn next_fill(&self, taker: &Taker, slot: u32, maker: Order, price: u64, lots: u64) -> Next {
        let market = self.live_market(taker.market);
        let notional = market.notional(lots, price);
        let (maker_fee, taker_fee) = (market.maker_fee(notional), market.taker_fee(notional));
        Next {
            slot,
            maker,
            lots,
            price,
            notional,
            maker_fee,
            taker_fee,
            // Never below 0, as a rebate is at most the taker's fee and both are rounded up.
            earned: maker_fee + taker_fee.cast_signed(),
        }
    }

    /// The limits of the venue and of the market.
    fn check_limits(&self, taker: &Taker, next: &Next) -> Result<(), Refusal> {
        if self.money.fees.strict_add_signed(next.earned) > schema::BALANCE_MAX {
            return Err(Refusal::BalanceLimit);
        }
        let interest = &self.live_market(taker.market).interest;
        let sides = [taker.at, next.maker.owner];
        let [taker_pays, maker_pays] = sides.map(|at| self.funding_due(at, taker.market));
        let clearing = interest.clearing + taker_pays + maker_pays;
        if clearing.unsigned_abs() > schema::BALANCE_MAX {
            return Err(Refusal::BalanceLimit);
        }
        let growth = self.growth_of(taker, next);
        if growth > 0 && interest.open_interest + growth.unsigned_abs() > interest.oi_max {
            return Err(Refusal::OpenInterestLimit);
        }
        Ok(())
    }

    /// By how many lots a position would grow.
    pub(crate) fn growth(&self, at: AccountIndex, market: u8, change: i64) -> i64 {
        let size = self.accounts.position(at, market).size;
        (size + change).abs() - size.abs()
    }

    fn growth_of(&self, taker: &Taker, next: &Next) -> i64 {
        let (market, change) = (taker.market, next.change(taker.side).0);
        self.growth(taker.at, market, change) + self.growth(next.maker.owner, market, -change)
    }

    /// Changes a market's open interest.
    pub(crate) fn grow_interest(&mut self, market: u8, growth: i64) {
        if growth != 0 {
            let interest = &mut self.market_mut(market, MarketPart::Interest).interest;
            interest.open_interest = interest.open_interest.strict_add_signed(growth);
        }
    }

    /// Makes a fill that passed its checks: positions, cash, fees, the maker's order.
    pub(crate) fn exchange(&mut self, taker: &Taker, next: &Next, effects: &mut Effects) {
        let growth = self.growth_of(taker, next);
        let (market, (change, cash)) = (taker.market, next.change(taker.side));
        let taker_cost = cash + next.taker_fee.cast_signed();
        self.settle(taker.at, market, change, taker_cost, effects);
        let maker_cost = -cash + next.maker_fee;
        self.settle(next.maker.owner, market, -change, maker_cost, effects);
        self.grow_interest(market, growth);
        if next.earned != 0 {
            let money = self.money_mut();
            money.fees = money.fees.strict_add_signed(next.earned);
        }
        let left = next.left();
        if left == 0 {
            self.books.remove(&mut self.journal, next.slot);
            let owner = next.maker.owner;
            self.accounts
                .count_removed(&mut self.journal, owner, taker.market, next.maker.id);
        } else {
            self.books.order_mut(&mut self.journal, next.slot).lots = left;
        }
    }

    /// Pays a position's funding, then moves it by `change` lots for `cost` micro-USDC, fee
    /// included. Its tenure ends where it is closed or turned.
    pub(crate) fn settle(
        &mut self,
        at: AccountIndex,
        market: u8,
        change: i64,
        cost: i64,
        effects: &mut Effects,
    ) {
        self.pay_funding(at, market, effects);
        let funding = self.live_market(market).funding.funding;
        let position = self.accounts.position_mut(&mut self.journal, at, market);
        let before = position.size;
        position.size += change;
        let size = position.size;
        let bit = 1 << market;
        let is_open = size != 0;
        position.entry = if is_open { funding } else { 0 };
        let account = self.accounts.account_mut(&mut self.journal, at);
        account.collateral -= cost;
        account.positions = account.positions & !bit | if is_open { bit } else { 0 };
        if before != 0 && before.signum() != size.signum() {
            self.accounts.end_tenure(&mut self.journal, at, market);
        }
    }

    /// Rests or drops what the loop left.
    fn finish(&mut self, taker: &Taker, left: &Left, effects: &mut Effects) -> Matched {
        let never_rests = matches!(
            taker.order_type,
            OrderType::Ioc | OrderType::Market | OrderType::Fok
        );
        let is_dropped = left.stop.is_some() || never_rests;
        let mut matched = Matched {
            filled: left.filled,
            resting: 0,
        };
        if left.remaining > 0 && is_dropped {
            effects.events.push(Event::TakerStopped {
                order_id: taker.order_id,
                account: taker.account,
                market: taker.market,
                lots: left.remaining,
                code: left.stop.map_or(0, Refusal::code),
                client_id: taker.flags.client_id(),
            });
        } else if left.remaining > 0 {
            self.rest(taker, left, effects);
            matched.resting = left.remaining;
        }
        matched
    }

    fn rest(&mut self, taker: &Taker, left: &Left, effects: &mut Effects) {
        let (price, lots) = (left.limit, left.remaining);
        let order = Order {
            id: taker.order_id,
            lots,
            expiry_ms: taker.expiry_ms,
            account: taker.account,
            owner: taker.at,
            flags: taker.flags,
            ..Order::default()
        };
        let book = taker.book();
        let key = book.key(price);
        let (order, level) = self.books.append(&mut self.journal, order, book, key);
        effects.advice.rested = Some(Rested { order, level });
        self.accounts
            .count_rested(&mut self.journal, taker.at, taker.market);
        self.name_order(order, taker.market);
        effects.events.push(Event::OrderRested {
            order_id: taker.order_id,
            account: taker.account,
            market: taker.market,
            side: taker.side,
            price,
            lots,
            client_id: taker.flags.client_id(),
        });
    }

    /// Takes a resting order out of the book, with its event.
    pub(crate) fn remove_order(&mut self, slot: u32, reason: RemovalReason, effects: &mut Effects) {
        let order = *self.books.order(slot);
        let market = self.books.level(order.level).book_id().market();
        self.books.remove(&mut self.journal, slot);
        self.accounts
            .count_removed(&mut self.journal, order.owner, market, order.id);
        effects.events.push(Event::OrderRemoved {
            order_id: order.id,
            account: order.account,
            market,
            lots: order.lots,
            reason,
            client_id: order.flags.client_id(),
        });
    }
}

impl Next {
    /// The taker's change of position and what it pays for it, without the fee.
    fn change(&self, side: Side) -> (i64, i64) {
        let sign = sign(side);
        (
            sign * self.lots.cast_signed(),
            sign * self.notional.cast_signed(),
        )
    }

    fn taker_side(&self, taker: &Taker) -> Fill {
        Fill {
            market: taker.market,
            lots: self.change(taker.side).0,
            price: self.price,
            fee: self.taker_fee.cast_signed(),
        }
    }

    pub(crate) fn maker_side(&self, taker: &Taker) -> Fill {
        Fill {
            lots: -self.change(taker.side).0,
            fee: self.maker_fee,
            ..self.taker_side(taker)
        }
    }

    /// What remains of the maker's order, lots.
    const fn left(&self) -> u64 {
        self.maker.lots - self.lots
    }

    /// Its event.
    pub(crate) const fn trade(&self, taker: &Taker) -> Trade {
        Trade {
            market: taker.market,
            taker_side: taker.side,
            price: self.price,
            lots: self.lots,
            maker_order_id: self.maker.id,
            maker_account: self.maker.account,
            taker_order_id: taker.order_id,
            taker_account: taker.account,
            maker_fee: self.maker_fee,
            taker_fee: self.taker_fee,
            maker_lots_left: self.left(),
            maker_client_id: self.maker.flags.client_id(),
            taker_client_id: taker.flags.client_id(),
        }
    }
}
