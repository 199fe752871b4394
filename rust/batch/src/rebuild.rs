//! A venue's state from what the chain says alone: genesis, then the output words of each accepted
//! batch. Signatures are not on the chain; that they were good is the proof's word.

use std::io::Write;

use serde::Serialize;
use zkperp_engine::replay::{self, ReplayError};
use zkperp_engine::{AccountView, DigestWords, Engine, RestingOrder, Side, State, address_bytes};
use zkperp_tree::SnapshotError;

use crate::venue::{Genesis, GenesisError};

/// A venue that follows its chain.
#[derive(Debug)]
pub struct Rebuild {
    engine: Engine,
}

/// Counts of a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StateSummary {
    /// Sealed batches.
    pub batch_number: u64,
    /// Program time, ms.
    pub time_ms: u64,
    /// Commands applied ever.
    pub commands: u64,
    /// Requests from L1 executed.
    pub requests_done: u64,
    /// Open accounts.
    pub accounts: u64,
    /// Orders that rest.
    pub open_orders: u64,
    /// Credited deposits minus withdrawals, micro-USDC.
    pub custody: u64,
    /// Fees earned, micro-USDC.
    pub fees: u64,
    /// The command-log chain, four felts as decimal strings.
    pub log_chain: [String; 4],
}

/// A position for the reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PositionSummary {
    /// Market.
    pub market: u8,
    /// Lots, above 0 long.
    pub lots: i64,
    /// Value at the mark, micro-USDC.
    pub value: i64,
    /// Initial margin, micro-USDC.
    pub initial_margin: u64,
}

/// A resting order for the reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderSummary {
    /// Its id.
    pub order_id: u64,
    /// Market.
    pub market: u8,
    /// `buy` or `sell`.
    pub side: &'static str,
    /// Limit, ticks.
    pub price_ticks: u64,
    /// What remains, lots.
    pub lots: u64,
    /// Dead at this program time, ms.
    pub expiry_ms: u64,
    /// Whether it may never take.
    pub post_only: bool,
}

/// An account for the reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountSummary {
    /// Its number.
    pub account: u32,
    /// Its L1 owner, `0x` and 40 digits.
    pub owner: String,
    /// Cash, micro-USDC.
    pub cash: i64,
    /// Cash and positions at the mark, micro-USDC.
    pub value: i64,
    /// Initial margin of all positions, micro-USDC.
    pub initial_margin: i64,
    /// What it could withdraw at fresh prices, micro-USDC.
    pub free: i64,
    /// Positions.
    pub positions: Vec<PositionSummary>,
    /// Resting orders.
    pub orders: Vec<OrderSummary>,
}

impl Rebuild {
    /// The venue at its genesis.
    ///
    /// # Errors
    /// [`GenesisError`].
    pub fn new(genesis: &Genesis, chain_id: u64, rollup: &[u8; 20]) -> Result<Self, GenesisError> {
        let engine = genesis.engine(chain_id, rollup)?;
        Ok(Self { engine })
    }

    /// Applies an accepted batch: its roots, and the output words of its transaction.
    ///
    /// # Errors
    /// [`ReplayError`]; the state is then as it was.
    pub fn apply(
        &mut self,
        old_root: &DigestWords,
        new_root: &DigestWords,
        words: &[u64],
    ) -> Result<(), ReplayError> {
        replay::apply_batch(&mut self.engine, old_root, new_root, words)
    }

    /// The root at the last batch.
    #[must_use]
    pub fn root(&self) -> DigestWords {
        self.engine.root()
    }

    /// The venue, to go on from here.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine.clone()
    }

    /// The state.
    #[must_use]
    pub const fn state(&self) -> &State {
        self.engine.state()
    }

    /// Its counts.
    #[must_use]
    pub fn summary(&mut self) -> StateSummary {
        let log_chain = self.engine.state_mut().log_chain();
        let state = self.engine.state();
        StateSummary {
            batch_number: state.batch_number(),
            time_ms: state.time_ms(),
            commands: state.commands(),
            requests_done: state.requests_done(),
            accounts: state.account_numbers().len() as u64,
            open_orders: state.resting_orders() as u64,
            custody: state.custody(),
            fees: state.fees(),
            log_chain: log_chain.map(|felt| felt.to_string()),
        }
    }

    /// Writes the state tree (`zkperp_tree::SNAPSHOT_VERSION`).
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub fn write_snapshot(&self, stream: impl Write) -> Result<(), SnapshotError> {
        self.engine.tree().write_snapshot(stream)
    }
}

/// An open account of a state, for the reader.
#[must_use]
pub fn account_summary(state: &State, number: u32) -> Option<AccountSummary> {
    state.account(number).map(|view| summary(&view))
}

/// Every open account of a state, by number.
#[must_use]
pub fn account_summaries(state: &State) -> Vec<AccountSummary> {
    let numbers = state.account_numbers().into_iter();
    numbers
        .filter_map(|number| account_summary(state, number))
        .collect()
}

fn summary(view: &AccountView) -> AccountSummary {
    let owner = address_bytes(&view.owner).unwrap_or_default();
    let digits: String = owner.iter().map(|byte| format!("{byte:02x}")).collect();
    let positions = view.positions.iter().map(|position| PositionSummary {
        market: position.market,
        lots: position.lots,
        value: position.value,
        initial_margin: position.initial_margin,
    });
    AccountSummary {
        account: view.account,
        owner: format!("0x{digits}"),
        cash: view.cash,
        value: view.value,
        initial_margin: view.initial_margin,
        free: view.free(),
        positions: positions.collect(),
        orders: view.orders.iter().map(order_summary).collect(),
    }
}

const fn order_summary(order: &RestingOrder) -> OrderSummary {
    OrderSummary {
        order_id: order.order_id,
        market: order.market,
        side: match order.side {
            Side::Bid => "buy",
            Side::Ask => "sell",
        },
        price_ticks: order.price_ticks,
        lots: order.lots,
        expiry_ms: order.expiry_ms,
        post_only: order.is_post_only,
    }
}
