//! What if: the same lots closed in the order of the incumbents' queue. **A model of them, not of
//! our engine**, which closes pro rata.
//!
//! Whenever a deleveraging begins, its lots are also taken, beside the engine, from the
//! counterparties in the order most venues publish: highest profit × leverage first, each wholly
//! before the next. Everything else stays as it happened: what an account holds there is what it
//! holds in the engine, plus what our deleveragings took from it, minus what the queue would have.

use crate::ledger::Ledger;
use crate::report::{Closing, Deleveragings};
use crate::venue::{MARKETS, MULTIPLIER};

const PPM: i128 = 1_000_000;

/// What one rule took of an account in a market.
#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    lots: u64,
    /// At the marks of the moment, micro-USDC.
    notional: u64,
    /// Whether nothing was left at some moment.
    whole: bool,
}

/// A counterparty in a market.
#[derive(Clone, Copy, Debug, Default)]
struct Counterparty {
    /// The most lots it held when a deleveraging began.
    exposure: u64,
    pro_rata: Taken,
    queue: Taken,
}

/// Both rules side by side.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    accounts: Vec<[Counterparty; MARKETS]>,
    count: u64,
    lots: u64,
    notional: u64,
}

/// A counterparty's place in the queue: profit × leverage where there is profit, else profit /
/// leverage, both of its margin; the greatest is closed first.
fn rank(lots: i64, cost: i64, mark: u64, value: i64) -> i128 {
    let worth = i128::from(lots) * i128::from(mark * MULTIPLIER);
    let profit_ppm = (worth - i128::from(cost)) * PPM / i128::from(cost).abs().max(1);
    let leverage_ppm = worth.abs() * PPM / i128::from(value).max(1);
    if profit_ppm > 0 {
        profit_ppm * leverage_ppm
    } else {
        profit_ppm * PPM / leverage_ppm.max(1)
    }
}

impl Comparison {
    /// For accounts 0 (the fund) to `accounts`.
    pub(crate) fn new(accounts: u32) -> Self {
        let places = accounts as usize + 1;
        Self {
            accounts: vec![[Counterparty::default(); MARKETS]; places],
            count: 0,
            lots: 0,
            notional: 0,
        }
    }

    fn place(&self, account: u32) -> usize {
        // The fund's number is far above all others.
        Some(account as usize)
            .filter(|&at| at < self.accounts.len())
            .unwrap_or(0)
    }

    /// A deleveraging of `lots` begins: the queue takes them at once. Of the lots at the marks.
    pub(crate) fn begin(
        &mut self,
        ledger: &Ledger,
        (target, market): (u32, u8),
        lots: u64,
        marks: &[u64; MARKETS],
    ) {
        let (at, mark) = (market as usize, marks[market as usize]);
        let sign = ledger.sign(target, market);
        self.count += 1;
        self.lots += lots;
        self.notional += lots * mark * MULTIPLIER;
        let mut queue = Vec::new();
        for account in ledger.accounts() {
            let held = ledger.held(account, market);
            let place = self.place(account);
            let found = &mut self.accounts[place][at];
            if held.lots.signum() == -sign {
                found.exposure = found.exposure.max(held.lots.unsigned_abs());
            } else if held.lots != 0 || found.exposure == 0 {
                continue;
            }
            let there = held.lots.unsigned_abs() + found.pro_rata.lots;
            let Some(left) = there.checked_sub(found.queue.lots).filter(|&left| left > 0) else {
                continue;
            };
            let value = ledger.value(account, marks);
            queue.push((rank(held.lots, held.cost, mark, value), account, left));
        }
        queue.sort_unstable_by_key(|&(rank, account, _)| (std::cmp::Reverse(rank), account));
        let mut wanted = lots;
        for (_, account, left) in queue {
            if wanted == 0 {
                break;
            }
            let taken = wanted.min(left);
            let place = self.place(account);
            let by_queue = &mut self.accounts[place][at].queue;
            by_queue.lots += taken;
            by_queue.notional += taken * mark * MULTIPLIER;
            by_queue.whole |= taken == left;
            wanted -= taken;
        }
    }

    /// The engine closed lots of a counterparty, of which it held `left` afterwards.
    pub(crate) fn closed(
        &mut self,
        (counterparty, market): (u32, u8),
        lots: u64,
        mark: u64,
        left: u64,
    ) {
        let place = self.place(counterparty);
        let taken = &mut self.accounts[place][market as usize].pro_rata;
        taken.lots += lots;
        taken.notional += lots * mark * MULTIPLIER;
        taken.whole |= left == 0;
    }

