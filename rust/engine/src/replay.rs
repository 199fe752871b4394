//! From the chain's data back to the state (docs/spec/batch.md § 2).

use thiserror::Error;
use zkperp_schema::{self as schema, Refusal, output};
use zkperp_tree::TreeError;

use crate::batch::{PublicWords, PublicWordsError, Sections};
use crate::command::RequestWords;
use crate::effects::Effects;
use crate::engine::Engine;
use crate::message::DigestWords;
use crate::record::{Record, RecordError};
use crate::signatures::Recorded;

/// Batch data do not lead from this state to their root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ReplayError {
    /// The data do not have the form of a batch.
    #[error(transparent)]
    PublicWords(#[from] PublicWordsError),
    /// A public word is not what this state makes it.
    #[error("public word {word} is {got}, but {expected} follows from the state")]
    Word {
        /// Which word.
        word: usize,
        /// What follows from the state and the commands.
        expected: u64,
        /// What stands there.
        got: u64,
    },
    /// The batch starts from another root.
    #[error("the batch does not start from this state's root")]
    OldRoot,
    /// The commands lead to another root.
    #[error("the commands do not lead to the batch's new root")]
    NewRoot,
    /// A command record.
    #[error("command {command}: {error}")]
    Record {
        /// The command's number in the batch.
        command: u64,
        /// What is wrong.
        error: RecordError,
    },
    /// A command that no proven batch can hold.
    #[error("command {command} is refused: {refusal}")]
    Refused {
        /// The command's number in the batch.
        command: u64,
        /// Why.
        refusal: Refusal,
    },
    /// A request had another outcome than the data say.
    #[error("command {0}: the request had another outcome")]
    RequestOutcome(u64),
    /// Section R, W or C holds more or other than the commands make.
    #[error("section {0} is not what the commands make it")]
    Section(char),
    /// The open batch must be empty before another's data are applied.
    #[error("the engine has an open batch")]
    OpenBatch,
    /// The tree refused the leaves.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

/// Applies a batch that was published with these roots, and seals it.
///
/// That its signatures are good, and with them the log chain, is the proof's word: neither
/// signatures nor validity dates are in the data. So data that were altered, but lead to the same
/// root, are accepted here: that these are the data of the batch is the proof's word as well.
///
/// # Errors
/// [`ReplayError`]; the engine is then as it was before.
pub fn apply_batch(
    engine: &mut Engine,
    old_root: &DigestWords,
    new_root: &DigestWords,
    words: &[u64],
) -> Result<(), ReplayError> {
    if engine.open_commands() != 0 {
        return Err(ReplayError::OpenBatch);
    }
    let (public, sections) = PublicWords::decode(words)?;
    if engine.root() != *old_root {
        return Err(ReplayError::OldRoot);
    }
    let log_before = engine.state_mut().log_chain();
    let state = engine.state();
    let expected = PublicWords {
        domain: *state.domain(),
        batch_number: state.batch_number() + 1,
        requests_before: state.requests_done(),
        log_before,
        first_time_ms: state.time_ms(),
        ..public
    };
    check_words(&expected, &public)?;
    // On a copy: the tree can't undo what it has sealed, and a wrong root is known only then.
    let mut next = engine.clone();
    run(&mut next, &public, &sections)?;
    next.seal_with_chain(&public.log_after)?;
    if next.root() != *new_root {
        return Err(ReplayError::NewRoot);
    }
    *engine = next;
    Ok(())
}

/// Refuses where a word differs from what it has to be.
fn check_words(expected: &PublicWords, got: &PublicWords) -> Result<(), ReplayError> {
    let (expected, got) = (expected.encode(), got.encode());
    for (word, (&expected, &got)) in expected.iter().zip(&got).enumerate() {
        if expected != got {
            return Err(ReplayError::Word {
                word,
                expected,
                got,
            });
        }
    }
    Ok(())
}

/// Applies the commands of section C.
fn run(
    engine: &mut Engine,
    public: &PublicWords,
    sections: &Sections<'_>,
) -> Result<(), ReplayError> {
    let mut records = sections.commands;
    let (requests, _) = sections
        .requests
        .as_chunks::<{ schema::REQUEST_WORDS as usize }>();
    let mut requests = requests.iter();
    let mut withdrawals = sections.withdrawals;
    let mut effects = Effects::new();
    // The count is not trusted: the loop ends with the words at the latest.
    for command in 0..public.commands_count {
        let failed = |error| ReplayError::Record { command, error };
        let record = Record::decode(records).map_err(failed)?;
        records = &records[record.words().len()..];
        let is_request = record.request_outcome().is_some();
        let request: Option<RequestWords> = if is_request {
            requests.next().copied()
        } else {
            None
        };
        let state = engine.state_mut();
        let envelope = record.envelope(state, request).map_err(failed)?;
        let outcome = state
            .apply(&envelope, &Recorded(true), &mut effects)
            .map_err(|refusal| ReplayError::Refused { command, refusal })?;
        let named = record.request_outcome();
        if named.is_some_and(|named| named != (outcome.0[0], outcome.0[1])) {
            return Err(ReplayError::RequestOutcome(command));
        }
        if effects.record != record {
            return Err(ReplayError::Section('C'));
        }
        for made in &effects.withdrawals {
            let made = made.words();
            withdrawals = withdrawals
                .strip_prefix(&made)
                .ok_or(ReplayError::Section('W'))?;
        }
    }
    let left = [
        (records, 'C'),
        (withdrawals, 'W'),
        (requests.as_slice().as_flattened(), 'R'),
    ];
    if let Some((_, section)) = left.into_iter().find(|(words, _)| !words.is_empty()) {
        return Err(ReplayError::Section(section));
    }
    let last_time_ms = engine.state().time_ms();
    if public.last_time_ms != last_time_ms {
        return Err(ReplayError::Word {
            word: output::LAST_TIME_MS,
            expected: last_time_ms,
            got: public.last_time_ms,
        });
    }
    Ok(())
}
