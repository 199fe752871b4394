//! A conditional order and its two leaves (docs/spec/conditional.md § 1).

use zkperp_schema::{
    self as schema, Direction, OrderType, Side, conditional as felt, terms as terms_felt,
};

use crate::accounts::AccountIndex;
use crate::journal::Stamp;
use crate::leaf::{EMPTY, LeafWords};
use crate::level::{FieldError, narrow};
use crate::options::{Options, lots_word, split_lots};
use crate::place_conditional::can_wait;

/// One of a market's two lists of conditional orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StopList {
    pub(crate) market: u8,
    pub(crate) direction: Direction,
}

/// A conditional order that waits, or a free slot.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Waiting {
    /// 0: free.
    pub(crate) id: u64,
    /// The owner's account.
    pub(crate) account: u32,
    /// The owner's place in the engine's own table; not part of the leaf.
    pub(crate) owner: AccountIndex,
    /// 1 + 2 · market + direction.
    pub(crate) list: u8,
    /// What its list is sorted by.
    pub(crate) key: u64,
    /// When it came into its list, by the engine's own count: of equal keys the later stands later.
    pub(crate) seq: u64,
    /// Slot of the order before it in its list, 0: none.
    pub(crate) prev: u32,
    /// Slot of the order after it, 0: none; of a free slot the next free one or 0.
    pub(crate) next: u32,
    /// Slot of the order that goes when this one fires, and the other way round; 0: none.
    pub(crate) partner: u32,
    /// The tenure of its owner's position when it was placed.
    pub(crate) tenure: u64,
    pub(crate) terms: ConditionalTerms,
    pub(crate) stamp: Stamp,
    pub(crate) terms_stamp: Stamp,
}

/// What a conditional order places when it fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ConditionalTerms {
    /// `Gtt`, `Ioc` or `Market`.
    pub(crate) order_type: OrderType,
    pub(crate) side: Side,
    /// Limit, or worst average price, ticks.
    pub(crate) price_ticks: u64,
    /// Lots; 0: those of the position when it fires.
    pub(crate) lots: u64,
    pub(crate) options: Options,
    /// Dead at this program time and later, waiting or resting.
    pub(crate) expiry_ms: u64,
}

impl StopList {
    /// Lists that there are in all.
    pub(crate) const COUNT: usize = 2 * schema::MARKETS_MAX as usize;

    /// The list that a leaf names: 1 + 2 · market + direction.
    pub(crate) const fn from_felt(felt: u8) -> Option<Self> {
        if felt == 0 || felt as usize > Self::COUNT {
            return None;
        }
        let direction = if felt % 2 == 1 {
            Direction::Rising
        } else {
            Direction::Falling
        };
        Some(Self {
            market: (felt - 1) / 2,
            direction,
        })
    }

    pub(crate) const fn felt(self) -> u8 {
        1 + self.index() as u8
    }

    /// Its number, from 0.
    pub(crate) const fn index(self) -> usize {
        2 * self.market as usize + self.direction.code() as usize
    }

    /// Where a trigger, or a mark, sorts: what fires first lowest. A formula that leads back as well.
    pub(crate) const fn key(self, ticks: u64) -> u64 {
        match self.direction {
            Direction::Rising => ticks,
            Direction::Falling => schema::KEY_TAIL - ticks,
        }
    }
}

impl ConditionalTerms {
    /// Those of a free slot.
    const NONE: Self = Self {
        order_type: OrderType::Gtt,
        side: Side::Bid,
        price_ticks: 0,
        lots: 0,
        options: Options::NONE,
        expiry_ms: 0,
    };

    /// Whether its lots are those of the position when it fires.
    pub(crate) const fn is_tied(&self) -> bool {
        self.lots == 0
    }

    pub(crate) const fn words(&self) -> LeafWords {
        let mut words = EMPTY;
        words[terms_felt::FORM] =
            self.order_type.code() as u64 + schema::FORM_SIDE_SHIFT * self.side.code() as u64;
        words[terms_felt::PRICE_TICKS] = self.price_ticks;
        words[terms_felt::SIZE] = lots_word(self.lots, self.options, false);
        words[terms_felt::EXPIRY_MS] = self.expiry_ms;
        words
    }

    pub(crate) fn from_words(words: &LeafWords) -> Result<Self, FieldError> {
        let form = words[terms_felt::FORM];
        let order_type = OrderType::from_code(form % schema::FORM_SIDE_SHIFT);
        let side = Side::from_code(form / schema::FORM_SIDE_SHIFT);
        let size = split_lots(words[terms_felt::SIZE]).filter(|&(_, _, is_named)| !is_named);
        let (lots, options, _) = size.ok_or(FieldError("size"))?;
        for (at, greatest, name) in [
            (terms_felt::PRICE_TICKS, schema::PRICE_MAX, "price_ticks"),
            (terms_felt::EXPIRY_MS, schema::TIME_MAX, "expiry_ms"),
        ] {
            if words[at] > greatest {
                return Err(FieldError(name));
            }
        }
        if words[4..] != [0; 4] {
            return Err(FieldError("reserved"));
        }
        Ok(Self {
            order_type: order_type
                .filter(|&order_type| can_wait(order_type))
                .ok_or(FieldError("form"))?,
            side: side.ok_or(FieldError("form"))?,
            price_ticks: words[terms_felt::PRICE_TICKS],
            lots,
            options,
            expiry_ms: words[terms_felt::EXPIRY_MS],
        })
    }
}

