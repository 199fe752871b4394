//! An incoming order meets the book (docs/spec/matching.md § 1, 2 and 4).

use zkperp_schema::{self as schema, OrderType, Refusal, RemovalReason, Side};

use crate::accounts::AccountIndex;
use crate::address::MarketPart;
use crate::advice::Rested;
use crate::effects::Effects;
use crate::event::{Event, Trade};
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
}

/// What became of an incoming order, lots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Matched {
    pub(crate) filled: u64,
    pub(crate) resting: u64,
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

impl State {
    /// Whether a post-only order would meet a living maker at a crossing price: the walk over dead
    /// ones from the head, as the loop would make it.
    pub(crate) fn would_take(&self, market: u8, side: Side, limit: u64, now_ms: u64) -> bool {
        let opposite = BookId::new(market, side).opposite();
        let limit_key = opposite.key(limit);
        let mut met = 0;
        let mut slot = self.books.level(opposite.head()).next;
        while slot != opposite.tail() {
            let level = self.books.level(slot);
            if level.key > limit_key {
                return false;
            }
            let mut maker = level.first;
            while maker != 0 {
                if met == schema::MATCH_STEPS_MAX {
                    return false;
                }
                met += 1;
                let order = self.books.order(maker);
                if order.expiry_ms > now_ms {
                    return true;
                }
                maker = order.next;
            }
            slot = level.next;
        }
        false
    }

    /// Matches an admitted order and rests or drops what remains. Nothing here refuses: a
    /// post-only order that would take was refused before.
    pub(crate) fn match_order(&mut self, taker: &Taker, effects: &mut Effects) -> Matched {
        let opposite = taker.book().opposite();
        let limit_key = taker.limit_key();
        let lots_max = self.live_market(taker.market).terms.lots_max;
        let is_market = taker.order_type == OrderType::Market;
        let mut remaining = taker.lots;
        let mut credit: u64 = 0;
        let mut met = 0;
        let mut stop = None;
        while remaining > 0 {
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
            if met == schema::MATCH_STEPS_MAX {
                stop = Some(Refusal::MatchLimit);
                break;
            }
            met += 1;
            let slot = level.first;
            let maker = *self.books.order(slot);
            if maker.expiry_ms <= self.clock.time_ms {
                self.remove_order(slot, RemovalReason::Expired, effects);
                continue;
            }
            if maker.account == taker.account {
                self.remove_order(slot, RemovalReason::SelfTrade, effects);
                continue;
            }
            let lots = remaining.min(maker.lots).min(cap);
            let next = self.next_fill(taker, slot, maker, opposite.price(level.key), lots);
            if self
                .check_fill(maker.owner, &next.maker_side(taker))
                .is_err()
            {
                self.remove_order(slot, RemovalReason::Margin, effects);
                continue;
            }
            if let Err(code) = self.check_fill(taker.at, &next.taker_side(taker)) {
                stop = Some(code);
                break;
            }
            if let Err(code) = self.check_limits(taker, &next) {
                stop = Some(code);
                break;
            }
            self.exchange(taker, &next, effects);
            effects.events.push(Event::Trade(next.trade(taker)));
            self.touch_position(taker.at, taker.market, effects);
            self.touch_position(next.maker.owner, taker.market, effects);
            if is_market {
                credit = credit + limit_key.saturating_sub(level.key) * lots - over * lots;
            }
            remaining -= lots;
        }
        self.finish(taker, remaining, stop, effects)
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
                .count_order(&mut self.journal, owner, taker.market, false);
        } else {
            self.books.order_mut(&mut self.journal, next.slot).lots = left;
        }
    }

    /// Pays a position's funding, then moves it by `change` lots for `cost` micro-USDC, fee
    /// included.
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
        position.size += change;
        let bit = 1 << market;
        let is_open = position.size != 0;
        position.entry = if is_open { funding } else { 0 };
        let account = self.accounts.account_mut(&mut self.journal, at);
        account.collateral -= cost;
        account.positions = account.positions & !bit | if is_open { bit } else { 0 };
    }

    /// Rests or drops what the loop left.
    fn finish(
        &mut self,
        taker: &Taker,
        remaining: u64,
        stop: Option<Refusal>,
        effects: &mut Effects,
    ) -> Matched {
        let filled = taker.lots - remaining;
        let never_rests = matches!(taker.order_type, OrderType::Ioc | OrderType::Market);
        if remaining > 0 && (stop.is_some() || never_rests) {
            effects.events.push(Event::TakerStopped {
                order_id: taker.order_id,
                account: taker.account,
                market: taker.market,
                lots: remaining,
                code: stop.map_or(0, Refusal::code),
            });
        } else if remaining > 0 {
            self.rest(taker, remaining, effects);
            return Matched {
                filled,
                resting: remaining,
            };
        }
        Matched { filled, resting: 0 }
    }

    fn rest(&mut self, taker: &Taker, lots: u64, effects: &mut Effects) {
        let is_post_only = taker.order_type == OrderType::PostOnly;
        let order = Order {
            id: taker.order_id,
            lots,
            expiry_ms: taker.expiry_ms,
            account: taker.account,
            owner: taker.at,
            flags: if is_post_only {
                schema::FLAG_POST_ONLY as u32
            } else {
                0
            },
            ..Order::default()
        };
        let book = taker.book();
        let key = book.key(taker.limit);
        let (order, level) = self.books.append(&mut self.journal, order, book, key);
        effects.advice.rested = Some(Rested { order, level });
        self.accounts
            .count_order(&mut self.journal, taker.at, taker.market, true);
        effects.events.push(Event::OrderRested {
            order_id: taker.order_id,
            account: taker.account,
            market: taker.market,
            side: taker.side,
            price: taker.limit,
            lots,
        });
    }

    /// Takes a resting order out of the book, with its event.
    pub(crate) fn remove_order(&mut self, slot: u32, reason: RemovalReason, effects: &mut Effects) {
        let order = *self.books.order(slot);
        let market = self.books.level(order.level).book_id().market();
        self.books.remove(&mut self.journal, slot);
        self.accounts
            .count_order(&mut self.journal, order.owner, market, false);
        effects.events.push(Event::OrderRemoved {
            order_id: order.id,
            account: order.account,
            market,
            lots: order.lots,
            reason,
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
        }
    }
}
