//! What is true of oracles, markets and accounts in every state that the rules reach
//! (docs/spec/state.md § 10); [`crate::invariants`] has the books.

use zkperp_schema as schema;

use crate::formulas;
use crate::invariants::{BrokenInvariant, Counts};
use crate::market::{Mark, Market, Report};
use crate::state::State;

/// Sums over all accounts, by market.
#[derive(Clone, Copy, Default)]
struct Totals {
    size: i128,
    open: u128,
}

impl State {
    /// A key is live exactly where the bitmap says so.
    pub(crate) fn check_oracles(&self) -> Result<(), BrokenInvariant> {
        for (key, limbs) in self.oracle_keys.iter().enumerate() {
            if limbs.is_some() != (self.config.oracles >> key & 1 == 1) {
                return Err(BrokenInvariant::Missing(
                    "oracle key of the bitmap, or a bit",
                ));
            }
        }
        Ok(())
    }

    /// Each market's parameters, prices and funding are some that the rules make.
    pub(crate) fn check_markets(&self) -> Result<(), BrokenInvariant> {
        for (number, market) in self.markets.iter().enumerate() {
            self.check_market(market)
                .map_err(|what| BrokenInvariant::Market {
                    market: number as u8,
                    what,
                })?;
        }
        Ok(())
    }

