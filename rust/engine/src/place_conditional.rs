//! A conditional order as its sender signs it (docs/spec/conditional.md § 2).

use zkperp_schema::{self as schema, Condition, Direction, Kind, OrderType, Refusal, Side};

use crate::command::{Sender, UserCommand};
use crate::options::{Options, lots_word, split_lots};

/// Bits of a condition.
pub(crate) const CONDITION_BITS: u64 = 1;

/// An order that waits until the mark reaches its trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conditional {
    /// Market.
    pub market: u8,
    /// Side.
    pub side: Side,
    /// `Gtt`, `Ioc` or `Market`: of the order that is placed when it fires.
    pub order_type: OrderType,
    /// That order's limit, or worst average price, in ticks.
    pub price_ticks: u64,
    /// Its size in lots; 0: tied, the whole position when it fires.
    pub lots: u64,
    /// Its options.
    pub options: Options,
    /// First program time at which it neither waits nor rests.
    pub expiry_ms: u64,
    /// The mark at which it fires, in ticks.
    pub trigger_ticks: u64,
    /// What it waits for.
    pub condition: Condition,
    /// The waiting order that goes when this one fires, and the other way round; 0: none.
    pub partner: u64,
}

impl Conditional {
    /// From where the mark reaches the trigger.
    #[must_use]
    pub const fn direction(&self) -> Direction {
        match (self.condition, self.side) {
            (Condition::Stop, Side::Bid) | (Condition::TakeProfit, Side::Ask) => Direction::Rising,
            (Condition::Stop, Side::Ask) | (Condition::TakeProfit, Side::Bid) => Direction::Falling,
        }
    }
}

impl Sender {
    /// A stop or a take-profit.
    #[must_use]
    pub const fn place_conditional(self, order: Conditional) -> UserCommand {
        let condition = order.condition.code() as u64;
        UserCommand {
            market: order.market,
            side: order.side.code(),
            order_type: order.order_type.code(),
            ..self.command(
                Kind::PlaceConditional,
                [
                    order.price_ticks,
                    lots_word(order.lots, order.options, false),
                    order.expiry_ms,
                    order.trigger_ticks + schema::RECORD_CONDITION_SHIFT * condition,
                    order.partner,
                ],
            )
        }
    }

    /// Takes a conditional order back.
    #[must_use]
    pub const fn cancel_conditional(self, order_id: u64) -> UserCommand {
        self.command(Kind::CancelConditional, [order_id])
    }
}

impl UserCommand {
    /// The conditional order that it asks for, or 1001; the widths of the words are checked before.
    pub(crate) fn conditional(&self) -> Result<Conditional, Refusal> {
        let [price_ticks, lots, expiry_ms, trigger, partner] = self.words;
        let (lots, options, is_named) = split_lots(lots).ok_or(Refusal::Malformed)?;
        if is_named {
            return Err(Refusal::Malformed);
        }
        let condition = trigger / schema::RECORD_CONDITION_SHIFT;
        Ok(Conditional {
            market: self.market,
            side: Side::from_code(self.side.into()).ok_or(Refusal::Malformed)?,
            order_type: OrderType::from_code(self.order_type.into())
                .filter(|&order_type| can_wait(order_type))
                .ok_or(Refusal::Malformed)?,
            price_ticks,
            lots,
            options,
            expiry_ms,
            trigger_ticks: trigger % schema::RECORD_CONDITION_SHIFT,
            condition: Condition::from_code(condition).ok_or(Refusal::Malformed)?,
            partner,
        })
    }
}

