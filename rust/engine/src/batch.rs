//! A batch: what the chain sees of it and what a prover needs (docs/spec/batch.md § 1 and § 3).

use thiserror::Error;
use zkperp_field::P;
use zkperp_schema::{self as schema, output};

use crate::advice::Advice;
use crate::command::{Envelope, Outcome, RequestWords};
use crate::effects::Withdrawal;
use crate::event::Event;
use crate::message::{DigestWords, Domain};
use crate::record::Record;
use crate::state::LeafChange;

/// The fixed words at the front of a batch's public data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicWords {
    /// Chain and contract.
    pub domain: Domain,
    /// Number of the batch, from 1.
    pub batch_number: u64,
    /// Requests executed before it.
    pub requests_before: u64,
    /// Requests executed in it.
    pub requests_count: u64,
    /// Withdrawal records made in it.
    pub withdrawals_count: u64,
    /// Commands in it, at least 1.
    pub commands_count: u64,
    /// Words of the commands' records.
    pub command_words: u64,
    /// Command-log chain before it.
    pub log_before: DigestWords,
    /// Command-log chain after it.
    pub log_after: DigestWords,
    /// Program time before it, ms.
    pub first_time_ms: u64,
    /// Program time after it, ms.
    pub last_time_ms: u64,
}

/// Public data do not have the form of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PublicWordsError {
    /// Fewer words than a batch's fixed ones.
    #[error("{0} words are fewer than the fixed ones of a batch")]
    TooShort(usize),
    /// A word is not below p.
    #[error("word {0} is not a felt")]
    NotFelt(usize),
    /// Another version of the format.
    #[error("format version {0} is not supported")]
    Version(u64),
    /// Another depth of the tree.
    #[error("the tree's depth is {0}, not 40")]
    TreeDepth(u64),
    /// The counts name another number of words than there are.
    #[error("the counts name {expected} words, there are {got}")]
    Length {
        /// Words that the counts name.
        expected: u128,
        /// Words that there are.
        got: usize,
    },
    /// A batch has at least one command.
    #[error("the batch has no command")]
    NoCommand,
}

impl PublicWords {
    /// The words, in order.
    #[must_use]
    pub fn encode(&self) -> [u64; output::WORDS] {
        let mut words = [0; output::WORDS];
        words[output::FORMAT_VERSION] = schema::FORMAT_VERSION;
        words[output::CHAIN_ID] = self.domain.chain_id;
        words[output::ROLLUP..][..3].copy_from_slice(&self.domain.rollup);
        words[output::TREE_DEPTH] = schema::TREE_DEPTH;
        words[output::BATCH_NUMBER] = self.batch_number;
        words[output::REQUESTS_BEFORE] = self.requests_before;
        words[output::REQUESTS_COUNT] = self.requests_count;
        words[output::WITHDRAWALS_COUNT] = self.withdrawals_count;
        words[output::COMMANDS_COUNT] = self.commands_count;
        words[output::COMMAND_WORDS] = self.command_words;
        words[output::LOG_BEFORE..][..4].copy_from_slice(&self.log_before);
        words[output::LOG_AFTER..][..4].copy_from_slice(&self.log_after);
        words[output::FIRST_TIME_MS] = self.first_time_ms;
        words[output::LAST_TIME_MS] = self.last_time_ms;
        words
    }

    /// Reads the fixed words of a batch's data, and the sections R, W and C behind them.
    ///
    /// # Errors
    /// [`PublicWordsError`].
    pub fn decode(words: &[u64]) -> Result<(Self, Sections<'_>), PublicWordsError> {
        if words.len() < output::WORDS {
            return Err(PublicWordsError::TooShort(words.len()));
        }
        if let Some(at) = words.iter().position(|&word| word >= P) {
            return Err(PublicWordsError::NotFelt(at));
        }
        let [version, depth] = [words[output::FORMAT_VERSION], words[output::TREE_DEPTH]];
        if version != schema::FORMAT_VERSION {
            return Err(PublicWordsError::Version(version));
        }
        if depth != schema::TREE_DEPTH {
            return Err(PublicWordsError::TreeDepth(depth));
        }
        let take = |at: usize| std::array::from_fn::<u64, 4, _>(|i| words[at + i]);
        let [r0, r1, r2, _] = take(output::ROLLUP);
        let public = Self {
            domain: Domain {
                chain_id: words[output::CHAIN_ID],
                rollup: [r0, r1, r2],
            },
            batch_number: words[output::BATCH_NUMBER],
            requests_before: words[output::REQUESTS_BEFORE],
            requests_count: words[output::REQUESTS_COUNT],
            withdrawals_count: words[output::WITHDRAWALS_COUNT],
            commands_count: words[output::COMMANDS_COUNT],
            command_words: words[output::COMMAND_WORDS],
            log_before: take(output::LOG_BEFORE),
            log_after: take(output::LOG_AFTER),
            first_time_ms: words[output::FIRST_TIME_MS],
            last_time_ms: words[output::LAST_TIME_MS],
        };
        if public.commands_count == 0 {
            return Err(PublicWordsError::NoCommand);
        }
        let sections = public.sections(&words[output::WORDS..], words.len())?;
        Ok((public, sections))
    }

    fn sections<'a>(&self, data: &'a [u64], got: usize) -> Result<Sections<'a>, PublicWordsError> {
        let requests = u128::from(self.requests_count) * u128::from(schema::REQUEST_WORDS);
        let withdrawals = u128::from(self.withdrawals_count) * u128::from(schema::WITHDRAWAL_WORDS);
        let length = requests + withdrawals + u128::from(self.command_words);
        if length != data.len() as u128 {
            let expected = length + output::WORDS as u128;
            return Err(PublicWordsError::Length { expected, got });
        }
        // Each part is at most data.len().
        let (requests, rest) = data.split_at(requests as usize);
        let (withdrawals, commands) = rest.split_at(withdrawals as usize);
        Ok(Sections {
            requests,
            withdrawals,
            commands,
        })
    }
}

/// The variable parts of a batch's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sections<'a> {
    /// Section R: 12 words for each request.
    pub requests: &'a [u64],
    /// Section W: 4 words for each withdrawal record.
    pub withdrawals: &'a [u64],
    /// Section C: the commands' records.
    pub commands: &'a [u64],
}

/// One accepted command with what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The command.
    pub envelope: Envelope,
    /// Its outcome.
    pub outcome: Outcome,
    /// Its record in the batch data.
    pub record: Record,
    /// What a prover has to be told.
    pub advice: Advice,
    /// What happened.
    pub events: Vec<Event>,
}

/// A sealed batch: everything that its proof, its publication and its replay need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedBatch {
    /// Root before.
    pub old_root: DigestWords,
    /// Root after.
    pub new_root: DigestWords,
    /// The fixed public words.
    pub public: PublicWords,
    /// The requests executed, in order.
    pub requests: Vec<RequestWords>,
    /// The withdrawal records made, in order.
    pub withdrawals: Vec<Withdrawal>,
    /// The commands, in order.
    pub accepted: Vec<Accepted>,
    /// The leaves whose value changed, by ascending address.
    pub changes: Vec<LeafChange>,
}

impl SealedBatch {
    /// The public words and the batch data: the whole output of the batch program.
    #[must_use]
    pub fn output(&self) -> Vec<u64> {
        let mut words = self.public.encode().to_vec();
        words.extend(self.requests.iter().flatten());
        words.extend(self.withdrawals.iter().flat_map(Withdrawal::words));
        words.extend(
            self.accepted
                .iter()
                .flat_map(|accepted| accepted.record.words()),
        );
        words
    }
}
