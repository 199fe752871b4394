//! `place`, `cancel` and `amend` (docs/spec/commands.md § 5).

use zkperp_schema::{self as schema, OrderType, Refusal, RemovalReason, Side};

use crate::accounts::AccountIndex;
use crate::command::{Outcome, Place};
use crate::effects::Effects;
use crate::event::Event;
use crate::flags::Flags;
use crate::level::BookId;
use crate::market::Market;
use crate::matching::{Taker, behind};
use crate::order::Order;
use crate::state::State;

/// An order about to come into the book, anew or for the first time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) at: AccountIndex,
    pub(crate) market: u8,
    pub(crate) side: Side,
    pub(crate) order_type: OrderType,
    /// Ticks.
    pub(crate) limit: u64,
    pub(crate) lots: u64,
    pub(crate) is_reduce_only: bool,
}

/// An amendment that passed its checks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Amendment {
    /// A smaller size at the same price: the order keeps its place.
    Reduce { market: u8, lots: u64 },
    /// Anything else: the order leaves and comes in anew.
    Replace { taker: Taker },
}

fn check_price_and_lots(
    market: &Market,
    price_ticks: u64,
    lots: u64,
    is_reduce_only: bool,
) -> Result<(), Refusal> {
    let terms = &market.terms;
    if price_ticks == 0 || price_ticks > terms.price_max {
        return Err(Refusal::BadPrice);
    }
    let is_small = lots < terms.lots_min && !is_reduce_only;
    if lots == 0 || lots > terms.lots_max || is_small {
        return Err(Refusal::BadLots);
    }
    Ok(())
}

/// Whether what remains of an order of this type may rest.
const fn may_rest(order_type: OrderType) -> bool {
    matches!(
        order_type,
        OrderType::Gtt | OrderType::PostOnly | OrderType::Slide
    )
}

/// Refuses a price outside the market's bands, and any before there are bands.
const fn check_band(market: &Market, side: Side, price_ticks: u64) -> Result<(), Refusal> {
    if market.terms.price_high == 0 {
        return Err(Refusal::NoPrice);
    }
    let is_outside = match side {
        Side::Bid => price_ticks > market.terms.price_high,
        Side::Ask => price_ticks < market.terms.price_low,
    };
    if is_outside {
        return Err(Refusal::PriceBand);
    }
    Ok(())
}

impl State {
    /// The checks of `place`, on the state before matching; `met` as the command stands.
    pub(crate) fn check_place(
        &self,
        at: AccountIndex,
        order: &Place,
        met: u64,
        now_ms: u64,
    ) -> Result<(), Refusal> {
        let market = self.market(order.market).ok_or(Refusal::UnknownMarket)?;
        let is_reduce_only = order.options.reduce_only;
        check_price_and_lots(market, order.price_ticks, order.lots, is_reduce_only)?;
        let may_rest = may_rest(order.order_type);
        if may_rest && order.expiry_ms <= now_ms || !may_rest && order.expiry_ms != 0 {
            return Err(Refusal::BadExpiry);
        }
        check_band(market, order.side, order.price_ticks)?;
        if may_rest {
            self.check_room(at, order.market)?;
        }
        if self.clock.next_order_id == schema::ORDER_ID_MAX {
            return Err(Refusal::OrderIdsUsedUp);
        }
        self.check_client_id(at, order.client_id, may_rest, now_ms)?;
        self.check_entry(
            &Entry {
                at,
                market: order.market,
                side: order.side,
                order_type: order.order_type,
                limit: order.price_ticks,
                lots: order.lots,
                is_reduce_only,
            },
            met,
            now_ms,
        )
    }

    /// Refuses an order that may rest where its account has no room for another or the books have
    /// none.
    pub(crate) fn check_room(&self, at: AccountIndex, market: u8) -> Result<(), Refusal> {
        if u64::from(self.accounts.open_orders(at, market)) >= schema::OPEN_ORDERS_MAX {
            return Err(Refusal::TooManyOrders);
        }
        if self.books.order_slot_available() && self.books.level_slot_available() {
            Ok(())
        } else {
            Err(Refusal::BookFull)
        }
    }

