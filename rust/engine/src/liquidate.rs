//! The worst due account, one step at a time: the book, then the fund, then everybody
//! (docs/spec/liquidation.md § 5).

use zkperp_schema::{self as schema, Kind, OrderType, Refusal, RemovalReason, Side};

use crate::accounts::AccountIndex;
use crate::command::Outcome;
use crate::effects::Effects;
use crate::event::Event;
use crate::flags::Flags;
use crate::formulas::{self, DuePosition, LiquidationFill, Offer, Sums, Takeover};
use crate::level::BookId;
use crate::margin::bits;
use crate::matching::{Next, Taker};
use crate::order::Order;
use crate::record::Record;
use crate::risk::Deleveraging;
use crate::state::State;

/// A due account and the position of it that goes next.
#[derive(Clone, Copy, Debug)]
struct Target {
    at: AccountIndex,
    account: u32,
    market: u8,
    /// The account's sums.
    sums: Sums,
    position: DuePosition,
}

impl Target {
    /// The side of the book that the account trades against.
    const fn makers(&self) -> Side {
        if self.position.size > 0 {
            Side::Bid
        } else {
            Side::Ask
        }
    }

    fn outcome(&self, lots: u64) -> Outcome {
        Outcome::done(self.account.into(), self.market.into(), lots)
    }

    /// As a taker of so many lots, which has no order.
    fn taker(&self, lots: u64) -> Taker {
        Taker {
            order_id: 0,
            account: self.account,
            at: self.at,
            market: self.market,
            side: match self.makers() {
                Side::Bid => Side::Ask,
                Side::Ask => Side::Bid,
            },
            order_type: OrderType::Ioc,
            limit: 0,
            lots,
            expiry_ms: 0,
            flags: Flags::default(),
        }
    }
}

impl State {
    /// Applies `liquidate`.
    pub(crate) fn apply_liquidate(
        &mut self,
        now_ms: u64,
        step: u64,
        effects: &mut Effects,
    ) -> Result<Outcome, Refusal> {
        let account = self.risk.due_first;
        if account == 0 {
            return Err(Refusal::NothingDue);
        }
        if self.risk.pending != 0 {
            return Err(Refusal::SweepFirst);
        }
        if self.deleveraging.is_some() {
            return Err(Refusal::DeleverageFirst);
        }
        self.begin(now_ms);
        effects.record = Record::risk(Kind::Liquidate, 0, step);
        let at = self.accounts.find(account);
        let at = at.expect("Invariant: the first due account isn't one");
        let sums = self.sums(at);
        let has_positions = self.accounts.get(at).positions != 0;
        if sums.maintenance >= 0 || self.is_fund_without_positions(at) {
            self.leave_due(at);
            if has_positions {
                self.key(at, sums.maintenance, effects);
            }
            effects.events.push(Event::Recovered { account });
            return Ok(Outcome::done(account.into(), 0, 0));
        }
        if !has_positions {
            self.cover_debt(at, effects);
            return Ok(Outcome::done(account.into(), 0, 0));
        }
        let target = self.target(at, sums);
        let outcome = self.meet_book(&target, effects);
        Ok(outcome.unwrap_or_else(|| self.take_over(&target, effects)))
    }

    /// The fund takes what an account owes that has nothing left to sell.
    fn cover_debt(&mut self, at: AccountIndex, effects: &mut Effects) {
        self.leave_due(at);
        let account = self.accounts.account_mut(&mut self.journal, at);
        let debt = std::mem::take(&mut account.collateral);
        let account = account.number;
        let fund = self.fund_account();
        self.accounts
            .account_mut(&mut self.journal, fund)
            .collateral += debt;
        effects.events.push(Event::DebtCovered {
            account,
            amount: debt.unsigned_abs(),
        });
        self.touch(fund, effects);
    }

