//! An incoming order meets one of its own account or owner (docs/spec/matching.md § 1 c).

use zkperp_schema::{Refusal, RemovalReason, SelfTrade};

use crate::effects::Effects;
use crate::event::Event;
use crate::matching::{Left, Taker};
use crate::order::Order;
use crate::state::State;

impl State {
    /// Whether a maker is the taker's own, as the taker wants it understood.
    #[inline]
    pub(crate) fn is_own(&self, taker: &Taker, maker: &Order) -> bool {
        maker.account == taker.account
            || taker.flags.is_owner_wide() && self.master(maker.owner) == self.master(taker.at)
    }

    /// What the taker wants to happen with the maker in `slot`, with which it could trade `lots`. No
    /// position moves.
    pub(crate) fn meet_own(
        &mut self,
        taker: &Taker,
        slot: u32,
        lots: u64,
        left: &mut Left,
        effects: &mut Effects,
    ) {
        let mode = taker.flags.self_trade();
        if matches!(mode, SelfTrade::CancelTaker | SelfTrade::CancelBoth) {
            left.stop = Some(Refusal::SelfTrade);
        }
        match mode {
            SelfTrade::CancelTaker => {}
            SelfTrade::CancelMaker | SelfTrade::CancelBoth => {
                self.remove_order(slot, RemovalReason::SelfTrade, effects);
            }
            SelfTrade::Decrement => {
                left.remaining -= lots;
                self.decrement(taker.market, slot, lots, effects);
            }
        }
    }

    /// Takes lots off a maker, which goes when none are left.
    fn decrement(&mut self, market: u8, slot: u32, lots: u64, effects: &mut Effects) {
        let maker = self.books.order_mut(&mut self.journal, slot);
        maker.lots -= lots;
        let maker = *maker;
        if maker.lots == 0 {
            self.remove_order(slot, RemovalReason::SelfTrade, effects);
        } else {
            effects.events.push(Event::OrderReduced {
                order_id: maker.id,
                account: maker.account,
                market,
                lots: maker.lots,
                client_id: maker.flags.client_id(),
            });
        }
    }
}
