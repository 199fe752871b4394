//! The batch program against the engine: whole batches, forced refusals, wrong advice, cost.
mod attacks;
mod cost;
mod desk;
mod edges;
mod flow;
mod forced;
mod formulas;
mod liquidation;
mod liquidation_attacks;
mod proof;
mod queues;
mod refusals;
mod refusals_accounts;
mod refusals_prices;
mod scenario;
mod support;
mod vectors;
