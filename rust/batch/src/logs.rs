//! The bytes of a batch's two logs (docs/spec/batch.md § 5).

use zkperp_engine::log::commands::LoggedCommand;
use zkperp_engine::log::events;
use zkperp_engine::log::frame::{LogKind, header, push_frame};
use zkperp_engine::{SealedBatch, address};
use zkperp_schema as schema;
use zkperp_tree::{Tree, TreeError, leaf_to_words};

/// Commands applied before a batch that starts from this tree: the number of its first one.
///
/// # Errors
/// When the tree is too small for the venue's addresses.
pub(crate) fn commands_before(old: &Tree) -> Result<u64, TreeError> {
    let leaf = leaf_to_words(&old.get(address::LOG)?);
    Ok(leaf[schema::log::COMMANDS])
}

/// The command log of a batch.
pub(crate) fn command_log(batch: &SealedBatch) -> Vec<u8> {
    let mut bytes = header(LogKind::Commands, &batch.public.domain).to_vec();
    for accepted in &batch.accepted {
        let logged = LoggedCommand::new(&accepted.envelope, &accepted.record);
        push_frame(&logged.words(), &mut bytes);
    }
    bytes
}

/// The event log of a batch whose first command has the number `first`.
pub(crate) fn event_log(batch: &SealedBatch, first: u64) -> Vec<u8> {
    let mut bytes = header(LogKind::Events, &batch.public.domain).to_vec();
    let mut words = Vec::new();
    for (number, accepted) in (first..).zip(&batch.accepted) {
        let outcome = Ok(accepted.outcome);
        events::push(number, outcome, &accepted.events, &mut words, &mut bytes);
    }
    bytes
}
