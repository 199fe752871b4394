//! Resting orders and their leaf (docs/spec/state.md § 5).

use zkperp_schema::{self as schema, order as felt};

use crate::accounts::AccountIndex;
use crate::flags::Flags;
use crate::journal::Stamp;
use crate::leaf::{EMPTY, LeafWords};
use crate::level::{FieldError, narrow};

/// A resting order, or a free slot.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Order {
    /// 0: free.
    pub(crate) id: u64,
    /// What remains, lots.
    pub(crate) lots: u64,
    /// Dead at this program time and later.
    pub(crate) expiry_ms: u64,
    /// The owner's account.
    pub(crate) account: u32,
    /// The owner's place in the engine's own table; not part of the leaf.
    pub(crate) owner: AccountIndex,
    /// Slot of the level where it rests.
    pub(crate) level: u32,
    /// Slot of the next older order of the level, or 0.
    pub(crate) prev: u32,
    /// Slot of the next newer one, or 0; of a free slot the next free one or 0.
    pub(crate) next: u32,
    /// What it asks for, and above that its client id: the leaf's felt.
    pub(crate) flags: Flags,
    pub(crate) stamp: Stamp,
}

impl Order {
    pub(crate) const fn is_live(&self) -> bool {
        self.id != 0
    }

    pub(crate) const fn words(&self) -> LeafWords {
        let mut words = EMPTY;
        words[felt::ORDER_ID] = self.id;
        words[felt::ACCOUNT] = self.account as u64;
        words[felt::LEVEL] = self.level as u64;
        words[felt::PREV] = self.prev as u64;
        words[felt::NEXT] = self.next as u64;
        words[felt::LOTS] = self.lots;
        words[felt::EXPIRY_MS] = self.expiry_ms;
        words[felt::FLAGS] = self.flags.felt();
        words
    }

    /// The order of a leaf; its owner's place is for the caller to fill in.
    pub(crate) fn from_words(words: &LeafWords) -> Result<Self, FieldError> {
        for (at, greatest, name) in [
            (felt::ORDER_ID, schema::ORDER_ID_MAX, "order_id"),
            (felt::LOTS, schema::LOTS_MAX, "lots"),
            (felt::EXPIRY_MS, schema::TIME_MAX, "expiry_ms"),
        ] {
            if words[at] > greatest {
                return Err(FieldError(name));
            }
        }
        Ok(Self {
            id: words[felt::ORDER_ID],
            lots: words[felt::LOTS],
            expiry_ms: words[felt::EXPIRY_MS],
            account: narrow(words, felt::ACCOUNT, "account")?,
            owner: AccountIndex::default(),
            level: narrow(words, felt::LEVEL, "level")?,
            prev: narrow(words, felt::PREV, "prev")?,
            next: narrow(words, felt::NEXT, "next")?,
            flags: Flags::from_felt(words[felt::FLAGS]).ok_or(FieldError("flags"))?,
            stamp: Stamp::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaf_gives_the_order_back_and_bounds_hold() {
        let flags = (1 << 56) - 1 - 0b1100_0000;
        let words = [
            (1 << 48) - 1,
            7,
            130,
            1,
            2,
            (1 << 40) - 1,
            (1 << 44) - 1,
            flags,
        ];
        let order = Order::from_words(&words).unwrap();
        assert_eq!(order.words(), words);
        assert!(order.is_live() && order.flags.is_post_only());
        for (at, name) in [
            (felt::ORDER_ID, "order_id"),
            (felt::LOTS, "lots"),
            (felt::EXPIRY_MS, "expiry_ms"),
            (felt::FLAGS, "flags"),
        ] {
            let mut wide = words;
            wide[at] += 1;
            assert_eq!(Order::from_words(&wide).err(), Some(FieldError(name)));
        }
    }
}
