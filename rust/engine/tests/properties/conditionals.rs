//! Commands on conditional orders drawn at random: near the mark, so that they fire; mostly of a kind
//! that the sender's position suits; now and then in pairs.

use proptest::prelude::*;
use zkperp_engine::{Condition, Conditional, Options, OrderType, Sender, Side, State, UserCommand};

use crate::flow::MARK;
use crate::orders;

/// A conditional order before it knows ids and times.
#[derive(Clone, Debug)]
pub(crate) struct Drawn {
    order: Conditional,
    life_ms: u64,
    /// Whether it is to close what its sender holds.
    closes: bool,
    /// Whether it is to be the partner of the sender's latest, and of which kind then.
    pairs: Option<bool>,
}

fn trigger() -> impl Strategy<Value = u64> {
    prop_oneof![12 => MARK - 12..=MARK + 12, 1 => 1..2000_u64, 1 => Just(0), 1 => Just(9000)]
}

pub(crate) fn drawn() -> impl Strategy<Value = Drawn> {
    let order_type = [OrderType::Gtt, OrderType::Ioc, OrderType::Market];
    let order_type = prop::sample::select(order_type.to_vec());
    let condition = prop::sample::select(Condition::ALL.to_vec());
    let lots = prop_oneof![orders::lots(), Just(0)];
    let terms = (0..2_u8, orders::side(), order_type, orders::price(), lots);
    let waits = (trigger(), condition, orders::options(), orders::life_ms());
    let asks = (prop::bool::weighted(0.7), prop::option::of(any::<bool>()));
    (terms, waits, asks).prop_map(|(terms, waits, (closes, pairs))| {
        let (market, side, order_type, price_ticks, lots) = terms;
        let (trigger_ticks, condition, options, life_ms) = waits;
        let order = Conditional {
            market,
            side,
            order_type,
            price_ticks,
            lots,
            options,
            expiry_ms: 0,
            trigger_ticks,
            condition,
            partner: 0,
        };
        Drawn {
            order,
            life_ms,
            closes,
            pairs,
        }
    })
}

/// The latest waiting order of an account that is not much older than the latest order.
pub(crate) fn latest(state: &State, account: u32, back: u64) -> Option<u64> {
    let from = state.next_order_id().saturating_sub(back);
    let mut ids = (from.saturating_sub(80)..=from).rev();
    ids.find(|&id| {
        let found = state.waiting_order(id);
        found.is_some_and(|order| order.account == account)
    })
}

impl Drawn {
    pub(crate) fn command(&self, state: &State, sender: Sender, time_ms: u64) -> UserCommand {
        let account = sender.account;
        let mut order = self.order;
        order.expiry_ms = time_ms + self.life_ms;
        if self.closes {
            let lots = state.position_lots(account, order.market);
            order.side = if lots > 0 { Side::Ask } else { Side::Bid };
            order.options = Options {
                reduce_only: true,
                ..order.options
            };
        }
        let partner = self.pairs.and_then(|_| latest(state, account, 1));
        if let Some(partner) = partner.and_then(|id| state.waiting_order(id)) {
            order.partner = partner.order_id;
            if self.pairs == Some(true) {
                (order.market, order.side) = (partner.market, partner.side);
            }
        }
        let mark = state.market(order.market).map_or(0, |m| m.mark.mark_ticks);
        // Mostly on the side of the mark on which it waits.
        let is_rising = order.direction() == zkperp_engine::Direction::Rising;
        if self.life_ms > 30 && is_rising != (order.trigger_ticks > mark) {
            order.condition = match order.condition {
                Condition::Stop => Condition::TakeProfit,
                Condition::TakeProfit => Condition::Stop,
            };
        }
        sender.place_conditional(order)
    }
}
