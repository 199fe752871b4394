//! What a command made happen, in order (docs/spec/commands.md § 10).

use zkperp_schema::{Direction, EventType, OrderType, RemovalReason, Side, WithdrawalOrigin};

/// One thing that happened. Sizes in lots, prices in ticks, money in micro-USDC, times in ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "the fields are the specification's, named as there"
)]
pub enum Event {
    /// An order rests in the book.
    OrderRested {
        order_id: u64,
        account: u32,
        market: u8,
        side: Side,
        price: u64,
        lots: u64,
        client_id: u64,
    },
    /// A fill at the maker's price.
    Trade(Trade),
    /// A resting order went, other than by a fill.
    OrderRemoved {
        order_id: u64,
        account: u32,
        market: u8,
        lots: u64,
        reason: RemovalReason,
        client_id: u64,
    },
    /// What an incoming order dropped; code 0 where its type says so.
    TakerStopped {
        order_id: u64,
        account: u32,
        market: u8,
        lots: u64,
        code: u16,
        client_id: u64,
    },
    /// An amendment in place.
    OrderReduced {
        order_id: u64,
        account: u32,
        market: u8,
        lots: u64,
        client_id: u64,
    },
    /// A deposit was executed; code 0, or why not in full.
    Deposit {
        request: u64,
        account: u32,
        credited: u64,
        returned: u64,
        code: u16,
    },
    /// A withdrawal record was made.
    Withdrawal {
        account: u32,
        amount: u64,
        origin: WithdrawalOrigin,
    },
    /// A forced withdrawal was proven impossible.
    RequestRejected {
        request: u64,
        account: u32,
        code: u16,
    },
    /// A tick: index, mark and premium; impact prices, 0 where the book is too thin.
    Mark {
        market: u8,
        index: u64,
        mark: u64,
        premium_ppm: i64,
        impact_bid: u64,
        impact_ask: u64,
    },
    /// A key was registered or replaced.
    KeySet { account: u32, key: u8 },
    /// Nonces up to this one are used.
    NonceBurned { account: u32, key: u8, nonce: u64 },
    /// An oracle key said what a price was.
    OracleReport {
        key: u8,
        market: u8,
        price: u64,
        timestamp_ms: u64,
    },
    /// A market's funding of an hour; `funding` is the cumulative index after it, 10^-6 micro-USDC
    /// a lot.
    Funding {
        market: u8,
        rate_ppm: i64,
        index: u64,
        funding: i64,
    },
    /// An account's funding in a market was paid; `amount` is what its collateral changed by.
    FundingPaid {
        account: u32,
        market: u8,
        amount: i64,
    },
    /// A sub-account was made; `mode` 0: cross, 1 + m: isolated in market m.
    AccountCreated { master: u32, account: u32, mode: u8 },
    /// Money went to an account of the same master.
    Transfer { from: u32, to: u32, amount: u64 },
    /// An account chose its initial margin in a market.
    LeverageSet {
        account: u32,
        market: u8,
        imf_ppm: u64,
    },
    /// An account fell below its maintenance margin.
    LiquidationDue { account: u32, tav: i64, mmr: u64 },
    /// A due account is healthy again.
    Recovered { account: u32 },
    /// A liquidating fill; its trade follows.
    Liquidation {
        account: u32,
        market: u8,
        lots: u64,
        price: u64,
        fee: u64,
        bonus: u64,
    },
    /// The fund took over lots of a due account, which gets `quote`.
    Takeover {
        account: u32,
        market: u8,
        lots: u64,
        quote: i64,
    },
    /// Lots that nobody took are to be closed against the `total` lots of the opposite side.
    Deleveraging {
        account: u32,
        market: u8,
        lots: u64,
        quote: i64,
        total: u64,
    },
    /// A counterparty's share of them: the account gets `quote` of the counterparty.
    Deleveraged {
        account: u32,
        counterparty: u32,
        market: u8,
        lots: u64,
        quote: i64,
    },
    /// The fund paid what an account without positions owed.
    DebtCovered { account: u32, amount: u64 },
    /// An account's orders with ids below this are dead, in a market or in all of them.
    OrdersCleared {
        account: u32,
        /// `None`: all markets.
        market: Option<u8>,
        below: u64,
    },
    /// An account's dead man's switch was set; 0: off.
    DeadlineSet { account: u32, deadline_ms: u64 },
    /// A conditional order waits; `lots` 0: tied to its position, `partner` 0: it has none.
    ConditionalPlaced {
        order_id: u64,
        account: u32,
        market: u8,
        side: Side,
        order_type: OrderType,
        trigger: u64,
        direction: Direction,
        price: u64,
        lots: u64,
        partner: u64,
    },
    /// A conditional order went without firing.
    ConditionalRemoved {
        order_id: u64,
        account: u32,
        market: u8,
        reason: RemovalReason,
    },
    /// A conditional order fires, with the lots and the limit that it has now.
    Triggered {
        order_id: u64,
        account: u32,
        market: u8,
        side: Side,
        lots: u64,
        limit: u64,
    },
    /// A conditional order fired and could not be placed: why.
    ConditionalRejected {
        order_id: u64,
        account: u32,
        market: u8,
        code: u16,
    },
}

