//! Conditional orders for whoever shows them: the rules ask none of this.

use zkperp_schema::{Direction, OrderType, Side};

use crate::conditional::Waiting;
use crate::options::Options;
use crate::state::State;

/// A conditional order that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingOrder {
    /// Its id, which the order that it places keeps.
    pub order_id: u64,
    /// Its owner.
    pub account: u32,
    /// Market.
    pub market: u8,
    /// Side.
    pub side: Side,
    /// `Gtt`, `Ioc` or `Market`: of the order that it places.
    pub order_type: OrderType,
    /// That order's limit, or worst average price, ticks.
    pub price_ticks: u64,
    /// Its size, lots; 0: the whole position when it fires.
    pub lots: u64,
    /// Its options.
    pub options: Options,
    /// Dead at this program time and later, waiting or resting.
    pub expiry_ms: u64,
    /// The mark at which it fires, ticks.
    pub trigger_ticks: u64,
    /// From where the mark comes to it.
    pub direction: Direction,
    /// The order that goes when this one fires; 0: none.
    pub partner: u64,
}

impl State {
    /// Conditional orders that wait, in all markets, dead ones counted.
    #[must_use]
    pub const fn waiting_orders(&self) -> usize {
        self.conditionals.len()
    }

    /// A conditional order that waits, dead or not.
    #[must_use]
    pub fn waiting_order(&self, order_id: u64) -> Option<WaitingOrder> {
        let slot = self.conditionals.ids.get(order_id)?;
        Some(self.shown(self.conditionals.get(slot)))
    }

    /// An account's living conditional orders by id, and how many of its others wait.
    pub(crate) fn waiting_of(&self, account: u32) -> (Vec<WaitingOrder>, u64) {
        let waiting = self.conditionals.slots.iter();
        let own = waiting.filter(|order| order.is_live() && order.account == account);
        let (living, dead): (Vec<&Waiting>, Vec<&Waiting>) = own.partition(|order| {
            let dead = self.dead_conditional(order, self.clock.time_ms);
            dead.is_none()
        });
        let mut living: Vec<_> = living.into_iter().map(|order| self.shown(order)).collect();
        living.sort_unstable_by_key(|order| order.order_id);
        (living, dead.len() as u64)
    }

    fn shown(&self, order: &Waiting) -> WaitingOrder {
        let (list, terms) = (order.stop_list(), &order.terms);
        WaitingOrder {
            order_id: order.id,
            account: order.account,
            market: list.market,
            side: terms.side,
            order_type: terms.order_type,
            price_ticks: terms.price_ticks,
            lots: terms.lots,
            options: terms.options,
            expiry_ms: terms.expiry_ms,
            trigger_ticks: order.trigger_ticks(),
            direction: list.direction,
            // Slot 0 has no order and no id.
            partner: self.conditionals.get(order.partner).id,
        }
    }
}
