//! The command log and the event log as bytes (docs/spec/batch.md § 5).
//!
//! [`frame`] is what both share: a header, then frames with lengths and checksums. [`commands`] and
//! [`events`] say what a frame holds.

pub mod commands;
pub mod events;
pub mod frame;