impl Default for ConditionalTerms {
    fn default() -> Self {
        Self::NONE
    }
}

impl Waiting {
    pub(crate) const fn is_live(&self) -> bool {
        self.id != 0
    }

    /// The list in which it waits.
    pub(crate) fn stop_list(&self) -> StopList {
        let list = StopList::from_felt(self.list);
        list.expect("Invariant: a conditional order waits in no list")
    }

    /// The mark at which it fires, ticks.
    pub(crate) fn trigger_ticks(&self) -> u64 {
        self.stop_list().key(self.key)
    }

    pub(crate) const fn words(&self) -> LeafWords {
        let mut words = EMPTY;
        words[felt::ORDER_ID] = self.id;
        words[felt::ACCOUNT] = self.account as u64;
        words[felt::LIST] = self.list as u64;
        words[felt::KEY] = self.key;
        words[felt::PREV] = self.prev as u64;
        words[felt::NEXT] = self.next as u64;
        words[felt::PARTNER] = self.partner as u64;
        words[felt::TENURE] = self.tenure;
        words
    }

    /// Takes what its first leaf says; its owner's and its own place in the engine's tables are for
    /// the caller to fill in.
    pub(crate) fn load(&mut self, words: &LeafWords) -> Result<(), FieldError> {
        for (at, greatest, name) in [
            (felt::ORDER_ID, schema::ORDER_ID_MAX, "order_id"),
            (felt::LIST, StopList::COUNT as u64, "list"),
            (felt::KEY, schema::KEY_TAIL - 1, "key"),
            (felt::TENURE, (1 << schema::COUNTER_BITS) - 1, "tenure"),
        ] {
            if words[at] > greatest {
                return Err(FieldError(name));
            }
        }
        if (words[felt::ORDER_ID] == 0) != (words[felt::LIST] == 0) {
            return Err(FieldError("list"));
        }
        *self = Self {
            id: words[felt::ORDER_ID],
            account: narrow(words, felt::ACCOUNT, "account")?,
            list: words[felt::LIST] as u8,
            key: words[felt::KEY],
            prev: narrow(words, felt::PREV, "prev")?,
            next: narrow(words, felt::NEXT, "next")?,
            partner: narrow(words, felt::PARTNER, "partner")?,
            tenure: words[felt::TENURE],
            ..*self
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zkperp_schema::SelfTrade;

    #[test]
    fn a_leaf_gives_the_order_back_and_bounds_hold() {
        let max = (1 << 48) - 1;
        let words = [max, 7, 64, (1 << 32) - 1, 1, 2, 3, max];
        let mut order = Waiting::default();
        order.load(&words).unwrap();
        assert_eq!(order.words(), words);
        assert_eq!(order.stop_list().market, 31);
        assert_eq!(order.trigger_ticks(), 1);
        for (at, value, name) in [
            (felt::ORDER_ID, max + 1, "order_id"),
            (felt::ORDER_ID, 0, "list"),
            (felt::LIST, 65, "list"),
            (felt::LIST, 0, "list"),
            (felt::KEY, 1 << 32, "key"),
            (felt::PARTNER, 1 << 32, "partner"),
            (felt::TENURE, max + 1, "tenure"),
        ] {
            let mut wrong = words;
            wrong[at] = value;
            assert_eq!(order.load(&wrong), Err(FieldError(name)));
        }
        assert_eq!(order.words(), words);
    }

    #[test]
    fn terms_come_back_from_their_leaf_and_bounds_hold() {
        let terms = ConditionalTerms {
            order_type: OrderType::Market,
            side: Side::Ask,
            price_ticks: (1 << 32) - 1,
            lots: (1 << 40) - 1,
            options: Options {
                reduce_only: true,
                stp: SelfTrade::Decrement,
                stp_owner: true,
            },
            expiry_ms: (1 << 44) - 1,
        };
        let words = terms.words();
        assert_eq!(words[..3], [11, (1 << 32) - 1, (1 << 40) - 1 + (15 << 40)]);
        assert_eq!(ConditionalTerms::from_words(&words), Ok(terms));
        let free = ConditionalTerms::default();
        assert_eq!(free.words(), EMPTY);
        assert_eq!(ConditionalTerms::from_words(&EMPTY), Ok(free));
        for (at, value, name) in [
            (terms_felt::FORM, 2, "form"),
            (terms_felt::FORM, 4, "form"),
            (terms_felt::FORM, 16, "form"),
            (terms_felt::PRICE_TICKS, 1 << 32, "price_ticks"),
            (terms_felt::SIZE, 16 << 40, "size"),
            (terms_felt::EXPIRY_MS, 1 << 44, "expiry_ms"),
            (4, 1, "reserved"),
        ] {
            let mut wrong = words;
            wrong[at] = value;
            assert_eq!(ConditionalTerms::from_words(&wrong), Err(FieldError(name)));
        }
    }

    #[test]
    fn a_list_has_a_felt_and_gives_triggers_back() {
        for felt in 1..=64 {
            let list = StopList::from_felt(felt).unwrap();
            assert_eq!(list.felt(), felt);
            assert_eq!(list.key(list.key(5)), 5);
        }
        assert_eq!(
            (StopList::from_felt(0), StopList::from_felt(65)),
            (None, None)
        );
    }
}