    /// The position that needs the most maintenance margin, of equal ones that of the lowest market.
    fn target(&self, at: AccountIndex, sums: Sums) -> Target {
        let account = self.accounts.get(at);
        let mut worst = (-1, 0);
        for market in bits(account.positions) {
            let mmr = self.position_sums(at, market).mmr();
            if mmr > worst.0 {
                worst = (mmr, market);
            }
        }
        let market = worst.1;
        let size = self.accounts.position(at, market).size;
        let terms = self.live_market(market);
        let mmf_ppm = terms.tier(size).mmf_ppm;
        Target {
            at,
            account: account.number,
            market,
            sums,
            position: DuePosition::of(size, terms.mark_value(), mmf_ppm, &sums),
        }
    }

    /// The fill with the best maker, or its removal where it can't be one; `None` where the book is
    /// empty or would cost more than the account has to lose.
    fn meet_book(&mut self, target: &Target, effects: &mut Effects) -> Option<Outcome> {
        if target.sums.tav < 0 {
            return None;
        }
        let book = BookId::new(target.market, target.makers());
        let level = *self.books.best(book)?;
        let price = book.price(level.key);
        let market = self.live_market(target.market);
        let maker = *self.books.order(level.first);
        let offer = Offer {
            lot_price: market.notional(1, price),
            lots: maker.lots.min(self.lots_that_reduce(&maker, target.market)),
            liquidation_ppm: market.pricing.liquidation_ppm,
            bonus_ppm: market.pricing.bonus_ppm,
        };
        let fee_per_lot = target.position.fee_per_lot(&offer)?;
        if let Some(reason) = self.no_maker(&maker, book, target.account) {
            self.remove_order(level.first, reason, effects);
            return Some(target.outcome(0));
        }
        let fill = target.position.fill(&offer, fee_per_lot);
        let notional = market.notional(fill.lots, price);
        let own_fee = market.maker_fee(notional);
        let next = Next {
            slot: level.first,
            maker,
            lots: fill.lots,
            price,
            notional,
            maker_fee: own_fee - fill.bonus.cast_signed(),
            taker_fee: fill.fee,
            earned: own_fee,
        };
        if self.is_liquidation_fill_fine(target, &next) {
            self.execute_liquidation(target, &fill, &next, effects);
            Some(target.outcome(fill.lots))
        } else {
            self.remove_order(level.first, RemovalReason::Margin, effects);
            Some(target.outcome(0))
        }
    }

    /// Why an order that a due account meets is no maker, if it isn't.
    fn no_maker(&self, maker: &Order, book: BookId, account: u32) -> Option<RemovalReason> {
        let dead = self.dead(maker, book, self.clock.time_ms);
        if dead.is_some() {
            dead
        } else if maker.account == account {
            Some(RemovalReason::SelfTrade)
        } else if self.is_due(maker.owner) {
            Some(RemovalReason::Liquidation)
        } else {
            None
        }
    }

    /// The maker passes its fill check, and the venue's fees stay within their bounds.
    fn is_liquidation_fill_fine(&self, target: &Target, next: &Next) -> bool {
        let maker = next.maker_side(&target.taker(next.lots));
        let fees = self.money.fees.cast_signed() + next.earned;
        self.check_fill(next.maker.owner, &maker).is_ok()
            && (0..=schema::BALANCE_MAX.cast_signed()).contains(&fees)
    }

    fn execute_liquidation(
        &mut self,
        target: &Target,
        fill: &LiquidationFill,
        next: &Next,
        effects: &mut Effects,
    ) {
        let taker = target.taker(fill.lots);
        self.exchange(&taker, next, effects);
        let for_fund = fill.fee - fill.bonus;
        if for_fund > 0 {
            let fund = self.fund_account();
            let fund = self.accounts.account_mut(&mut self.journal, fund);
            fund.collateral += for_fund.cast_signed();
        }
        effects.events.push(Event::Liquidation {
            account: target.account,
            market: target.market,
            lots: fill.lots,
            price: next.price,
            fee: fill.fee,
            bonus: fill.bonus,
        });
        effects.events.push(Event::Trade(next.trade(&taker)));
        self.touch_position(next.maker.owner, target.market, effects);
    }

