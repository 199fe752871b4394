//! Accounts of a state for the reader: what they are worth, what they need, how they stand.

use std::collections::BTreeMap;

use serde::Serialize;
use zkperp_engine::formulas::Health;
use zkperp_engine::{
    AccountView, OrderType, PositionView, RestingOrder, Side, State, WaitingOrder, address_bytes,
};
use zkperp_schema::SUB_ACCOUNT_FIRST;

/// A position for the reader; funding that is due counts in all but `value`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PositionSummary {
    /// Market.
    pub market: u8,
    /// Lots, above 0 long.
    pub lots: i64,
    /// The market's mark, ticks.
    pub mark_ticks: u64,
    /// Value at the mark, micro-USDC, below 0 for a short.
    pub value: i64,
    /// Margin tier, from 0.
    pub tier: u8,
    /// Initial margin fraction in force, ppm: the greater of the tier's and its own. The greatest
    /// leverage is 10^6 over this.
    pub imf_ppm: u64,
    /// The initial margin fraction that the account chose, ppm; 0: none.
    pub own_imf_ppm: u64,
    /// Initial margin, micro-USDC.
    pub initial_margin: i64,
    /// Maintenance margin, micro-USDC.
    pub maintenance_margin: i64,
    /// Close-out margin, micro-USDC.
    pub closeout_margin: i64,
    /// What it would pay for funding now, micro-USDC, below 0 where it would be paid.
    pub funding_due: i64,
    /// The last mark, ticks, at which the account still has its maintenance margin, all else as it
    /// is; none where every mark leaves it.
    pub liquidation_ticks: Option<u64>,
    /// How far that is from the mark, ppm of it, rounded down; below 0 for a long that is healthy.
    pub liquidation_distance_ppm: Option<i64>,
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
    /// `gtt`, `post_only` or `slide`: as what it comes in when it is amended.
    #[serde(rename = "type")]
    pub order_type: &'static str,
    /// Whether it only reduces a position.
    pub reduce_only: bool,
    /// What happens where an amendment of it meets an order of its own.
    pub stp: &'static str,
    /// Its own are those of the same owner, not only those of the same account.
    pub stp_owner: bool,
    /// The client's own number of it; none where it has none.
    pub client_id: Option<u64>,
}

/// A conditional order that waits, for the reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConditionalSummary {
    /// Its id, which the order that it places keeps.
    pub order_id: u64,
    /// Market.
    pub market: u8,
    /// `buy` or `sell`.
    pub side: &'static str,
    /// `gtt`, `ioc` or `market`: the order that it places.
    #[serde(rename = "type")]
    pub order_type: &'static str,
    /// `rising`: it fires when the mark is at its trigger or above; `falling`: or below.
    pub direction: &'static str,
    /// Its trigger, ticks.
    pub trigger_ticks: u64,
    /// Limit of the order, ticks.
    pub price_ticks: u64,
    /// Its size, lots; none: the whole position when it fires.
    pub lots: Option<u64>,
    /// Dead at this program time, ms.
    pub expiry_ms: u64,
    /// Whether the order only reduces a position.
    pub reduce_only: bool,
    /// What happens where the order meets one of its own.
    pub stp: &'static str,
    /// Its own are those of the same owner, not only those of the same account.
    pub stp_owner: bool,
    /// The order that goes when this one fires; none where it has none.
    pub partner: Option<u64>,
}

/// An initial margin fraction that an account chose in a market.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeverageSummary {
    /// Market.
    pub market: u8,
    /// The fraction, ppm.
    pub imf_ppm: u64,
}

/// A sub-account of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SubAccountSummary {
    /// Its number.
    pub account: u32,
    /// The one market that it trades, if it is isolated.
    pub isolated_market: Option<u8>,
    /// Its value, micro-USDC.
    pub value: i64,
    /// How it stands.
    pub health: &'static str,
}

/// An account for the reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountSummary {
    /// Its number.
    pub account: u32,
    /// Its L1 owner, `0x` and 40 digits.
    pub owner: String,
    /// `cross` or `isolated`.
    pub mode: &'static str,
    /// The one market that an isolated account trades.
    pub isolated_market: Option<u8>,
    /// The account that made it, for a sub-account.
    pub master: Option<u32>,
    /// Cash, micro-USDC.
    pub cash: i64,
    /// Cash and positions at the mark, funding due counted, micro-USDC.
    pub value: i64,
    /// Initial margin of all positions, micro-USDC.
    pub initial_margin: i64,
    /// Maintenance margin of all positions, micro-USDC.
    pub maintenance_margin: i64,
    /// Close-out margin of all positions, micro-USDC.
    pub closeout_margin: i64,
    /// Value minus initial margin: what it could withdraw while no market of it is overdue,
    /// micro-USDC; below 0 it lacks margin.
    pub free: i64,
    /// Value minus maintenance margin, micro-USDC: the account is liquidated below 0.
    pub slack: i64,
    /// How it stands: `healthy`, `below_initial`, `below_maintenance`, `below_closeout` or
    /// `bankrupt`.
    pub health: &'static str,
    /// The initial margin fractions that it chose, with a position there or without.
    pub leverage: Vec<LeverageSummary>,
    /// Positions.
    pub positions: Vec<PositionSummary>,
    /// Living orders.
    pub orders: Vec<OrderSummary>,
    /// How many orders still stand in the book, but are dead: they never fill.
    pub dead_orders: u64,
    /// Living conditional orders.
    pub conditionals: Vec<ConditionalSummary>,
    /// How many conditional orders still wait, but are dead: they never fire.
    pub dead_conditionals: u64,
    /// The dead man's switch: program time at which all orders die, ms; none where it is off.
    pub deadline_ms: Option<u64>,
    /// The accounts that it made.
    pub sub_accounts: Vec<SubAccountSummary>,
}

