//! The rule book as a pure function.
//!
//! [`State::apply`] takes a command and gives an outcome with its [`Effects`], or a [`Refusal`] and
//! no change at all. Nothing else enters: no clock, no file, no random number, no floating point.
//! docs/spec is the text; each module names the section that it writes out.
//!
//! - commands: [`Envelope`], [`Command`]; signatures are decided by a [`Signatures`];
//! - state: [`State::genesis`], [`State::from_leaves`], [`State::leaf`], [`State::touched`],
//!   [`State::seal`], [`State::rollback`], [`State::check`];
//! - batches: [`Engine`] keeps a state and its tree, [`SealedBatch`] is what a proof and the chain
//!   need of one, [`replay`] goes from the chain's data back to the state;
//! - what a sequencer owes the rules before a command: [`keeper`];
//! - the formulas of prices and margin alone: [`formulas`];
//! - the book alone, to measure it: [`book`];
//! - logs: [`log`] reads and writes the command and event logs.

mod account_leaves;
mod accounts;
pub mod address;
mod admission;
mod advice;
mod apply;
mod batch;
pub mod book;
mod books;
mod client_orders;
mod command;
mod conditional;
mod conditionals;
mod config;
mod dead_orders;
mod deleverage;
mod due;
mod effects;
mod engine;
mod event;
mod event_conditional;
mod event_orders;
mod event_words;
mod firing;
mod flags;
pub mod formulas;
mod fund;
mod genesis;
mod invariants;
mod invariants_conditional;
mod invariants_money;
mod invariants_orders;
mod invariants_risk;
mod journal;
pub mod keeper;
mod keying;
pub mod leaf;
mod level;
mod level_index;
mod liquidate;
pub mod log;
mod log_chain;
mod margin;
mod market;
mod market_leaves;
mod market_params;
mod matching;
mod message;
mod money;
mod options;
mod oracle;
mod order;
mod order_ids;
mod orders;
mod place_conditional;
mod poseidon_many;
mod quote;
mod quoting;
mod record;
mod record_form;
pub mod replay;
mod requests;
mod restore;
mod risk;
mod self_trade;
mod signatures;
mod standing;
mod state;
mod stop_lists;
mod sub_accounts;
mod sweep;
#[cfg(test)]
mod tests;
mod tick;
mod trigger_index;
mod undo;
mod view;
mod view_waiting;
mod waiting;
mod withdraw;

pub use advice::{Advice, LevelAdvice, Neighbours, Rested};
pub use batch::{Accepted, PublicWords, PublicWordsError, SealedBatch, Sections};
pub use command::{
    Command, Envelope, FurtherWords, KeyLimbs, OracleEntry, OracleReport, Outcome, Place, Request,
    RequestWords, Sender, SignatureBytes, UserCommand,
};
pub use config::Config;
pub use effects::{Effects, Withdrawal};
pub use engine::{Engine, OpenError, SealError};
pub use event::{Event, Trade};
pub use event_words::EventError;
pub use genesis::{VenueError, VenueParams};
pub use invariants::BrokenInvariant;
pub use level::FieldError;
pub use log_chain::link as log_link;
pub use market::{
    FirstStop, FirstTrigger, Funding, Interest, Mark, Market, Report, Stops, Terms, Triggers,
};
pub use market_params::{MarketError, MarketParams, PricingParams, TierParams};
pub use message::{DigestWords, Domain, Message, address_bytes, address_words, digest_words};
pub use options::Options;
pub use place_conditional::Conditional;
pub use quote::{QuoteCommand, QuoteWords, Quoted};
pub use record::{Record, RecordError};
pub use restore::RestoreError;
pub use risk::Deleveraging;
pub use signatures::{Recorded, Signatures, Verify};
pub use state::{LeafChange, State};
pub use view::{AccountView, PositionView, RestingOrder};
pub use view_waiting::WaitingOrder;
pub use zkperp_schema::{
    AccountType, CancelScope, Condition, Direction, EventType, Kind, OrderType, Refusal,
    RemovalReason, RequestKind, SelfTrade, Side, WithdrawalOrigin,
};
