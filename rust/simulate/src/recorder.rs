//! What is written down while a simulation runs.

use std::collections::BTreeMap;

use zkperp_engine::Side;
use zkperp_engine::{Event, State};

use crate::ledger::{FUND, Ledger};
use crate::population::Trader;
use crate::queue::Comparison;
use crate::report::{Cohort, Liquidations, MarketSeries, Series, Totals};
use crate::venue::{MARKETS, MULTIPLIER};

/// How lots left an account: the place of each kind in the report's lists.
const BOOK: usize = 0;
const TAKEOVER: usize = 1;
const DELEVERAGING: usize = 2;

/// Fills of an account in a market, of one kind, at one moment.
#[derive(Clone, Copy, Debug, Default)]
struct Fills {
    lots: u64,
    /// What was paid for them, micro-USDC; may be below 0 for a takeover of a hopeless position.
    quote: i64,
    side: i64,
}

/// What is left of lots of which so many are taken, as far as they are of the same sign.
const fn towards_zero(lots: i64, taken: i64) -> i64 {
    let left = lots - taken;
    if lots.signum() != taken.signum() {
        lots
    } else if left.signum() == lots.signum() {
        left
    } else {
        0
    }
}

/// The numbers so far.
#[derive(Clone, Debug)]
pub(crate) struct Recorder {
    first_account: u32,
    traders: Vec<Trader>,
    /// Accounts that were liquidated, and that gave lots to a deleveraging.
    liquidated: Vec<bool>,
    deleveraged: Vec<bool>,
    fills: BTreeMap<(u64, u32, u8, usize), Fills>,
    /// Lots sold in the book by force since it was last asked, above 0 sold.
    sold: [i64; MARKETS],
    /// Lots that the fund took since then, less those that counterparties took of it.
    kept: [i64; MARKETS],
    step_due: u64,
    step_liquidated: [u64; 3],
    funding: [i128; 2],
    pub(crate) comparison: Comparison,
    pub(crate) series: Series,
    pub(crate) totals: Totals,
}

impl Recorder {
    /// For leveraged accounts that are numbered from `first_account`.
    pub(crate) fn new(first_account: u32, traders: Vec<Trader>) -> Self {
        let count = traders.len();
        let markets = vec![MarketSeries::default(); MARKETS];
        Self {
            first_account,
            liquidated: vec![false; count],
            deleveraged: vec![false; count],
            fills: BTreeMap::new(),
            sold: [0; MARKETS],
            kept: [0; MARKETS],
            step_due: 0,
            step_liquidated: [0; 3],
            funding: [0; 2],
            comparison: Comparison::new(first_account + count as u32),
            series: Series {
                markets,
                ..Series::default()
            },
            totals: Totals::default(),
            traders,
        }
    }

    fn trader(&self, account: u32) -> Option<usize> {
        let at = account.checked_sub(self.first_account)? as usize;
        (at < self.traders.len()).then_some(at)
    }

    /// An event that the ledger does not know yet: which side an account stands on is before it.
    pub(crate) fn before(
        &mut self,
        event: &Event,
        ledger: &Ledger,
        marks: &[u64; MARKETS],
        elapsed_ms: u64,
    ) {
        match *event {
            Event::LiquidationDue { .. } => self.step_due += 1,
            Event::Recovered { .. } => self.totals.recovered += 1,
            Event::Liquidation {
                account,
                market,
                lots,
                price,
                fee,
                bonus,
            } => {
                let side = ledger.sign(account, market);
                let quote = side * (lots * price * MULTIPLIER).cast_signed();
                self.totals.fees += fee;
                self.totals.bonuses += bonus;
                let key = (elapsed_ms, account, market, BOOK);
                self.left(key, Fills { lots, quote, side }, marks);
            }
            Event::Takeover {
                account,
                market,
                lots,
                quote,
            } => {
                let side = ledger.sign(account, market);
                let worth = side * (lots * marks[market as usize] * MULTIPLIER).cast_signed();
                self.totals.takeover_gain += worth - quote;
                let key = (elapsed_ms, account, market, TAKEOVER);
                self.left(key, Fills { lots, quote, side }, marks);
            }
            Event::Deleveraging {
                account,
                market,
                lots,
                ..
            } => {
                self.comparison
                    .begin(ledger, (account, market), lots, marks);
            }
            Event::Deleveraged {
                account,
                market,
                lots,
                quote,
                ..
            } => {
                let side = ledger.sign(account, market);
                let key = (elapsed_ms, account, market, DELEVERAGING);
                self.left(key, Fills { lots, quote, side }, marks);
            }
            Event::DebtCovered { amount, .. } => self.totals.debts_covered += amount,
            Event::FundingPaid { amount, .. } => {
                self.funding[usize::from(amount > 0)] += i128::from(amount).abs();
            }
            _ => {}
        }
    }

    /// An event that the ledger knows.
    pub(crate) fn after(&mut self, event: &Event, ledger: &Ledger, marks: &[u64; MARKETS]) {
        if let Event::Deleveraged {
            counterparty,
            market,
            lots,
            ..
        } = *event
        {
            let left = ledger.held(counterparty, market).lots.unsigned_abs();
            let mark = marks[market as usize];
            self.comparison
                .closed((counterparty, market), lots, mark, left);
            if let Some(at) = self.trader(counterparty) {
                self.deleveraged[at] = true;
            }
        }
    }