/// A fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trade {
    /// Market.
    pub market: u8,
    /// The taker's side.
    pub taker_side: Side,
    /// The maker's price, ticks.
    pub price: u64,
    /// Size, lots.
    pub lots: u64,
    /// The maker's order.
    pub maker_order_id: u64,
    /// The maker.
    pub maker_account: u32,
    /// The taker's order.
    pub taker_order_id: u64,
    /// The taker.
    pub taker_account: u32,
    /// What the maker pays, micro-USDC; below 0 a rebate.
    pub maker_fee: i64,
    /// What the taker pays, micro-USDC.
    pub taker_fee: u64,
    /// What remains of the maker's order, lots.
    pub maker_lots_left: u64,
    /// The client id of the maker's order; 0: none.
    pub maker_client_id: u64,
    /// The client id of the taker's order; 0: none.
    pub taker_client_id: u64,
}

impl Event {
    /// Its type.
    #[must_use]
    pub const fn event_type(&self) -> EventType {
        match self {
            Self::OrderRested { .. } => EventType::OrderRested,
            Self::Trade(_) => EventType::Trade,
            Self::OrderRemoved { .. } => EventType::OrderRemoved,
            Self::TakerStopped { .. } => EventType::TakerStopped,
            Self::OrderReduced { .. } => EventType::OrderReduced,
            Self::Deposit { .. } => EventType::Deposit,
            Self::Withdrawal { .. } => EventType::Withdrawal,
            Self::RequestRejected { .. } => EventType::RequestRejected,
            Self::Mark { .. } => EventType::Mark,
            Self::KeySet { .. } => EventType::KeySet,
            Self::NonceBurned { .. } => EventType::NonceBurned,
            Self::OracleReport { .. } => EventType::OracleReport,
            Self::Funding { .. } => EventType::Funding,
            Self::FundingPaid { .. } => EventType::FundingPaid,
            Self::AccountCreated { .. } => EventType::AccountCreated,
            Self::Transfer { .. } => EventType::Transfer,
            Self::LeverageSet { .. } => EventType::LeverageSet,
            Self::LiquidationDue { .. } => EventType::LiquidationDue,
            Self::Recovered { .. } => EventType::Recovered,
            Self::Liquidation { .. } => EventType::Liquidation,
            Self::Takeover { .. } => EventType::Takeover,
            Self::Deleveraging { .. } => EventType::Deleveraging,
            Self::Deleveraged { .. } => EventType::Deleveraged,
            Self::DebtCovered { .. } => EventType::DebtCovered,
            Self::OrdersCleared { .. } => EventType::OrdersCleared,
            Self::DeadlineSet { .. } => EventType::DeadlineSet,
            Self::ConditionalPlaced { .. } => EventType::ConditionalPlaced,
            Self::ConditionalRemoved { .. } => EventType::ConditionalRemoved,
            Self::Triggered { .. } => EventType::Triggered,
            Self::ConditionalRejected { .. } => EventType::ConditionalRejected,
        }
    }
}
