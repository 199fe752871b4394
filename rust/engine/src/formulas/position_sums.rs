//! What a position is worth and what it leaves free (docs/spec/margin.md § 2).

use std::ops::AddAssign;

use zkperp_schema as schema;

/// What values a position: all of it but its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Valuation {
    /// Micro-USDC of one lot at the mark.
    pub mark_value: u64,
    /// Cumulative funding, 10^-6 micro-USDC a lot.
    pub funding: i64,
    /// The same when the position last paid.
    pub entry: i64,
}

/// Margin fractions of a position, ppm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fractions {
    /// Initial, the account's own leverage included.
    pub imf_ppm: u64,
    /// Maintenance.
    pub mmf_ppm: u64,
    /// Close-out.
    pub cmf_ppm: u64,
}

/// The four sums, of a position or of an account, micro-USDC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Value: cash, positions at the mark, funding due.
    pub tav: i64,
    /// Value minus initial margin; of an account what is free.
    pub initial: i64,
    /// Value minus maintenance margin.
    pub maintenance: i64,
    /// Value minus close-out margin.
    pub closeout: i64,
}

impl Sums {
    /// An account without positions.
    #[must_use]
    pub const fn cash(collateral: i64) -> Self {
        Self {
            tav: collateral,
            initial: collateral,
            maintenance: collateral,
            closeout: collateral,
        }
    }

    /// Maintenance margin.
    #[must_use]
    pub const fn mmr(&self) -> i64 {
        self.tav - self.maintenance
    }
}

impl AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.tav += other.tav;
        self.initial += other.initial;
        self.maintenance += other.maintenance;
        self.closeout += other.closeout;
    }
}

impl Valuation {
    /// 10^-6 micro-USDC that one lot of a long (sign 1) or short (sign −1) is worth, or less by a
    /// fraction of its value: within ±10^6 · bias.
    #[inline]
    const fn per_lot(&self, sign: i64, fraction_ppm: u64) -> i64 {
        let value = (self.mark_value * schema::PPM).cast_signed() - self.funding + self.entry;
        sign * value - (fraction_ppm * self.mark_value).cast_signed()
    }
}

/// floor(lots · per_lot / 10^6), in parts so that nothing passes 64 bits: lots are below 2^40 and
/// the result within ±2^55.
#[inline]
pub(crate) const fn scaled(lots: u64, per_lot: i64) -> i64 {
    let ppm = schema::PPM.cast_signed();
    let lots = lots.cast_signed();
    lots * per_lot.div_euclid(ppm) + lots * per_lot.rem_euclid(ppm) / ppm
}

/// The four sums of a position of `size` lots, above 0 long, each rounded down at its end only.
#[must_use]
pub fn position_sums(size: i64, valuation: &Valuation, fractions: &Fractions) -> Sums {
    let (lots, sign) = (size.unsigned_abs(), size.signum());
    let less = |fraction| scaled(lots, valuation.per_lot(sign, fraction));
    Sums {
        tav: less(0),
        initial: less(fractions.imf_ppm),
        maintenance: less(fractions.mmf_ppm),
        closeout: less(fractions.cmf_ppm),
    }
}

/// The sum `initial` alone: what every order and fill asks for.
#[inline]
#[must_use]
pub fn initial_margin_sum(size: i64, valuation: &Valuation, imf_ppm: u64) -> i64 {
    let per_lot = valuation.per_lot(size.signum(), imf_ppm);
    scaled(size.unsigned_abs(), per_lot)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FRACTIONS: Fractions = Fractions {
        imf_ppm: 100_000,
        mmf_ppm: 60_000,
        cmf_ppm: 40_000,
    };

    #[test]
    fn a_position_without_funding() {
        let valuation = Valuation {
            mark_value: 600_001,
            funding: 0,
            entry: 0,
        };
        let sums = position_sums(3, &valuation, &FRACTIONS);
        let free = |ppm: i64| (1_800_003 * (1_000_000 - ppm)).div_euclid(1_000_000);
        assert_eq!(sums.tav, 1_800_003);
        assert_eq!(sums.initial, free(100_000));
        assert_eq!(sums.maintenance, free(60_000));
        assert_eq!(sums.closeout, free(40_000));
        let sums = position_sums(-3, &valuation, &FRACTIONS);
        assert_eq!(sums.tav, -1_800_003);
        // 1,800,003 · 1.1 = 1,980,003.3, against the user.
        assert_eq!(sums.initial, -1_980_004);
        assert_eq!(position_sums(0, &valuation, &FRACTIONS), Sums::default());
    }

    proptest! {
        #[test]
        fn they_are_those_of_the_integers(
            size in -(1_i64 << 28)..1 << 28,
            mark_value in 0..1_u64 << 24,
            funding in -(1_i64 << 43)..1 << 43,
            entry in -(1_i64 << 43)..1 << 43,
            imf_ppm in 0..=1_000_000_u64,
        ) {
            let valuation = Valuation { mark_value, funding, entry };
            let fractions = Fractions { imf_ppm, mmf_ppm: imf_ppm / 2, cmf_ppm: imf_ppm / 3 };
            let sums = position_sums(size, &valuation, &fractions);
            let exact = |fraction: u64| {
                let [size, value] = [size, mark_value.cast_signed()].map(i128::from);
                let due = i128::from(funding) - i128::from(entry);
                let total = size * (1_000_000 * value - due);
                (total - size.abs() * i128::from(fraction) * value).div_euclid(1_000_000)
            };
            prop_assert_eq!(i128::from(sums.tav), exact(0));
            prop_assert_eq!(i128::from(sums.initial), exact(fractions.imf_ppm));
            prop_assert_eq!(i128::from(sums.maintenance), exact(fractions.mmf_ppm));
            prop_assert_eq!(i128::from(sums.closeout), exact(fractions.cmf_ppm));
            prop_assert_eq!(sums.initial, initial_margin_sum(size, &valuation, imf_ppm));
        }
    }
}