/// An open account of a state, for the reader.
#[must_use]
pub fn account_summary(state: &State, number: u32) -> Option<AccountSummary> {
    let view = state.account(number)?;
    let made = match view.master {
        None => made_by(state).remove(&number),
        Some(_) => None,
    };
    Some(summary(state, &view, made.unwrap_or_default()))
}

/// Every open account of a state, by number.
#[must_use]
pub fn account_summaries(state: &State) -> Vec<AccountSummary> {
    let mut made = made_by(state);
    let views = state.account_numbers().into_iter();
    views
        .filter_map(|number| state.account(number))
        .map(|view| {
            let made = made.remove(&view.account).unwrap_or_default();
            summary(state, &view, made)
        })
        .collect()
}

/// Every sub-account, by the account that made it.
fn made_by(state: &State) -> BTreeMap<u32, Vec<SubAccountSummary>> {
    let mut made: BTreeMap<u32, Vec<SubAccountSummary>> = BTreeMap::new();
    let numbers = state.account_numbers().into_iter();
    let subs = numbers.filter(|&number| u64::from(number) >= SUB_ACCOUNT_FIRST);
    for view in subs.filter_map(|number| state.account(number)) {
        made.entry(view.master.unwrap_or(0))
            .or_default()
            .push(SubAccountSummary {
                account: view.account,
                isolated_market: view.isolated,
                value: view.tav(),
                health: health_name(view.health),
            });
    }
    made
}

const fn health_name(health: Health) -> &'static str {
    match health {
        Health::Healthy => "healthy",
        Health::BelowInitial => "below_initial",
        Health::BelowMaintenance => "below_maintenance",
        Health::BelowCloseout => "below_closeout",
        Health::Bankrupt => "bankrupt",
    }
}

fn summary(
    state: &State,
    view: &AccountView,
    sub_accounts: Vec<SubAccountSummary>,
) -> AccountSummary {
    let owner = address_bytes(&view.owner).unwrap_or_default();
    let digits: String = owner.iter().map(|byte| format!("{byte:02x}")).collect();
    let positions = view.positions.iter();
    let leverage = view.leverage.iter();
    let leverage = leverage.map(|&(market, imf_ppm)| LeverageSummary { market, imf_ppm });
    AccountSummary {
        account: view.account,
        owner: format!("0x{digits}"),
        mode: if view.isolated.is_some() {
            "isolated"
        } else {
            "cross"
        },
        isolated_market: view.isolated,
        master: view.master,
        cash: view.cash,
        value: view.tav(),
        initial_margin: view.imr(),
        maintenance_margin: view.mmr(),
        closeout_margin: view.cmr(),
        free: view.free(),
        slack: view.sums.maintenance,
        health: health_name(view.health),
        leverage: leverage.collect(),
        positions: positions.map(|p| position_summary(state, p)).collect(),
        orders: view.orders.iter().map(order_summary).collect(),
        dead_orders: view.dead_orders,
        conditionals: view.waiting.iter().map(conditional_summary).collect(),
        dead_conditionals: view.dead_waiting,
        deadline_ms: (view.deadline_ms != 0).then_some(view.deadline_ms),
        sub_accounts,
    }
}

fn position_summary(state: &State, position: &PositionView) -> PositionSummary {
    let market = state.market(position.market);
    PositionSummary {
        market: position.market,
        lots: position.lots,
        mark_ticks: market.map_or(0, |market| market.mark.mark_ticks),
        value: position.value,
        tier: position.tier,
        imf_ppm: position.imf_ppm,
        own_imf_ppm: position.own_imf_ppm,
        initial_margin: position.initial_margin(),
        maintenance_margin: position.maintenance_margin(),
        closeout_margin: position.closeout_margin(),
        funding_due: position.funding_due,
        liquidation_ticks: position.liquidation_mark,
        liquidation_distance_ppm: position.liquidation_distance_ppm,
    }
}

/// As what an order comes in when it is amended.
const fn order_type(order: &RestingOrder) -> OrderType {
    if order.is_slide {
        OrderType::Slide
    } else if order.is_post_only {
        OrderType::PostOnly
    } else {
        OrderType::Gtt
    }
}

const fn side_name(side: Side) -> &'static str {
    match side {
        Side::Bid => "buy",
        Side::Ask => "sell",
    }
}

fn conditional_summary(order: &WaitingOrder) -> ConditionalSummary {
    ConditionalSummary {
        order_id: order.order_id,
        market: order.market,
        side: side_name(order.side),
        order_type: order.order_type.name(),
        direction: order.direction.name(),
        trigger_ticks: order.trigger_ticks,
        price_ticks: order.price_ticks,
        lots: (order.lots != 0).then_some(order.lots),
        expiry_ms: order.expiry_ms,
        reduce_only: order.options.reduce_only,
        stp: order.options.stp.name(),
        stp_owner: order.options.stp_owner,
        partner: (order.partner != 0).then_some(order.partner),
    }
}

fn order_summary(order: &RestingOrder) -> OrderSummary {
    OrderSummary {
        order_id: order.order_id,
        market: order.market,
        side: side_name(order.side),
        price_ticks: order.price_ticks,
        lots: order.lots,
        expiry_ms: order.expiry_ms,
        order_type: order_type(order).name(),
        reduce_only: order.options.reduce_only,
        stp: order.options.stp.name(),
        stp_owner: order.options.stp_owner,
        client_id: (order.client_id != 0).then_some(order.client_id),
    }
}
