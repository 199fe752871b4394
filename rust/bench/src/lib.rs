//! Workloads and timed runs behind `zkperp bench`.
//!
//! - [`matching`]: the book alone, on a defined workload with a known hash of all trades;
//! - [`engine`]: the whole rule book with events and both logs' bytes, on generated flow;
//! - [`tree`]: leaves written in one update of the state tree.
//!
//! A run returns seconds; what is done before the clock starts is said at each.

pub mod engine;
pub mod matching;
pub mod tree;

use std::time::Instant;

/// Seconds that `work` takes.
pub(crate) fn seconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}
