//! The event log: for each command its number, its outcome and what happened.

use thiserror::Error;
use zkperp_schema::Refusal;

use super::frame::{Frame, FrameError, Frames, LogKind, push_frame};
use crate::command::Outcome;
use crate::event::Event;
use crate::event_words::EventError;
use crate::message::Domain;

/// In word 0: the command was refused.
const REFUSED: u64 = 1 << 63;

/// One entry of the event log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedEvents {
    /// Commands applied before this one.
    pub command: u64,
    /// Its outcome, or why it was refused.
    pub outcome: Result<Outcome, Refusal>,
    /// What happened, in order.
    pub events: Vec<Event>,
}

/// An event log, or an entry of it, can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EventLogError {
    /// The frames.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// An event.
    #[error("the frame at byte {offset}: {error}")]
    Event {
        /// Where the frame begins.
        offset: usize,
        /// What is wrong.
        error: EventError,
    },
    /// The words before the events.
    #[error("the frame at byte {offset} has no command number and outcome")]
    Entry {
        /// Where the frame begins.
        offset: usize,
    },
}

/// Appends the entry of a command; `words` is a buffer to be used again.
pub fn push(
    command: u64,
    outcome: Result<Outcome, Refusal>,
    events: &[Event],
    words: &mut Vec<u64>,
    bytes: &mut Vec<u8>,
) {
    words.clear();
    match outcome {
        Ok(Outcome(outcome)) => {
            words.push(command);
            words.extend(outcome);
        }
        Err(refusal) => words.extend([command | REFUSED, refusal.code().into(), 0, 0, 0]),
    }
    for event in events {
        event.encode(words);
    }
    push_frame(words, bytes);
}

impl LoggedEvents {
    fn of_frame(frame: &Frame) -> Result<Self, EventLogError> {
        let offset = frame.offset;
        let entry = EventLogError::Entry { offset };
        let ([first, outcome @ ..], mut rest) =
            frame.words.split_first_chunk::<5>().ok_or(entry)?;
        let outcome = if first & REFUSED == 0 {
            Ok(Outcome(*outcome))
        } else {
            let refusal = Refusal::from_code(outcome[0]).ok_or(entry)?;
            if outcome[1..] != [0; 3] {
                return Err(entry);
            }
            Err(refusal)
        };
        let mut events = Vec::new();
        while !rest.is_empty() {
            let (event, words) =
                Event::decode(rest).map_err(|error| EventLogError::Event { offset, error })?;
            events.push(event);
            rest = &rest[words..];
        }
        Ok(Self {
            command: first & !REFUSED,
            outcome,
            events,
        })
    }
}

/// Reads an event log.
///
/// # Errors
/// [`EventLogError`], naming where.
pub fn read(bytes: &[u8]) -> Result<(Domain, Vec<LoggedEvents>), EventLogError> {
    let (domain, frames) = Frames::open(LogKind::Events, bytes)?;
    let entries = frames
        .map(|frame| LoggedEvents::of_frame(&frame?))
        .collect::<Result<_, EventLogError>>()?;
    Ok((domain, entries))
}
