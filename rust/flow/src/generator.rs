//! Rows like those of the recorded feed, from a seed.

use zkperp_engine::Side;

use crate::rng::Rng;
use crate::row::{Op, Row};
use crate::tables;

/// The mid stays within half and twice its opening.
const MID_MIN: u64 = tables::OPENING_MID / 2;
const MID_MAX: u64 = tables::OPENING_MID * 2;
/// Ticks that an order may lie on the wrong side of the mid before its owner cancels it.
const LEFT_BEHIND: u64 = 20;

/// An order that the feed would still show.
#[derive(Clone, Copy, Debug)]
struct Live {
    id: u64,
    side: Side,
    price: u64,
    lots: u64,
    /// Row at which it is cancelled.
    until: u64,
    is_amended: bool,
}

/// An endless feed. The same seed gives the same rows on every machine.
#[derive(Clone, Debug)]
pub struct Generator {
    rng: Rng,
    mid: u64,
    /// Rows made.
    rows: u64,
    next_id: u64,
    live: Vec<Live>,
}

const fn opposite(side: Side) -> Side {
    match side {
        Side::Bid => Side::Ask,
        Side::Ask => Side::Bid,
    }
}

impl Generator {
    /// The feed of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self {
            rng: Rng::new(seed),
            mid: tables::OPENING_MID,
            rows: 0,
            next_id: 1,
            live: Vec::new(),
        }
    }

    /// The best price of a side, by the feed's orders.
    fn best(&self, side: Side) -> Option<u64> {
        let prices = self
            .live
            .iter()
            .filter(|order| order.side == side)
            .map(|order| order.price);
        match side {
            Side::Bid => prices.max(),
            Side::Ask => prices.min(),
        }
    }

    /// `price`, or the nearest one that does not cross the other side.
    fn uncrossed(&self, side: Side, price: u64) -> u64 {
        match (side, self.best(opposite(side))) {
            (Side::Bid, Some(ask)) => price.min(ask - 1),
            (Side::Ask, Some(bid)) => price.max(bid + 1),
            _ => price,
        }
    }

    fn side(&mut self) -> Side {
        if self.rng.chance(1, 2) {
            Side::Bid
        } else {
            Side::Ask
        }
    }

    fn place(&mut self, side: Side) -> Row {
        let distance = tables::DISTANCE.sample(&mut self.rng);
        let away = match side {
            Side::Bid => -distance,
            Side::Ask => distance,
        };
        let price = self.uncrossed(side, self.mid.strict_add_signed(away));
        let is_amended = self.rng.chance(tables::AMENDED_PER_MILLE, 1000);
        let lifetime = if is_amended {
            tables::LIFETIME_AMENDED
        } else {
            tables::LIFETIME
        };
        let order = Live {
            id: self.next_id,
            side,
            price,
            lots: tables::SIZE.sample(&mut self.rng).unsigned_abs(),
            until: self.rows + lifetime.sample(&mut self.rng).unsigned_abs(),
            is_amended,
        };
        self.next_id += 1;
        self.live.push(order);
        row(Op::Place, &order)
    }

    fn cancel(&mut self, at: usize) -> Row {
        let order = self.live.remove(at);
        Row {
            price_ticks: 0,
            lots: 0,
            ..row(Op::Cancel, &order)
        }
    }

    /// Amends one of the orders that their owners amend, if there is one.
    fn amend(&mut self) -> Option<Row> {
        let is_amended = |(_, order): &(usize, &Live)| order.is_amended;
        let amended = self.live.iter().enumerate().filter(is_amended).count() as u64;
        if amended == 0 {
            return None;
        }
        let chosen = self.rng.below(amended) as usize;
        let (at, &order) = self
            .live
            .iter()
            .enumerate()
            .filter(is_amended)
            .nth(chosen)?;
        let mut price = order.price;
        if !self.rng.chance(tables::SIZE_ONLY_PER_MILLE, 1000) {
            let away = tables::REPRICING.sample(&mut self.rng);
            let change = if order.side == Side::Bid { -away } else { away };
            price = self.uncrossed(order.side, order.price.strict_add_signed(change));
        }
        let mut lots = order.lots;
        // Sizes change by a few in ten thousand, mostly.
        let change = 1 + self.rng.below(order.lots / 1000 + 1);
        let draw = self.rng.below(1000);
        if draw < tables::RAISED_PER_MILLE {
            lots += change;
        } else if draw < tables::RAISED_PER_MILLE + tables::LOWERED_PER_MILLE {
            lots = lots.saturating_sub(change).max(1);
        }
        let order = &mut self.live[at];
        (order.price, order.lots) = (price, lots);
        Some(row(Op::Amend, order))
    }

    /// Takes from the oldest order of the best price, as much as it has at most.
    fn take(&mut self, side: Side) -> Option<Row> {
        let price = self.best(opposite(side))?;
        let best = |order: &Live| order.side != side && order.price == price;
        let at = self.live.iter().position(best)?;
        let lots = tables::TAKE_SIZE.sample(&mut self.rng).unsigned_abs();
        let maker = &mut self.live[at];
        let lots = lots.min(maker.lots);
        maker.lots -= lots;
        if maker.lots == 0 {
            self.live.remove(at);
        }
        Some(Row {
            op: Op::Take,
            id: 0,
            side,
            price_ticks: price,
            lots,
        })
    }

    /// An order that the mid has left behind, or whose time is over.
    fn due(&self) -> Option<usize> {
        self.live.iter().position(|order| {
            let beyond = match order.side {
                Side::Bid => order.price.saturating_sub(self.mid),
                Side::Ask => self.mid.saturating_sub(order.price),
            };
            beyond > LEFT_BEHIND || order.until <= self.rows
        })
    }

    fn move_mid(&mut self) {
        let change = tables::MID_MOVE.sample(&mut self.rng);
        self.mid = self.mid.strict_add_signed(change).clamp(MID_MIN, MID_MAX);
    }

    fn next_row(&mut self) -> Row {
        self.rows += 1;
        if self.rows <= tables::SNAPSHOT_ROWS {
            let half = tables::SNAPSHOT_ROWS / 2;
            return self.place(if self.rows <= half {
                Side::Bid
            } else {
                Side::Ask
            });
        }
        if self.rows.is_multiple_of(tables::MID_ROWS) {
            self.move_mid();
        }
        if let Some(at) = self.due() {
            return self.cancel(at);
        }
        let side = self.side();
        let draw = self
            .rng
            .below(tables::PLACES + tables::AMENDS + tables::TAKES);
        let row = match draw {
            _ if draw < tables::AMENDS => self.amend(),
            _ if draw < tables::AMENDS + tables::TAKES => self.take(side),
            _ => None,
        };
        row.unwrap_or_else(|| self.place(side))
    }
}

