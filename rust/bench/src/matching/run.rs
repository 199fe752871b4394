//! A workload through the engine's book.

use zkperp_engine::book::{Book, Fill, Incoming};

use super::workload::{Command, Op, Workload};
use crate::seconds;

/// Entries of the ring that trades are written to.
const RING: usize = 1 << 12;

/// What a run leaves: two runs that did the same have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Trades.
    pub trades: u64,
    /// Lots traded.
    pub lots: u64,
    /// Folds every trade, in order.
    pub trade_hash: u64,
    /// Orders that rest at the end.
    pub resting: u64,
    /// Sums them up, in any order.
    pub book_digest: u64,
}

/// Where a run writes its trades.
struct Tape {
    ring: Box<[Fill]>,
    trades: u64,
    lots: u64,
    hash: u64,
}

impl Tape {
    fn new() -> Self {
        let fill = Fill {
            maker: 0,
            taker: 0,
            price_ticks: 0,
            lots: 0,
        };
        Self {
            ring: vec![fill; RING].into_boxed_slice(),
            trades: 0,
            lots: 0,
            hash: 0,
        }
    }

    #[inline]
    fn push(&mut self, fill: Fill) {
        self.ring[self.trades as usize % RING] = fill;
        self.trades += 1;
        self.lots += fill.lots;
        let word = fill.maker
            ^ fill.taker.rotate_left(21)
            ^ fill.price_ticks.rotate_left(42)
            ^ fill.lots.rotate_left(53);
        let mixed = (self.hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.hash = mixed.rotate_left(29);
    }
}

#[inline]
fn apply(book: &mut Book, command: &Command, tape: &mut Tape) {
    let on_fill = |fill| tape.push(fill);
    match command.op {
        Op::Place | Op::Take => {
            let order = Incoming {
                id: command.order_id,
                account: command.account,
                side: command.side,
                price_ticks: command.price_ticks,
                lots: command.lots,
            };
            book.place(&order, command.op == Op::Place, on_fill);
        }
        Op::Cancel => {
            book.cancel(command.order_id);
        }
        Op::Move => {
            book.reprice(command.order_id, command.price_ticks, on_fill);
        }
    }
}

/// Runs a workload in a new book: seconds of the timed commands, on one thread, and what they left.
#[must_use]
pub fn run(workload: &Workload) -> (f64, Finished) {
    let (mut book, mut tape) = (Book::new(), Tape::new());
    for command in &workload.prefill {
        apply(&mut book, command, &mut tape);
    }
    let taken = seconds(|| {
        for command in &workload.timed {
            apply(&mut book, command, &mut tape);
        }
    });
    let digest = |(id, price, lots): (u64, u64, u64)| {
        let word: u64 = id ^ price.rotate_left(24) ^ lots.rotate_left(48);
        (word ^ word >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
    };
    let finished = Finished {
        trades: tape.trades,
        lots: tape.lots,
        trade_hash: tape.hash,
        resting: book.resting().count() as u64,
        book_digest: book.resting().map(digest).fold(0, u64::wrapping_add),
    };
    (taken, finished)
}
