//! The files of a batch directory:
//!
//! | file | what it holds |
//! |---|---|
//! | `tree.snapshot` | the state tree before the batch (`zkperp_tree::SNAPSHOT_VERSION`) |
//! | `commands.log` | the accepted commands with signatures (docs/spec/batch.md § 5) |
//! | `events.log` | outcomes and events of each command |
//! | `batch.json` | number, roots and counts, for the reader and as a check |
//!
//! Written to a temporary name first and renamed, so that a directory of that name is whole.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use zkperp_engine::log::commands::{self, CommandLogError};
use zkperp_engine::log::events::{self, EventLogError};
use zkperp_engine::{Engine, OpenError, RecordError, Refusal, SealError, SealedBatch, Verify};
use zkperp_tree::{SnapshotError, Tree};

use crate::logs::{command_log, commands_before, event_log};

/// What `batch.json` says. Integers beyond 2^53 and felts are decimal strings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchSummary {
    /// Number of the batch, from 1.
    pub batch_number: u64,
    /// Chain that the venue is on.
    pub chain_id: u64,
    /// Root before, four felts.
    pub old_root: [String; 4],
    /// Root after, four felts.
    pub new_root: [String; 4],
    /// Commands accepted.
    pub commands: u64,
    /// Requests from L1 among them.
    pub requests: u64,
    /// Withdrawal records made.
    pub withdrawals: u64,
    /// Program time before and after, ms.
    pub first_time_ms: u64,
    /// Program time after, ms.
    pub last_time_ms: u64,
    /// Bytes of batch data, public words included.
    pub data_bytes: u64,
}

impl BatchSummary {
    /// The summary of a sealed batch.
    #[must_use]
    pub fn of(batch: &SealedBatch) -> Self {
        let felts = |root: [u64; 4]| root.map(|felt| felt.to_string());
        Self {
            batch_number: batch.public.batch_number,
            chain_id: batch.public.domain.chain_id,
            old_root: felts(batch.old_root),
            new_root: felts(batch.new_root),
            commands: batch.public.commands_count,
            requests: batch.public.requests_count,
            withdrawals: batch.public.withdrawals_count,
            first_time_ms: batch.public.first_time_ms,
            last_time_ms: batch.public.last_time_ms,
            data_bytes: 8 * batch.output().len() as u64,
        }
    }
}

/// A batch that was read back: applied again and sealed.
#[derive(Debug)]
pub struct OpenedBatch {
    /// The tree before.
    pub old: Tree,
    /// The batch.
    pub batch: SealedBatch,
    /// What `batch.json` says, equal to the batch's own summary.
    pub summary: BatchSummary,
    /// The venue after the batch.
    pub after: Engine,
}