    fn left(&mut self, key: (u64, u32, u8, usize), fill: Fills, marks: &[u64; MARKETS]) {
        let (_, account, market, kind) = key;
        let fills = self.fills.entry(key).or_default();
        fills.lots += fill.lots;
        fills.quote += fill.quote;
        fills.side = fill.side;
        self.step_liquidated[kind] += fill.lots * marks[market as usize] * MULTIPLIER;
        let (market, lots) = (market as usize, fill.side * fill.lots.cast_signed());
        match kind {
            // What the fund sells was counted when it took it over.
            BOOK if account != FUND => self.sold[market] += lots,
            TAKEOVER => self.kept[market] += lots,
            DELEVERAGING if account == FUND => {
                self.kept[market] = towards_zero(self.kept[market], lots);
            }
            _ => {}
        }
        if let Some(at) = self.trader(account) {
            self.liquidated[at] = true;
        }
    }

    /// Lots sold by force since this was last asked, and those of the fund that it has to sell. What
    /// counterparties took meanwhile reaches no market.
    pub(crate) fn take_sold(&mut self) -> [i64; MARKETS] {
        let (mut sold, kept) = (
            std::mem::take(&mut self.sold),
            std::mem::take(&mut self.kept),
        );
        for (sold, kept) in sold.iter_mut().zip(kept) {
            *sold += kept;
        }
        sold
    }

    /// Looks at the venue after a step.
    pub(crate) fn sample(&mut self, state: &State, elapsed_ms: u64) {
        self.series.time_ms.push(elapsed_ms);
        for (series, number) in self.series.markets.iter_mut().zip(0..) {
            let Some(market) = state.market(number) else {
                continue;
            };
            let best = |side| state.best_price(number, side).unwrap_or(0);
            series.index.push(market.mark.index_ticks);
            series.mark.push(market.mark.mark_ticks);
            series.bid.push(best(Side::Bid));
            series.ask.push(best(Side::Ask));
            series.open_interest.push(market.interest.open_interest);
            series.rate_ppm.push(market.funding.rate_ppm);
        }
        let (mut health, mut bad_debt) = ([0; 5], 0);
        for number in state.account_numbers() {
            let Some(view) = state.account(number) else {
                continue;
            };
            if number == FUND {
                self.series.fund_value.push(view.tav());
                self.series.fund_margin.push(view.imr());
                continue;
            }
            health[view.health.code() as usize] += 1;
            bad_debt += view.tav().min(0).unsigned_abs();
        }
        for (series, count) in self.series.health.iter_mut().zip(health) {
            series.push(count);
        }
        self.series.bad_debt.push(bad_debt);
        self.totals.due += self.step_due;
        self.totals.due_most = self.totals.due_most.max(self.step_due);
        self.series.due.push(std::mem::take(&mut self.step_due));
        let liquidated = std::mem::take(&mut self.step_liquidated);
        for (kind, notional) in liquidated.into_iter().enumerate() {
            self.series.liquidated[kind].push(notional);
            self.totals.liquidated[kind] += notional;
        }
    }

    /// Sums that are known in the end.
    pub(crate) fn totals(&mut self) -> Totals {
        let fund = &self.series.fund_value;
        let ends = [fund.first(), fund.iter().min(), fund.last()];
        self.totals.fund = ends.map(|value| value.copied().unwrap_or(0));
        self.totals.funding_paid = self.funding[0].max(self.funding[1]) as u64;
        self.totals.liquidated_accounts = self.liquidated.iter().filter(|&&is| is).count() as u64;
        self.totals.clone()
    }

    /// Each liquidation, by time.
    pub(crate) fn liquidations(&self) -> Liquidations {
        let rows = self
            .fills
            .iter()
            .map(|(&(time_ms, account, market, kind), fills)| {
                let leverage = self
                    .trader(account)
                    .map_or(0, |at| self.traders[at].leverage);
                let lots = fills.lots.cast_signed();
                let price = (fills.side * fills.quote).div_euclid(lots * MULTIPLIER.cast_signed());
                [
                    time_ms.cast_signed(),
                    account.into(),
                    market.into(),
                    fills.side,
                    lots,
                    price,
                    kind as i64,
                    leverage.cast_signed(),
                ]
            });
        Liquidations {
            columns: [
                "time_ms", "account", "market", "side", "lots", "price", "kind", "leverage",
            ],
            rows: rows.collect(),
            kinds: ["book", "takeover", "deleveraging"],
        }
    }

    /// What became of the accounts, by side and leverage.
    pub(crate) fn cohorts(&self, state: &State) -> Vec<Cohort> {
        let mut cohorts: BTreeMap<(bool, u64), Cohort> = BTreeMap::new();
        for (at, trader) in self.traders.iter().enumerate() {
            let key = (!trader.is_long, trader.leverage);
            let cohort = cohorts.entry(key).or_default();
            cohort.leverage = trader.leverage;
            cohort.is_long = trader.is_long;
            cohort.accounts += 1;
            cohort.deposits += trader.deposit;
            cohort.liquidated += u64::from(self.liquidated[at]);
            cohort.deleveraged += u64::from(self.deleveraged[at]);
            let view = state.account(self.first_account + at as u32);
            let is_flat = view.as_ref().is_none_or(|view| view.positions.is_empty());
            cohort.closed += u64::from(self.liquidated[at] && is_flat);
            cohort.value += view.map_or(0, |view| view.tav());
        }
        cohorts.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::towards_zero;

    #[test]
    fn no_more_is_taken_than_is_there() {
        for (lots, taken, left) in [
            (7, 3, 4),
            (-7, -3, -4),
            (7, 9, 0),
            (-7, -7, 0),
            (7, -3, 7),
            (0, 5, 0),
        ] {
            assert_eq!(towards_zero(lots, taken), left, "{lots} {taken}");
        }
    }
}
