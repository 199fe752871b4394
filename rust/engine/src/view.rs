//! What a state holds for one account, for whoever shows it: the rules ask none of this.

use crate::state::{RestingOrder, State};

/// A position and what it is worth at the mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PositionView {
    /// Market.
    pub market: u8,
    /// Lots, above 0 long; never 0.
    pub lots: i64,
    /// Value at the mark, micro-USDC, below 0 for a short.
    pub value: i64,
    /// Initial margin it needs, micro-USDC.
    pub initial_margin: u64,
}

/// An account as it stands (docs/spec/matching.md § 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountView {
    /// Its number.
    pub account: u32,
    /// The L1 address that deposits and is paid, as words.
    pub owner: [u64; 3],
    /// Cash, micro-USDC.
    pub cash: i64,
    /// Cash and positions at the mark, micro-USDC.
    pub value: i64,
    /// Initial margin of all positions, micro-USDC.
    pub initial_margin: i64,
    /// Its positions by market.
    pub positions: Vec<PositionView>,
    /// Its resting orders by id, expired ones that nothing has removed yet among them.
    pub orders: Vec<RestingOrder>,
}

impl AccountView {
    /// What it could withdraw at fresh prices, micro-USDC; below 0 it lacks margin.
    #[must_use]
    pub const fn free(&self) -> i64 {
        self.value - self.initial_margin
    }
}

impl State {
    /// The open accounts, ascending.
    #[must_use]
    pub fn account_numbers(&self) -> Vec<u32> {
        let accounts = self.accounts.iter();
        let mut numbers: Vec<u32> = accounts
            .filter(|(_, account)| account.is_open)
            .map(|(_, account)| account.number)
            .collect();
        numbers.sort_unstable();
        numbers
    }

    /// An open account.
    #[must_use]
    pub fn account(&self, number: u32) -> Option<AccountView> {
        let at = self.accounts.find(number)?;
        let account = self.accounts.get(at);
        if !account.is_open {
            return None;
        }
        let health = self.health(at);
        let markets =
            (0..self.accounts.markets() as u8).filter(|m| account.positions >> m & 1 == 1);
        let positions = markets.map(|market| {
            let lots = self.accounts.position(at, market).size;
            let (value, initial_margin) = self.live_market(market).position(lots);
            PositionView {
                market,
                lots,
                value,
                initial_margin,
            }
        });
        let live = self.books.orders.iter().filter(|order| order.is_live());
        let mut orders: Vec<RestingOrder> = live
            .filter(|order| order.account == number)
            .filter_map(|order| self.resting_order(order.id))
            .collect();
        orders.sort_unstable_by_key(|order| order.order_id);
        Some(AccountView {
            account: number,
            owner: account.owner,
            cash: account.collateral,
            value: health.value,
            initial_margin: health.margin,
            positions: positions.collect(),
            orders,
        })
    }
}