const fn row(op: Op, order: &Live) -> Row {
    Row {
        op,
        id: order.id,
        side: order.side,
        price_ticks: order.price,
        lots: order.lots,
    }
}

impl Iterator for Generator {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        Some(self.next_row())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_rows_and_another_seed_others() {
        let rows = |seed| Generator::new(seed).take(1000).collect::<Vec<_>>();
        assert_eq!(rows(1), rows(1));
        assert_ne!(rows(1), rows(2));
    }

    /// Within a tenth of what was measured.
    fn near(got: u64, measured: u64) -> bool {
        got.abs_diff(measured) * 10 <= measured
    }

    #[test]
    fn shares_and_sizes_are_those_measured() {
        let rows: Vec<Row> = Generator::new(7).take(50_000).collect();
        let mut counts = BTreeMap::new();
        for row in &rows {
            *counts.entry(row.op).or_insert(0_u64) += 1;
        }
        assert!(near(counts[&Op::Place], tables::PLACES), "{counts:?}");
        assert!(near(counts[&Op::Cancel], tables::CANCELS), "{counts:?}");
        assert!(near(counts[&Op::Amend], tables::AMENDS), "{counts:?}");
        assert!(
            counts[&Op::Take].abs_diff(tables::TAKES) < 100,
            "{counts:?}"
        );
        let mut lots: Vec<u64> = rows
            .iter()
            .filter(|row| row.op == Op::Place)
            .map(|row| row.lots)
            .collect();
        lots.sort_unstable();
        assert!(near(
            lots[lots.len() / 2],
            tables::SIZE.median().unsigned_abs()
        ));
    }

    #[test]
    fn the_book_stays_about_as_deep_as_the_feed_s_and_never_crosses() {
        let mut feed = Generator::new(3);
        let mut depth = 0;
        for rows in 1..=20_000 {
            let row = feed.next_row();
            assert!(
                row.op == Op::Cancel || row.price_ticks > 0 && row.lots > 0,
                "{row:?}"
            );
            if let (Some(bid), Some(ask)) = (feed.best(Side::Bid), feed.best(Side::Ask)) {
                assert!(bid < ask, "row {rows}");
            }
            depth += feed.live.len();
        }
        // The feed showed 48 orders on average.
        assert!((25..100).contains(&(depth / 20_000)), "{}", depth / 20_000);
    }
}
