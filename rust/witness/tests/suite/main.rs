//! The batch program against the engine: whole batches, forced refusals, wrong advice, cost.
mod attacks;
mod client_order_attacks;
mod client_orders;
mod conditional_attacks;
mod conditionals;
mod cost;
mod cost_conditional;
mod cost_triggers;
mod deleveraging;
mod deleveraging_attacks;
mod desk;
mod edges;
mod flow;
mod forced;
mod formulas;
mod formulas_liquidation;
mod liquidation;
mod liquidation_attacks;
mod order_options;
mod order_refusals;
mod proof;
mod queues;
mod refusals;
mod refusals_accounts;
mod refusals_prices;
mod scenario;
mod support;
mod trigger_attacks;
mod triggers;

#[path = "../../../engine/tests/scenario/json.rs"]
#[expect(
    dead_code,
    reason = "the engine's test compares leaves and events, too"
)]
mod vectors;
