//! Who trades: accounts with their leverage, side and size, before anything happened.

use crate::random::Random;
use crate::venue::{MARKETS, MULTIPLIER, NAMED};

/// How accounts are drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Population {
    /// Leverage with its weight.
    pub(crate) leverages: &'static [(u64, u64)],
    /// How many ppm of the accounts are long.
    pub(crate) long_ppm: u64,
    /// How many ppm of the accounts hold both markets in one margin.
    pub(crate) both_ppm: u64,
}

/// The usual leverages: most people take five to ten, some all they can get.
pub(crate) const USUAL: &[(u64, u64)] = &[(2, 12), (3, 14), (5, 24), (10, 26), (20, 16), (40, 8)];

/// Notional in USDC with its weight: many small accounts, few large ones.
const SIZES: &[(u64, u64)] = &[
    (500, 20),
    (2_000, 30),
    (5_000, 25),
    (20_000, 17),
    (100_000, 6),
    (500_000, 2),
];
const PPM: u64 = 1_000_000;
/// What a deposit has above notional / leverage, ppm of the notional: opening fees.
const FEES_PPM: u64 = 700;

/// How much more than that an account may have, drawn from 0: nobody is liquidated at once with
/// everybody else.
const SPARE_PERMILLE: u64 = 700;

/// An account before it trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trader {
    /// Notional of its positions over its deposit, at most.
    pub(crate) leverage: u64,
    /// Whether it is long.
    pub(crate) is_long: bool,
    /// Lots that it opens in each market.
    pub(crate) lots: [u64; MARKETS],
    /// What it deposits, micro-USDC.
    pub(crate) deposit: u64,
}

impl Trader {
    /// What its positions are worth at the opening prices, micro-USDC.
    pub(crate) fn notional(&self) -> u64 {
        let each = self.lots.iter().zip(NAMED);
        each.map(|(lots, (_, _, price))| lots * price * MULTIPLIER)
            .sum()
    }
}

impl Population {
    /// So many accounts.
    pub(crate) fn draw(&self, accounts: u32, random: &mut Random) -> Vec<Trader> {
        (0..accounts).map(|_| self.trader(random)).collect()
    }

    fn trader(&self, random: &mut Random) -> Trader {
        let leverage = random.weighted(self.leverages);
        let is_long = random.below(PPM) < self.long_ppm;
        let market = random.below(MARKETS as u64) as usize;
        let holds_both = random.below(PPM) < self.both_ppm;
        let mut lots = [0; MARKETS];
        for (number, lots) in lots.iter_mut().enumerate() {
            if number == market || holds_both {
                let (_, _, price) = NAMED[number];
                // Half to one and a half of the drawn size.
                let usd = random.weighted(SIZES) * (500 + random.below(1_001)) / 1_000;
                *lots = (usd * PPM / (price * MULTIPLIER)).max(1);
            }
        }
        let mut trader = Trader {
            leverage,
            is_long,
            lots,
            deposit: 0,
        };
        let notional = trader.notional();
        let spare = 1_000 + random.below(SPARE_PERMILLE + 1);
        trader.deposit = notional / leverage * spare / 1_000 + notional * FEES_PPM / PPM + 1;
        trader
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deposits_are_what_the_leverage_says() {
        let population = Population {
            leverages: USUAL,
            long_ppm: 600_000,
            both_ppm: 300_000,
        };
        let traders = population.draw(1_000, &mut Random::new(7));
        assert_eq!(traders, population.draw(1_000, &mut Random::new(7)));
        for trader in &traders {
            let notional = trader.notional();
            assert!(notional / trader.deposit < trader.leverage + 1);
            assert!(notional / trader.deposit + 2 > trader.leverage / 2);
        }
        let longs = traders.iter().filter(|trader| trader.is_long).count();
        assert!((550..650).contains(&longs));
    }
}