    fn check_market(&self, market: &Market) -> Result<(), &'static str> {
        if market.params().check().is_err() {
            return Err("a leaf is missing or a parameter out of range");
        }
        let used = market.tiers().len();
        if market.tiers[used..].iter().any(|tier| tier.lots_upto != 0) {
            return Err("a tier is missing");
        }
        debug_assert!(formulas::bias(market.position_limit()) >= 4 * market.terms.price_max);
        let (terms, mark) = (&market.terms, &market.mark);
        let bands = match mark.mark_ticks {
            0 => (0, 0),
            ticks => formulas::bands(ticks, market.pricing.band_ppm, terms.price_max),
        };
        if bands != (terms.price_low, terms.price_high) {
            return Err("its bands are not those of its mark");
        }
        let is_blank = *mark == Mark::default();
        let has_prices = mark.index_ticks.min(mark.mark_ticks) > 0
            && mark.index_ticks.max(mark.mark_ticks) <= terms.price_max;
        if !is_blank && (!has_prices || mark.tick_ms > self.clock.time_ms) {
            return Err("its mark is out of range");
        }
        if mark.basis_ppm.unsigned_abs() > self.config.basis_cap_ppm {
            return Err("its basis is out of range");
        }
        let interest = &market.interest;
        if interest.clearing.unsigned_abs() > schema::BALANCE_MAX {
            return Err("its clearing account is out of range");
        }
        if interest.open_interest > schema::OPEN_INTEREST_MAX {
            return Err("its open interest is out of range");
        }
        self.check_funding(market)?;
        self.check_reports(market)
    }

    fn check_funding(&self, market: &Market) -> Result<(), &'static str> {
        let funding = &market.funding;
        let sum_max = schema::PREMIUM_PPM_MAX * schema::FUNDING_PERIOD_MS;
        let is_within = funding.premium_ppm.unsigned_abs() <= schema::PREMIUM_PPM_MAX
            && funding.premium_sum.unsigned_abs() <= sum_max
            && funding.sampled_ms <= self.clock.time_ms
            && funding.funding.unsigned_abs() <= market.funding_max()
            && funding.rate_ppm.unsigned_abs() <= market.pricing.rate_max_ppm;
        if is_within {
            Ok(())
        } else {
            Err("its funding is out of range")
        }
    }

    fn check_reports(&self, market: &Market) -> Result<(), &'static str> {
        for (key, report) in market.reports.iter().enumerate() {
            let is_within = (1..=market.terms.price_max).contains(&report.price)
                && report.time_ms <= self.clock.time_ms
                && self.config.oracles >> key & 1 == 1;
            if *report != Report::default() && !is_within {
                return Err("a report is out of range or of no oracle");
            }
        }
        Ok(())
    }

    /// Accounts, their positions and orders, and what all of them sum to.
    pub(crate) fn check_accounts(&self, counts: &Counts) -> Result<(), BrokenInvariant> {
        let mut held = i128::from(self.money.fees);
        let clearing = self.markets.iter().map(|m| i128::from(m.interest.clearing));
        held += clearing.sum::<i128>();
        let fund = self.collateral(schema::FUND_ACCOUNT as u32);
        fund.ok_or(BrokenInvariant::Missing("account of the fund"))?;
        let mut totals = [Totals::default(); schema::MARKETS_MAX as usize];
        let mut counted = 0;
        for (at, account) in self.accounts.iter() {
            let number = account.number;
            let broken = |what| BrokenInvariant::Account {
                account: number,
                what,
            };
            held += i128::from(account.collateral);
            counted += self
                .check_positions(at, counts, &mut totals)
                .map_err(broken)?;
            let has_key = account
                .keys
                .iter()
                .any(|key| key.is_set() || key.nonce != 0);
            let holds = account.collateral != 0
                || account.positions != 0
                || account.owner != [0; 3]
                || (account.mode, account.master) != (0, 0)
                || self.has_order_terms(at);
            if !account.is_open && (holds || has_key) {
                return Err(broken("it is not open, but holds something"));
            }
            if account.is_open {
                self.check_kind(number, account.mode, account.master)
                    .map_err(broken)?;
            }
        }
        if counted != counts.len() {
            return Err(BrokenInvariant::Missing("account of an order"));
        }
        self.check_totals(held, &totals)
    }

    /// Sub-accounts have a master and a number that was given; others have neither mode nor master.
    fn check_kind(&self, number: u32, mode: u8, master: u32) -> Result<(), &'static str> {
        let is_sub = u64::from(number) > schema::FUND_ACCOUNT;
        if !is_sub {
            return if (mode, master) == (0, 0) {
                Ok(())
            } else {
                Err("it is no sub-account, but has a mode or a master")
            };
        }
        let has_master = master != 0 && u64::from(master) < schema::SUB_ACCOUNT_FIRST;
        if !has_master || mode > self.config.markets || number >= self.schedule.next_sub_account {
            return Err("its mode or master is none, or its number was not given yet");
        }
        Ok(())
    }

    /// Checks an account's positions, adds them to the totals, and counts the markets in which it
    /// has orders.
    fn check_positions(
        &self,
        at: crate::accounts::AccountIndex,
        counts: &Counts,
        totals: &mut [Totals],
    ) -> Result<usize, &'static str> {
        let account = self.accounts.get(at);
        let (mut bits, mut counted) = (0, 0);
        for (number, (market, total)) in (0_u8..).zip(self.markets.iter().zip(totals)) {
            let position = self.accounts.position(at, number);
            if position.size != 0 {
                bits |= 1 << number;
            } else if position.entry != 0 {
                return Err("funding was paid for a position that isn't");
            }
            if position.size.unsigned_abs() > market.position_limit() {
                return Err("a position exceeds its market's greatest");
            }
            if position.entry.unsigned_abs() > market.funding_max() {
                return Err("a position's funding is out of range");
            }
            let imf_ppm = u64::from(position.imf_ppm);
            if imf_ppm != 0 && imf_ppm < market.tiers[0].imf_ppm {
                return Err("a position's own leverage is below its market's");
            }
            let is_elsewhere = account.mode != 0 && account.mode != 1 + number;
            if is_elsewhere && (position.size != 0 || position.open_orders != 0) {
                return Err("it is isolated, but trades elsewhere");
            }
            total.size += i128::from(position.size);
            total.open += u128::from(position.size.unsigned_abs());
            let open = counts.get(&(account.number, number)).copied().unwrap_or(0);
            if position.open_orders != open || u64::from(open) > schema::OPEN_ORDERS_MAX {
                return Err("the count of its open orders is wrong");
            }
            counted += usize::from(open > 0);
        }
        if account.positions != bits {
            return Err("the bitmap of its positions is wrong");
        }
        Ok(counted)
    }

    fn check_totals(&self, held: i128, totals: &[Totals]) -> Result<(), BrokenInvariant> {
        for (number, (market, total)) in (0_u8..).zip(self.markets.iter().zip(totals)) {
            let interest = market.interest.open_interest;
            if total.size != 0 {
                return Err(BrokenInvariant::PositionSum {
                    market: number,
                    sum: total.size,
                });
            }
            if total.open != u128::from(interest) {
                return Err(BrokenInvariant::OpenInterest {
                    market: number,
                    sum: total.open,
                    interest,
                });
            }
        }
        let custody = self.money.custody;
        if held != i128::from(custody) {
            return Err(BrokenInvariant::Conservation { held, custody });
        }
        Ok(())
    }
}