/// Why a directory is no batch.
#[derive(Debug, Error)]
pub enum DirectoryError {
    /// A file can't be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// `batch.json` is not of its form.
    #[error("batch.json: {0}")]
    Summary(#[from] serde_json::Error),
    /// The snapshot is damaged.
    #[error("tree.snapshot: {0}")]
    Snapshot(#[from] SnapshotError),
    /// The snapshot holds no state.
    #[error("tree.snapshot: {0}")]
    State(#[from] OpenError),
    /// The command log is damaged.
    #[error("commands.log: {0}")]
    Commands(#[from] CommandLogError),
    /// A record is of no command in this state.
    #[error("commands.log, command {number}: {source}")]
    Record {
        /// Its number in the batch, from 0.
        number: usize,
        /// What is wrong with it.
        source: RecordError,
    },
    /// A command that the engine refuses, so that it can't have been accepted.
    #[error("commands.log, command {number} is refused: {refusal}")]
    Refused {
        /// Its number in the batch, from 0.
        number: usize,
        /// The refusal.
        refusal: Refusal,
    },
    /// The event log is damaged.
    #[error("events.log: {0}")]
    Events(#[from] EventLogError),
    /// The event log says something else than the commands do.
    #[error("events.log, entry {number}: not what command {number} of commands.log does")]
    OtherEvents {
        /// The first entry that differs, or that is missing or left over, from 0.
        number: usize,
    },
    /// The batch can't be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The commands lead to another batch than `batch.json` says.
    #[error("batch.json is about another batch than tree.snapshot and commands.log make")]
    OtherBatch,
}

pub(crate) fn at<'a>(path: &'a Path) -> impl FnOnce(io::Error) -> DirectoryError + 'a {
    move |source| DirectoryError::Io {
        path: path.to_owned(),
        source,
    }
}

/// Writes a batch directory `batch-NNNNNN` below `parent`; `old` is the tree before the batch.
///
/// # Errors
/// [`DirectoryError::Io`].
pub fn write(parent: &Path, old: &Tree, batch: &SealedBatch) -> Result<PathBuf, DirectoryError> {
    let number = batch.public.batch_number;
    let target = parent.join(format!("batch-{number:06}"));
    let draft = parent.join(format!(".batch-{number:06}.draft"));
    if draft.exists() {
        fs::remove_dir_all(&draft).map_err(at(&draft))?;
    }
    fs::create_dir_all(&draft).map_err(at(&draft))?;

    let path = draft.join("tree.snapshot");
    let file = BufWriter::new(File::create(&path).map_err(at(&path))?);
    old.write_snapshot(file)?;
    let first = commands_before(old).map_err(SnapshotError::from)?;
    let (command_log, event_log) = (command_log(batch), event_log(batch, first));
    let summary = serde_json::to_vec_pretty(&BatchSummary::of(batch))?;
    for (name, bytes) in [
        ("commands.log", &command_log),
        ("events.log", &event_log),
        ("batch.json", &summary),
    ] {
        let path = draft.join(name);
        let mut file = File::create(&path).map_err(at(&path))?;
        file.write_all(bytes)
            .and_then(|()| file.sync_all())
            .map_err(at(&path))?;
    }
    if target.exists() {
        fs::remove_dir_all(&target).map_err(at(&target))?;
    }
    fs::rename(&draft, &target).map_err(at(&target))?;
    Ok(target)
}

/// Reads a batch directory: applies its commands, signatures verified, to the tree before.
///
/// # Errors
/// [`DirectoryError`] naming the file and what is wrong with it.
pub fn open(directory: &Path) -> Result<OpenedBatch, DirectoryError> {
    let read = |name: &str| {
        let path = directory.join(name);
        fs::read(&path).map_err(at(&path))
    };
    let summary: BatchSummary = serde_json::from_slice(&read("batch.json")?)?;
    let path = directory.join("tree.snapshot");
    let old = Tree::read_snapshot(BufReader::new(File::open(&path).map_err(at(&path))?))?;
    let (domain, logged) = commands::read(&read("commands.log")?)?;
    let mut engine = Engine::from_tree(domain, old.clone())?;
    let first = engine.state().commands();
    for (number, command) in logged.iter().enumerate() {
        let envelope = command
            .envelope(engine.state())
            .map_err(|source| DirectoryError::Record { number, source })?;
        engine
            .apply(&envelope, &Verify)
            .map_err(|refusal| DirectoryError::Refused { number, refusal })?;
    }
    let batch = engine.seal()?;
    check_events(&read("events.log")?, &event_log(&batch, first))?;
    if BatchSummary::of(&batch) != summary {
        return Err(DirectoryError::OtherBatch);
    }
    Ok(OpenedBatch {
        old,
        batch,
        summary,
        after: engine,
    })
}

/// Compares an event log with what the commands do.
fn check_events(found: &[u8], made: &[u8]) -> Result<(), DirectoryError> {
    if found == made {
        return Ok(());
    }
    let ((found_domain, found), (domain, made)) = (events::read(found)?, events::read(made)?);
    let same = |number: &usize| found_domain == domain && found.get(*number) == made.get(*number);
    let mut numbers = 0..found.len().max(made.len());
    let number = numbers.find(|number| !same(number)).unwrap_or(0);
    Err(DirectoryError::OtherEvents { number })
}