    /// Both rules' outcomes.
    pub(crate) fn report(&self) -> Deleveragings {
        let counterparties: Vec<&Counterparty> = self
            .accounts
            .iter()
            .flatten()
            .filter(|found| found.exposure > 0)
            .collect();
        let closing = |of: fn(&Counterparty) -> Taken| {
            let taken = counterparties
                .iter()
                .map(|found| (found.exposure, of(found)));
            closing(&taken.collect::<Vec<_>>())
        };
        Deleveragings {
            count: self.count,
            lots: self.lots,
            notional: self.notional,
            counterparties: counterparties.len() as u64,
            pro_rata: closing(|found| found.pro_rata),
            queue: closing(|found| found.queue),
        }
    }
}

/// Points of the curves, without their origin.
const CURVE: usize = 100;

fn closing(taken: &[(u64, Taken)]) -> Closing {
    let mut shares: Vec<u64> = taken
        .iter()
        .map(|&(exposure, taken)| {
            let share = u128::from(taken.lots) * PPM.unsigned_abs() / u128::from(exposure.max(1));
            share.min(PPM.unsigned_abs()) as u64
        })
        .collect();
    shares.sort_unstable();
    let mut notionals: Vec<u64> = taken.iter().map(|(_, taken)| taken.notional).collect();
    notionals.sort_unstable_by(|a, b| b.cmp(a));
    let all: u128 = notionals.iter().copied().map(u128::from).sum();
    let top = notionals.len().div_ceil(100);
    let of_top: u128 = notionals[..top.min(notionals.len())]
        .iter()
        .copied()
        .map(u128::from)
        .sum();
    Closing {
        accounts_hit: taken.iter().filter(|(_, taken)| taken.lots > 0).count() as u64,
        wholly_closed: taken.iter().filter(|(_, taken)| taken.whole).count() as u64,
        greatest_share_ppm: shares.last().copied().unwrap_or(0),
        gini_ppm: gini(&shares),
        top_percent_ppm: (of_top * PPM.unsigned_abs()).checked_div(all).unwrap_or(0) as u64,
        greatest_notional: notionals.first().copied().unwrap_or(0),
        shares_ppm: quantiles(&shares),
    }
}

/// How unequal ascending shares are: 0 all alike, a million one has all.
fn gini(shares: &[u64]) -> u64 {
    let count = shares.len() as i128;
    let sum: i128 = shares.iter().copied().map(i128::from).sum();
    if sum == 0 {
        return 0;
    }
    let weighted = (1..)
        .zip(shares)
        .map(|(i, &share)| (2 * i - count - 1) * i128::from(share));
    (weighted.sum::<i128>() * PPM / (count * sum)).max(0) as u64
}

/// The share of the account at each percent of the ascending list.
fn quantiles(shares: &[u64]) -> Vec<u64> {
    let Some(last) = shares.len().checked_sub(1) else {
        return Vec::new();
    };
    (0..=CURVE)
        .map(|percent| shares[last * percent / CURVE])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inequality_has_its_ends() {
        assert_eq!(gini(&[]), 0);
        assert_eq!(gini(&[5, 5, 5, 5]), 0);
        assert_eq!(gini(&[0, 0, 0, 8]), 750_000);
    }

    #[test]
    fn profit_times_leverage_comes_first() {
        // Shorts of 10 lots sold at 100, mark 80: the same profit, ten times the leverage.
        let calm = rank(-10, -1_000, 80, 800);
        let wild = rank(-10, -1_000, 80, 80);
        assert!(wild > calm && calm > 0);
        // At a loss leverage counts the other way, and every loss comes after every profit.
        let losing = [800, 80].map(|value| rank(-10, -1_000, 120, value));
        assert!(losing[0] < losing[1] && losing[1] < 0);
    }

    #[test]
    fn wholly_closed_and_shares_are_told_apart() {
        let of = |lots, whole| {
            (
                100,
                Taken {
                    lots,
                    notional: lots,
                    whole,
                },
            )
        };
        let fair = closing(&[of(10, false), of(10, false)]);
        assert_eq!(
            (fair.accounts_hit, fair.wholly_closed, fair.gini_ppm),
            (2, 0, 0)
        );
        let greedy = closing(&[of(20, true), of(0, false)]);
        assert_eq!((greedy.accounts_hit, greedy.wholly_closed), (1, 1));
        assert_eq!(
            (greedy.gini_ppm, greedy.greatest_share_ppm),
            (500_000, 200_000)
        );
        assert_eq!(greedy.shares_ppm.len(), CURVE + 1);
    }
}
