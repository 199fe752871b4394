//! What an account is worth, what it needs, and what it may do (docs/spec/margin.md).

use zkperp_schema::{self as schema, Refusal, Side};

use crate::accounts::AccountIndex;
use crate::formulas::{Sums, only_improves};
use crate::market::Market;
use crate::orders::Entry;
use crate::state::State;

/// A change of a position that is only asked about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fill {
    pub(crate) market: u8,
    /// Change of the position, lots, below 0 for a sale.
    pub(crate) lots: i64,
    /// Price, ticks.
    pub(crate) price: u64,
    /// Fee, micro-USDC, below 0 for a rebate.
    pub(crate) fee: i64,
}

/// An account as if its funding in a market had been paid and its position there changed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct After {
    pub(crate) market: u8,
    pub(crate) size: i64,
    pub(crate) collateral: i64,
}

/// +1 for a buy, −1 for a sale.
pub(crate) const fn sign(side: Side) -> i64 {
    match side {
        Side::Bid => 1,
        Side::Ask => -1,
    }
}

/// Whether a change of `lots` brings a position of `size` only closer to zero.
const fn only_reduces(size: i64, lots: i64) -> bool {
    size.signum() == -lots.signum() && lots != 0 && lots.unsigned_abs() <= size.unsigned_abs()
}

/// The markets that a bitmap names, ascending.
pub(crate) fn bits(mut bits: u32) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let market = (bits != 0).then(|| bits.trailing_zeros() as u8)?;
        bits &= bits - 1;
        Some(market)
    })
}

impl State {
    /// A market that the caller has found to exist.
    #[inline]
    pub(crate) fn live_market(&self, market: u8) -> &Market {
        &self.markets[market as usize]
    }

    /// The four sums of an account as it is.
    pub(crate) fn sums(&self, at: AccountIndex) -> Sums {
        let account = self.accounts.get(at);
        let mut sums = Sums::cash(account.collateral);
        for market in bits(account.positions) {
            sums += self.position_sums(at, market);
        }
        sums
    }

    /// Those of one position.
    pub(crate) fn position_sums(&self, at: AccountIndex, market: u8) -> Sums {
        let position = self.accounts.position(at, market);
        let own_imf_ppm = position.imf_ppm.into();
        self.live_market(market)
            .sums(position.size, position.entry, own_imf_ppm)
    }

    /// Free collateral of an account as it is: the sum I.
    pub(crate) fn free(&self, at: AccountIndex) -> i64 {
        let account = self.accounts.get(at);
        account.collateral + self.initial_of(at, account.positions)
    }

    /// Σ initial over the markets of a bitmap.
    #[inline]
    fn initial_of(&self, at: AccountIndex, markets: u32) -> i64 {
        let mut sum = 0;
        for market in bits(markets) {
            let position = self.accounts.position(at, market);
            let own_imf_ppm = position.imf_ppm.into();
            sum += self
                .live_market(market)
                .initial(position.size, position.entry, own_imf_ppm);
        }
        sum
    }

    /// Free collateral after a change: I'.
    #[inline]
    pub(crate) fn free_after(&self, at: AccountIndex, after: &After) -> i64 {
        let market = self.live_market(after.market);
        let own_imf_ppm = self.accounts.position(at, after.market).imf_ppm.into();
        let others = self.accounts.get(at).positions & !(1 << after.market);
        let changed = market.initial(after.size, market.funding.funding, own_imf_ppm);
        after.collateral + changed + self.initial_of(at, others)
    }

    /// All sums after a change.
    fn sums_after(&self, at: AccountIndex, after: &After) -> Sums {
        let market = self.live_market(after.market);
        let own_imf_ppm = self.accounts.position(at, after.market).imf_ppm.into();
        let others = self.accounts.get(at).positions & !(1 << after.market);
        let mut sums = Sums::cash(after.collateral);
        sums += market.sums(after.size, market.funding.funding, own_imf_ppm);
        for market in bits(others) {
            sums += self.position_sums(at, market);
        }
        sums
    }