/// Whether a conditional order may have this type.
pub(crate) const fn can_wait(order_type: OrderType) -> bool {
    matches!(
        order_type,
        OrderType::Gtt | OrderType::Ioc | OrderType::Market
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admission::Action;
    use zkperp_schema::SelfTrade;

    const SENDER: Sender = Sender {
        account: 7,
        key: 1,
        nonce: 9,
        valid_until_ms: 1000,
    };

    /// Every field as great as it can be.
    const ORDER: Conditional = Conditional {
        market: 31,
        side: Side::Ask,
        order_type: OrderType::Market,
        price_ticks: (1 << 32) - 1,
        lots: (1 << 40) - 1,
        options: Options {
            reduce_only: true,
            stp: SelfTrade::Decrement,
            stp_owner: true,
        },
        expiry_ms: (1 << 44) - 1,
        trigger_ticks: (1 << 32) - 1,
        condition: Condition::TakeProfit,
        partner: (1 << 48) - 1,
    };

    fn asked(change: impl Fn(&mut UserCommand)) -> Result<Conditional, Refusal> {
        let mut command = SENDER.place_conditional(ORDER);
        change(&mut command);
        match command.action()? {
            Action::PlaceConditional(order) => Ok(order),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_conditional_order_comes_back_from_its_words() {
        let command = SENDER.place_conditional(ORDER);
        let size = (1 << 40) - 1 + (15 << 40);
        assert_eq!(
            command.words,
            [
                (1 << 32) - 1,
                size,
                (1 << 44) - 1,
                (1 << 33) - 1,
                (1 << 48) - 1
            ]
        );
        assert_eq!(command.head() % 64, 21);
        assert_eq!(asked(|_| ()), Ok(ORDER));
        let tied = Conditional {
            lots: 0,
            condition: Condition::Stop,
            partner: 0,
            ..ORDER
        };
        let words = SENDER.place_conditional(tied).words;
        assert_eq!(asked(|command| command.words = words), Ok(tied));
    }

    #[test]
    fn what_is_malformed_is_refused() {
        let malformed = Err(Refusal::Malformed);
        for order_type in [2, 4, 5, 6, 7] {
            assert_eq!(
                asked(|command| command.order_type = order_type),
                malformed,
                "type {order_type}"
            );
        }
        assert_eq!(asked(|command| command.side = 2), malformed);
        for (at, word) in [
            (0, 1 << 32),
            (1, schema::RECORD_OPTIONS_SHIFT * schema::OPTION_NAMED),
            (1, schema::RECORD_OPTIONS_SHIFT * schema::OPTIONS_END),
            (1, 1 << 48),
            (2, 1 << 44),
            (3, 1 << 33),
            (4, 1 << 48),
        ] {
            assert_eq!(
                asked(|command| command.words[at] = word),
                malformed,
                "word {at}"
            );
        }
    }

    #[test]
    fn a_cancellation_has_an_order_id_and_no_more() {
        let command = SENDER.cancel_conditional((1 << 48) - 1);
        assert!(matches!(
            command.action(),
            Ok(Action::CancelConditional { order_id }) if order_id == (1 << 48) - 1
        ));
        for change in [
            |command: &mut UserCommand| command.words[0] = 1 << 48,
            |command: &mut UserCommand| command.words[1] = 1,
            |command: &mut UserCommand| command.words[4] = 1,
            |command: &mut UserCommand| command.market = 1,
            |command: &mut UserCommand| command.side = 1,
            |command: &mut UserCommand| command.order_type = 1,
        ] {
            let mut changed = command;
            change(&mut changed);
            assert!(matches!(changed.action(), Err(Refusal::Malformed)));
        }
    }

    #[test]
    fn a_stop_waits_for_the_mark_to_move_against_its_position() {
        for (side, condition, direction) in [
            (Side::Bid, Condition::Stop, Direction::Rising),
            (Side::Ask, Condition::Stop, Direction::Falling),
            (Side::Bid, Condition::TakeProfit, Direction::Falling),
            (Side::Ask, Condition::TakeProfit, Direction::Rising),
        ] {
            let order = Conditional {
                side,
                condition,
                ..ORDER
            };
            assert_eq!(order.direction(), direction);
        }
    }
}