    /// The fund takes the position's lots, or somebody is to be deleveraged.
    fn take_over(&mut self, target: &Target, effects: &mut Effects) -> Outcome {
        let Target {
            at,
            account,
            market,
            ref position,
            ..
        } = *target;
        let cmf_ppm = self.live_market(market).tier(position.size).cmf_ppm;
        let position_mmr = self.position_sums(at, market).mmr().unsigned_abs();
        let taken = formulas::takeover(position, cmf_ppm, target.sums.closeout, position_mmr);
        let (lots, quote) = (taken.lots, taken.quote);
        let change = position.size.signum() * lots.cast_signed();
        if !self.does_fund_take(at, market, change, quote) {
            self.deleverage(target, &taken, effects);
            return target.outcome(0);
        }
        let fund = self.fund_account();
        let growth = self.growth(at, market, -change) + self.growth(fund, market, change);
        self.settle(at, market, -change, -quote, effects);
        self.settle(fund, market, change, quote, effects);
        self.grow_interest(market, growth);
        effects.events.push(Event::Takeover {
            account,
            market,
            lots,
            quote,
        });
        self.touch_position(fund, market, effects);
        target.outcome(lots)
    }

    /// The fund's place.
    pub(crate) fn fund_account(&self) -> AccountIndex {
        let fund = self.accounts.find(schema::FUND_ACCOUNT as u32);
        fund.expect("Invariant: a venue without its fund")
    }

    /// Whether the fund can take `change` lots for `quote`: whatever its own health, as far as its
    /// position has a tier and its collateral stays within its bounds.
    fn does_fund_take(&self, from: AccountIndex, market: u8, change: i64, quote: i64) -> bool {
        let fund = self.fund_account();
        if fund == from {
            return false;
        }
        let size = self.accounts.position(fund, market).size + change;
        let collateral = self.accounts.get(fund).collateral;
        let collateral = collateral - self.funding_due(fund, market) - quote;
        let tier = self.live_market(market).tier_of(size.unsigned_abs());
        tier.is_some() && collateral.unsigned_abs() <= schema::BALANCE_MAX
    }

    /// Begins to deleverage the fund where it is full or itself next, else what was to be taken of
    /// the account.
    fn deleverage(&mut self, target: &Target, taken: &Takeover, effects: &mut Effects) {
        let (fund, market) = (self.fund_account(), target.market);
        let size = self.accounts.position(fund, market).size;
        let is_fund = fund == target.at || size.signum() == target.position.size.signum();
        let (at, taken) = if is_fund {
            (fund, self.fund_closing(market))
        } else {
            (target.at, *taken)
        };
        let account = self.accounts.get(at).number;
        let Takeover { lots, quote, .. } = taken;
        let total = self.live_market(market).interest.open_interest / 2;
        self.begin_deleveraging(Deleveraging {
            account,
            market,
            lots,
            quote,
            total,
            ..Deleveraging::default()
        });
        effects.events.push(Event::Deleveraging {
            account,
            market,
            lots,
            quote,
            total,
        });
    }

    /// What is closed of the fund's position in a market.
    fn fund_closing(&self, market: u8) -> Takeover {
        let fund = self.fund_account();
        let size = self.accounts.position(fund, market).size;
        let sums = self.sums(fund);
        let terms = self.live_market(market);
        let mmf_ppm = terms.tier(size).mmf_ppm;
        let position = DuePosition::of(size, terms.mark_value(), mmf_ppm, &sums);
        let position_mmr = self.position_sums(fund, market).mmr().unsigned_abs();
        formulas::fund_closing(&position, position_mmr)
    }
}
