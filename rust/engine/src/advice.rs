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

/// What a prover must be told of one command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Advice {
    /// `cancel`, `amend`: the slot in which the named order was.
    pub named_order: Option<u32>,
    /// `place`, `amend`: where the rest went, if one did.
    pub rested: Option<Rested>,
}
