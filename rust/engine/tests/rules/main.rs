//! The rule book, rule by rule: each refusal code, each way an order can meet the book, each answer
//! to a request, the greatest values. After every command all invariants are checked, and after
//! every refusal that nothing has changed.

mod admission;
mod bounds;
mod client_ids;
mod dead_orders;
mod deleveraging;
mod desk;
mod engine;
mod fills;
mod firing;
mod funding;
mod liquidation;
mod lists;
mod margins;
mod options;
mod orders;
mod prices;
mod quotes;
mod rejections;
mod requests;
mod restore;
mod self_trade;
mod sub_accounts;
mod waiting;
mod withdrawals;
