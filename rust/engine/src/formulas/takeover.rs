//! What the fund, or whoever is deleveraged, takes of a due account
//! (docs/spec/liquidation.md § 5, step 4).

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
    let (lots, loss) = if closeout >= 0 {
        let gain = (position.mmf_ppm - cmf_ppm) * position.mark_value;
        let missing = position.mmr.cast_signed() - position.tav;
        let lots = enough(all, gain.cast_signed(), missing.unsigned_abs());
        let loss = u128::from(lots) * u128::from(cmf_ppm * position.mark_value);
        (lots, loss.div_ceil(1_000_000) as i64)
    } else if position_mmr == position.mmr {
        (all, position.tav)
    } else {
        // A share rounded down of what it has, rounded up of what it owes.
        let share = i128::from(position.tav) * i128::from(position_mmr);
        (all, share.div_euclid(position.mmr.into()) as i64)
    };
    let value = (lots * position.mark_value).cast_signed();
    Takeover {
        lots,
        loss,
        quote: position.size.signum() * value - loss,
    }
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
}
