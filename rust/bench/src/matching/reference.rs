//! The slow book that the workload is drawn from: ordered maps and queues, nothing clever.

use std::collections::{BTreeMap, HashMap, VecDeque};

use zkperp_engine::Side;

/// A resting order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resting {
    pub(super) id: u64,
    pub(super) account: u32,
    pub(super) side: Side,
    pub(super) price: i64,
    pub(super) lots: u64,
    /// Its place among the live ones.
    pub(super) live: usize,
}

/// The book of one market.
#[derive(Debug, Default)]
pub(super) struct Reference {
    /// Ids in time order, by price: bids, asks.
    sides: [BTreeMap<i64, VecDeque<u64>>; 2],
    orders: HashMap<u64, Resting>,
    /// Ids of live orders: a new one goes to the end, the last one takes the place of one that goes.
    live: Vec<u64>,
    counts: [usize; 2],
}

/// Whether an order at `price` would trade at `level` of the other side.
fn crosses(side: Side, price: i64, level: i64) -> bool {
    match side {
        Side::Bid => level <= price,
        Side::Ask => level >= price,
    }
}

const fn other(side: Side) -> usize {
    1 - side as usize
}

impl Reference {
    pub(super) fn len(&self) -> usize {
        self.live.len()
    }

    /// Resting orders of a side.
    pub(super) fn count(&self, side: Side) -> usize {
        self.counts[side as usize]
    }

    pub(super) fn nth(&self, n: usize) -> Resting {
        self.orders[&self.live[n]]
    }

    /// Queues of the side that `side` trades with, the best first.
    fn facing(&self, side: Side) -> Box<dyn Iterator<Item = (i64, &VecDeque<u64>)> + '_> {
        let levels = self.sides[other(side)].iter();
        let levels = levels.map(|(price, queue)| (*price, queue));
        match side {
            Side::Bid => Box::new(levels),
            Side::Ask => Box::new(levels.rev()),
        }
    }

    /// Whether an order would meet one of its own account.
    pub(super) fn meets_itself(&self, account: u32, side: Side, price: i64, lots: u64) -> bool {
        let mut left = lots;
        for (level, queue) in self.facing(side) {
            if !crosses(side, price, level) {
                break;
            }
            for id in queue {
                if left == 0 {
                    return false;
                }
                let maker = &self.orders[id];
                if maker.account == account {
                    return true;
                }
                left = left.saturating_sub(maker.lots);
            }
        }
        false
    }

    /// Matches an order and rests what remains of it, if it rests.
    pub(super) fn place(&mut self, order: Resting, rests: bool) {
        let mut left = order.lots;
        while left > 0 {
            let best = self.facing(order.side).next();
            let Some((level, queue)) = best.filter(|b| crosses(order.side, order.price, b.0))
            else {
                break;
            };
            let first = queue.front().copied();
            let Some(maker) = first.and_then(|id| self.orders.get_mut(&id)) else {
                break;
            };
            let lots = left.min(maker.lots);
            maker.lots -= lots;
            left -= lots;
            if maker.lots == 0 {
                let id = maker.id;
                self.take(id, level);
            }
        }
        if left > 0 && rests {
            let queue = self.sides[order.side as usize].entry(order.price);
            queue.or_default().push_back(order.id);
            let live = self.live.len();
            self.live.push(order.id);
            self.counts[order.side as usize] += 1;
            let order = Resting {
                lots: left,
                live,
                ..order
            };
            self.orders.insert(order.id, order);
        }
    }

    /// Takes an order out, wherever it stands in its queue.
    pub(super) fn remove(&mut self, id: u64) {
        if let Some(price) = self.orders.get(&id).map(|order| order.price) {
            self.take(id, price);
        }
    }

    fn take(&mut self, id: u64, price: i64) {
        let Some(order) = self.orders.remove(&id) else {
            return;
        };
        self.live.swap_remove(order.live);
        let moved = self.live.get(order.live);
        if let Some(moved) = moved.and_then(|id| self.orders.get_mut(id)) {
            moved.live = order.live;
        }
        self.counts[order.side as usize] -= 1;
        let side = &mut self.sides[order.side as usize];
        if let Some(queue) = side.get_mut(&price) {
            queue.retain(|&other| other != id);
            if queue.is_empty() {
                side.remove(&price);
            }
        }
    }
}

impl Resting {
    /// An order that is about to be placed.
    pub(super) const fn new(id: u64, account: u32, side: Side, price: i64, lots: u64) -> Self {
        Self {
            id,
            account,
            side,
            price,
            lots,
            live: 0,
        }
    }
}
