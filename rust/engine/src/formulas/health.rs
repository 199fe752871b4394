//! How an account stands, and which fills do not worsen it (docs/spec/margin.md § 2 and § 5).

use super::Sums;

/// How an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Health {
    /// It has its initial margin.
    Healthy = 0,
    /// Below initial margin: it may only do what does not worsen it.
    BelowInitial = 1,
    /// Below maintenance margin.
    BelowMaintenance = 2,
    /// Below close-out margin.
    BelowCloseout = 3,
    /// It is worth less than nothing.
    Bankrupt = 4,
}

impl Health {
    /// How an account with these sums stands.
    #[must_use]
    pub const fn of(sums: &Sums) -> Self {
        if sums.tav < 0 {
            Self::Bankrupt
        } else if sums.closeout < 0 {
            Self::BelowCloseout
        } else if sums.maintenance < 0 {
            Self::BelowMaintenance
        } else if sums.initial < 0 {
            Self::BelowInitial
        } else {
            Self::Healthy
        }
    }

    /// Its number, 0 .. 4, from healthy to bankrupt.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }
}

/// Whether a reducing fill leaves value and maintenance margin in a ratio that is not worse, no new
/// debt, and maintenance margin: TAV · MMR' ≤ TAV' · MMR, TAV' ≥ min(0, TAV) and S' ≥ 0.
#[must_use]
pub fn only_improves(before: &Sums, after: &Sums) -> bool {
    let cross = |value: i64, margin: i64| i128::from(value) * i128::from(margin);
    cross(before.tav, after.mmr()) <= cross(after.tav, before.mmr())
        && after.tav >= before.tav.min(0)
        && after.maintenance >= 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(tav: i64, mmr: i64) -> Sums {
        Sums {
            tav,
            initial: tav - 2 * mmr,
            maintenance: tav - mmr,
            closeout: tav - mmr / 2,
        }
    }

    #[test]
    fn the_worst_that_holds_is_named() {
        let health = |tav| Health::of(&sums(tav, 100)).code();
        assert_eq!(
            [200, 199, 100, 99, 50, 49, 0, -1].map(health),
            [0, 1, 1, 2, 2, 3, 3, 4]
        );
    }

    #[test]
    fn a_ratio_may_stay_and_rise_but_not_fall() {
        let before = sums(150, 100);
        assert!(only_improves(&before, &sums(75, 50)));
        assert!(!only_improves(&before, &sums(74, 50)));
        assert!(only_improves(&before, &sums(0, 0)));
        assert!(!only_improves(&before, &sums(-1, 0)));
    }

    #[test]
    fn maintenance_margin_is_kept() {
        // With its funding paid the account may seem to lack a micro-USDC that it has.
        let before = sums(99, 100);
        assert!(only_improves(&before, &sums(50, 50)));
        assert!(!only_improves(&before, &sums(50, 51)));
        assert!(!only_improves(&before, &before));
    }
}
