//! What an account is worth and what it must keep (docs/spec/matching.md § 3 and § 4).

use zkperp_schema::{self as schema, Refusal, Side};

use crate::accounts::AccountIndex;
use crate::market::Market;
use crate::state::State;

/// An account's value and what its positions need, micro-USDC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Health {
    /// Total account value: cash and positions at the mark.
    pub(crate) value: i64,
    /// Initial margin of the positions.
    pub(crate) margin: i64,
}

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

impl State {
    /// A market that the caller has found to exist.
    #[inline]
    pub(crate) fn live_market(&self, market: u8) -> &Market {
        let Some(market) = &self.markets[market as usize] else {
            unreachable!("Invariant: a position or order in a market that does not exist");
        };
        market
    }

    /// Value and margin of an account as it is.
    pub(crate) fn health(&self, at: AccountIndex) -> Health {
        let account = self.accounts.get(at);
        self.health_with(
            at,
            account.positions,
            Health {
                value: account.collateral,
                margin: 0,
            },
        )
    }

    /// Adds the positions that `bits` name to `health`.
    fn health_with(&self, at: AccountIndex, mut bits: u32, mut health: Health) -> Health {
        while bits != 0 {
            let market = bits.trailing_zeros() as u8;
            bits &= bits - 1;
            let size = self.accounts.position(at, market).size;
            health.add(self.live_market(market), size);
        }
        health
    }

    /// Value and margin as if the position in `market` were `size` and the cash `collateral`.
    fn health_if(&self, at: AccountIndex, market: u8, size: i64, collateral: i64) -> Health {
        let mut health = Health {
            value: collateral,
            margin: 0,
        };
        health.add(self.live_market(market), size);
        let others = self.accounts.get(at).positions & !(1 << market);
        self.health_with(at, others, health)
    }

    /// The placement rule: initial margin as if this order alone filled at its limit, as a taker.
    pub(crate) fn check_placement(
        &self,
        at: AccountIndex,
        market_number: u8,
        side: Side,
        limit: u64,
        lots: u64,
    ) -> Result<(), Refusal> {
        let market = self.live_market(market_number);
        let size = self.accounts.position(at, market_number).size;
        // lots ≤ 2^40, as the caller has checked.
        let change = sign(side) * lots.cast_signed();
        if only_reduces(size, change) {
            return Ok(());
        }
        if (size + change).unsigned_abs() > market.params.lots_max {
            return Err(Refusal::PositionLimit);
        }
        let notional = market.notional(lots, limit);
        let cost = sign(side) * notional.cast_signed() + market.taker_fee(notional).cast_signed();
        let collateral = self.accounts.get(at).collateral - cost;
        let health = self.health_if(at, market_number, size + change, collateral);
        if health.value < health.margin {
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
        let collateral = self.accounts.get(at).collateral - cost;
        if collateral.unsigned_abs() > schema::BALANCE_MAX {
            return Err(Refusal::BalanceLimit);
        }
        let health = self.health_if(at, fill.market, size + fill.lots, collateral);
        if only_reduces(size, fill.lots) {
            let above_mark = fill.price.cast_signed() - market.mark_ticks.cast_signed();
            if health.value < 0 && fill.lots.signum() * above_mark > 0 {
                return Err(Refusal::BadDebt);
            }
            return Ok(());
        }
        if (size + fill.lots).unsigned_abs() > market.params.lots_max {
            return Err(Refusal::PositionLimit);
        }
        if health.value < health.margin {
            return Err(Refusal::InitialMargin);
        }
        Ok(())
    }
}

impl Health {
    #[inline]
    fn add(&mut self, market: &Market, size: i64) {
        let (value, margin) = market.position(size);
        self.value += value;
        self.margin += margin.cast_signed();
    }

    /// What could be withdrawn, micro-USDC.
    pub(crate) const fn free(&self) -> i64 {
        self.value - self.margin
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
}
