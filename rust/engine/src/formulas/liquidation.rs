//! A due account's fill against the book (docs/spec/liquidation.md § 5).

use zkperp_schema as schema;

/// What a due account trades, and how it stands; micro-USDC unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DuePosition {
    /// Lots, above 0 long.
    pub size: i64,
    /// One lot at the mark.
    pub mark_value: u64,
    /// Maintenance margin fraction of its tier, ppm.
    pub mmf_ppm: u64,
    /// The account's value.
    pub tav: i64,
    /// The account's maintenance margin, above its value.
    pub mmr: u64,
}

/// A fill on offer, and what the market takes for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// One lot at the maker's price, micro-USDC.
    pub lot_price: u64,
    /// The maker's lots.
    pub lots: u64,
    /// Greatest fee, ppm of the notional.
    pub liquidation_ppm: u64,
    /// What of it the maker gets at most, ppm of the notional.
    pub bonus_ppm: u64,
}

/// How much of an offer is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiquidationFill {
    /// Lots, above 0.
    pub lots: u64,
    /// What the due account pays, micro-USDC.
    pub fee: u64,
    /// What of it the maker gets, micro-USDC.
    pub bonus: u64,
}

/// floor(a · b / c) of values whose quotient fits.
const fn muldiv(a: u64, b: u64, c: u64) -> u64 {
    (a as u128 * b as u128 / c as u128) as u64
}

impl DuePosition {
    const fn margin(&self) -> u64 {
        self.mmf_ppm * self.mark_value
    }

    /// What the account lacks of its maintenance margin, micro-USDC, above 0.
    const fn missing(&self) -> u64 {
        (self.mmr.cast_signed() - self.tav).unsigned_abs()
    }

    /// The loss against the mark, 10^-6 micro-USDC a lot, at which value over maintenance margin
    /// stays as it is; of an account worth at least nothing.
    #[must_use]
    pub const fn zero_loss(&self) -> u64 {
        muldiv(self.tav.unsigned_abs(), self.margin(), self.mmr)
    }

    /// The loss of a lot against the mark at this price, 10^-6 micro-USDC, below 0 a gain.
    #[must_use]
    pub const fn loss(&self, lot_price: u64) -> i64 {
        let ppm = schema::PPM.cast_signed();
        self.size.signum() * (self.mark_value.cast_signed() - lot_price.cast_signed()) * ppm
    }

    /// What a lot pays as a fee at this price, 10^-6 micro-USDC; `None` where the loss is above
    /// [`zero_loss`](Self::zero_loss), so that the fill would make the account worse.
    #[must_use]
    pub fn fee_per_lot(&self, offer: &Offer) -> Option<u64> {
        let room = self.zero_loss().cast_signed() - self.loss(offer.lot_price);
        let room = u64::try_from(room).ok()?;
        Some(room.min(offer.liquidation_ppm * offer.lot_price))
    }

    /// As many lots as make the account healthy, or as there are; `fee_per_lot` is that of the
    /// offer.
    #[must_use]
    pub fn fill(&self, offer: &Offer, fee_per_lot: u64) -> LiquidationFill {
        let most = offer.lots.min(self.size.unsigned_abs());
        let gain =
            self.margin().cast_signed() - self.loss(offer.lot_price) - fee_per_lot.cast_signed();
        let lots = enough(most, gain, self.missing());
        let fee = muldiv(lots, fee_per_lot, schema::PPM);
        let bonus = muldiv(lots * offer.lot_price, offer.bonus_ppm, schema::PPM);
        LiquidationFill {
            lots,
            fee,
            bonus: bonus.min(fee),
        }
    }
}

/// The least number of lots that gain what is missing, each 10^-6 · `gain`, or `most`.
pub(super) fn enough(most: u64, gain: i64, missing: u64) -> u64 {
    let gain = u128::from(gain.max(0).unsigned_abs());
    let ppm = u128::from(schema::PPM);
    if gain == 0 || u128::from(most) * gain / ppm < u128::from(missing) {
        return most;
    }
    // At most `most`, as that gains enough.
    (u128::from(missing) * ppm).div_ceil(gain) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSITION: DuePosition = DuePosition {
        size: 1000,
        mark_value: 100,
        mmf_ppm: 50_000,
        tav: 4000,
        mmr: 5000,
    };

    fn offer(lot_price: u64, lots: u64) -> Offer {
        Offer {
            lot_price,
            lots,
            liquidation_ppm: 10_000,
            bonus_ppm: 4_000,
        }
    }

    #[test]
    fn a_loss_of_value_over_lots_keeps_the_ratio() {
        assert_eq!(POSITION.zero_loss(), 4_000_000);
        assert_eq!(POSITION.loss(96), 4_000_000);
        assert_eq!(POSITION.loss(101), -1_000_000);
        assert_eq!(POSITION.fee_per_lot(&offer(96, 1)), Some(0));
        assert_eq!(POSITION.fee_per_lot(&offer(95, 1)), None);
        assert_eq!(POSITION.fee_per_lot(&offer(97, 1)), Some(970_000));
    }

    #[test]
    fn no_more_is_sold_than_restores_health() {
        // A lot frees 5 of margin, loses 1 and pays 0.99: 1000 are missing.
        let bid = offer(99, 600);
        let fee = POSITION.fee_per_lot(&bid).unwrap();
        let fill = POSITION.fill(&bid, fee);
        assert_eq!((fill.lots, fill.fee, fill.bonus), (333, 329, 131));
        let few = POSITION.fill(&offer(99, 300), fee);
        assert_eq!((few.lots, few.fee, few.bonus), (300, 297, 118));
    }

    #[test]
    fn a_bonus_is_at_most_the_fee() {
        let bid = Offer {
            bonus_ppm: 10_000,
            ..offer(96, 500)
        };
        assert_eq!(POSITION.fill(&bid, 0).bonus, 0);
    }
}
