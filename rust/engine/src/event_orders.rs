//! The words of the events that orders make (docs/spec/commands.md § 10, orders.md § 6).

use zkperp_schema::{self as schema, EventType, RemovalReason, Side};

use crate::event::{Event, Trade};
use crate::event_words::{EventError, Fields};
use crate::leaf::from_signed;

impl Event {
    /// Appends the fields of an event of orders.
    pub(crate) fn encode_order(&self, words: &mut Vec<u64>) {
        match *self {
            Self::OrderRested {
                order_id,
                account,
                market,
                side,
                price,
                lots,
                client_id,
            } => {
                let [market, side] = [market, side.code()].map(u64::from);
                words.extend([order_id, account.into(), market, side, price, lots]);
                words.push(client_id);
            }
            Self::Trade(ref trade) => words.extend(trade.words()),
            Self::OrderRemoved {
                order_id,
                account,
                market,
                lots,
                reason,
                client_id,
            } => {
                let [market, reason] = [market, reason.code()].map(u64::from);
                words.extend([order_id, account.into(), market, lots, reason, client_id]);
            }
            Self::TakerStopped {
                order_id,
                account,
                market,
                lots,
                code,
                client_id,
            } => {
                let (market, code) = (market.into(), code.into());
                words.extend([order_id, account.into(), market, lots, code, client_id]);
            }
            Self::OrderReduced {
                order_id,
                account,
                market,
                lots,
                client_id,
            } => {
                words.extend([order_id, account.into(), market.into(), lots, client_id]);
            }
            Self::OrdersCleared {
                account,
                market,
                below,
            } => {
                let market = market.map_or(schema::ALL_MARKETS, u64::from);
                words.extend([account.into(), market, below]);
            }
            Self::DeadlineSet {
                account,
                deadline_ms,
            } => words.extend([account.into(), deadline_ms]),
            _ => unreachable!("Invariant: an event of another part is encoded there"),
        }
    }

    pub(crate) fn order_from_fields(code: EventType, f: &Fields<'_>) -> Result<Self, EventError> {
        Ok(match code {
            EventType::OrderRested => Self::OrderRested {
                order_id: f.words[0],
                account: f.narrow(1)?,
                market: f.narrow(2)?,
                side: Side::from_code(f.words[3]).ok_or(f.bad(3))?,
                price: f.words[4],
                lots: f.words[5],
                client_id: f.words[6],
            },
            EventType::OrderRemoved => Self::OrderRemoved {
                order_id: f.words[0],
                account: f.narrow(1)?,
                market: f.narrow(2)?,
                lots: f.words[3],
                reason: RemovalReason::from_code(f.words[4]).ok_or(f.bad(4))?,
                client_id: f.words[5],
            },
            EventType::TakerStopped => Self::TakerStopped {
                order_id: f.words[0],
                account: f.narrow(1)?,
                market: f.narrow(2)?,
                lots: f.words[3],
                code: f.narrow(4)?,
                client_id: f.words[5],
            },
            EventType::OrderReduced => Self::OrderReduced {
                order_id: f.words[0],
                account: f.narrow(1)?,
                market: f.narrow(2)?,
                lots: f.words[3],
                client_id: f.words[4],
            },
            EventType::OrdersCleared => Self::OrdersCleared {
                account: f.narrow(0)?,
                market: match f.words[1] {
                    schema::ALL_MARKETS => None,
                    _ => Some(f.narrow(1)?),
                },
                below: f.words[2],
            },
            EventType::DeadlineSet => Self::DeadlineSet {
                account: f.narrow(0)?,
                deadline_ms: f.words[1],
            },
            _ => Self::Trade(Trade::from_fields(f)?),
        })
    }
}

impl Trade {
    fn words(&self) -> [u64; 13] {
        [
            self.market.into(),
            self.taker_side.code().into(),
            self.price,
            self.lots,
            self.maker_order_id,
            self.maker_account.into(),
            self.taker_order_id,
            self.taker_account.into(),
            from_signed(self.maker_fee),
            self.taker_fee,
            self.maker_lots_left,
            self.maker_client_id,
            self.taker_client_id,
        ]
    }

    fn from_fields(f: &Fields<'_>) -> Result<Self, EventError> {
        Ok(Self {
            market: f.narrow(0)?,
            taker_side: Side::from_code(f.words[1]).ok_or(f.bad(1))?,
            price: f.words[2],
            lots: f.words[3],
            maker_order_id: f.words[4],
            maker_account: f.narrow(5)?,
            taker_order_id: f.words[6],
            taker_account: f.narrow(7)?,
            maker_fee: f.signed(8)?,
            taker_fee: f.words[9],
            maker_lots_left: f.words[10],
            maker_client_id: f.words[11],
            taker_client_id: f.words[12],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clearings_and_deadlines_come_back_from_their_words() {
        for (event, expected) in [
            (
                Event::OrdersCleared {
                    account: 7,
                    market: None,
                    below: 9,
                },
                vec![25 + (3 << 8), 7, 32, 9],
            ),
            (
                Event::OrdersCleared {
                    account: 7,
                    market: Some(31),
                    below: 9,
                },
                vec![25 + (3 << 8), 7, 31, 9],
            ),
            (
                Event::DeadlineSet {
                    account: 7,
                    deadline_ms: 0,
                },
                vec![26 + (2 << 8), 7, 0],
            ),
            (
                Event::OrderReduced {
                    order_id: 1,
                    account: 7,
                    market: 3,
                    lots: 4,
                    client_id: 5,
                },
                vec![5 + (5 << 8), 1, 7, 3, 4, 5],
            ),
        ] {
            let mut words = Vec::new();
            event.encode(&mut words);
            assert_eq!(words, expected);
            assert_eq!(Event::decode(&words), Ok((event, words.len())));
        }
    }
}
