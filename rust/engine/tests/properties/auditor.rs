//! A book kept by what the events say alone, and what must then be true of them.

use std::collections::{BTreeMap, VecDeque};

use proptest::prelude::*;
use zkperp_engine::{Event, Side, State};

#[derive(Clone, Debug)]
struct Resting {
    market: u8,
    side: Side,
    price: u64,
    account: u32,
    lots: u64,
}

/// Queues by market and side and price, orders by id, positions by account and market.
#[derive(Clone, Debug, Default)]
pub(crate) struct Auditor {
    orders: BTreeMap<u64, Resting>,
    queues: BTreeMap<(u8, u8), BTreeMap<u64, VecDeque<u64>>>,
    positions: BTreeMap<(u32, u8), i64>,
    /// Conditional orders that wait: their account and partner.
    waiting: BTreeMap<u64, (u32, u64)>,
}

impl Auditor {
    pub(crate) fn follow(&mut self, events: &[Event]) {
        for event in events {
            match *event {
                Event::OrderRested {
                    order_id,
                    account,
                    market,
                    side,
                    price,
                    lots,
                    ..
                } => {
                    let resting = Resting {
                        market,
                        side,
                        price,
                        account,
                        lots,
                    };
                    assert!(self.orders.insert(order_id, resting).is_none());
                    let queue = self.queues.entry((market, side.code())).or_default();
                    queue.entry(price).or_default().push_back(order_id);
                }
                Event::Trade(trade) => {
                    let maker = self.orders.get_mut(&trade.maker_order_id).unwrap();
                    assert_eq!(
                        (maker.account, maker.market),
                        (trade.maker_account, trade.market)
                    );
                    assert_ne!(maker.side, trade.taker_side);
                    assert_ne!(trade.maker_account, trade.taker_account);
                    assert_eq!(maker.price, trade.price);
                    assert!(
                        trade.taker_order_id == 0 || trade.maker_fee + trade.taker_fee as i64 >= 0
                    );
                    maker.lots -= trade.lots;
                    assert_eq!(maker.lots, trade.maker_lots_left);
                    let (gone, side) = (maker.lots == 0, maker.side);
                    assert_eq!(self.first(trade.market, side), Some(trade.maker_order_id));
                    let sign = if trade.taker_side == Side::Bid { 1 } else { -1 };
                    let change = sign * trade.lots as i64;
                    let market = trade.market;
                    *self
                        .positions
                        .entry((trade.taker_account, market))
                        .or_default() += change;
                    *self
                        .positions
                        .entry((trade.maker_account, market))
                        .or_default() -= change;
                    if gone {
                        self.forget(trade.maker_order_id);
                    }
                }
                Event::Takeover {
                    account,
                    market,
                    lots,
                    ..
                } => self.hand_over(account, 1 << 31, market, lots),
                Event::Deleveraged {
                    account,
                    counterparty,
                    market,
                    lots,
                    ..
                } => self.hand_over(account, counterparty, market, lots),
                Event::OrderRemoved { order_id, lots, .. } => {
                    // Of one that met its own and was used up nothing is left.
                    assert!(lots == 0 || self.orders[&order_id].lots == lots);
                    self.forget(order_id);
                }
                Event::OrderReduced { order_id, lots, .. } => {
                    let order = self.orders.get_mut(&order_id).unwrap();
                    assert!(lots < order.lots);
                    order.lots = lots;
                }
                Event::ConditionalPlaced {
                    order_id,
                    account,
                    partner,
                    ..
                } => {
                    if let Some((owner, other)) = self.waiting.get_mut(&partner) {
                        assert_eq!((*owner, *other), (account, 0));
                        *other = order_id;
                    }
                    let waiting = (account, partner);
                    assert!(self.waiting.insert(order_id, waiting).is_none());
                }
                Event::ConditionalRemoved {
                    order_id, account, ..
                } => self.wait_no_more(order_id, account),
                Event::Triggered {
                    order_id, account, ..
                } => {
                    // Its partner went before.
                    assert_eq!(self.waiting[&order_id].1, 0);
                    self.wait_no_more(order_id, account);
                }
                _ => {}
            }
        }
    }

    fn wait_no_more(&mut self, order_id: u64, account: u32) {
        let (owner, partner) = self.waiting.remove(&order_id).unwrap();
        assert_eq!(owner, account);
        if partner != 0 {
            self.waiting.get_mut(&partner).unwrap().1 = 0;
        }
    }

    /// Lots of the first account's position go to the second.
    fn hand_over(&mut self, from: u32, to: u32, market: u8, lots: u64) {
        let size = self.positions.entry((from, market)).or_default();
        let change = size.signum() * lots as i64;
        *size -= change;
        *self.positions.entry((to, market)).or_default() += change;
    }

    /// The oldest order of the best price.
    fn first(&self, market: u8, side: Side) -> Option<u64> {
        let prices = self.queues.get(&(market, side.code()))?;
        let (_, queue) = match side {
            Side::Bid => prices.last_key_value()?,
            Side::Ask => prices.first_key_value()?,
        };
        queue.front().copied()
    }

    fn forget(&mut self, order_id: u64) {
        let order = self.orders.remove(&order_id).unwrap();
        let prices = self
            .queues
            .get_mut(&(order.market, order.side.code()))
            .unwrap();
        let queue = prices.get_mut(&order.price).unwrap();
        queue.retain(|&id| id != order_id);
        if queue.is_empty() {
            prices.remove(&order.price);
        }
    }

    pub(crate) fn compare(&self, state: &State) -> Result<(), TestCaseError> {
        prop_assert_eq!(state.resting_orders(), self.orders.len());
        prop_assert_eq!(state.waiting_orders(), self.waiting.len());
        for (&order_id, &(account, partner)) in &self.waiting {
            let order = state.waiting_order(order_id).unwrap();
            prop_assert_eq!((order.account, order.partner), (account, partner));
        }
        for market in 0..2 {
            for side in Side::ALL {
                let best = self.first(market, side).map(|id| self.orders[&id].price);
                prop_assert_eq!(state.best_price(market, side), best);
            }
        }
        for (&(account, market), &lots) in &self.positions {
            prop_assert_eq!(state.position_lots(account, market), lots);
        }
        Ok(())
    }
}
