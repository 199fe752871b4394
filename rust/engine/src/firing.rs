//! Waiting orders fire where the mark has reached their triggers, and nothing that takes risk
//! comes before them (docs/spec/conditional.md § 4).

use zkperp_schema::{Kind, OrderType, Refusal, RemovalReason, Side};

use crate::command::Outcome;
use crate::conditional::Waiting;
use crate::effects::Effects;
use crate::event::Event;
use crate::flags::Flags;
use crate::matching::Taker;
use crate::orders::Entry;
use crate::record::Record;
use crate::state::State;

impl State {
    /// Markets in which conditional orders may have to fire: bit m for market m.
    #[must_use]
    pub const fn crossed_markets(&self) -> u32 {
        self.conditionals.crossed
    }

    /// Notes whether a market's mark has reached a trigger, at the end of a tick.
    pub(crate) fn set_crossed(&mut self, market: u8) {
        if self.crossed_stop(market).is_some() {
            let crossed = self.conditionals.crossed | 1 << market;
            self.conditionals.set_crossed(&mut self.journal, crossed);
        }
    }

    /// Applies `trigger`.
    pub(crate) fn apply_trigger(
        &mut self,
        now_ms: u64,
        step: u64,
        effects: &mut Effects,
    ) -> Result<Outcome, Refusal> {
        self.check_no_liquidation()?;
        let crossed = self.conditionals.crossed;
        if crossed == 0 {
            return Err(Refusal::NothingTriggered);
        }
        self.begin(now_ms);
        effects.record = Record::risk(Kind::Trigger, 0, step);
        let market = crossed.trailing_zeros() as u8;
        let Some(slot) = self.crossed_stop(market) else {
            let crossed = crossed & !(1 << market);
            self.conditionals.set_crossed(&mut self.journal, crossed);
            return Ok(Outcome::done(0, market.into(), 0));
        };
        let order = *self.conditionals.get(slot);
        if let Some(reason) = self.dead_conditional(&order, now_ms) {
            self.drop_conditional(slot, reason, effects);
            return Ok(Outcome::done(order.id, market.into(), 0));
        }
        if order.partner != 0 {
            self.drop_conditional(order.partner, RemovalReason::Partner, effects);
        }
        let order = self.take_conditional(slot);
        Ok(self.place_triggered(&order, market, effects))
    }

    /// Places what a conditional order asks for, or says with a code why it can't be placed.
    fn place_triggered(&mut self, order: &Waiting, market: u8, effects: &mut Effects) -> Outcome {
        let taker = self.triggered(order, market);
        effects.events.push(Event::Triggered {
            order_id: order.id,
            account: order.account,
            market,
            side: taker.side,
            lots: taker.lots,
            limit: taker.limit,
        });
        if let Err(refusal) = self.check_triggered(&taker) {
            effects.events.push(Event::ConditionalRejected {
                order_id: order.id,
                account: order.account,
                market,
                code: refusal.code(),
            });
            return Outcome([refusal.code().into(), order.id, 0, 0]);
        }
        let matched = self.match_order(&taker, &mut 0, effects);
        Outcome::done(order.id, matched.filled, matched.resting)
    }

    /// A conditional order as it comes into the book: its limit within the bands, its lots those of
    /// the position if it is tied to it.
    fn triggered(&self, order: &Waiting, number: u8) -> Taker {
        let terms = &order.terms;
        let market = self.live_market(number);
        let size = self.accounts.position(order.owner, number).size;
        Taker {
            order_id: order.id,
            account: order.account,
            at: order.owner,
            market: number,
            side: terms.side,
            order_type: terms.order_type,
            limit: match terms.side {
                Side::Bid => terms.price_ticks.min(market.terms.price_high),
                Side::Ask => terms.price_ticks.max(market.terms.price_low),
            },
            lots: if terms.is_tied() {
                size.unsigned_abs().min(market.terms.lots_max)
            } else {
                terms.lots
            },
            expiry_ms: terms.expiry_ms,
            flags: Flags::new(terms.order_type, terms.options, 0),
        }
    }

    /// What a triggered order has to pass; a code does not undo that it fired.
    fn check_triggered(&self, taker: &Taker) -> Result<(), Refusal> {
        if taker.order_type == OrderType::Gtt {
            self.check_room(taker.at, taker.market)?;
        }
        self.check_placement(
            &Entry {
                at: taker.at,
                market: taker.market,
                side: taker.side,
                order_type: taker.order_type,
                limit: taker.limit,
                lots: taker.lots,
                is_reduce_only: taker.flags.is_reduce_only(),
            },
            self.clock.time_ms,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::SlotLimits;
    use crate::command::Command;
    use crate::place_conditional::Conditional;
    use crate::tests::{apply, sender, venue};
    use crate::{Condition, Options, OracleEntry, OracleReport};

    const STOP: Conditional = Conditional {
        market: 0,
        side: Side::Bid,
        order_type: OrderType::Gtt,
        price_ticks: 50,
        lots: 5,
        options: Options::NONE,
        expiry_ms: 5000,
        trigger_ticks: 101,
        condition: Condition::Stop,
        partner: 0,
    };

    fn wait(state: &mut State, order: Conditional) -> Result<u64, Refusal> {
        let command = sender(state).place_conditional(order);
        apply(state, Command::User(command)).map(|outcome| outcome.0[1])
    }

    #[test]
    fn where_no_slot_is_left_none_waits_until_one_goes() {
        let limits = SlotLimits {
            orders: 9,
            levels: 200,
        };
        let mut state = venue(limits);
        state.conditionals.limit = 3;
        let first = wait(&mut state, STOP).unwrap();
        wait(&mut state, STOP).unwrap();
        assert_eq!(wait(&mut state, STOP), Err(Refusal::ConditionalsFull));
        let cancel = sender(&state).cancel_conditional(first);
        apply(&mut state, Command::User(cancel)).unwrap();
        wait(&mut state, STOP).unwrap();
        assert_eq!(wait(&mut state, STOP), Err(Refusal::ConditionalsFull));
    }

    #[test]
    fn a_full_book_rejects_what_could_rest_and_an_ioc_goes_on() {
        for (orders, levels) in [(2, 200), (9, 129)] {
            let mut state = venue(SlotLimits { orders, levels });
            let ioc = Conditional {
                order_type: OrderType::Ioc,
                ..STOP
            };
            let [first, second, third] =
                [STOP, STOP, ioc].map(|order| wait(&mut state, order).unwrap());
            let report = OracleReport {
                key: 0,
                timestamp_ms: 1001,
                entries: vec![OracleEntry {
                    market: 0,
                    price_ticks: 101,
                }],
            };
            let mut effects = Effects::new();
            for command in [Command::Oracle(report), Command::Tick { market: 0 }] {
                let envelope = crate::Envelope {
                    time_ms: 1001,
                    command,
                    signature: None,
                };
                let signed = crate::Recorded(true);
                state.apply(&envelope, &signed, &mut effects).unwrap();
            }
            let fired = [(); 3].map(|()| {
                let outcome = state.apply_trigger(1001, 0, &mut effects).unwrap();
                state.check().unwrap();
                outcome.0
            });
            let full = Refusal::BookFull.code().into();
            assert_eq!(fired[0], [0, first, 0, 5]);
            assert_eq!(fired[1], [full, second, 0, 0]);
            assert_eq!(fired[2], [0, third, 0, 0]);
        }
    }
}