    /// What an order has to pass each time that it comes into the book: the placement rule, and
    /// that it takes nothing if it never takes.
    fn check_entry(&self, entry: &Entry, met: u64, now_ms: u64) -> Result<(), Refusal> {
        self.check_placement(entry, now_ms)?;
        if !matches!(entry.order_type, OrderType::PostOnly | OrderType::Slide) {
            return Ok(());
        }
        let (market, side) = (entry.market, entry.side);
        let opposite = BookId::new(market, side).opposite();
        let Some(price) = self.first_living(opposite, entry.limit, met, now_ms) else {
            return Ok(());
        };
        let prices = 1..=self.live_market(market).terms.price_max;
        let has_room = prices.contains(&behind(side, price));
        if entry.order_type == OrderType::Slide && has_room {
            Ok(())
        } else {
            Err(Refusal::WouldTake)
        }
    }

    /// Matches a new order and rests or drops what remains. `met` counts the makers that the whole
    /// command has met.
    ///
    /// Refused is a fok that was not filled: its command is recorded, to be undone.
    pub(crate) fn place(
        &mut self,
        account: u32,
        at: AccountIndex,
        order: &Place,
        met: &mut u64,
        effects: &mut Effects,
    ) -> Result<Outcome, Refusal> {
        let order_id = self.clock.next_order_id;
        self.clock.next_order_id += 1;
        let taker = Taker {
            order_id,
            account,
            at,
            market: order.market,
            side: order.side,
            order_type: order.order_type,
            limit: order.price_ticks,
            lots: order.lots,
            expiry_ms: order.expiry_ms,
            flags: Flags::new(order.order_type, order.options, order.client_id),
        };
        let matched = self.match_order(&taker, met, effects);
        if order.order_type == OrderType::Fok && matched.filled < order.lots {
            return Err(Refusal::NotFilled);
        }
        Ok(Outcome::done(order_id, matched.filled, matched.resting))
    }

    /// The slot of a live order of this account.
    pub(crate) fn find_order(&self, order_id: u64, account: u32) -> Result<u32, Refusal> {
        let slot = self.books.ids.get(order_id).ok_or(Refusal::UnknownOrder)?;
        if self.books.order(slot).account != account {
            return Err(Refusal::NotOwner);
        }
        Ok(slot)
    }

    /// Takes an order out of the book.
    pub(crate) fn cancel(&mut self, slot: u32, effects: &mut Effects) -> Outcome {
        let Order { id, lots, .. } = *self.books.order(slot);
        effects.advice.named_order = Some(slot);
        self.remove_order(slot, RemovalReason::Cancelled, effects);
        Outcome::done(id, 0, lots)
    }

    /// The checks of `amend` after those of the order's existence and owner.
    pub(crate) fn check_amend(
        &self,
        slot: u32,
        price_ticks: u64,
        lots: u64,
        now_ms: u64,
    ) -> Result<Amendment, Refusal> {
        let order = self.books.order(slot);
        let level = self.books.level(order.level);
        let book = level.book_id();
        let (market, side): (u8, Side) = (book.market(), book.side());
        if self.gone(order, market, now_ms).is_some() {
            return Err(Refusal::OrderExpired);
        }
        let terms = self.live_market(market);
        let is_reduce_only = order.flags.is_reduce_only();
        check_price_and_lots(terms, price_ticks, lots, is_reduce_only)?;
        if price_ticks == book.price(level.key) && lots < order.lots {
            return Ok(Amendment::Reduce { market, lots });
        }
        check_band(terms, side, price_ticks)?;
        if !self.books.is_alone(slot) && !self.books.level_slot_available() {
            return Err(Refusal::BookFull);
        }
        let order_type = order.flags.order_type();
        self.check_entry(
            &Entry {
                at: order.owner,
                market,
                side,
                order_type,
                limit: price_ticks,
                lots,
                is_reduce_only,
            },
            0,
            now_ms,
        )?;
        Ok(Amendment::Replace {
            taker: Taker {
                order_id: order.id,
                account: order.account,
                at: order.owner,
                market,
                side,
                order_type,
                limit: price_ticks,
                lots,
                expiry_ms: order.expiry_ms,
                flags: order.flags,
            },
        })
    }

