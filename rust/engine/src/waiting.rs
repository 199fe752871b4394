//! Waiting orders come, wait and go (docs/spec/conditional.md § 2 and § 3).

use zkperp_schema::{self as schema, Refusal, RemovalReason};

use crate::accounts::AccountIndex;
use crate::command::Outcome;
use crate::conditional::{ConditionalTerms, StopList, Waiting};
use crate::dead_orders::is_silent;
use crate::effects::Effects;
use crate::event::Event;
use crate::margin::sign;
use crate::place_conditional::Conditional;
use crate::state::State;

impl Conditional {
    /// The list in which it waits.
    pub(crate) const fn list(&self) -> StopList {
        StopList {
            market: self.market,
            direction: self.direction(),
        }
    }

    fn terms(&self) -> ConditionalTerms {
        ConditionalTerms {
            order_type: self.order_type,
            side: self.side,
            price_ticks: self.price_ticks,
            lots: self.lots,
            options: self.options,
            expiry_ms: self.expiry_ms,
        }
    }
}

impl State {
    /// The checks of `place_conditional`; gives the partner's slot, 0 for none.
    pub(crate) fn check_conditional(
        &self,
        at: AccountIndex,
        order: &Conditional,
        now_ms: u64,
    ) -> Result<u32, Refusal> {
        let market = self.market(order.market).ok_or(Refusal::UnknownMarket)?;
        let terms = &market.terms;
        if !(1..=terms.price_max).contains(&order.price_ticks) {
            return Err(Refusal::BadPrice);
        }
        let is_small = order.lots < terms.lots_min && !order.options.reduce_only;
        if order.lots > terms.lots_max || is_small {
            return Err(Refusal::BadLots);
        }
        if order.expiry_ms <= now_ms {
            return Err(Refusal::BadExpiry);
        }
        if terms.price_high == 0 {
            return Err(Refusal::NoPrice);
        }
        let list = order.list();
        let is_price = (1..=terms.price_max).contains(&order.trigger_ticks);
        if !is_price || Self::is_key_crossed(market, list, list.key(order.trigger_ticks)) {
            return Err(Refusal::BadTrigger);
        }
        if u64::from(self.accounts.waiting(at, order.market)) >= schema::CONDITIONALS_MAX {
            return Err(Refusal::TooManyConditionals);
        }
        if !self.conditionals.slot_available() {
            return Err(Refusal::ConditionalsFull);
        }
        if self.clock.next_order_id == schema::ORDER_ID_MAX {
            return Err(Refusal::OrderIdsUsedUp);
        }
        let size = self.accounts.position(at, order.market).size;
        if order.options.reduce_only && sign(order.side) * size >= 0 {
            return Err(Refusal::WouldNotReduce);
        }
        self.check_partner(at, order)
    }

    /// Two partners close the same position, one at a loss and one at a gain.
    fn check_partner(&self, at: AccountIndex, order: &Conditional) -> Result<u32, Refusal> {
        if order.partner == 0 {
            return Ok(0);
        }
        let account = self.accounts.get(at).number;
        let slot = self.find_conditional(order.partner, account)?;
        let partner = self.conditionals.get(slot);
        let (list, own) = (partner.stop_list(), order.list());
        let is_pair = partner.partner == 0
            && list.market == own.market
            && list.direction != own.direction
            && partner.terms.side == order.side
            && partner.terms.options.reduce_only
            && order.options.reduce_only;
        if is_pair {
            Ok(slot)
        } else {
            Err(Refusal::BadPartner)
        }
    }

    /// The slot of a waiting order of this account.
    pub(crate) fn find_conditional(&self, order_id: u64, account: u32) -> Result<u32, Refusal> {
        let slot = self.conditionals.ids.get(order_id);
        let slot = slot.ok_or(Refusal::UnknownOrder)?;
        if self.conditionals.get(slot).account != account {
            return Err(Refusal::NotOwner);
        }
        Ok(slot)
    }

    /// Lets an order wait that passed its checks; `partner` is a slot or 0.
    pub(crate) fn place_conditional(
        &mut self,
        at: AccountIndex,
        order: &Conditional,
        partner: u32,
        effects: &mut Effects,
    ) -> Outcome {
        let order_id = self.clock.next_order_id;
        self.clock.next_order_id += 1;
        let (market, list) = (order.market, order.list());
        let account = self.accounts.get(at).number;
        let new = Waiting {
            id: order_id,
            account,
            owner: at,
            list: list.felt(),
            key: list.key(order.trigger_ticks),
            partner,
            tenure: self.accounts.standing(at, market).tenure,
            terms: order.terms(),
            ..Waiting::default()
        };
        let (table, journal) = (&mut self.conditionals, &mut self.journal);
        let slot = table.allocate(journal, new);
        if partner != 0 {
            table.get_mut(journal, partner).partner = slot;
            effects.advice.named_order = Some(partner);
        }
        self.accounts.count_waiting(journal, at, market);
        self.enlist_stop(slot, effects);
        effects.events.push(Event::ConditionalPlaced {
            order_id,
            account,
            market,
            side: order.side,
            order_type: order.order_type,
            trigger: order.trigger_ticks,
            direction: list.direction,
            price: order.price_ticks,
            lots: order.lots,
            partner: order.partner,
        });
        Outcome::done(order_id, 0, order.lots)
    }

    /// Applies `cancel_conditional` to a waiting order.
    pub(crate) fn cancel_conditional(&mut self, slot: u32, effects: &mut Effects) -> Outcome {
        let Waiting { id, terms, .. } = *self.conditionals.get(slot);
        effects.advice.named_order = Some(slot);
        self.drop_conditional(slot, RemovalReason::Cancelled, effects);
        Outcome::done(id, 0, terms.lots)
    }

    /// Takes a waiting order out without firing it.
    pub(crate) fn drop_conditional(
        &mut self,
        slot: u32,
        reason: RemovalReason,
        effects: &mut Effects,
    ) {
        let order = self.take_conditional(slot);
        effects.events.push(Event::ConditionalRemoved {
            order_id: order.id,
            account: order.account,
            market: order.stop_list().market,
            reason,
        });
    }

    /// Takes a waiting order out of its list and its slot; a partner waits on alone.
    pub(crate) fn take_conditional(&mut self, slot: u32) -> Waiting {
        self.unlist_stop(slot);
        let order = *self.conditionals.get(slot);
        let (table, journal) = (&mut self.conditionals, &mut self.journal);
        if order.partner != 0 {
            table.get_mut(journal, order.partner).partner = 0;
        }
        table.release(journal, slot);
        let market = order.stop_list().market;
        self.accounts
            .count_gone(journal, order.owner, market, order.id);
        order
    }

    /// Why a waiting order is dead, if it is.
    pub(crate) fn dead_conditional(&self, order: &Waiting, now_ms: u64) -> Option<RemovalReason> {
        let market = order.stop_list().market;
        let is_cleared = order.id < self.accounts.cleared(order.owner, market)
            || is_silent(self.accounts.get(order.owner).deadline_ms, now_ms);
        let tenure = self.accounts.standing(order.owner, market).tenure;
        if is_cleared {
            Some(RemovalReason::Cleared)
        } else if order.terms.expiry_ms <= now_ms {
            Some(RemovalReason::Expired)
        } else if order.terms.is_tied() && order.tenure != tenure {
            Some(RemovalReason::Orphaned)
        } else {
            None
        }
    }
}
