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
//! - the book alone, to measure it: [`book`];
//! - logs: [`log`] reads and writes the command and event logs.

mod accounts;
pub mod address;
mod admission;
mod advice;
mod apply;
mod batch;
pub mod book;
mod books;
mod command;
mod effects;
mod engine;
mod event;
mod genesis;
mod invariants;
mod journal;
pub mod leaf;
mod level;
mod level_index;
pub mod log;
mod log_chain;
mod margin;
mod market;
mod matching;
mod message;
mod oracle;
mod order;
mod order_ids;
mod orders;
mod poseidon_many;
mod record;
pub mod replay;
mod requests;
mod restore;
mod signatures;
mod state;
mod view;
mod withdraw;

pub use advice::{Advice, LevelAdvice, Rested};
pub use batch::{Accepted, PublicWords, PublicWordsError, SealedBatch, Sections};
pub use command::{
    Command, Envelope, KeyLimbs, OraclePrice, Outcome, Place, Request, RequestWords, Sender,
    SignatureBytes, UserCommand,
};
pub use effects::{Effects, Withdrawal};
pub use engine::{Engine, OpenError, SealError};
pub use event::{Event, EventError, Trade};
pub use genesis::{VenueError, VenueParams};
pub use invariants::BrokenInvariant;
pub use level::FieldError;
pub use log_chain::link as log_link;
pub use market::{Market, MarketError, MarketParams};
pub use message::{DigestWords, Domain, Message, address_bytes, address_words, digest_words};
pub use record::{Record, RecordError};
pub use restore::RestoreError;
pub use signatures::{Recorded, Signatures, Verify};
pub use state::{LeafChange, RestingOrder, State};
pub use view::{AccountView, PositionView};
pub use zkperp_schema::{
    EventType, Kind, OrderType, Refusal, RemovalReason, RequestKind, Side, WithdrawalOrigin,
};