    /// Refuses where a market that the account holds is overdue.
    pub(crate) fn check_no_overdue(&self, at: AccountIndex, now_ms: u64) -> Result<(), Refusal> {
        self.check_ticked(self.accounts.get(at).positions, now_ms)
    }

    fn check_ticked(&self, markets: u32, now_ms: u64) -> Result<(), Refusal> {
        let tick_max_ms = self.config.tick_max_ms;
        let mut overdue =
            bits(markets).filter(|&m| self.live_market(m).is_overdue(now_ms, tick_max_ms));
        overdue.next().map_or(Ok(()), |_| Err(Refusal::TickOverdue))
    }

    /// The placement rule: initial margin as if this order alone filled at its limit, as a taker. A
    /// reduce-only order has to find something to reduce, no more.
    pub(crate) fn check_placement(&self, order: &Entry, now_ms: u64) -> Result<(), Refusal> {
        let Entry {
            at,
            market: number,
            side,
            limit,
            lots,
            ..
        } = *order;
        let size = self.accounts.position(at, number).size;
        if order.is_reduce_only {
            return if sign(side) * size < 0 {
                Ok(())
            } else {
                Err(Refusal::WouldNotReduce)
            };
        }
        // lots ≤ 2^40, as the caller has checked.
        let change = sign(side) * lots.cast_signed();
        if only_reduces(size, change) {
            return Ok(());
        }
        let account = self.accounts.get(at);
        if account.mode != 0 && account.mode != 1 + number {
            return Err(Refusal::IsolatedElsewhere);
        }
        let market = self.live_market(number);
        let size = size + change;
        if market.tier_of(size.unsigned_abs()).is_none() {
            return Err(Refusal::PositionLimit);
        }
        self.check_ticked(account.positions | 1 << number, now_ms)?;
        let notional = market.notional(lots, limit);
        let cost = sign(side) * notional.cast_signed() + market.taker_fee(notional).cast_signed();
        let after = After {
            market: number,
            size,
            collateral: account.collateral - self.funding_due(at, number) - cost,
        };
        if self.free_after(at, &after) < 0 {
            return Err(Refusal::InitialMargin);
        }
        Ok(())
    }

    /// The fill check of one of the two accounts, from the state before the fill.
    pub(crate) fn check_fill(&self, at: AccountIndex, fill: &Fill) -> Result<(), Refusal> {
        let market = self.live_market(fill.market);
        let size = self.accounts.position(at, fill.market).size;
        let notional = market.notional(fill.lots.unsigned_abs(), fill.price);
        let cost = fill.lots.signum() * notional.cast_signed() + fill.fee;
        let before = After {
            market: fill.market,
            size,
            collateral: self.accounts.get(at).collateral - self.funding_due(at, fill.market),
        };
        let after = After {
            size: size + fill.lots,
            collateral: before.collateral - cost,
            ..before
        };
        if after.collateral.unsigned_abs() > schema::BALANCE_MAX {
            return Err(Refusal::BalanceLimit);
        }
        if only_reduces(size, fill.lots) {
            let is_fine = self.free_after(at, &after) >= 0
                || only_improves(&self.sums_after(at, &before), &self.sums_after(at, &after));
            return if is_fine {
                Ok(())
            } else {
                Err(Refusal::WorseHealth)
            };
        }
        if market.tier_of(after.size.unsigned_abs()).is_none() {
            return Err(Refusal::PositionLimit);
        }
        if self.free_after(at, &after) < 0 {
            return Err(Refusal::InitialMargin);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_only_reduces_when_it_does_not_pass_zero() {
        for (size, lots, reduces) in [
            (5, -5, true),
            (5, -1, true),
            (-5, 5, true),
            (5, -6, false),
            (5, 1, false),
            (0, 1, false),
            (0, -1, false),
            (-5, -1, false),
            (5, 0, false),
        ] {
            assert_eq!(only_reduces(size, lots), reduces, "{size} {lots}");
        }
    }

    #[test]
    fn a_bitmap_names_its_markets_in_order() {
        assert_eq!(bits(1 << 31 | 0b101).collect::<Vec<_>>(), [0, 2, 31]);
        assert_eq!(bits(0).count(), 0);
    }
}
