//! Facts that a prover must name rather than compute: where things are. The program checks each.

/// Where a resting order's level is, or goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LevelAdvice {
    /// The price has a level already.
    Existing {
        /// Its slot.
        level: u32,
    },
    /// The price gets a level of its own.
    New {
        /// The slot that the free list gives it.
        level: u32,
        /// Slot of the next better level, or the head.
        before: u32,
        /// Slot of the next worse level, or the tail.
        after: u32,
    },
}

/// Where what remained of an order went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rested {
    /// The order's slot, given by the free list.
    pub order: u32,
    /// Its level.
    pub level: LevelAdvice,
}

/// Between which accounts one was put into a list, or slots a conditional order; 0: none on that
/// side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neighbours {
    /// The one before it.
    pub prev: u32,
    /// The one after it.
    pub next: u32,
}

/// What a prover must be told of one command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advice {
    /// `cancel`, `cancel_named`, `amend`, `cancel_conditional`: the slot in which the named order
    /// was; `place_conditional`: that of its partner.
    pub named_order: Option<u32>,
    /// `place`, `amend`, `trigger`: where the rest went, if one did.
    pub rested: Option<Rested>,
    /// `quote`: where each entry's order went, if it rests.
    pub quoted: Vec<Option<Rested>>,
    /// Each insertion into a trigger list or the list of due accounts, in order, as the list was at
    /// that moment; of `place_conditional` that of the order into its list, with slots for accounts.
    pub inserted: Vec<Neighbours>,
}

impl Advice {
    /// As of a command that needs none; what was allocated stays.
    pub(crate) fn clear(&mut self) {
        (self.named_order, self.rested) = (None, None);
        self.quoted.clear();
        self.inserted.clear();
    }
}
