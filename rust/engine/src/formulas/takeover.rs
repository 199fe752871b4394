//! What the fund, or whoever is deleveraged, takes of a due account, and what is deleveraged of the
//! fund itself (docs/spec/liquidation.md § 5, steps 4 and 5).

use super::{DuePosition, Sums, enough};

/// Lots taken for a loss against the mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Takeover {
    /// Lots, above 0.
    pub lots: u64,
    /// What the due account loses against the mark, micro-USDC, below 0: what is lost for it.
    pub loss: i64,
    /// What the due account gets for the lots, micro-USDC.
    pub quote: i64,
}

/// The takeover of a position of an account below its maintenance margin, which needs
/// `position_mmr` of the account's margin. Above its close-out margin (`closeout` ≥ 0, the sum C) it
/// gives up the close-out fraction `cmf_ppm` of what is taken, no more lots than restore its
/// health; below it, the position's share of its value.
#[must_use]
pub fn takeover(
    position: &DuePosition,
    cmf_ppm: u64,
    closeout: i64,
    position_mmr: u64,
) -> Takeover {
    let all = position.size.unsigned_abs();
    if closeout < 0 {
        return position.closed_for(position.share_of_value(position_mmr));
    }
    let gain = (position.mmf_ppm - cmf_ppm) * position.mark_value;
    let missing = position.mmr.cast_signed() - position.tav;
    let lots = enough(all, gain.cast_signed(), missing.unsigned_abs());
    let loss = u128::from(lots) * u128::from(cmf_ppm * position.mark_value);
    position.given_up(lots, loss.div_ceil(1_000_000) as i64)
}

/// The whole of a position of the fund, which needs `position_mmr` of the fund's margin: at the mark
/// as long as the fund has value, below it by the position's share of its debt when it owes.
#[must_use]
pub fn fund_closing(position: &DuePosition, position_mmr: u64) -> Takeover {
    position.closed_for(position.share_of_value(position_mmr).min(0))
}

impl DuePosition {
    /// The position of an account that stands as these sums say.
    #[must_use]
    pub const fn of(size: i64, mark_value: u64, mmf_ppm: u64, sums: &Sums) -> Self {
        Self {
            size,
            mark_value,
            mmf_ppm,
            tav: sums.tav,
            mmr: sums.mmr().unsigned_abs(),
        }
    }

    /// The position's share of the account's value: rounded down of what it has, rounded up of what
    /// it owes.
    fn share_of_value(&self, position_mmr: u64) -> i64 {
        if position_mmr == self.mmr {
            return self.tav;
        }
        let share = i128::from(self.tav) * i128::from(position_mmr);
        share.div_euclid(self.mmr.into()) as i64
    }

    /// So many lots for a loss against the mark.
    const fn given_up(&self, lots: u64, loss: i64) -> Takeover {
        let value = (lots * self.mark_value).cast_signed();
        Takeover {
            lots,
            loss,
            quote: self.size.signum() * value - loss,
        }
    }

    /// All its lots for a loss.
    const fn closed_for(&self, loss: i64) -> Takeover {
        self.given_up(self.size.unsigned_abs(), loss)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(size: i64, tav: i64) -> DuePosition {
        DuePosition {
            size,
            mark_value: 100,
            mmf_ppm: 50_000,
            tav,
            mmr: 5000,
        }
    }

    #[test]
    fn between_maintenance_and_close_out_only_what_is_missing_is_taken() {
        // Of a lot 5 of margin go for 3 of value: 2 a lot, 1000 are missing.
        let taken = takeover(&position(1000, 4000), 30_000, 1000, 5000);
        assert_eq!((taken.lots, taken.loss), (500, 1500));
        assert_eq!(taken.quote, 50_000 - 1500);
        let short = takeover(&position(-1000, 4000), 30_000, 1000, 5000);
        assert_eq!((short.lots, short.quote), (500, -50_000 - 1500));
        let none_is_gained = takeover(&position(1000, 4000), 50_000, 0, 5000);
        assert_eq!((none_is_gained.lots, none_is_gained.loss), (1000, 5000));
    }

    #[test]
    fn below_close_out_a_position_goes_with_its_share_of_the_value() {
        for (tav, mmr, loss) in [
            (1000, 5000, 1000),
            (1001, 2500, 500),
            (-1001, 2500, -501),
            (-1001, 5000, -1001),
            (0, 2500, 0),
        ] {
            let taken = takeover(&position(1000, tav), 30_000, -1, mmr);
            assert_eq!((taken.lots, taken.loss), (1000, loss), "{tav} {mmr}");
        }
    }
    #[test]
    fn the_fund_is_closed_at_the_mark_or_with_its_share_of_its_debt() {
        for (tav, mmr, loss) in [
            (1000, 5000, 0),
            (0, 2500, 0),
            (-1001, 2500, -501),
            (-1001, 5000, -1001),
        ] {
            for size in [1000, -1000] {
                let closed = fund_closing(&position(size, tav), mmr);
                assert_eq!((closed.lots, closed.loss), (1000, loss), "{tav} {mmr}");
                assert_eq!(closed.quote, size * 100 - loss);
            }
        }
    }
}
