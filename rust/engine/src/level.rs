//! Price levels: their leaf, their sort keys, and the sentinels of each side (state.md § 4).

use thiserror::Error;
use zkperp_schema::{self as schema, Side, level as felt};

use crate::journal::Stamp;
use crate::leaf::{EMPTY, LeafWords};

/// Slots 0 .. this are heads and tails.
pub(crate) const SENTINELS: u32 = schema::LEVEL_SENTINELS as u32;

/// One side of one market: 2 · market + side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BookId(u8);

impl BookId {
    pub(crate) const fn new(market: u8, side: Side) -> Self {
        Self(2 * market + side.code())
    }

    /// The book that a level's leaf names: 1 + 2 · market + side.
    pub(crate) fn from_felt(felt: u64) -> Option<Self> {
        let books = 2 * schema::MARKETS_MAX;
        (1..=books).contains(&felt).then(|| Self((felt - 1) as u8))
    }

    pub(crate) const fn felt(self) -> u64 {
        self.0 as u64 + 1
    }

    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }

    pub(crate) const fn market(self) -> u8 {
        self.0 / 2
    }

    pub(crate) const fn side(self) -> Side {
        if self.0.is_multiple_of(2) {
            Side::Bid
        } else {
            Side::Ask
        }
    }

    /// The side that orders of this one trade with.
    pub(crate) const fn opposite(self) -> Self {
        Self(self.0 ^ 1)
    }

    /// The slot before the best level.
    pub(crate) const fn head(self) -> u32 {
        2 * self.0 as u32
    }

    /// The slot after the worst level.
    pub(crate) const fn tail(self) -> u32 {
        self.head() + 1
    }

    /// Where a price sorts on this side, the best lowest. Prices are 1 .. 2^32 − 1, so keys are.
    pub(crate) const fn key(self, price: u64) -> u64 {
        match self.side() {
            Side::Bid => schema::KEY_TAIL - price,
            Side::Ask => price,
        }
    }

    /// The price that sorts at `key`: the same formula.
    pub(crate) const fn price(self, key: u64) -> u64 {
        self.key(key)
    }
}

/// A price level, a sentinel, or a free slot.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Level {
    /// Sort key.
    pub(crate) key: u64,
    /// 1 + 2 · market + side; 0: free.
    pub(crate) book: u32,
    /// Slot of the next better level, or the head.
    pub(crate) prev: u32,
    /// Slot of the next worse level, or the tail; of a free slot the next free one or 0.
    pub(crate) next: u32,
    /// Slot of the oldest order.
    pub(crate) first: u32,
    /// Slot of the newest order.
    pub(crate) last: u32,
    pub(crate) stamp: Stamp,
}

/// A leaf's words are not those of a level, an order, an account, …
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{0} is out of range")]
pub struct FieldError(pub &'static str);

/// The felt `at` of `words` as a narrower integer.
pub(crate) fn narrow<T: TryFrom<u64>>(
    words: &LeafWords,
    at: usize,
    name: &'static str,
) -> Result<T, FieldError> {
    T::try_from(words[at]).map_err(|_| FieldError(name))
}

impl Level {
    /// The two sentinels of an empty side.
    pub(crate) fn sentinels(book: BookId) -> [Self; 2] {
        let head = Self {
            key: schema::KEY_HEAD,
            book: book.felt() as u32,
            next: book.tail(),
            ..Self::default()
        };
        let tail = Self {
            key: schema::KEY_TAIL,
            prev: book.head(),
            next: 0,
            ..head
        };
        [head, tail]
    }

    pub(crate) const fn is_live(&self) -> bool {
        self.book != 0
    }

    /// The book of a live level.
    pub(crate) const fn book_id(&self) -> BookId {
        BookId((self.book - 1) as u8)
    }

    pub(crate) const fn words(&self) -> LeafWords {
        let mut words = EMPTY;
        words[felt::BOOK] = self.book as u64;
        words[felt::KEY] = self.key;
        words[felt::PREV] = self.prev as u64;
        words[felt::NEXT] = self.next as u64;
        words[felt::FIRST] = self.first as u64;
        words[felt::LAST] = self.last as u64;
        words
    }

    pub(crate) fn from_words(words: &LeafWords) -> Result<Self, FieldError> {
        let book = words[felt::BOOK];
        if book != 0 && BookId::from_felt(book).is_none() {
            return Err(FieldError("book"));
        }
        if words[felt::KEY] > schema::KEY_TAIL {
            return Err(FieldError("key"));
        }
        if words[6] != 0 || words[7] != 0 {
            return Err(FieldError("reserved"));
        }
        Ok(Self {
            key: words[felt::KEY],
            book: book as u32,
            prev: narrow(words, felt::PREV, "prev")?,
            next: narrow(words, felt::NEXT, "next")?,
            first: narrow(words, felt::FIRST, "first")?,
            last: narrow(words, felt::LAST, "last")?,
            stamp: Stamp::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_sort_ascending_and_give_their_price_back() {
        let (bids, asks) = (BookId::new(3, Side::Bid), BookId::new(3, Side::Ask));
        assert!(bids.key(101) < bids.key(100));
        assert!(asks.key(100) < asks.key(101));
        for book in [bids, asks] {
            for price in [1, 600_000, (1 << 32) - 1] {
                let key = book.key(price);
                assert!(key > schema::KEY_HEAD && key < schema::KEY_TAIL);
                assert_eq!(book.price(key), price);
            }
            assert_eq!(BookId::from_felt(book.felt()), Some(book));
        }
        assert_eq!(
            (bids.head(), bids.tail(), asks.head(), asks.tail()),
            (12, 13, 14, 15)
        );
        assert_eq!(bids.opposite(), asks);
        assert_eq!((asks.market(), asks.side()), (3, Side::Ask));
    }

    #[test]
    fn a_leaf_gives_the_level_back_and_bounds_hold() {
        let [head, tail] = Level::sentinels(BookId::new(31, Side::Ask));
        assert_eq!(head.words(), [64, 0, 0, 127, 0, 0, 0, 0]);
        assert_eq!(tail.words(), [64, 1 << 32, 126, 0, 0, 0, 0, 0]);
        for (at, value, name) in [
            (felt::BOOK, 65, "book"),
            (felt::KEY, (1 << 32) + 1, "key"),
            (felt::NEXT, 1 << 32, "next"),
            (7, 1, "reserved"),
        ] {
            let mut words = head.words();
            assert_eq!(
                Level::from_words(&words).map(|level| level.words()),
                Ok(words)
            );
            words[at] = value;
            assert_eq!(Level::from_words(&words).err(), Some(FieldError(name)));
        }
    }
}
