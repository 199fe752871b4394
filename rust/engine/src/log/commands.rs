//! The command log: the records of the batch data with what only the signers' messages hold.

use thiserror::Error;
use zkperp_schema::{self as schema, Kind};

use super::frame::{Frame, FrameError, Frames, LogKind};
use crate::command::{Command, Envelope, RequestWords, SignatureBytes};
use crate::message::Domain;
use crate::record::{Record, RecordError};
use crate::state::State;

/// Words of a signature.
const SIGNATURE_WORDS: usize = size_of::<SignatureBytes>() / 8;

/// What the signer's message holds beside the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// First program time at which the command is refused; `None` in an oracle's message.
    pub valid_until_ms: Option<u64>,
    /// The signature.
    pub signature: SignatureBytes,
}

/// One entry of the command log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedCommand {
    /// The record in the batch data.
    pub record: Record,
    /// The words of the request that a `request` executes.
    pub request: Option<RequestWords>,
    /// What was signed beside the record; `None` where the log was rebuilt from the chain.
    pub authorization: Option<Authorization>,
}

/// A command log, or an entry of it, can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CommandLogError {
    /// The frames.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A frame's record.
    #[error("the frame at byte {offset}: {error}")]
    Record {
        /// Where the frame begins.
        offset: usize,
        /// What is wrong.
        error: RecordError,
    },
    /// A frame is neither as long as its kind's with what was signed nor as without.
    #[error("the frame at byte {offset} has {got} words after its record")]
    Length {
        /// Where the frame begins.
        offset: usize,
        /// Words after the record.
        got: usize,
    },
}

impl LoggedCommand {
    /// The entry of an accepted command.
    #[must_use]
    pub fn new(envelope: &Envelope, record: &Record) -> Self {
        let (request, valid_until_ms) = match &envelope.command {
            Command::Request(request) => (Some(request.words), None),
            command => (None, command.user().map(|user| user.valid_until_ms)),
        };
        let authorization = envelope.signature.map(|signature| Authorization {
            valid_until_ms,
            signature,
        });
        Self {
            record: record.clone(),
            request,
            authorization,
        }
    }

    /// Its words.
    #[must_use]
    pub fn words(&self) -> Vec<u64> {
        let mut words = Vec::new();
        self.push_words(&mut words);
        words
    }

    /// Appends its words.
    pub fn push_words(&self, words: &mut Vec<u64>) {
        words.extend_from_slice(self.record.words());
        words.extend(self.request.iter().flatten());
        if let Some(authorization) = &self.authorization {
            words.extend(authorization.valid_until_ms);
            let chunks = authorization.signature.as_chunks::<8>().0;
            words.extend(chunks.iter().map(|word| u64::from_be_bytes(*word)));
        }
    }

    /// The command, when it follows `state`.
    ///
    /// # Errors
    /// [`RecordError::Lag`].
    pub fn envelope(&self, state: &State) -> Result<Envelope, RecordError> {
        let mut envelope = self.record.envelope(state, self.request)?;
        if let Some(authorization) = &self.authorization {
            envelope.signature = Some(authorization.signature);
            let command = match &mut envelope.command {
                Command::User(command) => Some(command),
                Command::Quote(quote) => Some(&mut quote.command),
                _ => None,
            };
            if let (Some(command), Some(until)) = (command, authorization.valid_until_ms) {
                command.valid_until_ms = until;
            }
        }
        Ok(envelope)
    }

    fn of_frame(frame: &Frame) -> Result<Self, CommandLogError> {
        let offset = frame.offset;
        let record = Record::decode(&frame.words)
            .map_err(|error| CommandLogError::Record { offset, error })?;
        let rest = &frame.words[record.words().len()..];
        let length = CommandLogError::Length {
            offset,
            got: rest.len(),
        };
        let (request, rest) = match record.kind() {
            Kind::Request => {
                let (request, rest) = rest
                    .split_first_chunk::<{ schema::REQUEST_WORDS as usize }>()
                    .ok_or(length)?;
                (Some(*request), rest)
            }
            _ => (None, rest),
        };
        let authorization = match record.kind() {
            _ if rest.is_empty() => None,
            Kind::Time
            | Kind::Request
            | Kind::Tick
            | Kind::Fund
            | Kind::Sweep
            | Kind::Liquidate
            | Kind::Deleverage
            | Kind::Trigger => return Err(length),
            Kind::OracleReport => Some(Authorization {
                valid_until_ms: None,
                signature: signature(rest).ok_or(length)?,
            }),
            _ => Some(Authorization {
                valid_until_ms: Some(rest[0]),
                signature: signature(&rest[1..]).ok_or(length)?,
            }),
        };
        Ok(Self {
            record,
            request,
            authorization,
        })
    }
}

fn signature(words: &[u64]) -> Option<SignatureBytes> {
    let words: &[u64; SIGNATURE_WORDS] = words.try_into().ok()?;
    let mut signature = [0; size_of::<SignatureBytes>()];
    for (bytes, word) in signature.as_chunks_mut::<8>().0.iter_mut().zip(words) {
        *bytes = word.to_be_bytes();
    }
    Some(signature)
}

/// Reads a command log.
///
/// # Errors
/// [`CommandLogError`], naming where.
pub fn read(bytes: &[u8]) -> Result<(Domain, Vec<LoggedCommand>), CommandLogError> {
    let (domain, frames) = Frames::open(LogKind::Commands, bytes)?;
    let commands = frames
        .map(|frame| LoggedCommand::of_frame(&frame?))
        .collect::<Result<_, CommandLogError>>()?;
    Ok((domain, commands))
}
