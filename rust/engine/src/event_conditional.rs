//! The words of the events that conditional orders make (docs/spec/conditional.md § 5).

use zkperp_schema::{Direction, EventType, OrderType, RemovalReason, Side};

use crate::event::Event;
use crate::event_words::{EventError, Fields};

impl Event {
    /// Appends the fields of an event of conditional orders.
    pub(crate) fn encode_conditional(&self, words: &mut Vec<u64>) {
        match *self {
            Self::ConditionalPlaced {
                order_id,
                account,
                market,
                side,
                order_type,
                trigger,
                direction,
                price,
                lots,
                partner,
            } => {
                let [market, side, order_type, direction] =
                    [market, side.code(), order_type.code(), direction.code()].map(u64::from);
                words.extend([order_id, account.into(), market, side, order_type]);
                words.extend([trigger, direction, price, lots, partner]);
            }
            Self::ConditionalRemoved {
                order_id,
                account,
                market,
                reason,
            } => {
                let [market, reason] = [market, reason.code()].map(u64::from);
                words.extend([order_id, account.into(), market, reason]);
            }
            Self::Triggered {
                order_id,
                account,
                market,
                side,
                lots,
                limit,
            } => {
                let [market, side] = [market, side.code()].map(u64::from);
                words.extend([order_id, account.into(), market, side, lots, limit]);
            }
            Self::ConditionalRejected {
                order_id,
                account,
                market,
                code,
            } => words.extend([order_id, account.into(), market.into(), code.into()]),
            _ => unreachable!("Invariant: an event of another part is encoded there"),
        }
    }

    pub(crate) fn conditional_from_fields(
        code: EventType,
        f: &Fields<'_>,
    ) -> Result<Self, EventError> {
        let order_id = f.words[0];
        let account = f.narrow(1)?;
        let market = f.narrow(2)?;
        Ok(match code {
            EventType::ConditionalPlaced => Self::ConditionalPlaced {
                order_id,
                account,
                market,
                side: Side::from_code(f.words[3]).ok_or(f.bad(3))?,
                order_type: OrderType::from_code(f.words[4]).ok_or(f.bad(4))?,
                trigger: f.words[5],
                direction: Direction::from_code(f.words[6]).ok_or(f.bad(6))?,
                price: f.words[7],
                lots: f.words[8],
                partner: f.words[9],
            },
            EventType::ConditionalRemoved => Self::ConditionalRemoved {
                order_id,
                account,
                market,
                reason: RemovalReason::from_code(f.words[3]).ok_or(f.bad(3))?,
            },
            EventType::Triggered => Self::Triggered {
                order_id,
                account,
                market,
                side: Side::from_code(f.words[3]).ok_or(f.bad(3))?,
                lots: f.words[4],
                limit: f.words[5],
            },
            _ => Self::ConditionalRejected {
                order_id,
                account,
                market,
                code: f.narrow(3)?,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_conditional_orders_come_back_from_their_words() {
        for (event, expected) in [
            (
                Event::ConditionalPlaced {
                    order_id: 11,
                    account: 12,
                    market: 3,
                    side: Side::Ask,
                    order_type: OrderType::Market,
                    trigger: 14,
                    direction: Direction::Falling,
                    price: 15,
                    lots: 0,
                    partner: 10,
                },
                vec![27 + (10 << 8), 11, 12, 3, 1, 3, 14, 1, 15, 0, 10],
            ),
            (
                Event::ConditionalRemoved {
                    order_id: 11,
                    account: 12,
                    market: 3,
                    reason: RemovalReason::Orphaned,
                },
                vec![28 + (4 << 8), 11, 12, 3, 10],
            ),
            (
                Event::Triggered {
                    order_id: 11,
                    account: 12,
                    market: 3,
                    side: Side::Bid,
                    lots: 5,
                    limit: 6,
                },
                vec![29 + (6 << 8), 11, 12, 3, 0, 5, 6],
            ),
            (
                Event::ConditionalRejected {
                    order_id: 11,
                    account: 12,
                    market: 3,
                    code: 2001,
                },
                vec![30 + (4 << 8), 11, 12, 3, 2001],
            ),
        ] {
            let mut words = Vec::new();
            event.encode(&mut words);
            assert_eq!(words, expected);
            assert_eq!(Event::decode(&words), Ok((event, words.len())));
        }
        let unknown_reason = [28 + (4 << 8), 11, 12, 3, 12];
        let error = EventError::Field("reason");
        assert_eq!(Event::decode(&unknown_reason), Err(error));
    }
}
