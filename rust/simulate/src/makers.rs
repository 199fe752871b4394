//! Market makers: they open everybody's positions, and quote anew before every tick.

use zkperp_engine::Side;

use crate::error::SimulationError;
use crate::population::Trader;
use crate::stage::Stage;
use crate::venue::{MARKETS, NAMED};

const PPM: u64 = 1_000_000;
/// Price levels of a side.
const LEVELS: u64 = 8;

/// How makers quote.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quotes {
    /// From the middle to the best price, ppm.
    pub(crate) half_spread_ppm: u64,
    /// From each price to the next, ppm.
    pub(crate) gap_ppm: u64,
    /// Where the middle is, ppm of the index.
    pub(crate) middle_ppm: u64,
}

/// The makers and what of theirs rests.
pub(crate) struct Makers {
    /// The first one's number; the others follow.
    first: u32,
    count: u32,
    quotes: Quotes,
    /// Lots of a level in each market; 0: nobody quotes.
    level_lots: [u64; MARKETS],
    resting: Vec<(u32, u64)>,
}

impl Makers {
    /// `count` makers, of whom each side of a book has `depth_lots`.
    pub(crate) fn new(first: u32, count: u32, quotes: Quotes, depth_lots: [u64; MARKETS]) -> Self {
        let level_lots = depth_lots.map(|lots| lots.div_ceil(LEVELS));
        Self {
            first,
            count,
            quotes,
            level_lots,
            resting: Vec::new(),
        }
    }

    const fn maker(&self, turn: u64) -> u32 {
        self.first + (turn % self.count as u64) as u32
    }

    /// Opens an account's positions against one maker after the other, a tick beside the mark.
    pub(crate) fn open(
        &self,
        stage: &mut Stage,
        account: u32,
        trader: &Trader,
    ) -> Result<(), SimulationError> {
        let maker = self.maker(account.into());
        for ((lots, (_, _, start)), market) in trader.lots.into_iter().zip(NAMED).zip(0..) {
            if lots == 0 {
                continue;
            }
            let (taker, other, price) = if trader.is_long {
                (Side::Bid, Side::Ask, start + 1)
            } else {
                (Side::Ask, Side::Bid, start - 1)
            };
            let opened =
                [(maker, other, true), (account, taker, false)].map(|(account, side, rests)| {
                    stage.place(account, (market, side), (price, lots), rests)
                });
            for placed in opened {
                let what = "opening a position";
                placed?.map_err(|refusal| SimulationError::Refused { what, refusal })?;
            }
        }
        Ok(())
    }

    /// Takes all quotes out of the books and quotes around these indices. A quote that the venue
    /// refuses, as outside its bands after a jump, is left out.
    pub(crate) fn quote(
        &mut self,
        stage: &mut Stage,
        prices: &[u64; MARKETS],
    ) -> Result<(), SimulationError> {
        for (account, order_id) in std::mem::take(&mut self.resting) {
            stage.cancel(account, order_id)?;
        }
        for (market, price) in (0_u8..).zip(prices) {
            let lots = self.level_lots[market as usize];
            let middle = price * self.quotes.middle_ppm / PPM;
            for level in (0..LEVELS).filter(|_| lots > 0) {
                let away = self.quotes.half_spread_ppm + level * self.quotes.gap_ppm;
                let account = self.maker(level);
                for (side, at_ppm) in [(Side::Bid, PPM - away), (Side::Ask, PPM + away)] {
                    // Towards the middle would cross where a tick is wide: bids down, asks up.
                    let ticks = match side {
                        Side::Bid => middle * at_ppm / PPM,
                        Side::Ask => (middle * at_ppm).div_ceil(PPM),
                    };
                    let order = (ticks.max(1), lots);
                    if let Ok(outcome) = stage.place(account, (market, side), order, true)? {
                        self.resting.push((account, outcome.0[1]));
                    }
                }
            }
        }
        Ok(())
    }
}
