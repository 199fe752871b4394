//! A second set of books: positions from events alone, cash of the accounts that events name. It
//! is compared with the engine after every command.

use zkperp_engine::{Event, Side, State};
use zkperp_schema as schema;

use crate::error::SimulationError;
use crate::venue::{MARKETS, MULTIPLIER};

/// The fund's account.
pub(crate) const FUND: u32 = schema::FUND_ACCOUNT as u32;

/// A position by the events so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    /// Lots, above 0 long.
    pub(crate) lots: i64,
    /// What they were bought for, micro-USDC; below 0 for a short.
    pub(crate) cost: i64,
}

impl Held {
    /// Takes `lots` more (signed) for `value` micro-USDC (signed alike).
    fn trade(&mut self, lots: i64, value: i64) {
        let part = |whole: i64, of: i64, all: i64| {
            (i128::from(whole) * i128::from(of) / i128::from(all)) as i64
        };
        if self.lots == 0 || self.lots.signum() == lots.signum() {
            self.cost += value;
        } else if lots.unsigned_abs() <= self.lots.unsigned_abs() {
            self.cost += part(self.cost, lots, self.lots);
        } else {
            // What is left of the trade opens a position the other way.
            self.cost = part(value, lots + self.lots, lots);
        }
        self.lots += lots;
        if self.lots == 0 {
            self.cost = 0;
        }
    }
}

/// Cash and positions of every account by the events.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    /// The fund first, then by number.
    held: Vec<[Held; MARKETS]>,
    cash: Vec<i64>,
    cash_sum: i128,
    lots_sum: [i128; MARKETS],
    open_interest: [u128; MARKETS],
    touched: Vec<u32>,
    /// Commands after which the books were compared.
    pub(crate) comparisons: u64,
}

impl Ledger {
    /// Books for accounts 1 to `accounts` and the fund.
    pub(crate) fn new(accounts: u32) -> Self {
        let places = accounts as usize + 1;
        Self {
            held: vec![[Held::default(); MARKETS]; places],
            cash: vec![0; places],
            cash_sum: 0,
            lots_sum: [0; MARKETS],
            open_interest: [0; MARKETS],
            touched: Vec::new(),
            comparisons: 0,
        }
    }

    const fn place(account: u32) -> usize {
        if account == FUND { 0 } else { account as usize }
    }

    /// All accounts, the fund last.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = u32> + use<> {
        (1..self.held.len() as u32).chain([FUND])
    }

    /// A position.
    pub(crate) fn held(&self, account: u32, market: u8) -> Held {
        self.held[Self::place(account)][market as usize]
    }

    /// What an account is worth at these marks (ticks), funding due left out, micro-USDC.
    pub(crate) fn value(&self, account: u32, marks: &[u64; MARKETS]) -> i64 {
        let place = Self::place(account);
        let held = self.held[place].iter().zip(marks);
        let worth = held.map(|(held, &mark)| held.lots * (mark * MULTIPLIER).cast_signed());
        self.cash[place] + worth.sum::<i64>()
    }

    fn trade(&mut self, account: u32, market: u8, lots: i64, value: i64) {
        let held = &mut self.held[Self::place(account)][market as usize];
        let before = held.lots;
        held.trade(lots, value);
        let market = market as usize;
        self.lots_sum[market] += i128::from(held.lots - before);
        self.open_interest[market] += u128::from(held.lots.unsigned_abs());
        self.open_interest[market] -= u128::from(before.unsigned_abs());
        self.touched.push(account);
    }

    /// Which way an account stands in a market: 1 long, −1 short.
    pub(crate) fn sign(&self, account: u32, market: u8) -> i64 {
        self.held(account, market).lots.signum()
    }

    /// Takes note of an event.
    pub(crate) fn note(&mut self, event: &Event) {
        match *event {
            Event::Trade(ref trade) => {
                let sign = if trade.taker_side == Side::Bid { 1 } else { -1 };
                let lots = sign * trade.lots.cast_signed();
                let value = lots * (trade.price * MULTIPLIER).cast_signed();
                self.trade(trade.taker_account, trade.market, lots, value);
                self.trade(trade.maker_account, trade.market, -lots, -value);
                self.touched.push(FUND);
            }
            Event::Takeover {
                account,
                market,
                lots,
                quote,
            } => {
                let lots = self.sign(account, market) * lots.cast_signed();
                self.trade(account, market, -lots, -quote);
                self.trade(FUND, market, lots, quote);
            }
            Event::Deleveraged {
                account,
                counterparty,
                market,
                lots,
                quote,
            } => {
                let lots = self.sign(account, market) * lots.cast_signed();
                self.trade(account, market, -lots, -quote);
                self.trade(counterparty, market, lots, quote);
            }
            Event::Deposit { account, .. } | Event::FundingPaid { account, .. } => {
                self.touched.push(account);
            }
            Event::Transfer { from, to, .. } => self.touched.extend([from, to]),
            Event::DebtCovered { account, .. } => self.touched.extend([account, FUND]),
            _ => {}
        }
    }

    /// Compares with the engine after a command, of which every event was noted: positions of the
    /// touched accounts, and over all accounts Σ lots = 0, open interest, and custody to the last
    /// micro-USDC.
    pub(crate) fn compare(&mut self, state: &State) -> Result<(), SimulationError> {
        for account in std::mem::take(&mut self.touched) {
            let place = Self::place(account);
            let cash = state.collateral(account).unwrap_or(0);
            self.cash_sum += i128::from(cash) - i128::from(self.cash[place]);
            self.cash[place] = cash;
            let held = self.held[place].iter().zip(0_u8..);
            if held
                .into_iter()
                .any(|(held, m)| held.lots != state.position_lots(account, m))
            {
                return Err(SimulationError::Books("an account's positions"));
            }
        }
        let mut custody = self.cash_sum + i128::from(state.fees());
        for (market, number) in (0..MARKETS).zip(0_u8..) {
            let Some(found) = state.market(number) else {
                continue;
            };
            custody += i128::from(found.interest.clearing);
            if self.lots_sum[market] != 0 {
                return Err(SimulationError::Books("the sum of a market's positions"));
            }
            if self.open_interest[market] != u128::from(found.interest.open_interest) {
                return Err(SimulationError::Books("a market's open interest"));
            }
        }
        if custody != i128::from(state.custody()) {
            return Err(SimulationError::Books("custody"));
        }
        self.comparisons += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Held;

    #[test]
    fn cost_follows_what_is_held() {
        let mut held = Held::default();
        held.trade(10, 1_000);
        held.trade(10, 2_000);
        assert_eq!(
            held,
            Held {
                lots: 20,
                cost: 3_000
            }
        );
        held.trade(-5, -1_000);
        assert_eq!(
            held,
            Held {
                lots: 15,
                cost: 2_250
            }
        );
        held.trade(-20, -4_000);
        assert_eq!(
            held,
            Held {
                lots: -5,
                cost: -1_000
            }
        );
        held.trade(5, 500);
        assert_eq!(held, Held::default());
    }
}
