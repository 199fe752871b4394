//! One row of a feed, in ticks and lots.

use zkperp_engine::Side;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Op {
    /// A new resting order.
    Place,
    /// An order's price or size changed.
    Amend,
    /// An order left the feed.
    Cancel,
    /// The best order shrank: somebody took.
    Take,
}

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// What happened.
    pub op: Op,
    /// The feed's own id of the order; 0 for a take.
    pub id: u64,
    /// The order's side; of a take the taker's.
    pub side: Side,
    /// Ticks; 0 for a cancel.
    pub price_ticks: u64,
    /// Lots; 0 for a cancel.
    pub lots: u64,
}