    /// Changes an order in place, or takes it out and matches it anew under its own id.
    pub(crate) fn amend(
        &mut self,
        slot: u32,
        amendment: &Amendment,
        effects: &mut Effects,
    ) -> Outcome {
        effects.advice.named_order = Some(slot);
        match *amendment {
            Amendment::Reduce { market, lots } => {
                let order = self.books.order_mut(&mut self.journal, slot);
                order.lots = lots;
                effects.events.push(Event::OrderReduced {
                    order_id: order.id,
                    account: order.account,
                    market,
                    lots,
                    client_id: order.flags.client_id(),
                });
                Outcome::done(order.id, 0, lots)
            }
            Amendment::Replace { ref taker } => {
                self.remove_order(slot, RemovalReason::Amended, effects);
                let matched = self.match_order(taker, &mut 0, effects);
                Outcome::done(taker.order_id, matched.filled, matched.resting)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Command;
    use crate::books::SlotLimits;
    use crate::tests::{apply, sender, venue};

    fn bid(state: &mut State, order_type: OrderType, price_ticks: u64) -> Result<u64, Refusal> {
        let may_rest = matches!(order_type, OrderType::Gtt | OrderType::PostOnly);
        let command = sender(state).place(Place {
            market: 0,
            side: Side::Bid,
            order_type,
            price_ticks,
            lots: 5,
            expiry_ms: if may_rest { 5000 } else { 0 },
            options: crate::Options::NONE,
            client_id: 0,
        });
        apply(state, Command::User(command)).map(|outcome| outcome.0[1])
    }

    #[test]
    fn a_full_book_takes_no_order_that_could_rest() {
        let limits = SlotLimits {
            orders: 3,
            levels: 200,
        };
        let mut state = venue(limits);
        let first = bid(&mut state, OrderType::Gtt, 50).unwrap();
        bid(&mut state, OrderType::Gtt, 50).unwrap();
        for order_type in [OrderType::Gtt, OrderType::PostOnly] {
            assert_eq!(bid(&mut state, order_type, 50), Err(Refusal::BookFull));
        }
        bid(&mut state, OrderType::Ioc, 50).unwrap();
        let cancel = sender(&state).cancel(first);
        apply(&mut state, Command::User(cancel)).unwrap();
        bid(&mut state, OrderType::Gtt, 50).unwrap();
    }

    #[test]
    fn when_no_page_is_left_no_account_can_begin_to_use_client_ids() {
        let mut state = venue(SlotLimits {
            orders: 3,
            levels: 200,
        });
        let at = state.accounts.find(1).unwrap();
        let check = |state: &State, rests| state.check_client_id(at, 1, rests, 1000);
        assert_eq!(check(&state, true), Ok(()));
        state.schedule.next_names = schema::NAMES_MAX as u32;
        assert_eq!(check(&state, true), Err(Refusal::ClientIdsUsedUp));
        assert_eq!(check(&state, false), Ok(()));
        assert_eq!(state.check_client_id(at, 0, true, 1000), Ok(()));
        // Who has a page goes on.
        state.accounts.account_mut(&mut state.journal, at).names = 1;
        assert_eq!(check(&state, true), Ok(()));
    }

    #[test]
    fn a_level_must_be_available_even_where_the_price_has_one_and_amending_may_free_it() {
        let limits = SlotLimits {
            orders: 100,
            levels: 130,
        };
        let mut state = venue(limits);
        let first = bid(&mut state, OrderType::Gtt, 50).unwrap();
        let second = bid(&mut state, OrderType::Gtt, 50).unwrap();
        let alone = bid(&mut state, OrderType::Gtt, 40).unwrap();
        assert_eq!(bid(&mut state, OrderType::Gtt, 50), Err(Refusal::BookFull));
        // The two share a level: to leave it needs another. The one that is alone frees its own.
        let command = sender(&state).amend(first, 41, 5);
        assert_eq!(
            apply(&mut state, Command::User(command)),
            Err(Refusal::BookFull)
        );
        let command = sender(&state).amend(alone, 41, 5);
        apply(&mut state, Command::User(command)).unwrap();
        // A smaller size in place needs none.
        let command = sender(&state).amend(second, 50, 4);
        apply(&mut state, Command::User(command)).unwrap();
    }
}
