//! What holds for the whole venue, and what is due in it (docs/spec/state.md § 2).

use zkperp_schema::{self as schema, config as felt, schedule as schedule_felt};

use crate::journal::Stamp;
use crate::leaf::{EMPTY, LeafWords};
use crate::level::{FieldError, narrow};

/// The `config` leaf: what holds for the whole venue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Greatest age of an oracle's report that counts, ms.
    pub staleness_ms: u64,
    /// A market whose last tick is older is overdue, ms.
    pub tick_max_ms: u64,
    /// Reports that must agree.
    pub quorum: u64,
    /// How far from the median a report agrees, ppm.
    pub deviation_ppm: u64,
    /// Bit k: oracle key k is registered.
    pub oracles: u8,
    /// Markets, numbered from 0.
    pub markets: u8,
    /// Bound of the basis, ppm.
    pub basis_cap_ppm: u64,
    /// Memory of the basis, ms.
    pub basis_window_ms: u64,
}

impl Config {
    pub(crate) fn words(&self) -> LeafWords {
        let mut words = EMPTY;
        words[felt::STALENESS_MS] = self.staleness_ms;
        words[felt::TICK_MAX_MS] = self.tick_max_ms;
        words[felt::QUORUM] = self.quorum;
        words[felt::DEVIATION_PPM] = self.deviation_ppm;
        words[felt::ORACLES] = self.oracles.into();
        words[felt::MARKETS] = self.markets.into();
        words[felt::BASIS_CAP_PPM] = self.basis_cap_ppm;
        words[felt::BASIS_WINDOW_MS] = self.basis_window_ms;
        words
    }

    pub(crate) fn from_words(words: &LeafWords) -> Result<Self, FieldError> {
        let config = Self {
            staleness_ms: words[felt::STALENESS_MS],
            tick_max_ms: words[felt::TICK_MAX_MS],
            quorum: words[felt::QUORUM],
            deviation_ppm: words[felt::DEVIATION_PPM],
            oracles: narrow(words, felt::ORACLES, "oracles")?,
            markets: narrow(words, felt::MARKETS, "markets")?,
            basis_cap_ppm: words[felt::BASIS_CAP_PPM],
            basis_window_ms: words[felt::BASIS_WINDOW_MS],
        };
        config.check()?;
        Ok(config)
    }

    /// Refuses values outside their ranges.
    pub(crate) fn check(&self) -> Result<(), FieldError> {
        let span = schema::STALENESS_MS_MAX;
        let oracles = u64::from(self.oracles.count_ones());
        for (name, value, least, greatest) in [
            ("staleness_ms", self.staleness_ms, 1, span),
            ("tick_max_ms", self.tick_max_ms, 1, span),
            ("oracles", oracles, 1, schema::ORACLE_KEYS_MAX),
            ("quorum", self.quorum, 1, oracles),
            ("deviation_ppm", self.deviation_ppm, 0, schema::PPM),
            ("markets", self.markets.into(), 0, schema::MARKETS_MAX),
            ("basis_cap_ppm", self.basis_cap_ppm, 0, schema::PPM),
            ("basis_window_ms", self.basis_window_ms, 1, span),
        ] {
            if value < least || value > greatest {
                return Err(FieldError(name));
            }
        }
        Ok(())
    }
}

/// The `schedule` leaf: what is due, the next sub-account and the next page of client ids.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Schedule {
    /// When `fund` is next due; program time can't pass it.
    pub(crate) funding_due_ms: u64,
    /// Id of the next sub-account.
    pub(crate) next_sub_account: u32,
    /// Pages of client ids that accounts have.
    pub(crate) next_names: u32,
    pub(crate) stamp: Stamp,
}

impl Schedule {
    /// That of a venue which starts at this time.
    pub(crate) fn starting(start_time_ms: u64) -> Self {
        let hours = start_time_ms / schema::FUNDING_PERIOD_MS + 1;
        Self {
            funding_due_ms: hours * schema::FUNDING_PERIOD_MS,
            next_sub_account: schema::FUND_ACCOUNT as u32 + 1,
            next_names: 0,
            stamp: Stamp::default(),
        }
    }

    pub(crate) fn words(&self) -> LeafWords {
        let mut words = EMPTY;
        words[schedule_felt::FUNDING_DUE_MS] = self.funding_due_ms;
        words[schedule_felt::NEXT_SUB_ACCOUNT] = self.next_sub_account.into();
        words[schedule_felt::NEXT_NAMES] = self.next_names.into();
        words
    }

    pub(crate) fn from_words(words: &LeafWords) -> Result<Self, FieldError> {
        let due = words[schedule_felt::FUNDING_DUE_MS];
        let period = schema::FUNDING_PERIOD_MS;
        if due == 0 || due > schema::TIME_MAX + period || !due.is_multiple_of(period) {
            return Err(FieldError("funding_due_ms"));
        }
        let name = "next_sub_account";
        let next: u32 = narrow(words, schedule_felt::NEXT_SUB_ACCOUNT, name)?;
        if u64::from(next) <= schema::FUND_ACCOUNT {
            return Err(FieldError(name));
        }
        let next_names = words[schedule_felt::NEXT_NAMES];
        if next_names > schema::NAMES_MAX {
            return Err(FieldError("next_names"));
        }
        if words[3..] != [0; 5] {
            return Err(FieldError("reserved"));
        }
        Ok(Self {
            funding_due_ms: due,
            next_sub_account: next,
            next_names: next_names as u32,
            stamp: Stamp::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_config_s_leaf_gives_it_back_and_every_bound_holds() {
        let words = [10_000, 3000, 2, 5000, 0b101, 32, 10_000, 60_000];
        let config = Config::from_words(&words).unwrap();
        assert_eq!(config.words(), words);
        for (at, value, name) in [
            (0, 0, "staleness_ms"),
            (0, 1 << 30, "staleness_ms"),
            (1, 0, "tick_max_ms"),
            (2, 0, "quorum"),
            (2, 3, "quorum"),
            (3, 1_000_001, "deviation_ppm"),
            (4, 0, "oracles"),
            (4, 256, "oracles"),
            (5, 33, "markets"),
            (6, 1_000_001, "basis_cap_ppm"),
            (7, 0, "basis_window_ms"),
        ] {
            let mut wrong = words;
            wrong[at] = value;
            assert_eq!(Config::from_words(&wrong), Err(FieldError(name)));
        }
    }

    #[test]
    fn funding_is_first_due_at_the_hour_after_the_start() {
        assert_eq!(Schedule::starting(0).funding_due_ms, 3_600_000);
        assert_eq!(Schedule::starting(3_599_999).funding_due_ms, 3_600_000);
        assert_eq!(Schedule::starting(3_600_000).funding_due_ms, 7_200_000);
        let words = Schedule::starting(5).words();
        assert_eq!(words, [3_600_000, (1 << 31) + 1, 0, 0, 0, 0, 0, 0]);
        assert_eq!(Schedule::from_words(&words).unwrap().words(), words);
        for (at, value) in [
            (0, 3_600_001),
            (0, 0),
            (1, 1 << 31),
            (1, 1 << 32),
            (2, (1 << 26) + 1),
            (3, 1),
        ] {
            let mut wrong = words;
            wrong[at] = value;
            assert!(Schedule::from_words(&wrong).is_err());
        }
    }
}
