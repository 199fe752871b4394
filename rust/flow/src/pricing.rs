//! The prices of a flow: what its oracle keys report, and the ticks that make marks of it.

use zkperp_engine::{Command, Envelope, OracleEntry, OracleReport};

/// Program time between two rounds of prices, usually, ms.
pub const PRICE_INTERVAL_MS: u64 = 10_000;

/// Says when prices are due, and which commands bring them: a report of each oracle key, all markets
/// in it, since a report costs a signature; then a tick of each market.
#[derive(Clone, Debug)]
pub struct Pricing {
    keys: u8,
    interval_ms: u64,
    next_ms: u64,
}

impl Pricing {
    /// Prices of oracle keys 0 to `keys` − 1, first at `first_ms` and then every `interval_ms`.
    #[must_use]
    pub const fn new(keys: u8, interval_ms: u64, first_ms: u64) -> Self {
        Self {
            keys,
            interval_ms,
            next_ms: first_ms,
        }
    }

    /// The unsigned commands that come before whatever happens at `time_ms`, none most of the time.
    ///
    /// `prices` is market and ticks, strictly ascending by market. Every key says the same.
    pub fn due(&mut self, time_ms: u64, prices: &[(u8, u64)]) -> Vec<Envelope> {
        if time_ms < self.next_ms {
            return Vec::new();
        }
        self.next_ms = time_ms.saturating_add(self.interval_ms);
        round(self.keys, time_ms, prices)
    }
}

/// A report of each key, then a tick of each market, unsigned.
#[must_use]
pub fn round(keys: u8, time_ms: u64, prices: &[(u8, u64)]) -> Vec<Envelope> {
    let entry = |&(market, price_ticks): &(u8, u64)| OracleEntry {
        market,
        price_ticks,
    };
    let report = |key| {
        Command::Oracle(OracleReport {
            key,
            timestamp_ms: time_ms,
            entries: prices.iter().map(entry).collect(),
        })
    };
    let ticks = prices.iter().map(|&(market, _)| Command::Tick { market });
    let envelope = |command| Envelope {
        time_ms,
        command,
        signature: None,
    };
    (0..keys).map(report).chain(ticks).map(envelope).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_due_at_the_first_moment_and_then_after_each_interval() {
        let mut pricing = Pricing::new(3, 100, 50);
        let prices = [(0, 7), (2, 9)];
        assert_eq!(pricing.due(49, &prices), []);
        let round = pricing.due(60, &prices);
        assert_eq!(round.len(), 3 + 2);
        assert!(round.iter().all(|envelope| envelope.time_ms == 60));
        let Command::Oracle(report) = &round[2].command else {
            panic!("{round:?}");
        };
        assert_eq!((report.key, report.timestamp_ms), (2, 60));
        assert_eq!(report.entries.len(), 2);
        assert_eq!(round[4].command, Command::Tick { market: 2 });
        assert_eq!(pricing.due(159, &prices), []);
        assert_eq!(pricing.due(160, &prices).len(), 5);
    }
}
