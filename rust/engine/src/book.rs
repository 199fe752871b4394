//! One market's book with nothing around it: the same levels, queues and ids that the engine keeps,
//! without accounts, money and expiry. What matching alone costs is measured on it.

use zkperp_schema::Side;

use crate::books::Books;
use crate::journal::Journal;
use crate::level::{BookId, Level};
use crate::order::Order;

/// A fill, at the maker's price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// The resting order.
    pub maker: u64,
    /// The incoming order.
    pub taker: u64,
    /// Price in ticks.
    pub price_ticks: u64,
    /// Size in lots.
    pub lots: u64,
}

/// An order that comes in, with an id above 0 that no resting order has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// Its id.
    pub id: u64,
    /// Its owner; nothing here looks at it.
    pub account: u32,
    /// Side.
    pub side: Side,
    /// Limit, ticks, 1 .. 2^32 − 1.
    pub price_ticks: u64,
    /// Size, lots.
    pub lots: u64,
}

/// A book of one market, in price-time priority.
#[derive(Clone, Debug)]
pub struct Book {
    books: Books,
    journal: Journal,
}

impl Default for Book {
    fn default() -> Self {
        Self::new()
    }
}

impl Book {
    /// An empty book.
    #[must_use]
    pub fn new() -> Self {
        let mut books = Books::new();
        for side in [Side::Bid, Side::Ask] {
            let book = BookId::new(0, side);
            let [head, tail] = Level::sentinels(book);
            books.levels[book.head() as usize] = head;
            books.levels[book.tail() as usize] = tail;
        }
        Self {
            books,
            journal: Journal::new(),
        }
    }

    /// Matches an order; what remains rests if it `rests`, else it is dropped.
    pub fn place(&mut self, order: &Incoming, rests: bool, on_fill: impl FnMut(Fill)) {
        self.journal.begin_command();
        self.submit(order, rests, on_fill);
    }

    /// Takes an order out; false if there is none of that id.
    pub fn cancel(&mut self, id: u64) -> bool {
        self.journal.begin_command();
        let slot = self.books.ids.get(id);
        if let Some(slot) = slot {
            self.books.remove(&mut self.journal, slot);
        }
        slot.is_some()
    }

    /// Moves an order to another price, where it is the newest, and matches it first; false if there
    /// is none of that id.
    pub fn reprice(&mut self, id: u64, price_ticks: u64, on_fill: impl FnMut(Fill)) -> bool {
        self.journal.begin_command();
        let Some(slot) = self.books.ids.get(id) else {
            return false;
        };
        let order = *self.books.order(slot);
        let side = self.books.level(order.level).book_id().side();
        self.books.remove(&mut self.journal, slot);
        let order = Incoming {
            id,
            account: order.account,
            side,
            price_ticks,
            lots: order.lots,
        };
        self.submit(&order, true, on_fill);
        true
    }

    fn submit(&mut self, order: &Incoming, rests: bool, mut on_fill: impl FnMut(Fill)) {
        let book = BookId::new(0, order.side);
        let opposite = book.opposite();
        let limit = opposite.key(order.price_ticks);
        let mut remaining = order.lots;
        while remaining > 0 {
            let Some(level) = self.books.best(opposite).filter(|l| l.key <= limit) else {
                break;
            };
            let (slot, price_ticks) = (level.first, opposite.price(level.key));
            let maker = self.books.order(slot);
            let (id, resting) = (maker.id, maker.lots);
            let lots = remaining.min(resting);
            if lots == resting {
                self.books.remove(&mut self.journal, slot);
            } else {
                self.books.order_mut(&mut self.journal, slot).lots = resting - lots;
            }
            remaining -= lots;
            on_fill(Fill {
                maker: id,
                taker: order.id,
                price_ticks,
                lots,
            });
        }
        if remaining > 0 && rests {
            let resting = Order {
                id: order.id,
                lots: remaining,
                account: order.account,
                ..Order::default()
            };
            let key = book.key(order.price_ticks);
            self.books.append(&mut self.journal, resting, book, key);
        }
    }

    /// Resting orders: id, price in ticks and what remains in lots, in no order that means anything.
    pub fn resting(&self) -> impl Iterator<Item = (u64, u64, u64)> {
        let live = self.books.orders.iter().filter(|order| order.is_live());
        live.map(|order| {
            let level = self.books.level(order.level);
            (order.id, level.book_id().price(level.key), order.lots)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(id: u64, side: Side, price_ticks: u64, lots: u64) -> Incoming {
        Incoming {
            id,
            account: 1,
            side,
            price_ticks,
            lots,
        }
    }

    #[test]
    fn price_then_time_and_a_moved_order_is_the_newest() {
        let mut book = Book::new();
        let mut fills = Vec::new();
        for (id, price) in [(1, 101), (2, 100), (3, 100)] {
            book.place(&order(id, Side::Ask, price, 5), true, |_| unreachable!());
        }
        assert!(book.reprice(2, 99, |_| unreachable!()));
        assert!(book.reprice(2, 100, |_| unreachable!()));
        book.place(&order(4, Side::Bid, 100, 12), true, |fill| fills.push(fill));
        let seen: Vec<_> = fills
            .iter()
            .map(|f| (f.maker, f.price_ticks, f.lots))
            .collect();
        assert_eq!(seen, [(3, 100, 5), (2, 100, 5)]);
        let mut resting: Vec<_> = book.resting().collect();
        resting.sort_unstable();
        assert_eq!(resting, [(1, 101, 5), (4, 100, 2)]);
        book.place(&order(5, Side::Ask, 90, 3), false, |fill| fills.push(fill));
        assert_eq!(
            fills.last().map(|f| (f.maker, f.taker, f.lots)),
            Some((4, 5, 2))
        );
        assert!(book.cancel(1));
        assert!(!book.cancel(1) && !book.reprice(1, 90, |_| unreachable!()));
        assert_eq!(book.resting().count(), 0);
    }
}
